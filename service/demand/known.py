"""What an actor may know, and what the use cases read: shared by queries and actions.

A draft is known to its buyer alone, an approved demand to everyone signed in.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from service.calendars import queries as calendars
from service.catalog import queries as catalog
from service.catalog.models import CertificateKind, Grade, Product
from service.committees import known as committees
from service.committees.known import Bench
from service.committees.rules import Purchase
from service.demand import rules
from service.demand.models import Demand, DemandLine
from service.demand.rules import Shelf
from service.demand.schemas import DemandIn, DemandLineIn
from service.demand.vocabulary import Method
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import may


def visible(by: Actor) -> Select[Demand]:
    """The demands that the actor may know: the own institution's, and everyone's once approved."""
    return select(Demand).where(_known_to(by))


def _known_to(by: Actor) -> ColumnElement[bool]:
    published = and_(Demand.approved_at.is_not(None), Demand.state != "draft")
    if may(by, "demand.see", organisation_id=by.organisation_id):
        return or_(Demand.organisation_id == by.organisation_id, published)
    return published


def demand(tx: Session, *, by: Actor, demand_id: UUID) -> Demand:
    """A demand with its lines, or NotFound where the actor may not know it."""
    row = tx.scalar(visible(by).where(Demand.id == demand_id).options(selectinload(Demand.lines)))
    if row is None:
        raise NotFound
    return row


def shelf(tx: Session, lines: Iterable[rules.Line], province_code: str, week: date) -> Shelf:
    """What the catalogue knows of the lines: their products, grades, certificates and highest ceilings."""
    held = list(lines)
    wanted = {line.product_code for line in held}
    codes = wanted | {code for line in held for code in line.substitutes}
    grades = {line.grade_id for line in held if line.grade_id is not None}
    return Shelf(
        products={row.code: row for row in tx.scalars(select(Product).where(Product.code.in_(codes)))},
        grades={row.id: row.product_code for row in tx.scalars(select(Grade).where(Grade.id.in_(grades)))},
        kinds=frozenset(tx.scalars(select(CertificateKind.code))),
        limits=catalog.ceiling_limits(tx, wanted, province_code, week),
    )


def closed_days(tx: Session, organisation_id: UUID, week: date) -> dict[date, str]:
    """The days of a week on which the kitchen is closed, with their reasons."""
    return calendars.closed_days(tx, organisation_id=organisation_id, first=week, last=week + rules.WEEK - rules.DAY)


def purchase(tx: Session, row: Demand) -> Purchase:
    """What decides about the demand's committee, as of today."""
    kind = tx.scalar(select(Organisation.kind).where(Organisation.id == row.organisation_id))
    return Purchase(row.total_satang, row.method, today(), authors(tx, row.id), public=kind != "private_buyer")


def bench(tx: Session, row: Demand) -> Bench:
    """The demand's committee as named or proposed."""
    return committees.bench(tx, organisation_id=row.organisation_id, committee_id=row.committee_id,
                            purchase=purchase(tx, row), version=row.version)  # fmt: skip


def as_draft(row: Demand) -> DemandIn:
    """A stored demand as what its buyer would have to write."""
    return DemandIn(
        title=row.title, delivery_week=row.delivery_week, budget_line_id=row.budget_line_id, method=Method(row.method),
        legal_ground=row.legal_ground,
        lines=[as_line(line) for line in row.lines],
    )  # fmt: skip


def as_line(line: DemandLine) -> DemandLineIn:
    """A stored line as what its buyer would have to write."""
    return DemandLineIn.model_validate({name: getattr(line, name) for name in DemandLineIn.model_fields})


def authors(tx: Session, demand_id: UUID) -> frozenset[UUID]:
    """Who wrote or changed a demand, by the event log, and who set up what drafted it."""
    wrote = select(Event.person_id).where(Event.subject_type == "demands", Event.subject_id == str(demand_id))
    people = tx.scalars(wrote.where(Event.verb.in_(("demand.drafted", "demand.edited"))))
    created = tx.scalar(select(Demand.created_by).where(Demand.id == demand_id))
    return frozenset(person for person in (*people, created) if person is not None)
