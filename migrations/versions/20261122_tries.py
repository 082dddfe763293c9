"""What was tried lately, counted once for every process."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e3a90c6b14f7"
down_revision: str | Sequence[str] | None = "b7c1e94f20d8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tries",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("times", postgresql.ARRAY(MOMENT).with_variant(sa.JSON(), "sqlite"), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tries")),
    )
    if op.get_context().dialect.name == "postgresql":  # every try would wait for the disk, to save what lasts an hour
        op.execute("ALTER TABLE tries SET UNLOGGED")


def downgrade() -> None:
    op.drop_table("tries")
