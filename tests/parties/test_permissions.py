"""Who may do what: every verb, role and kind at every distance, against a table written down apart from the code's."""

from itertools import product
from uuid import UUID

import pytest

from service.kernel.actor import SYSTEM, Actor
from service.parties.permissions import GRANTS, may
from service.parties.vocabulary import ROLES_OF_KIND, OrganisationKind, Role

OWN, OTHER, PERSON = UUID(int=1), UUID(int=2), UUID(int=3)
HOME, AWAY = "45", "52"
EITHER = (True, False)
# How far each role reaches, in words: o = objects of the own organisation, p = of the own province, a = anywhere,
# n = those that name the own organisation as their reviewer.
# bo buyer officer, bh buyer head, in inspector, sm group leader, sn group member, fa facilitator of a provincial
# company, na facilitator of the national company, au auditor, ce centre officer, co committee, at attester,
# ad operator, pa and nu auditors of a provincial and of the national company alone, fu village fund (which may do
# nothing yet).
COLUMNS = {
    "bo": ("buyer_officer", None), "bh": ("buyer_head", None), "in": ("inspector", None),
    "sm": ("supplier_manager", None), "sn": ("supplier_member", None), "fa": ("facilitator", "provincial_company"),
    "na": ("facilitator", "national_company"), "ce": ("centre_officer", None),
    "co": ("committee_member", None), "at": ("attester", None), "ad": ("administrator", None),
    "fu": ("fund_officer", None), "pa": ("auditor", "provincial_company"), "nu": ("auditor", "national_company"),
}  # fmt: skip
EXPECTED = {
    "organisation.register": "fa:p na:a ce:p ad:a",
    "organisation.edit": "bh:o sm:o fa:p na:a ce:p",
    "organisation.qualify": "fa:p na:a",
    "organisation.suspend": "fa:p na:a pa:p nu:a",
    "organisation.see_contact": "bo:o bh:o in:o sm:o sn:o fa:p na:a pa:p nu:a ce:p ad:a",
    "person.manage": "bh:o sm:o ad:a",
    "person.help": "bh:o sm:o ce:p ad:a",
    "conflict.declare": "bo:o bh:o sm:o fa:p na:a pa:p nu:a",
    "social.declare": "sm:o ce:p",
    "social.attest": "at:p",
    "social.see": "sm:o sn:o at:p fa:p na:a pa:p nu:a ce:p",
    "roster.edit": "sm:o",
    "roster.attest": "at:o",
    "person.export_data": "ad:a",
    "person.erase": "ad:a",
    "income.see": "sm:o sn:o fa:p na:a pa:p nu:a",
    "catalog.edit": "na:a ad:a",
    "reference_price.edit": "fa:p na:a ad:a",
    "certificate.add": "sm:o ce:p",
    "certificate.revoke": "sm:o fa:p na:a pa:p nu:a",
    "listing.edit": "sm:o",
    "listing.assist": "ce:p",
    "listing.see_price": "sm:o sn:o",
    "listing.suspend": "fa:p na:a pa:p nu:a",
    "budget.edit": "bo:o bh:o",
    "budget.see": "bo:o bh:o in:o",
    "demand.edit": "bo:o bh:o",
    "demand.see": "bo:o bh:o in:o fa:p na:a pa:p nu:a",
    "demand.approve": "bh:o",
    "question.ask": "sm:o sn:o",
    "question.answer": "bo:o bh:o",
    "question.see": "bo:o bh:o in:o pa:p nu:a",
    "profile.adopt": "co:p",
    "round.schedule": "fa:p na:a",
    "round.close": "fa:p na:a",
    "round.propose": "fa:p na:a",
    "round.override": "fa:p na:a",
    "round.review": "pa:p pa:n nu:a",
    "round.replay": "pa:p pa:n nu:a",
    "round.publish": "fa:p na:a pa:p pa:n nu:a",
    "round.see_result": "fa:p na:a pa:p pa:n nu:a co:p",
    "round.compare": "fa:p na:a pa:p pa:n nu:a co:p",
    "award.answer": "sm:o",
    "award.see": "bo:o bh:o in:o sm:o sn:o fa:p na:a pa:p nu:a ce:p",
    "order.see": "bo:o bh:o in:o sm:o sn:o fa:p na:a pa:p nu:a ce:p",
    "events.see": "pa:p nu:a",
    "calendar.see": "bo:o bh:o in:o",
    "calendar.edit": "bo:o bh:o",
    "holiday.edit": "ad:a",
    "menu.see": "bo:o bh:o in:o",
    "menu.edit": "bo:o bh:o",
    "recurring.see": "bo:o bh:o in:o",
    "recurring.edit": "bo:o bh:o",
    "pool.take_part": "bo:o bh:o",
    "pool.see": "bo:o bh:o fa:p na:a pa:p nu:a",
    "committee.see": "bo:o bh:o in:o pa:p nu:a",
    "committee.name": "bo:o bh:o",
    "demand.print": "bo:o bh:o in:o",
    "income.show": "sm:o",
    "today.see": "sm:o sn:o",
    "entry.make": "ce:p",
    "entry.decide": "sm:o",
    "visit.see": "ce:p",
    "notice.replay": "ad:a",
    "webhook.manage": "bh:o sm:o",
}


def actor(kind: str, role: str) -> Actor:
    return Actor(PERSON, OWN, kind, HOME, frozenset({role}))


def expected(verb: str, kind: str, role: str, *, own: bool, home: bool, named: bool) -> bool:
    if role not in ROLES_OF_KIND[kind]:
        return False
    entries = [entry.split(":") for entry in EXPECTED[verb].split()]
    reaches = {reach for column, reach in entries if COLUMNS[column] in {(role, kind), (role, None)}}
    return any({"o": own, "p": home, "n": named, "a": True}[reach] for reach in reaches)


def test_the_table_written_here_names_every_verb() -> None:
    assert set(GRANTS) == set(EXPECTED)


@pytest.mark.parametrize("verb", sorted(EXPECTED))
def test_every_role_at_every_distance_may_exactly_what_is_written_down(verb: str) -> None:
    wrong = [
        (kind.value, role.value, {"own": own, "home": home, "named": named})
        for kind, role, own, home, named in product(OrganisationKind, Role, EITHER, EITHER, EITHER)
        if role in ROLES_OF_KIND[kind]
        if may(
            actor(kind, role),
            verb,
            organisation_id=OWN if own else OTHER,
            province=HOME if home else AWAY,
            reviewer_id=OWN if named else OTHER,
        )
        != expected(verb, kind, role, own=own, home=home, named=named)
    ]
    assert not wrong


@pytest.mark.parametrize("verb", sorted(EXPECTED))
def test_a_role_in_a_kind_that_does_not_have_it_may_nothing(verb: str) -> None:
    wrong = [
        (kind.value, role.value)
        for kind, role in product(OrganisationKind, Role)
        if role not in ROLES_OF_KIND[kind]
        if may(actor(kind, role), verb, organisation_id=OWN, province=HOME)
    ]
    assert not wrong


def test_what_is_not_listed_is_denied_and_so_are_objects_without_owner_or_province() -> None:
    everyone = Actor(PERSON, OWN, "provincial_company", HOME, frozenset(Role))
    assert not may(everyone, "organisation.delete", organisation_id=OWN, province=HOME)
    assert not may(everyone, "organisation.qualify")
    assert not may(Actor(PERSON, OWN, "hospital", HOME, frozenset(Role)), "demand.approve", province=HOME)
    assert not may(
        Actor(PERSON, OWN, "provincial_company", None, frozenset(Role)), "organisation.qualify", province=None
    )
    assert not may(None, "demand.approve", organisation_id=OWN, province=HOME)


def test_only_the_system_itself_may_everything() -> None:
    assert all(may(SYSTEM, verb) for verb in GRANTS)
    assert not may(
        Actor(PERSON, OWN, "operator", None, frozenset({"administrator"})), "listing.see_price", organisation_id=OTHER
    )


def test_nobody_but_the_group_itself_sees_its_price() -> None:
    seers = {
        (kind, role)
        for kind, role in product(OrganisationKind, Role)
        if role in ROLES_OF_KIND[kind]
        and may(actor(kind, role), "listing.see_price", organisation_id=OTHER, province=HOME)
    }
    assert not seers
