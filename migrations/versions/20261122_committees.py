"""Inspection committees and their seats, named for a demand."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d9f0c2b8e41"
down_revision: str | Sequence[str] | None = "d90b3c5e7a14"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "committees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("named_by", sa.Uuid(), nullable=True),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_committees_organisation_id")),
        sa.ForeignKeyConstraint(["named_by"], ["people.id"], name=op.f("fk_committees_named_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committees")),
    )
    op.create_table(
        "committee_seats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("committee_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('chair', 'member', 'substitute')", name=op.f("ck_committee_seats_kind")),
        sa.ForeignKeyConstraint(["committee_id"], ["committees.id"], name=op.f("fk_committee_seats_committee_id"),
                                ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_committee_seats_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_seats")),
        sa.UniqueConstraint("committee_id", "person_id", name=op.f("uq_committee_seats_committee_id_person_id")),
    )  # fmt: skip
    with op.batch_alter_table("committees") as batch_op:
        batch_op.create_index(batch_op.f("ix_committees_organisation_id"), ["organisation_id"], unique=False)
    with op.batch_alter_table("committee_seats") as batch_op:
        batch_op.create_index(batch_op.f("ix_committee_seats_committee_id"), ["committee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_committee_seats_person_id"), ["person_id"], unique=False)
    with op.batch_alter_table("demands") as batch_op:
        batch_op.add_column(sa.Column("committee_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_demands_committee_id"), "committees", ["committee_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("demands") as batch_op:
        batch_op.drop_constraint(op.f("fk_demands_committee_id"), type_="foreignkey")
        batch_op.drop_column("committee_id")
    op.drop_table("committee_seats")
    op.drop_table("committees")
