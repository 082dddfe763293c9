"""Demands that come again, and their cycles."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "9a4e6d1c7b30"
down_revision: str | Sequence[str] | None = "b7e3a95d1c48"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recurring_demands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("rhythm", sa.String(length=20), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=True),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("draft", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("rhythm in ('weekly', 'fortnightly', 'monthly')", name=op.f("ck_recurring_demands_rhythm")),
        sa.CheckConstraint("lead_days between 1 and 60", name=op.f("ck_recurring_demands_lead_days")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_recurring_demands_organisation_id")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["demands.id"], name=op.f("fk_recurring_demands_source_id")),
        sa.ForeignKeyConstraint(["created_by"], ["people.id"], name=op.f("fk_recurring_demands_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_demands")),
    )
    op.create_table(
        "recurring_cycles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recurring_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.CheckConstraint("outcome in ('drafted', 'skipped', 'refused')", name=op.f("ck_recurring_cycles_outcome")),
        sa.ForeignKeyConstraint(
            ["recurring_id"], ["recurring_demands.id"], name=op.f("fk_recurring_cycles_recurring_id")
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_recurring_cycles_demand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_cycles")),
        sa.UniqueConstraint("recurring_id", "week", name=op.f("uq_recurring_cycles_recurring_id_week")),
    )
    with op.batch_alter_table("recurring_demands") as batch_op:
        batch_op.create_index(batch_op.f("ix_recurring_demands_organisation_id"), ["organisation_id"], unique=False)


def downgrade() -> None:
    op.drop_table("recurring_cycles")
    op.drop_table("recurring_demands")
