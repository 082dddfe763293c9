"""Who may sit, what was named, and what the service would propose: shared by queries and actions of the floor above."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from service.committees import rules
from service.committees.models import Committee, Seat
from service.committees.rules import CHAIR, MEMBER, SUBSTITUTE, Purchase
from service.committees.table import Rule
from service.people.models import Membership, Person

PROPOSED_SUBSTITUTES = 1


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone of the institution, with the roles held there and how often he or she has inspected."""

    id: UUID
    name: str
    roles: frozenset[str]
    served: int


@dataclass(frozen=True, slots=True)
class Place:
    """A seat with its person's name; `kept` are those who left."""

    person_id: UUID
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Bench:
    """A committee for a page: the rule, the seats as named or proposed, who else could sit."""

    rule: Rule | None
    seats: list[Place]
    eligible: list[Colleague]
    named_at: datetime | None
    fits: bool
    version: int  # of what it is named for

    @property
    def missing(self) -> bool:
        """Whether the purchase cannot be approved before somebody names it."""
        return self.proposed and self.rule is not None and self.rule.before_approval

    @property
    def proposed(self) -> bool:
        """Whether nobody has named it yet."""
        return self.named_at is None


def colleagues(tx: Session, organisation_id: UUID) -> list[Colleague]:
    """The people of an institution, who served least first."""
    rows = select(Person.id, Person.display_name, Membership.role)
    rows = rows.join(Membership, Membership.person_id == Person.id)
    rows = rows.where(Membership.organisation_id == organisation_id, Membership.active, Person.active)
    named: dict[UUID, tuple[str, set[str]]] = {}
    for person_id, name, role in tx.execute(rows.order_by(Person.id)):
        named.setdefault(person_id, (name, set()))[1].add(role)
    counts = select(Seat.person_id, func.count()).where(Seat.person_id.in_(named), Seat.kind != SUBSTITUTE)
    served = {person_id: int(count) for person_id, count in tx.execute(counts.group_by(Seat.person_id))}
    found = [Colleague(key, name, frozenset(roles), served.get(key, 0)) for key, (name, roles) in named.items()]
    return sorted(found, key=lambda one: (one.served, one.name))


def roles_of(tx: Session, organisation_id: UUID) -> dict[UUID, frozenset[str]]:
    """The people of an institution with their roles."""
    return {one.id: one.roles for one in colleagues(tx, organisation_id)}


def committee(tx: Session, committee_id: UUID | None) -> Committee | None:
    """A committee with its seats."""
    if committee_id is None:
        return None
    return tx.scalar(select(Committee).where(Committee.id == committee_id).options(selectinload(Committee.seats)))


def bench(tx: Session, *, organisation_id: UUID, committee_id: UUID | None, purchase: Purchase, version: int) -> Bench:
    """The committee of a purchase as named; where none is, as the service proposes it."""
    rule = rules.rule_for(purchase) if purchase.public else None
    people = colleagues(tx, organisation_id)
    able = [one for one in people if rule is not None and rules.may_sit(one.id, one.roles, rule, purchase)]
    row = committee(tx, committee_id)
    if row is None:
        return Bench(rule, _proposed(rule, able), able, None, fits=False, version=version)
    names = dict(tx.execute(select(Person.id, Person.display_name).join(Seat, Seat.person_id == Person.id)
                            .where(Seat.committee_id == row.id)).all())  # fmt: skip
    seats = [Place(seat.person_id, seat.kind, names[seat.person_id]) for seat in row.seats]
    roles = {one.id: one.roles for one in people}
    fits = rule is None or not rules.mistakes(row.seats, roles, rule, purchase)
    return Bench(rule, seats, able, row.named_at, fits, version)


def _proposed(rule: Rule | None, able: list[Colleague]) -> list[Place]:
    """Inspectors first, who served least before others; one more as a substitute where there is one."""
    if rule is None:
        return []
    ranked = sorted(able, key=lambda one: "inspector" not in one.roles)[: rule.least + PROPOSED_SUBSTITUTES]
    kinds = [CHAIR, *[MEMBER] * (rule.least - 1), *[SUBSTITUTE] * PROPOSED_SUBSTITUTES]
    return [Place(one.id, kind, one.name) for one, kind in zip(ranked, kinds, strict=False)]
