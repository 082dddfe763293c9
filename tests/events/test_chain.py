"""The event log: what is recorded, how it is sealed, and that no tampering passes the verification."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from service import cli
from service.events import actions, reading, rules, verification
from service.events.models import Event, Seal
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.problems import InvalidInput
from service.parties.models import Province
from tests.events.ledger import kinds, outside, unguarded, verdict, written

COLUMNS = [column.name for column in Event.__table__.columns]


def tamper(database: Database, *statements: Any) -> None:
    """Change what is stored behind the service's back."""
    with database.engine.connect() as connection, connection.begin():
        change(connection, *statements)


def change(connection: Connection, *statements: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
    for statement in statements:
        connection.execute(text(statement) if isinstance(statement, str) else statement)


def kinds_after(database: Database, *statements: Any, noted: str | None = None) -> set[str]:
    """What a verification finds after a change, which is then taken back."""
    with database.engine.connect() as connection, connection.begin() as outer:
        change(connection, *statements)
        with Session(connection, join_transaction_mode="create_savepoint") as tx:
            found = verification.verify(tx, outside(noted))
        outer.rollback()
    return {fault.kind for fault in found.faults}


@pytest.fixture
def log(database: Database) -> Database:
    """A sealed log of twenty events whose guards are gone."""
    written(database)
    unguarded(database)
    return database


@pytest.mark.postgres
def test_an_untouched_log_has_no_faults_and_a_head_to_note(database: Database) -> None:
    assert verdict(database) == verification.Verdict(0, 0, verification.Head(0, rules.GENESIS), ())
    written(database, 5)
    found = verdict(database)
    assert (found.events, found.sealed, found.faults) == (5, 5, ())
    assert str(found.head).startswith("5:")
    assert kinds(database, str(found.head)) == set()


ODD_CHANGES = (
    "[]", "{}", '{"to": 1, "from": 2}', '[{"b": 1.5, "a": 1e+30}]', "[9007199254740993]", "[123456789012345]", "[-0]",
    '["\\u0e1c\\u0e31\\u0e01"]', '{"\\u0e1c": 1, "a": 2}', '{"\\ud83c\\udf4e": 1, "\\uffee": 2}', "[NaN]",
    '["\\ud83c"]', "[1, 1]", "[1,1]", " [1, 1]", '{"a": 1, "a": 1}', "", "null", "[" * 5_000, "[1, 1] ", '["\\u0041"]',
)  # fmt: skip


def test_lines_from_stored_text_are_the_lines_of_what_it_means(log: Database) -> None:
    with log.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            return  # its types are checked by the database, and its lines are made from values
        for number, change_ in enumerate(ODD_CHANGES):
            change(connection, text("UPDATE events SET change = :change WHERE id = 7").bindparams(change=change_))
            change(connection, f"UPDATE events SET at = '2026-11-22 10:00:00.00000{number % 2}' WHERE id = 7")
            with Session(connection, join_transaction_mode="create_savepoint") as tx:
                assert list(reading.lines(tx)) == [reading.line_of(link) for link in reading.chain(tx)], change_
        connection.rollback()


@pytest.mark.postgres
def test_an_event_is_sealed_by_the_commit_that_makes_it_known(database: Database) -> None:
    with database.writing() as tx:
        place = Province(code="10", name_th="ที่", name_en="Place", lat=1.0, lng=2.0)
        tx.add(place)
        actions.record(tx, by=SYSTEM, verb="place.added", subject=place)
        with suppress(GivenUp), tx.begin_nested():
            actions.record(tx, by=SYSTEM, verb="place.dropped", subject=place)
            raise GivenUp
        with tx.begin_nested():
            actions.record(tx, by=SYSTEM, verb="place.seen", subject=place)
        assert tx.scalar(select(func.count()).select_from(Seal)) == 0
    with suppress(GivenUp), database.writing() as tx:
        actions.record(tx, by=SYSTEM, verb="place.dropped", subject=tx.get_one(Province, "10"))
        raise GivenUp
    with database.reading() as tx:
        rows = tx.execute(select(Seal.sequence, Event.verb).join(Event).order_by(Seal.sequence)).all()
    assert [tuple(row) for row in rows] == [(1, "place.added"), (2, "place.seen")]
    assert (verdict(database).events, verdict(database).faults) == (2, ())


class GivenUp(Exception):
    """A writer that rolls back."""


@pytest.mark.postgres
def test_the_database_refuses_to_change_or_delete(database: Database) -> None:
    written(database, 2)
    edits = ["UPDATE events SET reason = 'x'", "UPDATE event_seals SET hash = 'x'"]
    for statement in (*edits, "DELETE FROM events", "DELETE FROM event_seals"):
        with pytest.raises(DBAPIError, match="append-only"), database.writing() as tx:
            tx.execute(text(statement))
    assert verdict(database).sealed == 2


@pytest.mark.postgres
def test_postgresql_refuses_to_empty_the_log(postgres_database: Database) -> None:
    written(postgres_database, 2)
    with pytest.raises(DBAPIError, match="append-only"), postgres_database.writing() as tx:
        tx.execute(text("TRUNCATE events, event_seals"))


EDITS = {
    "transaction": '"transaction" + 1', "person_id": "'{uuid}'", "organisation_id": "'{uuid}'",
    "on_behalf_of": "'{uuid}'", "verb": "verb || 'x'", "subject_type": "'other'", "subject_id": "subject_id || '1'",
    "province_code": "'52'", "change": "'{{\"from\": \"draft\"}}'", "reason": "reason || ' '",
    "request_id": "'other'",
}  # fmt: skip


@pytest.mark.postgres
def test_an_edited_column_is_found(log: Database) -> None:
    for column, value in EDITS.items():
        statement = f'UPDATE events SET "{column}" = {value.format(uuid=uuid4().hex)} WHERE id = 7'
        assert kinds_after(log, statement) == {"edited"}, column
    later = "'2031-01-01 00:00:00.000000'" if log.is_sqlite else "at + interval '1 microsecond'"
    assert kinds_after(log, f"UPDATE events SET at = {later} WHERE id = 20") == {"edited"}
    tamper(log, "UPDATE events SET verb = 'x' WHERE id = 7")
    faults = verdict(log).faults
    assert [(fault.sequence, fault.event_id, fault.kind) for fault in faults] == [(7, 7, "edited")]


@pytest.mark.postgres
def test_an_edited_seal_is_found(log: Database) -> None:
    for column in ("sequence", "event_id", "previous_hash", "hash"):
        value = "99" if column in {"sequence", "event_id"} else f"'{'a' * 64}'"
        for number in (1, 7, 19):
            assert kinds_after(log, f"UPDATE event_seals SET {column} = {value} WHERE sequence = {number}"), column
    assert "edited" in kinds_after(log, f"UPDATE event_seals SET hash = '{'a' * 64}' WHERE sequence = 20")


def test_any_byte_of_any_column_of_a_database_file(sqlite_database: Database) -> None:
    written(sqlite_database)
    unguarded(sqlite_database)
    dice = random.Random(7)
    for _ in range(200):
        column, number = dice.choice([c for c in COLUMNS if c != "id"]), dice.randint(1, 20)
        with sqlite_database.reading() as tx:
            before = tx.execute(text(f'SELECT "{column}" FROM events WHERE id = {number}')).scalar()
        after = _one_byte_other(dice, before)
        edit = text(f'UPDATE events SET "{column}" = :value WHERE id = {number}').bindparams(value=after)
        assert "edited" in kinds_after(sqlite_database, edit), (column, before, after)
    assert kinds(sqlite_database) == set()


def _one_byte_other(dice: random.Random, value: Any) -> Any:
    if isinstance(value, int):
        return value ^ (1 << dice.randint(0, 40))
    if not value:
        return dice.choice(["x", b"\xff", 3])
    place = dice.randrange(len(value))
    other = chr(ord(value[place]) ^ (1 << dice.randint(0, 4)))
    return dice.choice([value[:place] + other + value[place + 1 :], value[:place] + value[place + 1 :], value + " "])


def delete_event(dice: random.Random) -> list[str]:
    return [f"DELETE FROM events WHERE id = {dice.randint(1, 20)}"]


def delete_seal(dice: random.Random) -> list[str]:
    return [f"DELETE FROM event_seals WHERE sequence = {dice.randint(1, 19)}"]


def delete_both(dice: random.Random) -> list[str]:
    number = dice.randint(1, 19)
    return [f"DELETE FROM event_seals WHERE sequence = {number}", f"DELETE FROM events WHERE id = {number}"]


def swap_seals(dice: random.Random) -> list[str]:
    return _swapped("sequence", *dice.sample(range(1, 21), 2))


def swap_events(dice: random.Random) -> list[str]:
    return _swapped("event_id", *dice.sample(range(1, 21), 2))


def _swapped(column: str, one: int, other: int) -> list[str]:
    steps = ((-1, one), (one, other), (other, -1))
    return [f"UPDATE event_seals SET {column} = {new} WHERE {column} = {old}" for new, old in steps]


def insert_in_the_past(dice: random.Random) -> list[str]:
    number = dice.randint(1, 19)  # a free place among older ones, as a rolled back transaction leaves it
    return [f"DELETE FROM event_seals WHERE event_id = {number}",
            f"UPDATE events SET verb = 'made.up' WHERE id = {number}"]  # fmt: skip


TAMPERING: dict[str, Callable[[random.Random], list[str]]] = {
    "missing": delete_event, "gap": delete_seal, "gap ": delete_both, "reordered": swap_seals, "edited": swap_events,
    "inserted": insert_in_the_past,
}  # fmt: skip


@pytest.mark.postgres
def test_every_kind_of_tampering_is_found(log: Database) -> None:
    for expected, kind in TAMPERING.items():
        for seed in range(12):
            assert expected.strip() in kinds_after(log, *kind(random.Random(seed))), (kind, seed)


def rehashed(database: Database, first: int) -> None:
    """Chain anew from a place on, as a forger who knows the method would."""
    with database.writing() as tx:
        previous = tx.scalar(select(Seal.hash).where(Seal.sequence == first - 1)) or rules.GENESIS
        columns = [*Event.__table__.columns, Seal.sequence]
        rows = tx.execute(select(*columns).join(Seal, Seal.event_id == Event.id).order_by(Seal.sequence)).mappings()
        seals = []
        for row in (dict(row) for row in rows if row["sequence"] >= first):
            digest = rules.chained(previous, row)
            seals.append(
                {"sequence": row["sequence"], "event_id": row["id"], "previous_hash": previous, "hash": digest}
            )
            previous = digest
        tx.execute(delete(Seal).where(Seal.sequence >= first))
        tx.execute(insert(Seal), seals)


@pytest.mark.postgres
def test_a_rehashed_tail_passes_only_as_long_as_nobody_noted_a_head(log: Database) -> None:
    noted = str(verdict(log).head)
    tamper(log, "UPDATE events SET reason = 'never happened' WHERE id = 15")
    rehashed(log, 15)
    assert kinds(log) == set()
    assert kinds(log, noted) == {"other_head"}


@pytest.mark.postgres
def test_a_cut_off_end_is_found_by_a_noted_head(log: Database) -> None:
    noted = str(verdict(log).head)
    tamper(log, "DELETE FROM event_seals WHERE sequence > 17", "DELETE FROM events WHERE id > 17")
    assert kinds(log) == set()
    assert kinds(log, noted) == {"other_head"}


@pytest.mark.postgres
def test_a_noted_head_holds_while_the_log_grows(log: Database) -> None:
    noted = str(verdict(log).head)
    with log.writing() as tx:
        actions.record(tx, by=SYSTEM, verb="place.added", subject=tx.get_one(Province, "10"))
    assert verdict(log).sealed == 21
    assert kinds(log, noted) == set()


@pytest.mark.postgres
def test_an_event_dated_back_is_found_even_when_it_was_sealed(database: Database) -> None:
    written(database, 5)
    with database.writing() as tx:
        row = Event(at=now() - timedelta(days=300), verb="v", subject_type="t", subject_id="s", change=[])
        tx.add(row)
        tx.flush()
        actions.seal(tx, [row])
    assert kinds(database) == {"backdated"}


@pytest.mark.parametrize("text_", ["", "5", "5:", "x:" + "0" * 64, "-1:" + "0" * 64, "5:00", "9" * 30 + ":" + "0" * 64])
def test_a_head_that_is_none_is_refused(text_: str) -> None:
    with pytest.raises(InvalidInput):
        verification.read_head(text_)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=5), st.text(), st.booleans())
def test_the_hashed_line_is_rfc_8785(facts: dict[str, Any], words: str, first_form: bool) -> None:
    change = facts if first_form else rules.patch(facts)
    event = dict.fromkeys(COLUMNS, words) | {"id": 3, "transaction": 2**60, "at": now(), "change": change}
    try:
        found = rules.line("ab" * 32, event)
    except UnicodeEncodeError:
        return  # half a surrogate pair has no bytes, and no database takes it
    body = found.removeprefix(b"ab" * 32)
    assert (len(body) < len(found)) == first_form
    assert body == rfc8785.dumps(json.loads(body))
    assert json.loads(body)["change"] == change
    assert json.loads(body).get("previous") == (None if first_form else "ab" * 32)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=6), st.dictionaries(st.text(max_size=2), json_values))
def test_a_change_is_a_json_patch_that_leads_from_what_was_to_what_is(
    now_: dict[str, Any], was: dict[str, Any]
) -> None:
    facts = {name: value for name, value in now_.items() if name not in {"from", "to", "state"}}
    before = {name: value for name, value in was.items() if name in facts}
    assert applied(before, rules.patch(facts, before)) == facts
    step = rules.patch({"from": "draft", "to": "active", **facts}, before)
    assert applied({"state": "draft", **before}, step) == {"state": "active", **facts}
    with pytest.raises(AssertionError):
        applied({"state": "ended", **before}, step)


def applied(document: dict[str, Any], patch: list[dict[str, Any]]) -> dict[str, Any]:
    """RFC 6902, as far as the log uses it."""
    found = dict(document)
    for step in patch:
        name = step["path"].removeprefix("/").replace("~1", "/").replace("~0", "~")
        assert step["op"] != "test" or found[name] == step["value"]
        assert step["op"] != "replace" or name in found
        found[name] = step["value"]
    return found


def test_numbers_and_texts_are_recorded_as_any_platform_reads_them(tx: Session) -> None:
    place = Province(code="99", name_th="ที่", name_en="Place", lat=1.0, lng=2.0)
    tx.add(place)
    change = {"big": 2**60, "float": 1.5, "set": {1}, "nested": {"yes": True, "none": None}}
    actions.record(tx, by=SYSTEM, verb="place.added", subject=place, change=change)
    tx.flush()
    row = tx.scalars(select(Event).order_by(Event.id.desc()).limit(1)).one()
    assert dict(rules.facts(row.change)) == {
        "big": str(2**60), "float": "1.5", "set": [1], "nested": {"yes": True, "none": None}
    }  # fmt: skip


@pytest.fixture
def at_the_terminal(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setenv("MARKET_DATABASE_URL", sqlite_database.url)
    return sqlite_database


def test_the_operator_verifies_and_compares_with_a_noted_head(
    at_the_terminal: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written(at_the_terminal, 4)
    assert cli.main(["events", "verify"]) == 0
    assert "4 events, 4 sealed, 0 faults" in capsys.readouterr().out
    assert cli.main(["events", "verify"]) == 0
    head = capsys.readouterr().out.split("head ")[1].strip()
    assert head == str(verdict(at_the_terminal).head)
    assert cli.main(["events", "verify", "--head", head]) == 0
    assert cli.main(["events", "verify", "--head", f"4:{'0' * 64}"]) == 1
    assert "does not hold the head" in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        cli.main(["events", "verify", "--head", "nonsense"])
    assert refused.value.code == 2
