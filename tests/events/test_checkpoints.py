"""Checkpoints: signed when the chain has grown, written outside, never over a rewritten past; keys and rotation."""

import json
import stat
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from alembic import command
from alembic.config import Config
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from service import cli
from service.events import actions, checkpoints, merkle, rules, verification
from service.events.checkpoints import RecordBroken
from service.events.models import Checkpoint, Event, Node, Seal
from service.events.signing import Signer, load
from service.events.verification import Outside
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.settings import ROOT, Settings
from service.parties.models import Province
from tests.events.ledger import kinds, unguarded, verdict, written


def settings_of(database: Database, folder: Path) -> Settings:
    """Settings whose key and checkpoints stay in a folder."""
    return Settings(database_url=database.url, checkpoint_folder=folder / "points", signing_key_file=folder / "key.pem")


def more(database: Database, count: int = 1) -> None:
    with database.writing() as tx:
        place = tx.get_one(Province, "10")
        for _ in range(count):
            actions.record(tx, by=SYSTEM, verb="place.seen", subject=place)


def verified(database: Database, settings: Settings, *trusted: str) -> set[str]:
    statements = tuple(checkpoints.read_folder(settings.checkpoint_path()))
    with database.reading() as tx:
        found = verification.verify(tx, Outside(None, statements, trusted))
    return {fault.kind for fault in found.faults}


def test_the_first_start_makes_a_key_that_only_its_owner_reads(sqlite_database: Database, tmp_path: Path) -> None:
    written(sqlite_database, 3)
    settings = settings_of(sqlite_database, tmp_path)
    made = checkpoints.make(sqlite_database, settings)
    assert made is not None
    assert made.size == 3
    assert stat.S_IMODE((tmp_path / "key.pem").stat().st_mode) == 0o600
    files = sorted(path.name for path in (tmp_path / "points").iterdir())
    assert [name.split("-")[0] for name in files] == ["checkpoint", "key"]
    assert b"PRIVATE" not in b"".join(path.read_bytes() for path in (tmp_path / "points").iterdir())
    assert verified(sqlite_database, settings) == set()


def test_without_a_key_a_shared_database_is_not_signed(sqlite_database: Database, tmp_path: Path) -> None:
    shared = settings_of(sqlite_database, tmp_path).model_copy(update={"database_url": "postgresql+psycopg://x/y"})
    assert checkpoints.make(sqlite_database, shared) is None
    assert not (tmp_path / "key.pem").exists()


@pytest.mark.postgres
def test_a_chain_that_has_not_grown_is_not_signed_again(database: Database) -> None:
    written(database, 2)
    signer = Signer(Ed25519PrivateKey.generate())
    for expected in (2, 3, None):  # the key's own event is the third
        with database.writing() as tx:
            made = checkpoints.sign_end(tx, signer)
            assert (None if made is None else made.size) == expected
    assert (verdict(database).checkpoints, verdict(database).faults) == (2, ())


@pytest.mark.postgres
def test_kept_nodes_are_those_of_the_tree(database: Database) -> None:
    signer = Signer(Ed25519PrivateKey.generate())
    written(database, 1)
    for count in (300, 290, 200):
        more(database, count)
        with database.writing() as tx:
            checkpoints.sign_end(tx, signer)
    with database.reading() as tx:
        hashes = [merkle.leaf(one) for one in tx.scalars(select(Seal.hash).order_by(Seal.sequence))]
        kept = {(node.level, node.position): node.hash for node in tx.scalars(select(Node))}
    assert set(kept) == {(8, 0), (8, 1), (8, 2), (9, 0)}
    for (level, at), digest in kept.items():
        assert merkle.fold(hashes[at << level : (at + 1) << level]).hex() == digest
    assert verdict(database).faults == ()


@pytest.mark.postgres
def test_a_rewritten_past_is_not_signed(database: Database) -> None:
    signer = Signer(Ed25519PrivateKey.generate())
    written(database)
    with database.writing() as tx:
        checkpoints.sign_end(tx, signer)
    unguarded(database)
    with database.writing() as tx:
        tx.execute(text(f"UPDATE event_seals SET hash = '{'a' * 64}' WHERE sequence = 7"))
    more(database)
    with pytest.raises(RecordBroken), database.writing() as tx:
        checkpoints.sign_end(tx, signer)
    assert {"edited", "rewritten"} <= kinds(database)


def test_a_cut_off_log_is_found_by_the_folder(sqlite_database: Database, tmp_path: Path) -> None:
    written(sqlite_database, 12)
    settings = settings_of(sqlite_database, tmp_path)
    checkpoints.make(sqlite_database, settings)
    unguarded(sqlite_database)
    with sqlite_database.writing() as tx:
        for trigger in ("event_checkpoints_no_delete", "event_checkpoints_no_update"):
            tx.execute(text(f"DROP TRIGGER {trigger}"))
        tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        for statement in ("event_seals WHERE sequence > 9", "events WHERE id > 9", "event_checkpoints"):
            tx.execute(text(f"DELETE FROM {statement}"))
    assert kinds(sqlite_database) == set()  # inside the database nothing is left that tells
    assert verified(sqlite_database, settings) == {"cut", "lost"}


def test_a_new_key_is_named_by_the_old_one(sqlite_database: Database, tmp_path: Path) -> None:
    written(sqlite_database, 3)
    settings = settings_of(sqlite_database, tmp_path)
    checkpoints.make(sqlite_database, settings)
    first = load(settings.signing_key_path())
    assert first is not None
    second = checkpoints.rotate(sqlite_database, settings)
    assert load(settings.signing_key_path()).public_key == second.public_key != first.public_key  # type: ignore[union-attr]
    assert not (tmp_path / "key.pem.next").exists()
    with sqlite_database.reading() as tx:
        verbs = list(tx.scalars(select(Event.verb).order_by(Event.id)))
        signers = list(tx.scalars(select(Checkpoint.key_id).order_by(Checkpoint.size)))
    assert verbs[-2:] == ["signing_key.added", "signing_key.rotated"]
    assert signers == [first.id, first.id, second.id]
    assert verified(sqlite_database, settings) == set()
    assert verified(sqlite_database, settings, first.public_key) == set()  # who noted the first follows to the second
    assert verified(sqlite_database, settings, second.public_key) == {"unvouched"}
    assert verified(sqlite_database, settings, Signer(Ed25519PrivateKey.generate()).public_key) == {"unvouched"}


def test_files_outside_are_never_overwritten(sqlite_database: Database, tmp_path: Path) -> None:
    written(sqlite_database, 3)
    settings = settings_of(sqlite_database, tmp_path)
    checkpoints.make(sqlite_database, settings)
    path = next((tmp_path / "points").glob("checkpoint-*"))
    path.write_text("{}")
    more(sqlite_database)
    checkpoints.make(sqlite_database, settings)
    assert path.read_text() == "{}"
    assert "unvouched" in verified(sqlite_database, settings)


@pytest.mark.postgres
def test_no_row_of_the_record_is_changed_deleted_or_replaced(database: Database) -> None:
    written(database, 2)
    with database.writing() as tx:
        checkpoints.sign_end(tx, Signer(Ed25519PrivateKey.generate()))
        tx.execute(insert(Node).values(level=8, position=0, hash="a" * 64))
    tables = {"events": "reason", "event_seals": "hash", "event_nodes": "hash", "event_keys": "signature",
              "event_checkpoints": "signature"}  # fmt: skip
    for table, column in tables.items():
        steps = [f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"]
        if database.is_sqlite:
            steps += [
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
                f"REPLACE INTO {table} SELECT * FROM {table}",
            ]
        else:
            steps += [f"TRUNCATE {table} CASCADE", f"SET session_replication_role = replica; DELETE FROM {table}"]
        for step in steps:
            with pytest.raises(DBAPIError, match="append-only"), database.writing() as tx:
                tx.execute(text(step))
    assert verdict(database).faults == ()


@pytest.mark.postgres
def test_the_role_of_docs_operations_records_and_cannot_disarm(postgres_database: Database) -> None:
    written(postgres_database, 2)
    role = f"app_{uuid4().hex[:8]}"
    script = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("```sql\n")[1].split("```")[0]
    with postgres_database.writing() as tx:
        tx.execute(text(script.replace("market_app", role)))
    with postgres_database.writing() as tx:
        tx.execute(text(f"SET LOCAL ROLE {role}"))
        actions.record(tx, by=SYSTEM, verb="place.seen", subject=tx.get_one(Province, "10"))
    for step in ("UPDATE events SET reason = 'x'", "DELETE FROM event_seals", "TRUNCATE event_nodes",
                 "ALTER TABLE events DISABLE TRIGGER events_append_only", "DROP TRIGGER events_append_only ON events",
                 "SET session_replication_role = replica"):  # fmt: skip
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), postgres_database.writing() as tx:
            tx.execute(text(f"SET LOCAL ROLE {role}; {step}"))
    assert (verdict(postgres_database).sealed, verdict(postgres_database).faults) == (3, ())
    with postgres_database.writing() as tx:
        tx.execute(text(f"DROP OWNED BY {role}"))
        tx.execute(text(f"DROP ROLE {role}"))


FIRST_REVISION = "fa60c7c84ed9"


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_log_of_the_first_revision_still_verifies(kind: str, tmp_path: Path, request: Any) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    if kind == "postgres":
        url = request.getfixturevalue("postgres_database").url
    config = Config(ROOT / "alembic.ini")
    config.attributes["database_url"] = url
    if kind == "postgres":
        command.downgrade(config, FIRST_REVISION)
    else:
        command.upgrade(config, FIRST_REVISION)
    old_head = _old_log(url)
    command.upgrade(config, "head")
    database = Database(url)
    try:
        found = verdict(database, f"4:{old_head}")
        assert (found.events, found.sealed, found.faults) == (6, 6, ())  # two waited for the timer of that time
        with database.writing() as tx:
            tx.add(Province(code="10", name_th="ที่", name_en="Place", lat=1.0, lng=2.0))
        more(database)
        assert (verdict(database).sealed, kinds(database, f"4:{old_head}")) == (7, set())
    finally:
        database.dispose()


def _old_log(url: str) -> str:
    """Six events as the first revision recorded them, four of them sealed; the head of that time."""
    engine, previous = create_engine(url), rules.GENESIS
    facts = {"from": "draft", "to": "active", "note": "ผัก"}
    columns = 'id, "transaction", at, verb, subject_type, subject_id, change, reason, request_id, person_id'
    with engine.begin() as connection:
        for number in range(1, 7):
            at = f"2026-11-01 10:00:00.00000{number}"
            connection.execute(
                text(f"INSERT INTO events ({columns}) VALUES "
                     "(:id, :tx, :at, 'a.b', 'rounds', 'x', :change, '', '', null)"),
                {"id": number, "tx": 10 - number, "at": at + ("+00" if "postgres" in url else ""),
                 "change": json.dumps(facts)},
            )  # fmt: skip
            if number <= 4:
                previous = _old_seal(connection, number, previous, facts)
        if "postgres" in url:
            connection.execute(text("SELECT setval(pg_get_serial_sequence('events', 'id'), 6)"))
    engine.dispose()
    return previous


def _old_seal(connection: Any, number: int, previous: str, facts: dict[str, str]) -> str:
    body = {
        "id": f"{number}", "transaction": f"{10 - number}", "at": f"2026-11-01T10:00:00.00000{number}+00:00",
        "person": None, "organisation": None, "on_behalf_of": None, "verb": "a.b", "subject": ["rounds", "x"],
        "province": None, "change": facts, "reason": "", "request": "",
    }  # fmt: skip
    digest = sha256(previous.encode() + rfc8785.dumps(body)).hexdigest()
    seal = {"n": number, "p": previous, "h": digest}
    connection.execute(text("INSERT INTO event_seals VALUES (:n, :n, :p, :h)"), seal)
    return digest


def test_the_operator_signs_exports_and_changes_the_key(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(sqlite_database, 4)
    monkeypatch.setenv("MARKET_DATABASE_URL", sqlite_database.url)
    monkeypatch.setenv("MARKET_SIGNING_KEY_FILE", str(tmp_path / "own" / "key.pem"))
    monkeypatch.setenv("MARKET_CHECKPOINT_FOLDER", str(tmp_path / "points"))
    assert cli.main(["events", "sign"]) == 0
    assert cli.main(["events", "rotate-key"]) == 0
    assert cli.main(["events", "keys"]) == 0
    shown = capsys.readouterr().out
    public = load(tmp_path / "own" / "key.pem")
    assert public is not None
    assert public.public_key in shown
    assert cli.main(["events", "verify"]) == 0
    assert "3 signed checkpoints" in capsys.readouterr().out
    for target in (tmp_path / "bundle", tmp_path / "bundle.zip"):
        assert cli.main(["events", "export", str(target)]) == 0
        assert cli.main(["events", "export", str(target)]) == 2
    lines = (tmp_path / "bundle" / "log.jsonl").read_bytes().splitlines()
    with sqlite_database.reading() as tx:
        count = tx.scalar(select(func.count()).select_from(Event))
        hashes = list(tx.scalars(select(Seal.hash).order_by(Seal.sequence)))
    assert len(lines) == count
    assert [sha256(line).hexdigest() for line in lines] == hashes
