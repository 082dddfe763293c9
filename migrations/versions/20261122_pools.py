"""Pools of a district's kitchens, their members, and the mark of demands that were agreed on together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "7f2b9c64d1e5"
down_revision: str | Sequence[str] | None = "4c8e61f0b7da"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pools",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("district_code", sa.String(length=4), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("delivery_week", sa.Date(), nullable=False),
        sa.Column("join_by", MOMENT, nullable=False),
        sa.Column("terms", JSON, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('open', 'closed', 'called_off')", name=op.f("ck_pools_state")),
        sa.ForeignKeyConstraint(["lead_id"], ["organisations.id"], name=op.f("fk_pools_lead_id")),
        sa.ForeignKeyConstraint(["district_code"], ["districts.code"], name=op.f("fk_pools_district_code")),
        sa.ForeignKeyConstraint(["province_code"], ["provinces.code"], name=op.f("fk_pools_province_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
    )
    with op.batch_alter_table("pools") as batch_op:
        batch_op.create_index("ix_pools_district", ["district_code", "delivery_week"], unique=False)
        batch_op.create_index(batch_op.f("ix_pools_province_code"), ["province_code"], unique=False)
    op.create_table(
        "pool_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("quantities", JSON, nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=True),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_pool_members_pool_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_pool_members_organisation_id")
        ),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_pool_members_demand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_members")),
        sa.UniqueConstraint("pool_id", "organisation_id", name=op.f("uq_pool_members_pool_id_organisation_id")),
    )
    with op.batch_alter_table("pool_members") as batch_op:
        batch_op.create_index(batch_op.f("ix_pool_members_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "joint_demands",
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("district_code", sa.String(length=4), nullable=False),
        sa.Column("kitchens", sa.Integer(), nullable=False),
        sa.Column("totals", JSON, nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_joint_demands_demand_id")),
        sa.ForeignKeyConstraint(["district_code"], ["districts.code"], name=op.f("fk_joint_demands_district_code")),
        sa.PrimaryKeyConstraint("demand_id", name=op.f("pk_joint_demands")),
    )
    with op.batch_alter_table("joint_demands") as batch_op:
        batch_op.create_index(batch_op.f("ix_joint_demands_pool_id"), ["pool_id"], unique=False)


def downgrade() -> None:
    op.drop_table("joint_demands")
    op.drop_table("pool_members")
    op.drop_table("pools")
