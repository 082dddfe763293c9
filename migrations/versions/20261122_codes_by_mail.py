"""one_time_codes: where a code was sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7e3a95d1c48"
down_revision: str | Sequence[str] | None = "91c4e7d2b0fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("one_time_codes") as table:
        table.add_column(sa.Column("email", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("one_time_codes") as table:
        table.drop_column("email")
