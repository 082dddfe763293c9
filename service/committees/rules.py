"""Rules of committees: which row of the table holds, and whether the seats satisfy it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from service.committees.table import RULES, Rule
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, Problem

CHAIR, MEMBER, SUBSTITUTE = "chair", "member", "substitute"
LABELS = {
    "seat.chair": N_("Chair"),
    "seat.member": N_("Member"),
    "seat.substitute": N_("Substitute"),
}


class CommitteeMissing(Problem):
    """A purchase of this value needs its committee before it is approved."""

    title = N_("The inspection committee is not named yet")
    detail = N_("A purchase of this value needs a committee of at least {least} before its total is approved.")
    todo = N_("Name the committee on the demand's page; the service proposes one.")


class CommitteeUnfit(Problem):
    """A committee that was named no longer satisfies the rule: people left, or the total or the rule changed."""

    title = N_("The committee does not fit this purchase any more")
    detail = N_("Somebody in it has left or may not inspect this purchase, or the value needs more people.")
    todo = N_("Open the committee, look at the marked seats, and save it again.")


class Seated(Protocol):
    """What rules need to know of a seat, written or stored."""

    @property
    def person_id(self) -> UUID: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Purchase:
    """What decides about a committee: value, method, day, who wrote the demand, and whether the law applies."""

    total_satang: int
    method: str
    day: date
    authors: frozenset[UUID]
    public: bool = True


def rule_for(purchase: Purchase, table: Iterable[Rule] = RULES) -> Rule | None:
    """The row that holds: of those in force for the method, the one with the highest value below the total."""
    held = [
        rule
        for rule in table
        if purchase.method in rule.methods
        and rule.valid_from <= purchase.day
        and (rule.valid_until is None or purchase.day <= rule.valid_until)
        and rule.above_satang < purchase.total_satang
    ]
    return max(held, key=lambda rule: (rule.above_satang, rule.valid_from), default=None)


def may_sit(person_id: UUID, roles: Collection[str], rule: Rule, purchase: Purchase) -> bool:
    """Whether the rule lets a person of the institution inspect the purchase."""
    if not rule.head_may_sit and "buyer_head" in roles:
        return False
    return rule.author_may_sit or person_id not in purchase.authors


def mistakes(
    seats: Iterable[Seated], people: Mapping[UUID, Collection[str]], rule: Rule, purchase: Purchase
) -> list[FieldError]:
    """What is wrong with seats, each at its place; `people` are those of the institution with their roles."""
    held = list(seats)
    found = [error for place, seat in enumerate(held) if (error := _wrong(place, seat, people, rule, purchase))]
    if len({seat.person_id for seat in held}) < len(held):
        found.append(FieldError("/seats", N_("Somebody is named twice.")))
    sitting = [seat for seat in held if seat.kind != SUBSTITUTE]
    if len(sitting) < rule.least:
        found.append(
            FieldError("/seats", N_("At least {least} inspect, the chair among them."), (("least", rule.least),))
        )
    if [seat.kind for seat in sitting].count(CHAIR) != 1:
        found.append(FieldError("/seats", N_("Exactly one of them is the chair.")))
    return found


def _wrong(
    place: int, seat: Seated, people: Mapping[UUID, Collection[str]], rule: Rule, purchase: Purchase
) -> FieldError | None:
    at = f"/seats/{place}/person_id"
    if seat.person_id not in people:
        return FieldError(at, N_("Choose a person of your institution."))
    if not may_sit(seat.person_id, people[seat.person_id], rule, purchase):
        return FieldError(at, N_("Who approves or wrote the purchase may not inspect it."))
    return None


def must_be_right(
    seats: Iterable[Seated], people: Mapping[UUID, Collection[str]], rule: Rule, purchase: Purchase
) -> None:
    """Refuse seats that break the rule; every mistake names its place."""
    errors = mistakes(seats, people, rule, purchase)
    if errors:
        raise InvalidInput(errors=tuple(errors))


def must_stand(seats: Iterable[Seated] | None, people: Mapping[UUID, Collection[str]], purchase: Purchase) -> None:
    """At approval: refuse a purchase whose committee is missing or no longer fits."""
    rule = rule_for(purchase)
    if rule is None or not purchase.public:
        return
    if seats is None:
        if rule.before_approval:
            raise CommitteeMissing(least=rule.least)
    elif mistakes(seats, people, rule, purchase):
        raise CommitteeUnfit
