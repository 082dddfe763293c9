"""What orders commit and payments spend of a budget line; orders in force move from reserved to committed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3b7c1e5a9d20"
down_revision: str | Sequence[str] | None = "c41f7a90d2b8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

ORDERED = """(select coalesce(sum(orders.total_satang), 0) from orders join demands on demands.id = orders.demand_id
    where demands.budget_line_id = budget_lines.id and orders.state = 'active')"""


def upgrade() -> None:
    with op.batch_alter_table("budget_lines") as batch_op:
        batch_op.add_column(sa.Column("committed_satang", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("spent_satang", sa.BigInteger(), server_default="0", nullable=False))
    moved = f"committed_satang = {ORDERED}, reserved_satang = reserved_satang - {ORDERED}"
    op.execute(f"update budget_lines set {moved}")  # noqa: S608 # nosec B608 # a text of our own
    with op.batch_alter_table("budget_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_budget_lines_reserved"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_budget_lines_sums"), "reserved_satang >= 0 and committed_satang >= 0 and spent_satang >= 0"
        )
        batch_op.create_check_constraint(
            op.f("ck_budget_lines_held"), "reserved_satang + committed_satang + spent_satang <= amount_satang"
        )


def downgrade() -> None:
    with op.batch_alter_table("budget_lines") as batch_op:
        batch_op.drop_constraint(op.f("ck_budget_lines_held"), type_="check")
        batch_op.drop_constraint(op.f("ck_budget_lines_sums"), type_="check")
    op.execute("update budget_lines set reserved_satang = reserved_satang + committed_satang + spent_satang")
    with op.batch_alter_table("budget_lines") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_budget_lines_reserved"), "reserved_satang >= 0 and reserved_satang <= amount_satang"
        )
        batch_op.drop_column("spent_satang")
        batch_op.drop_column("committed_satang")
