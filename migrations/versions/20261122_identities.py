"""identities: who people are at other services, as keyed marks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "6d0b5a1f7e32"
down_revision: str | Sequence[str] | None = "7c2e94b1d0a3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_identities_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identities")),
        sa.UniqueConstraint("person_id", "provider", name=op.f("uq_identities_person_id_provider")),
        sa.UniqueConstraint("provider", "subject_hash", name=op.f("uq_identities_provider_subject_hash")),
    )
    op.create_index(op.f("ix_identities_person_id"), "identities", ["person_id"])


def downgrade() -> None:
    op.drop_table("identities")
