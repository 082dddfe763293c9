"""keys of products, by which searches find them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.catalog import search

revision: str = "d90b3c5e7a14"
down_revision: str | Sequence[str] | None = "6d0b5a1f7e32"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    letters = sa.String(length=160).with_variant(sa.String(length=160, collation="C"), "postgresql")
    op.create_table(
        "product_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.String(length=40), nullable=False),
        sa.Column("plain", letters, nullable=False),
        sa.Column("sound", letters, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_code"], ["products.code"], name=op.f("fk_product_keys_product_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_keys")),
    )
    with op.batch_alter_table("product_keys", schema=None) as batch_op:
        for column in ("product_code", "plain", "sound"):
            batch_op.create_index(batch_op.f(f"ix_product_keys_{column}"), [column], unique=False)
    op.create_table(
        "product_grams",
        sa.Column("gram", sa.String(length=4), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["product_keys.id"], name=op.f("fk_product_grams_key_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gram", "key_id", name=op.f("pk_product_grams")),
    )
    with op.batch_alter_table("product_grams", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_grams_key_id"), ["key_id"], unique=False)
    if not op.get_context().as_sql:
        search.index(op.get_bind())  # products that are there already are found too


def downgrade() -> None:
    op.drop_table("product_grams")
    op.drop_table("product_keys")
