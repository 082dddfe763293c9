"""Rules of demands without a database: steps, totals, lines, grounds, separation of duties."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from service.catalog.models import Product
from service.catalog.queries import CeilingLimit
from service.demand import rules
from service.demand.schemas import DemandForm, DemandLineForm, DemandLineIn
from service.demand.vocabulary import GROUNDS, LABELS, SMALL_VALUE, State, known_ground
from service.kernel.i18n import gettext, speaking
from service.kernel.money import MAX_SATANG
from service.kernel.problems import InvalidInput, WrongState

MONDAY = date(2026, 12, 7)
STEPS = [
    ("draft", "approved", "planned"), ("planned", "reopened", "draft"), ("planned", "activated", "active"),
    ("active", "evaluated", "evaluation"), ("evaluation", "completed", "complete"),
    ("evaluation", "failed", "unsuccessful"), ("draft", "cancelled", "cancelled"),
    ("planned", "cancelled", "cancelled"), ("active", "cancelled", "cancelled"), ("active", "put_back", "planned"),
    ("evaluation", "put_back", "planned"), ("draft", "edited", "draft"),
]  # fmt: skip


def line(**facts: Any) -> DemandLineIn:
    given = {"product_code": "KALE", "quantity": 10, "delivery_date": MONDAY, "ceiling_satang": 2500}
    return DemandLineIn.model_validate(given | facts)


def test_a_title_that_names_its_week_names_the_other_one_in_a_copy() -> None:
    def copied(title: str) -> str:
        return rules.title_in(title, date(2026, 12, 7), date(2027, 1, 4))

    assert copied("Food for the week of 7 December 2026") == "Food for the week of 4 January 2027"
    assert copied("ของสด 7 ธันวาคม 2569") == "ของสด 4 มกราคม 2570"
    assert copied("Feast of 17 December 2026") == "Feast of 17 December 2026"


def shelf(limit: int | None = 3000) -> rules.Shelf:
    def product(code: str, **facts: Any) -> Product:
        return Product(code=code, **{"family": "agriculture", "unit": "KGM", "active": True, **facts})

    products = [product("KALE"), product("CABBAGE"), product("OLD", active=False), product("EGG", unit="EA")]
    limits = {row.code: CeilingLimit(row.code, "45", MONDAY, limit, None) for row in products}
    return rules.Shelf({row.code: row for row in products}, {}, frozenset({"GAP"}), limits)


@pytest.mark.parametrize(("state", "step", "after"), STEPS)
def test_a_step_of_the_table_leads_to_its_state(state: str, step: str, after: str) -> None:
    assert rules.next_state(state, step) == after


def test_every_step_that_the_table_does_not_hold_is_refused() -> None:
    held = {(state, step) for state, step, _ in STEPS}
    for state in State:
        for step in rules.STEPS:
            if (state, step) not in held:
                with pytest.raises(WrongState):
                    rules.next_state(state, step)


def test_a_refused_step_names_the_states_in_the_readers_language() -> None:
    with pytest.raises(WrongState) as refusal:
        rules.next_state("complete", "cancelled")
    with speaking("en"):
        assert "“Complete”; this step needs In the open round, Draft, Approved" in refusal.value.words()["detail"]
    with speaking("th"):
        assert gettext(LABELS["demand_state.complete"]) in refusal.value.words()["detail"]


def test_lines_that_fit_are_accepted() -> None:
    rules.must_fit([line(), line(certificate_kinds=["GAP"], substitutes=["CABBAGE"])], MONDAY, shelf())


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"product_code": "NONE"}, "/lines/1/product_code"),
        ({"product_code": "OLD"}, "/lines/1/product_code"),
        ({"ceiling_satang": 3001}, "/lines/1/ceiling_satang"),
        ({"delivery_date": MONDAY + timedelta(days=7)}, "/lines/1/delivery_date"),
        ({"delivery_date": MONDAY - timedelta(days=1)}, "/lines/1/delivery_date"),
        ({"grade_id": uuid4()}, "/lines/1/grade_id"),
        ({"certificate_kinds": ["GAP", "NONE"]}, "/lines/1/certificate_kinds/1"),
        ({"substitutes": ["CABBAGE", "KALE"]}, "/lines/1/substitutes/1"),
        ({"substitutes": ["EGG"]}, "/lines/1/substitutes/0"),
        ({"substitutes": ["NONE"]}, "/lines/1/substitutes/0"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_at_its_field(facts: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.must_fit([line(), line(**facts)], MONDAY, shelf())
    assert [error.pointer for error in refusal.value.errors] == [pointer]


def test_every_mistake_is_named_at_once_with_the_limit_in_baht() -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.must_fit([line(ceiling_satang=9999), line(product_code="NONE")], MONDAY, shelf())
    with speaking("en"):
        texts = [error.text() for error in refusal.value.errors]
    assert texts == [
        "The ceiling may be at most 30.00 baht, by the reference price of the week.",
        "There is no such product on offer.",
    ]


def test_without_a_reference_price_nothing_limits_the_ceiling() -> None:
    rules.must_fit([line(ceiling_satang=MAX_SATANG)], MONDAY, shelf(limit=None))


@pytest.mark.parametrize(
    "facts",
    [
        {"quantity": 0}, {"quantity": -1}, {"quantity": 10**9}, {"quantity": 1.5}, {"ceiling_satang": 0},
        {"ceiling_satang": 10**15}, {"window_from": "09:00", "window_until": "09:00"}, {"window_from": "06:00Z"},
        {"most_awards": -1}, {"most_awards": 100}, {"substitutes": ["A1", "A1"]}, {"substitutes": ["A1"] * 4},
        {"product_code": "no spaces"}, {"certificate_kinds": ["§"]}, {"unknown": 1}, {"delivery_date": "yesterday"},
        {"least_quantity": 11}, {"least_quantity": 0}, {"most_quantity": 9}, {"most_quantity": 10**9},
    ],
)  # fmt: skip
def test_a_line_that_makes_no_sense_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        line(**facts)


def test_the_form_reads_baht_and_refuses_other_text() -> None:
    row = {"product_code": "KALE", "quantity": "10", "delivery_date": MONDAY.isoformat()}
    assert DemandLineForm.model_validate(row | {"ceiling_satang": "1,032.5"}).ceiling_satang == 103_250
    for text in ("-5", "abc", "1.234", "", "9" * 40):
        with pytest.raises(ValidationError):
            DemandLineForm.model_validate(row | {"ceiling_satang": text})
    assert DemandForm.model_fields["lines"].annotation == list[DemandLineForm]


def test_tolerance_follows_another_quantity_in_proportion_and_never_grows_wider() -> None:
    held = line(least_quantity=9, most_quantity=12)
    for quantity, least, most in ((20, 18, 24), (5, 5, 6), (1, 1, 1), (10, 9, 12), (10**7, 9 * 10**6, 10**7)):
        assert rules.tolerance_for(held, quantity) == {"least_quantity": least, "most_quantity": most}
    assert rules.tolerance_for(line(), 7) == {"least_quantity": None, "most_quantity": None}


def test_a_total_beyond_every_budget_is_refused() -> None:
    assert rules.total_of([line(), line(quantity=3)]) == 13 * 2500
    assert rules.total_of([line(least_quantity=5, most_quantity=12)]) == 12 * 2500
    rules.must_be_countable(MAX_SATANG)
    with pytest.raises(InvalidInput):
        rules.must_be_countable(MAX_SATANG + 1)


def test_who_wrote_may_not_approve_and_the_system_has_no_hands() -> None:
    author = uuid4()
    rules.must_be_other_hands(uuid4(), frozenset({author}))
    rules.must_be_other_hands(None, frozenset({author}))
    with pytest.raises(rules.SameHands):
        rules.must_be_other_hands(author, frozenset({author}))


def test_the_ground_of_small_values_holds_half_a_million_baht() -> None:
    rules.must_suit_ground(SMALL_VALUE, 50_000_000)
    rules.must_suit_ground("another ground", 50_000_001)
    with pytest.raises(rules.AboveGround):
        rules.must_suit_ground(SMALL_VALUE, 50_000_001)


def test_a_ground_written_in_thai_is_stored_as_its_message() -> None:
    for ground in GROUNDS:
        with speaking("th"):
            thai = gettext(ground)
        assert thai != ground
        assert known_ground(thai) == known_ground(ground) == ground
    assert known_ground("Ward rules, page 3") == "Ward rules, page 3"


def test_the_week_must_not_have_begun() -> None:
    rules.must_be_ahead(MONDAY, MONDAY - timedelta(days=1))
    with pytest.raises(rules.WeekBegun):
        rules.must_be_ahead(MONDAY, MONDAY)
