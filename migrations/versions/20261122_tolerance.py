"""What a line may become at most."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5a8c31d7e9b2"
down_revision: str | Sequence[str] | None = "e27b5c9f1a64"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("demand_lines") as batch_op:
        batch_op.add_column(sa.Column("most_quantity", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_demand_lines_most_quantity"), "most_quantity >= quantity")


def downgrade() -> None:
    with op.batch_alter_table("demand_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_demand_lines_most_quantity"), type_="check")
        batch_op.drop_column("most_quantity")
