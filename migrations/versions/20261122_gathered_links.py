"""answer links: the link of the message that told several awards at once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "4e9b1c70a2d6"
down_revision: str | Sequence[str] | None = "b7d25c0e9a13"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("answer_links") as table:
        table.add_column(sa.Column("list_hash", sa.String(length=64), nullable=False, server_default=""))
        table.create_index(op.f("ix_answer_links_list_hash"), ["list_hash"])


def downgrade() -> None:
    with op.batch_alter_table("answer_links") as table:
        table.drop_index(op.f("ix_answer_links_list_hash"))
        table.drop_column("list_hash")
