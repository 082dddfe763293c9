"""The rule table by value, method and day, and what seats must be, without a database."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from service.committees import rules
from service.committees.rules import Purchase
from service.committees.table import RULES
from service.kernel.problems import InvalidInput

DAY = date(2026, 11, 22)
AUTHOR, HEAD, ONE, TWO, THREE, STRANGER = (uuid4() for _ in range(6))
PEOPLE = {AUTHOR: {"buyer_officer"}, HEAD: {"buyer_head", "inspector"}, ONE: {"inspector"}, TWO: {"buyer_officer"},
          THREE: {"inspector"}}  # fmt: skip
LARGE = Purchase(100_000_01, "selective", DAY, frozenset({AUTHOR}))
SMALL = replace(LARGE, total_satang=100_000_00)
COMMITTEE = RULES[1]


@dataclass
class Seat:
    person_id: UUID
    kind: str


def seats(*named: tuple[UUID, str]) -> list[Seat]:
    return [Seat(*one) for one in named]


FIT = seats((ONE, "chair"), (TWO, "member"), (THREE, "member"))


def test_the_value_decides_and_its_bound_belongs_to_the_smaller_row() -> None:
    small, large = rules.rule_for(SMALL), rules.rule_for(LARGE)
    assert small is not None
    assert large is not None
    assert (small.least, small.before_approval) == (1, False)
    assert (large.least, large.before_approval) == (3, True)
    assert small.assumed
    assert large.assumed


def test_a_row_holds_from_its_day_until_its_day_and_for_its_methods() -> None:
    later = replace(COMMITTEE, code="later", valid_from=date(2027, 1, 1), least=5)
    until = replace(COMMITTEE, valid_until=date(2026, 12, 31))
    table = (until, later)
    assert rules.rule_for(LARGE, table) == until
    assert rules.rule_for(replace(LARGE, day=date(2027, 1, 1)), table) == later
    assert rules.rule_for(LARGE, (replace(until, methods=frozenset({"open"})),)) is None
    assert rules.rule_for(replace(LARGE, day=date(2017, 8, 22))) is None


@pytest.mark.parametrize(
    ("named", "pointer"),
    [
        (seats((ONE, "chair"), (TWO, "member")), "/seats"),
        (seats((ONE, "chair"), (TWO, "member"), (THREE, "substitute")), "/seats"),
        (seats((ONE, "member"), (TWO, "member"), (THREE, "member")), "/seats"),
        (seats((ONE, "chair"), (TWO, "chair"), (THREE, "member")), "/seats"),
        (seats((ONE, "chair"), (TWO, "member"), (THREE, "member"), (ONE, "substitute")), "/seats"),
        (seats((ONE, "chair"), (TWO, "member"), (HEAD, "member")), "/seats/2/person_id"),
        (seats((ONE, "chair"), (AUTHOR, "member"), (THREE, "member")), "/seats/1/person_id"),
        (seats((STRANGER, "chair"), (TWO, "member"), (THREE, "member")), "/seats/0/person_id"),
    ],
)
def test_wrong_seats_are_refused_at_their_place(named: list[Seat], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        rules.must_be_right(named, PEOPLE, COMMITTEE, LARGE)
    assert [error.pointer for error in refusal.value.errors] == [pointer]


def test_at_approval_a_large_purchase_needs_a_committee_that_still_fits() -> None:
    rules.must_stand(FIT, PEOPLE, LARGE)
    rules.must_stand(None, PEOPLE, SMALL)
    rules.must_stand(None, PEOPLE, replace(LARGE, public=False))
    with pytest.raises(rules.CommitteeMissing):
        rules.must_stand(None, PEOPLE, LARGE)
    with pytest.raises(rules.CommitteeUnfit):
        rules.must_stand(FIT, {key: roles for key, roles in PEOPLE.items() if key != TWO}, LARGE)
    with pytest.raises(rules.CommitteeUnfit):
        rules.must_stand(FIT, PEOPLE, replace(LARGE, authors=frozenset({ONE})))
