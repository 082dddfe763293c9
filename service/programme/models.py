"""Programme profiles."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.clock import now
from service.kernel.db import Base, Identified, Json


class ProgrammeProfile(Identified, Base):
    """The weights of a province's programme, adopted by resolution; a new version replaces, none is edited."""

    __tablename__ = "programme_profiles"
    __table_args__ = (UniqueConstraint("province_code", "number"),)

    province_code: Mapped[str] = mapped_column(ForeignKey("provinces.code"))
    number: Mapped[int]
    resolution_number: Mapped[str] = mapped_column(String(60))
    resolution_date: Mapped[date]
    valid_from: Mapped[date]
    weights: Mapped[dict[str, Any]] = mapped_column(Json)  # margins.Weights, whole basis points and satang
    created_at: Mapped[datetime] = mapped_column(default=now)
