"""the record: checkpoints, keys and tree of the log; no event waits for its seal."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import rfc8785
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "5e1c0f7a92d4"
down_revision: str | Sequence[str] | None = "fa60c7c84ed9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = ("event_nodes", "event_keys", "event_checkpoints")
TAKEN = {  # what makes a row another one's replacement; SQLite's REPLACE deletes without asking the delete trigger
    "events": "id = NEW.id",
    "event_seals": "sequence = NEW.sequence OR event_id = NEW.event_id OR hash = NEW.hash",
    "event_nodes": "level = NEW.level AND position = NEW.position",
    "event_keys": "id = NEW.id",
    "event_checkpoints": "size = NEW.size",
}
REFUSAL = "BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END"


def is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def guard() -> None:
    """Let the database itself refuse to change, replace or delete the record, whoever asks and however."""
    if is_sqlite():
        for table in NEW:
            for step in ("UPDATE", "DELETE"):
                op.execute(f"CREATE TRIGGER {table}_no_{step.lower()} BEFORE {step} ON {table} {REFUSAL}")
        for table, same in TAKEN.items():
            there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 # nosec B608 # names of our own
            op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} {REFUSAL}")
        return
    for table in NEW:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table in TAKEN:  # also where a session plays the part of a replica, which passes ordinary triggers by
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")


def unguard() -> None:
    if is_sqlite():
        for table in ("events", "event_seals"):
            op.execute(f"DROP TRIGGER {table}_no_replace")
        return
    for table in ("events", "event_seals"):
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")


EVENTS = sa.table(
    "events", sa.column("id", sa.BigInteger), sa.column("transaction", sa.BigInteger),
    sa.column("at", sa.DateTime(timezone=True)), sa.column("person_id", sa.Uuid),
    sa.column("organisation_id", sa.Uuid), sa.column("on_behalf_of", sa.Uuid), sa.column("verb", sa.String),
    sa.column("subject_type", sa.String), sa.column("subject_id", sa.String), sa.column("province_code", sa.String),
    sa.column("change", sa.JSON), sa.column("reason", sa.String), sa.column("request_id", sa.String),
)  # fmt: skip
SEALS = sa.table(
    "event_seals", sa.column("sequence", sa.BigInteger), sa.column("event_id", sa.BigInteger),
    sa.column("previous_hash", sa.String), sa.column("hash", sa.String),
)  # fmt: skip


def seal_what_waits() -> None:
    """Chain the events that the first revision's timer had not reached, in its order and its form."""
    bind = op.get_bind()
    end = sa.select(SEALS.c.sequence, SEALS.c.hash).order_by(SEALS.c.sequence.desc()).limit(1)
    head = bind.execute(end).first()
    last, previous = (head.sequence, head.hash) if head else (0, "0" * 64)
    waits = ~sa.exists().where(SEALS.c.event_id == EVENTS.c.id)
    rows = sa.select(EVENTS).where(waits).order_by(EVENTS.c.transaction, EVENTS.c.id)
    for sequence, row in enumerate(bind.execute(rows).mappings().all(), last + 1):
        digest = sha256(previous.encode() + first_form(row)).hexdigest()
        seal = {"sequence": sequence, "event_id": row["id"], "previous_hash": previous, "hash": digest}
        bind.execute(sa.insert(SEALS).values(seal))
        previous = digest


def first_form(row: Any) -> bytes:
    at: datetime = row["at"]
    change = json.loads(row["change"]) if isinstance(row["change"], str) else row["change"]
    sides = {name: row[f"{name}_id"] for name in ("person", "organisation")} | {"on_behalf_of": row["on_behalf_of"]}
    return rfc8785.dumps({
        **{name: None if value is None else str(value) for name, value in sides.items()},
        "id": str(row["id"]), "transaction": str(row["transaction"]),
        "at": (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat(),
        "verb": row["verb"], "subject": [row["subject_type"], row["subject_id"]], "province": row["province_code"],
        "change": change, "reason": row["reason"], "request": row["request_id"],
    })  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "event_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_event_nodes")),
    )
    op.create_table(
        "event_keys",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("statement", sa.String(length=500), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_keys")),
    )
    op.create_table(
        "event_checkpoints",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("statement", sa.String(length=500), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["event_keys.id"], name=op.f("fk_event_checkpoints_key_id")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_event_checkpoints")),
    )
    op.create_table(
        "log_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("head", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_log_checks_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_checks")),
    )
    if not op.get_context().as_sql:  # a script cannot hash: before it is run, `events seal` of the revision before
        seal_what_waits()
    guard()


def downgrade() -> None:
    unguard()
    op.drop_table("log_checks")
    for table in reversed(NEW):
        op.drop_table(table)
