"""Questions about demands with their public answers, and the last day on which they are taken."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "4c8e61f0b7da"
down_revision: str | Sequence[str] | None = "5a8c31d7e9b2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=True),
        sa.Column("delivery_date", sa.Date(), nullable=True),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("first_answer", sa.String(length=500), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'answered', 'declined')", name=op.f("ck_questions_state")),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_questions_demand_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_questions_organisation_id")),
        sa.ForeignKeyConstraint(["product_code"], ["products.code"], name=op.f("fk_questions_product_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
    )
    with op.batch_alter_table("questions") as batch_op:
        batch_op.create_index(batch_op.f("ix_questions_demand"), ["demand_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_questions_organisation_id"), ["organisation_id"], unique=False)
    op.create_table(
        "question_times",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("demand_id", sa.Uuid(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["demand_id"], ["demands.id"], name=op.f("fk_question_times_demand_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_times")),
        sa.UniqueConstraint("demand_id", name=op.f("uq_question_times_demand_id")),
    )


def downgrade() -> None:
    op.drop_table("question_times")
    op.drop_table("questions")
