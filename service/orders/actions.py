"""Use cases of answers: a group answers its award, the clock answers for the silent, acceptance makes orders.

Locks are taken in one order everywhere: awards, then (in `follow_up`) their round, its demands and their budget;
so what an answer commits is moved on the budget line after `follow_up`.
"""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from service.accounts import pins
from service.budgets import actions as budgets
from service.demand.models import Demand
from service.events import actions as events
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now, today
from service.kernel.ids import new_id
from service.orders import rules, telling
from service.orders.answering import Decision, Weighed, weigh
from service.orders.models import Order, OrderLine
from service.orders.schemas import AnswerIn
from service.orders.vocabulary import ANSWERABLE, EXPIRED
from service.parties.models import SupplierIncome
from service.prices.actions import note_accepted
from service.procedure import review
from service.rounds.models import Award, AwardLine, Round


def answer(tx: Session, *, by: Actor, award_id: UUID, version: int, draft: AnswerIn) -> Award:
    """Answer one or several lines of an award; what is accepted becomes (part of) its order at once."""
    weighed = weigh(tx, by=by, award_id=award_id, version=version, draft=draft)
    award = weighed.award
    pins.must_be_named(tx, by, award.supplier_id)
    for decision in weighed.decisions:
        _write(by, decision)
    _settle(award)
    lines = [_fact(decision) for decision in weighed.decisions]
    events.record(tx, by=by, verb="award.answered", subject=award, province_code=weighed.round.province_code,
                  change={"state": award.state, "lines": lines})  # fmt: skip
    made = _order(tx, by, weighed)
    telling.answered(tx, award, weighed.satang, made)
    # The market's next step is its own: the group's answer only set it off.
    review.follow_up(tx, by=SYSTEM, round_id=award.round_id)
    _commit(tx, weighed)
    return award


def _commit(tx: Session, weighed: Weighed) -> None:
    """What the approval reserved for this becomes what the order owes."""
    if weighed.satang:
        demand = tx.get_one(Demand, weighed.award.demand_id)
        budgets.commit(tx, demand.budget_line_id, weighed.satang)


def _write(by: Actor, decision: Decision) -> None:
    line = decision.line
    line.answer, line.accepted_quantity = decision.answer.value, decision.quantity
    line.decline_reason = "" if decision.reason is None else decision.reason.value
    line.answer_note = decision.note
    line.answered_at, line.answered_by = now(), by.person_id


def _settle(award: Award) -> None:
    """Bring the award's state in step with its lines, and its version: lines are part of it."""
    award.state = rules.state_after(award.lines).value
    flag_modified(award, "state")


def _fact(decision: Decision) -> dict[str, object]:
    """What the log keeps of a decision: codes and quantities; notes may name people and stay out."""
    return {"line": str(decision.line.id), "answer": decision.answer.value, "quantity": decision.quantity,
            "reason": "" if decision.reason is None else decision.reason.value}  # fmt: skip


def _order(tx: Session, by: Actor, weighed: Weighed) -> Order | None:
    """Put what was accepted into the award's order; the first acceptance makes it, and it is given."""
    accepted = [decision for decision in weighed.decisions if decision.quantity]
    if not accepted:
        return None
    award, province = weighed.award, weighed.round.province_code
    order = tx.scalar(select(Order).where(Order.award_id == award.id).execution_options(populate_existing=True))
    verb = "order.made" if order is None else "order.grown"
    if order is None:
        order = Order(number=rules.order_number(province, today().year, award.id), award_id=award.id, total_satang=0,
                      demand_id=award.demand_id, buyer_id=award.buyer_id, supplier_id=award.supplier_id)  # fmt: skip
        tx.add(order)
        tx.flush()
    for decision in accepted:
        _add_line(tx, order, decision, province)
    change = {
        "number": order.number,
        "award": str(award.id),
        "lines": len(accepted),
        "total_satang": order.total_satang,
    }
    events.record(tx, by=by, verb=verb, subject=order, province_code=province, change=change)
    return order if verb == "order.made" else None


def _add_line(tx: Session, order: Order, decision: Decision, province: str) -> None:
    """A line of the order, its part of the total, its price, and the income that the next round's equity knows."""
    line = decision.line
    row = OrderLine(id=new_id(), order_id=order.id, award_line_id=line.id, product_code=line.product_code,
                    delivery_date=line.delivery_date, quantity=decision.quantity, price_satang=line.price_satang,
                    total_satang=decision.satang)  # fmt: skip
    income = SupplierIncome(organisation_id=order.supplier_id, earned_on=line.delivery_date, satang=decision.satang,
                            source=f"order_line:{row.id}")  # fmt: skip
    order.total_satang += decision.satang
    tx.add_all([row, income])
    note_accepted(tx, order_line_id=row.id, product_code=row.product_code, province_code=province,
                  supplier_id=order.supplier_id, delivery_date=row.delivery_date, quantity=row.quantity,
                  price_satang=row.price_satang)  # fmt: skip


def expire(tx: Session, *, by: Actor, round_id: UUID) -> int:
    """Answer for the groups of a round whose time has passed; give the number of lines. Again changes nothing."""
    round_ = tx.get_one(Round, round_id)
    silent = [award for award in _silent(tx, round_id) if any(line.answer is None for line in award.lines)]
    expired = 0
    for award in silent:
        lines = [line for line in award.lines if line.answer is None]
        for line in lines:
            line.answer, line.answered_at = EXPIRED, now()
        _settle(award)
        events.record(tx, by=by, verb="award.expired", subject=award, province_code=round_.province_code,
                      change={"state": award.state, "lines": [str(line.id) for line in lines]})  # fmt: skip
        expired += len(lines)
    telling.expired(tx, silent)
    review.follow_up(tx, by=by, round_id=round_id)
    return expired


def _silent(tx: Session, round_id: UUID) -> list[Award]:
    """The round's awards that are past their time with a line unanswered, locked in a fixed order."""
    waiting = select(AwardLine.award_id).where(AwardLine.answer.is_(None))
    due = select(Award).where(
        Award.round_id == round_id, Award.state.in_(sorted(ANSWERABLE)), Award.respond_by < now(), Award.id.in_(waiting)
    )
    loaded = due.order_by(Award.id).options(selectinload(Award.lines)).with_for_update(of=Award)
    return list(tx.scalars(loaded.execution_options(populate_existing=True)))
