"""Questions about demands, and until which day they are taken."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Versioned


class Question(Identified, Versioned, Base):
    """What a group asks about a demand. Who asked is shown to the group alone; its person stands in the event log."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'answered', 'declined')", name="state"),
        Index("ix_questions_demand", "demand_id", "state"),
    )

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    # The line that it is about; the line itself may be written anew when the demand goes back to draft.
    product_code: Mapped[str | None] = mapped_column(ForeignKey("products.code"))
    delivery_date: Mapped[date | None]
    text: Mapped[str] = mapped_column(String(500))  # blanked where it held personal data
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(default=now)
    answer: Mapped[str] = mapped_column(String(500), default="")
    first_answer: Mapped[str] = mapped_column(String(500), default="")  # what was corrected
    code: Mapped[str | None] = mapped_column(String(30))  # why it is not published
    decided_at: Mapped[datetime | None]


class QuestionTime(Identified, Versioned, Base):
    """The last day for questions about a demand, where its kitchen chose one."""

    __tablename__ = "question_times"

    demand_id: Mapped[UUID] = mapped_column(ForeignKey("demands.id"), unique=True)
    last_day: Mapped[date]
