"""income: what is billed and paid on orders, and statements that groups make."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7c2e94b1d0a3"
down_revision: str | Sequence[str] | None = "3b7c1e5a9d20"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "settlements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("satang", sa.BigInteger(), nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.CheckConstraint("kind in ('billed', 'paid')", name=op.f("ck_settlements_kind")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_settlements_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlements")),
        sa.UniqueConstraint("source", name=op.f("uq_settlements_source")),
    )
    op.create_index(op.f("ix_settlements_order_id"), "settlements", ["order_id"])
    op.create_table(
        "income_statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_income_statements_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_statements")),
        sa.UniqueConstraint("code", name=op.f("uq_income_statements_code")),
    )
    op.create_index(op.f("ix_income_statements_organisation_id"), "income_statements", ["organisation_id"])


def downgrade() -> None:
    op.drop_table("income_statements")
    op.drop_table("settlements")
