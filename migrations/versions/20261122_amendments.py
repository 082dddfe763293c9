"""Quantities that change after the approval, the least that is worth ordering, coded reasons of cancellations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "e27b5c9f1a64"
down_revision: str | Sequence[str] | None = "9d4e17a6b3f8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "demand_amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("quantities", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("before_satang", sa.BigInteger(), nullable=False),
        sa.Column("after_satang", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('pending', 'applied', 'refused')", name=op.f("ck_demand_amendments_state")),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_demand_amendments_demand_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_demand_amendments_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["people.id"], name=op.f("fk_demand_amendments_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_amendments")),
    )
    with op.batch_alter_table("demand_amendments") as batch_op:
        batch_op.create_index(batch_op.f("ix_demand_amendments_demand_id"), ["demand_id"], unique=False)
    with op.batch_alter_table("demands") as batch_op:
        batch_op.add_column(sa.Column("reason_code", sa.String(length=30), server_default="", nullable=False))
    with op.batch_alter_table("demand_lines") as batch_op:
        batch_op.add_column(sa.Column("least_quantity", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_demand_lines_least_quantity"), "least_quantity between 1 and quantity"
        )


def downgrade() -> None:
    with op.batch_alter_table("demand_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_demand_lines_least_quantity"), type_="check")
        batch_op.drop_column("least_quantity")
    with op.batch_alter_table("demands") as batch_op:
        batch_op.drop_column("reason_code")
    op.drop_table("demand_amendments")
