"""Reads of demands for lists, pages and the rounds floor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from service.budgets.models import BudgetLine
from service.catalog import choosing
from service.catalog import queries as catalog
from service.catalog.models import CertificateKind, Grade, Product
from service.committees.known import Bench
from service.demand import known
from service.demand.grid import Offered
from service.demand.models import Demand
from service.events.models import Event
from service.events.rules import facts
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.people.models import Person
from service.prices import queries as prices
from service.prices.rules import Cell


def demands(by: Actor, *, state: str | None, week: date | None, province: str | None, mine: bool) -> Select[Demand]:
    """The demands that the actor may know, by state, delivery week, province, or the own ones alone."""
    query = known.visible(by)
    if state is not None:
        query = query.where(Demand.state == state)
    if week is not None:
        query = query.where(Demand.delivery_week == week)
    if province is not None:
        query = query.where(Demand.province_code == province)
    if mine:
        query = query.where(Demand.organisation_id == by.organisation_id)
    return query


def awaiting(tx: Session, province_code: str, week: date, *, lock: bool = False) -> list[Demand]:
    """The approved demands of a province and week that wait for a round, with their lines; locked for a round."""
    waiting = select(Demand).where(
        Demand.province_code == province_code, Demand.delivery_week == week, Demand.state == "planned"
    )
    held = waiting.with_for_update().execution_options(populate_existing=True) if lock else waiting
    return list(tx.scalars(held.options(selectinload(Demand.lines)).order_by(Demand.id)))


BOARD_ROWS = 40


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the list for people, newest first; `older` is where the next page begins."""

    rows: list[Demand]
    names: dict[UUID, Organisation]
    older: UUID | None


def board(tx: Session, *, by: Actor, mine: bool, state: str | None, before: str) -> Board:
    """The own demands, or what is approved in the reader's province."""
    query = demands(by, state=state, week=None, province=None if mine else by.province_code, mine=mine)
    start = _id_or_none(before)
    if start is not None:
        query = query.where(Demand.id < start)
    rows = list(tx.scalars(query.order_by(Demand.id.desc()).limit(BOARD_ROWS + 1)))
    shown = rows[:BOARD_ROWS]
    return Board(shown, names(tx, shown), shown[-1].id if len(rows) > BOARD_ROWS else None)


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def newest(tx: Session, *, by: Actor) -> Demand | None:
    """The own demand with the latest week, which is the one to repeat."""
    mine = demands(by, state=None, week=None, province=None, mine=True).where(Demand.state != "cancelled")
    return tx.scalar(mine.order_by(Demand.delivery_week.desc(), Demand.id.desc()).limit(1))


def offered(tx: Session, *, by: Actor, week: date, codes: Iterable[str]) -> Offered:
    """What the catalogue offers the form of the actor's institution in a week, for the products that it names."""
    found = catalog.whole(tx, [code for code in codes if code.isprintable()])
    province = tx.get_one(Organisation, by.organisation_id).province_code or ""
    return Offered(
        products=found,
        near=lambda text: tuple(catalog.products(tx, words=text, limit=choosing.NEAR)),
        limits=lambda codes: catalog.ceiling_limits(tx, codes, province, week),
        paid=lambda codes: prices.paid_lately(tx, product_codes=codes, province_code=province, until=week),
    )


def kinds(tx: Session) -> list[CertificateKind]:
    """Every scheme that certifies."""
    return catalog.certificate_kinds(tx)


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of a demand: the event and, for its own institution, who took it."""

    event: Event
    name: str


def history(tx: Session, *, by: Actor, row: Demand) -> list[Moment]:
    """What happened to a demand, oldest first; people's names are for their own institution."""
    rows = select(Event, Person.display_name).outerjoin(Person, Person.id == Event.person_id)
    rows = rows.where(Event.subject_type == "demands", Event.subject_id == str(row.id)).order_by(Event.id)
    return [
        Moment(event, name or "" if event.organisation_id == by.organisation_id else "")
        for event, name in tx.execute(rows)
    ]


@dataclass(frozen=True, slots=True)
class Move:
    """Products that come on another day than in the demand that was copied, or not at all, because of a closed day."""

    before: date
    after: date | None
    reason: str
    products: list[Product]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page of one demand shows beside it, and which steps its reader may take."""

    organisation: Organisation
    budget: BudgetLine | None
    bench: Bench | None
    products: dict[str, Product]
    grades: dict[UUID, Grade]
    kinds: dict[str, CertificateKind]
    paid: dict[str, Cell]
    references: dict[str, int]  # median by product, satang
    moments: Sequence[Moment]
    closed_days: dict[date, str]  # of the own kitchen in the week, with their reasons
    moves: list[Move]
    may_edit: bool
    may_approve: bool
    same_hands: bool
    begun: bool


def desk(tx: Session, *, by: Actor, row: Demand) -> Desk:
    """Gather the page of a demand."""
    own = may(by, "demand.see", organisation_id=row.organisation_id) and by.organisation_id == row.organisation_id
    return Desk(
        organisation=tx.get_one(Organisation, row.organisation_id),
        budget=tx.get(BudgetLine, row.budget_line_id) if own else None,
        bench=known.bench(tx, row) if own else None,
        products=_products_of(tx, row),
        grades={grade.id: grade for grade in tx.scalars(select(Grade).where(Grade.id.in_(_grades_of(row))))},
        kinds={kind.code: kind for kind in catalog.certificate_kinds(tx)},
        paid=prices.paid_lately(
            tx,
            product_codes={line.product_code for line in row.lines},
            province_code=row.province_code,
            until=row.delivery_week,
        ),
        references=_references(tx, row),
        moments=history(tx, by=by, row=row),
        may_edit=may(by, "demand.edit", organisation_id=row.organisation_id),
        may_approve=may(by, "demand.approve", organisation_id=row.organisation_id),
        same_hands=by.person_id in known.authors(tx, row.id),
        closed_days=known.closed_days(tx, row.organisation_id, row.delivery_week) if own else {},
        moves=moves(tx, row) if own else [],
        begun=row.delivery_week <= today(),
    )


def moves(tx: Session, row: Demand) -> list[Move]:
    """What a copy put beside closed days or left out, as far as that still stands, while the demand is a draft."""
    if row.state != "draft":
        return []
    drafted = select(Event.change).where(Event.subject_type == "demands", Event.subject_id == str(row.id))
    found = dict(facts(tx.scalar(drafted.where(Event.verb == "demand.drafted")) or [])).get("moved", [])
    there = {(line.product_code, line.delivery_date.isoformat()) for line in row.lines}
    named = select(Product).where(Product.code.in_({code for code, _, _ in found}))
    products = {product.code: product for product in tx.scalars(named)}
    together: dict[tuple[str, str | None], list[Product]] = {}
    for code, before, after in found:
        if after is None or (code, after) in there:
            together.setdefault((before, after), []).append(products[code])
    closed = known.closed_days(tx, row.organisation_id, row.delivery_week)
    return [_move(date.fromisoformat(before), after, closed, moved) for (before, after), moved in together.items()]


def _move(before: date, after: str | None, closed: dict[date, str], moved: list[Product]) -> Move:
    return Move(before, date.fromisoformat(after) if after else None, closed.get(before, ""), moved)


def committee(tx: Session, *, by: Actor, demand_id: UUID) -> Bench:
    """The committee of a demand that the actor may know, for its institution and auditors."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    require(by, "committee.see", organisation_id=row.organisation_id, province=row.province_code)
    return known.bench(tx, row)


def _references(tx: Session, row: Demand) -> dict[str, int]:
    codes = [line.product_code for line in row.lines]
    limits = catalog.ceiling_limits(tx, codes, row.province_code, row.delivery_week)
    return {code: limit.price.median_satang for code, limit in limits.items() if limit.price is not None}


def _products_of(tx: Session, row: Demand) -> dict[str, Product]:
    codes = {line.product_code for line in row.lines} | {code for line in row.lines for code in line.substitutes}
    return {product.code: product for product in tx.scalars(select(Product).where(Product.code.in_(codes)))}


def _grades_of(row: Demand) -> set[UUID]:
    return {line.grade_id for line in row.lines if line.grade_id is not None}


def names(tx: Session, rows: Iterable[Demand]) -> dict[UUID, Organisation]:
    """The institutions of a list of demands."""
    ids = {row.organisation_id for row in rows}
    return {row.id: row for row in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
