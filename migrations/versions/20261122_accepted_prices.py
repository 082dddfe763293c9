"""accepted prices."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c41f7a90d2b8"
down_revision: str | Sequence[str] | None = "a41c7e9d52f6"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "accepted_prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("supplier_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_satang", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("quantity > 0 and price_satang > 0", name=op.f("ck_accepted_prices_positive")),
        sa.ForeignKeyConstraint(["product_code"], ["products.code"], name=op.f("fk_accepted_prices_product_code")),
        sa.ForeignKeyConstraint(["province_code"], ["provinces.code"], name=op.f("fk_accepted_prices_province_code")),
        sa.ForeignKeyConstraint(["supplier_id"], ["organisations.id"], name=op.f("fk_accepted_prices_supplier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accepted_prices")),
        sa.UniqueConstraint("order_line_id", name=op.f("uq_accepted_prices_order_line_id")),
    )
    with op.batch_alter_table("accepted_prices", schema=None) as batch_op:
        batch_op.create_index("ix_accepted_prices_lookup", ["province_code", "product_code", "week"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("accepted_prices", schema=None) as batch_op:
        batch_op.drop_index("ix_accepted_prices_lookup")

    op.drop_table("accepted_prices")
