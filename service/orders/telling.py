"""Who is told what about awards: the kitchen of each answer, the group before its time to answer ends and after."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.demand.models import Demand
from service.kernel.clock import now
from service.notices import actions as notices
from service.notices.queries import told
from service.orders.models import Order
from service.orders.vocabulary import ANSWERABLE
from service.parties.models import Organisation
from service.rounds.models import Award, AwardLine, Round, Run

LEADERS, OFFICERS = frozenset({"supplier_manager"}), frozenset({"buyer_officer"})
OFFER, REMIND = "award.offered", "award.expiring"


def answered(tx: Session, award: Award, satang: int, order: Order | None) -> None:
    """The kitchen hears what a group supplies, and of its order when that is new."""
    kind = ("award.declined" if not satang else "award.answered") if order is None else "order.made"
    supplier, demand = tx.get_one(Organisation, award.supplier_id), tx.get_one(Demand, award.demand_id)
    facts: notices.Facts = {"supplier": supplier.name_th, "supplier_en": supplier.name_en, "demand": demand.title,
                            "total": satang, "number": "" if order is None else order.number}  # fmt: skip
    path = f"/demands/{demand.id}" if order is None else f"/orders/{order.id}"
    notices.tell(tx, kind=kind, organisation_id=award.buyer_id, roles=OFFICERS, facts=facts, path=path,
                 key=f"{kind}:{award.id}:{award.version}")  # fmt: skip
    _settled(tx, award)


def _settled(tx: Session, award: Award) -> None:
    """Whoever answered has read what asked for the answer."""
    if all(line.answer for line in award.lines):
        notices.settled(tx, [f"{OFFER}:{award.id}", f"{REMIND}:{award.id}"])


def expired(tx: Session, award: Award) -> None:
    """The group hears that its time is over."""
    _settled(tx, award)
    _leaders(tx, "award.expired", award)


def remind(tx: Session) -> None:
    """Groups that have used half of their time without answering."""
    waiting = [award for award, given in _open(tx) if award.respond_by and now() >= _half(given, award.respond_by)]
    known = told(tx, {f"{REMIND}:{award.id}" for award in waiting})
    fresh = [award for award in waiting if f"{REMIND}:{award.id}" not in known]
    totals = _open_totals(tx, [award.id for award in fresh])
    for award in fresh:
        assert award.respond_by is not None, "it was given out"
        _leaders(tx, REMIND, award, {"total": totals[award.id], "respond_by": award.respond_by.isoformat()})


def _half(given: datetime, until: datetime) -> datetime:
    return given + max(timedelta(0), until - given) / 2


def _open(tx: Session) -> Sequence[tuple[Award, datetime]]:
    """Awards with a line that waits for an answer, and when they were given out."""
    lines = select(AwardLine.award_id).where(AwardLine.answer.is_(None))
    rows = select(Award, Run.kind, Run.finished_at, Round.published_at).join(Run, Run.id == Award.run_id)
    rows = rows.join(Round, Round.id == Award.round_id).where(Award.id.in_(lines), Award.respond_by > now())
    found = tx.execute(rows.where(Award.state.in_(sorted(ANSWERABLE))).order_by(Award.id)).all()
    pairs = [(award, solved if kind == "again" else published) for award, kind, solved, published in found]
    return [(award, given) for award, given in pairs if given is not None]


def _open_totals(tx: Session, ids: list[UUID]) -> dict[UUID, int]:
    sums = select(AwardLine.award_id, func.sum(AwardLine.quantity * AwardLine.price_satang))
    rows = sums.where(AwardLine.award_id.in_(ids), AwardLine.answer.is_(None)).group_by(AwardLine.award_id)
    return {award: int(total) for award, total in tx.execute(rows)}


def _leaders(tx: Session, kind: str, award: Award, more: notices.Facts | None = None) -> None:
    buyer = tx.get_one(Organisation, award.buyer_id)
    facts: notices.Facts = {"buyer": buyer.name_th, "buyer_en": buyer.name_en, **(more or {})}
    notices.tell(tx, kind=kind, organisation_id=award.supplier_id, roles=LEADERS, facts=facts,
                 path=f"/awards/{award.id}", key=f"{kind}:{award.id}")  # fmt: skip
