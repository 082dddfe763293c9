"""Reads of questions for pages: those about one demand, and those that are the actor's own business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.catalog.models import Product
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.parties.models import Organisation
from service.parties.permissions import may
from service.questions import known, rules
from service.questions.models import Question
from service.questions.schemas import QuestionOut, QuestionTimeOut

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Board:
    """The questions about a demand, and what the reader may do."""

    buyer: Organisation
    rows: list[Question]
    products: dict[str, Product]
    time: QuestionTimeOut
    answers: bool  # the reader belongs to the kitchen
    answerable: bool
    asks: bool  # the reader belongs to a group
    waiting: int  # the group's own open questions

    def in_state(self, *states: str) -> list[Question]:
        """Those that stand so, oldest first."""
        return [row for row in self.rows if row.state in states]


def board(tx: Session, *, by: Actor, row: Demand) -> Board:
    """The page of a demand that the actor knows already."""
    rows = list(tx.scalars(known.of(by, row).order_by(Question.id).limit(SHOWN)))
    asks = may(by, "question.ask", organisation_id=by.organisation_id)
    return Board(
        buyer=tx.get_one(Organisation, row.organisation_id),
        rows=rows,
        products=_products(tx, {line.product_code for line in row.lines} | {one.product_code or "" for one in rows}),
        time=time(tx, row),
        answers=may(by, "question.answer", organisation_id=row.organisation_id),
        answerable=row.state in rules.ANSWERABLE,
        asks=asks,
        waiting=known.waiting(tx, organisation_id=by.organisation_id, demand_id=row.id) if asks else 0,
    )


def _products(tx: Session, codes: set[str]) -> dict[str, Product]:
    return {row.code: row for row in tx.scalars(select(Product).where(Product.code.in_(codes)))}


def time(tx: Session, row: Demand) -> QuestionTimeOut:
    """Until when questions about a demand are taken."""
    chosen = known.time(tx, row)
    last: date = rules.last_day(row.delivery_week, chosen.last_day if chosen else None)
    return QuestionTimeOut(demand_id=row.id, last_day=last, taken=rules.may_be_asked(row.state, last, today()),
                           version=chosen.version if chosen else 0)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """The actor's own questions, newest first, with their demands and kitchens."""

    rows: list[Question]
    demands: dict[UUID, Demand]
    buyers: dict[UUID, Organisation]
    asks: bool  # the reader belongs to a group


def desk(tx: Session, *, by: Actor) -> Desk:
    """What waits for the own kitchen, and what the own group asked."""
    asks = may(by, "question.ask", organisation_id=by.organisation_id)
    wanted = known.concerning(by) if asks else known.to_answer(by)
    rows = list(tx.scalars(wanted.order_by(Question.id.desc()).limit(SHOWN)))
    ids = {row.demand_id for row in rows}
    held = {row.id: row for row in tx.scalars(select(Demand).where(Demand.id.in_(ids)))}
    buyers = {row.organisation_id for row in held.values()}
    kitchens = tx.scalars(select(Organisation).where(Organisation.id.in_(buyers)))
    return Desk(rows, held, {row.id: row for row in kitchens}, asks)


def count_to_answer(tx: Session, *, by: Actor) -> int:
    """How many questions wait for the actor's own kitchen."""
    return tx.scalar(select(func.count()).select_from(known.to_answer(by).subquery())) or 0


def seen(row: Question, by: Actor) -> QuestionOut:
    """A question as the actor may see it: without who asked, unless it was the own group."""
    names = set(QuestionOut.model_fields) - {"mine"}
    return QuestionOut(**{name: getattr(row, name) for name in names}, mine=row.organisation_id == by.organisation_id)


def all_seen(rows: Sequence[Question], by: Actor) -> list[QuestionOut]:
    """The same for several."""
    return [seen(row, by) for row in rows]
