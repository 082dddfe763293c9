"""Who somebody is elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified


class Identity(Identified, Base):
    """A provider's subject that stands for a person, as a keyed mark: nobody reads from it who the person is there."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("provider", "subject_hash"), UniqueConstraint("person_id", "provider"))

    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), index=True)
    provider: Mapped[str] = mapped_column(String(40))
    subject_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]
