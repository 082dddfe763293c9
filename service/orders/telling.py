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
from service.rounds import invitations
from service.rounds.models import Award, AwardLine, Round, Run

OFFICERS = frozenset({"buyer_officer"})
REMIND = "award.expiring"


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
    """Whoever answered all that a message asked for has read it."""
    waiting = select(AwardLine.id).join(Award, Award.id == AwardLine.award_id).where(*invitations.told_with(award))
    waiting = waiting.where(Award.state.in_(sorted(ANSWERABLE)), AwardLine.answer.is_(None)).limit(1)
    if tx.scalar(waiting) is None:
        notices.settled(tx, [invitations.key_of(kind, award) for kind in (invitations.OFFER, REMIND)])


def expired(tx: Session, awards: Sequence[Award]) -> None:
    """Groups hear that their time is over."""
    for award in awards:
        _settled(tx, award)
    invitations.tell_again(tx, "award.expired", awards, {})


def remind(tx: Session) -> None:
    """Groups that have used half of their time without answering."""
    waiting = [award for award, given in _open(tx) if award.respond_by and now() >= _half(given, award.respond_by)]
    keys = {award.id: {invitations.key_of(REMIND, award), f"{REMIND}:{award.id}"} for award in waiting}
    known = told(tx, set().union(*keys.values()))
    fresh = [award for award in waiting if not keys[award.id] & known]
    invitations.tell_again(tx, REMIND, fresh, _open_totals(tx, [award.id for award in fresh]))


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
