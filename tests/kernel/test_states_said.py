"""Refusals name states, roles and units by their labels, never by the words of the database."""

import re
from collections.abc import Callable

import pytest

from service.amendments.rules import STATES as AMENDMENTS
from service.catalog import rules as catalog
from service.catalog.models import Product
from service.households import rules as households
from service.kernel.i18n import speaking
from service.kernel.problems import Problem, WrongState
from service.listings import rules as listings
from service.listings.models import Offer
from service.notices.vocabulary import LABELS as NOTICES
from service.overrides import rules as overrides
from service.parties import rules as parties
from service.parties.models import Organisation
from service.people import rules as people
from service.procedure import rules as procedure
from service.rounds import rules as rounds
from service.rounds.models import Round
from service.web.pages import add_words, environment


def test_a_fact_is_told_as_it_stands_also_with_braces() -> None:
    told = WrongState(state="{allowed}", allowed="{state}").words()["detail"]
    assert "“{allowed}”" in told
    assert "{state}" in told


def refused(step: str) -> Problem:
    group, week = Organisation(state="suspended"), Round(state="under_review")
    steps: dict[str, Callable[[], object]] = {
        "offer": lambda: listings.must_step(Offer(state="withdrawn"), "expired"),
        "paused offer": lambda: listings.must_be_editable(Offer(state="suspended")),
        "organisation": lambda: parties.must_step(group, "refused"),
        "trade": lambda: parties.must_be_qualified(group),
        "asked twice": lambda: people.must_wait("approved"),
        "role": lambda: people.must_fit("auditor", "farmer_group"),
        "roster": lambda: households.must_be_editable("attested", by_group=False),
        "roster step": lambda: households.must_step("draft", "attested"),
        "round": lambda: rounds.must_step(week, "published"),
        "override": lambda: overrides.must_be_undecided(week, "queued"),
        "solve again": lambda: procedure.must_be_failed(week, "solved"),
        "unit": lambda: catalog.must_keep_unit(Product(code="1", unit="KGM"), "EA"),
    }
    with pytest.raises(Problem) as refusal:
        steps[step]()
    return refusal.value


@pytest.mark.parametrize("step", ["offer", "paused offer", "organisation", "trade", "asked twice", "role", "roster",
                                  "roster step", "round", "override", "solve again", "unit"])  # fmt: skip
def test_a_refusal_speaks_to_people(step: str) -> None:
    both = refused(step).body()
    assert not re.search("[A-Za-z_]", both["th"]["detail"]), both["th"]["detail"]
    assert not re.search("_|KGM|“[a-z]| suspended", both["en"]["detail"]), both["en"]["detail"]


@pytest.mark.parametrize(
    ("labels", "state", "needed", "prefix"),
    [(AMENDMENTS, "applied", "pending", ""), (NOTICES, "delivered", "dead", "delivery.")],
)
def test_so_do_amendments_and_notices(labels: dict[str, str], state: str, needed: str, prefix: str) -> None:
    with speaking("th"):
        assert not re.search("[A-Za-z]", WrongState.of(labels, state, {needed}, prefix).words()["detail"])


@pytest.mark.parametrize("unit", catalog.Unit)
def test_a_unit_is_counted_in_english_and_not_in_thai(unit: str) -> None:
    add_words(catalog.LABELS)
    said: dict[str, list[str]] = {code: [] for code in ("en", "th")}
    for code, words in said.items():
        with speaking(code):
            units_of = environment().get_template("labels.html").module.units_of  # type: ignore[attr-defined]
            words += [str(units_of(quantity, unit)) for quantity in (1, 2)]
    assert (said["en"][0] == said["en"][1]) == (unit == "KGM")
    assert said["th"][0] == said["th"][1] != unit
