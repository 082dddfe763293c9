"""harvests: photographs of what is offered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2fb60d71c9e4"
down_revision: str | Sequence[str] | None = "9a4e6d1c7b30"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "offer_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_offer_photos_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_photos")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_offer_photos_offer_id")),
    )
    op.add_column("offers", sa.Column("photo", sa.String(length=12), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("offers", "photo")
    op.drop_table("offer_photos")
