"""visits: entries that a service centre writes and a group confirms."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "9d4e17a6b3f8"
down_revision: str | Sequence[str] | None = "02c88ce47ecd"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
NAMED = {"organisation_id": "organisations", "centre_id": "organisations", "entered_by": "people",
         "award_id": "awards", "decided_by": "people"}  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "assisted_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("centre_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('listing', 'answer')", name=op.f("ck_assisted_entries_kind")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_assisted_entries_{column}"))
            for column, table in NAMED.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assisted_entries")),
    )
    op.create_index("ix_assisted_entries_organisation", "assisted_entries", ["organisation_id", "state"])


def downgrade() -> None:
    op.drop_table("assisted_entries")
