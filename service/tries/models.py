"""When something was tried lately."""

from datetime import datetime

from sqlalchemy import JSON, DateTime, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class Tried(Base):
    """When something was tried lately. An embedded database keeps no row: its one process counts in memory."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    times: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)).with_variant(JSON(), "sqlite"))
    ends_at: Mapped[datetime]
