"""sessions with device and idle time, second factors, PINs, one-time codes, keys of programs."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2c61d4e0b7a5"
down_revision: str | Sequence[str] | None = "0265b69ca7de"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("organisations") as batch_op:
        batch_op.add_column(sa.Column("shared_phone", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("people") as batch_op:
        batch_op.add_column(sa.Column("sign_in_anew_at", MOMENT, nullable=True))
    with op.batch_alter_table("sign_in_sessions") as batch_op:
        batch_op.add_column(sa.Column("last_used_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("second_factor_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("acting_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("acting_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=80), server_default="", nullable=False))
        batch_op.create_foreign_key(
            op.f("fk_sign_in_sessions_acting_id"), "people", ["acting_id"], ["id"], **not_valid()
        )
    make_factors()
    make_codes()
    make_keys()


def not_valid() -> dict[str, Any]:
    """On PostgreSQL the constraint is added without a scan under lock; the column is new, no row could break it."""
    return {"postgresql_not_valid": True} if op.get_bind().dialect.name == "postgresql" else {}


def make_factors() -> None:
    """Second factors and their recovery codes, PINs."""
    op.create_table(
        "second_factors",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=400), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"])
    op.create_table(
        "pins",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pins_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_pins")),
    )


def make_codes() -> None:
    """Codes that an officer hands over."""
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_one_time_codes_person_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["people.id"], name=op.f("fk_one_time_codes_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_one_time_codes_code_hash")),
    )
    op.create_index(op.f("ix_one_time_codes_person_id"), "one_time_codes", ["person_id"])


def make_keys() -> None:
    """Keys of programs."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hint", sa.String(length=12), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_api_keys_person_id")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_api_keys_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_api_keys_key_hash")),
    )
    op.create_index(op.f("ix_api_keys_person_id"), "api_keys", ["person_id"])
    op.create_index(op.f("ix_api_keys_organisation_id"), "api_keys", ["organisation_id"])


def downgrade() -> None:
    for table in ("api_keys", "one_time_codes", "pins", "recovery_codes", "second_factors"):
        op.drop_table(table)
    with op.batch_alter_table("sign_in_sessions") as batch_op:
        batch_op.drop_constraint(op.f("fk_sign_in_sessions_acting_id"), type_="foreignkey")
        for column in ("device", "acting_at", "acting_id", "second_factor_at", "last_used_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("people") as batch_op:
        batch_op.drop_column("sign_in_anew_at")
    with op.batch_alter_table("organisations") as batch_op:
        batch_op.drop_column("shared_phone")
