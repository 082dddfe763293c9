"""Many writers at once: places follow commits, without a gap, and whoever has read up to one has missed nothing."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Boolean, column, func, select, table

from service.events import actions, verification
from service.events.models import Event, Seal
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.parties.models import Province

WRITERS, ROUNDS = 8, 25


class GivenUp(Exception):
    """A writer that rolls back."""


def give_up_sometimes(dice: random.Random) -> None:
    if dice.random() < 1 / 3:
        raise GivenUp


def write(database: Database, number: int) -> int:
    """Overlapping transactions of one to three events, a third of them rolled back; give the committed number."""
    dice, committed = random.Random(number), 0
    for _ in range(ROUNDS):
        count = dice.randint(1, 3)
        try:
            with database.writing() as tx:
                place = tx.get_one(Province, "45")
                for _ in range(count):
                    actions.record(tx, by=SYSTEM, verb="place.seen", subject=place)
                    if not database.is_sqlite:
                        threading.Event().wait(dice.random() / 200)
                give_up_sometimes(dice)
            committed += count
        except GivenUp:
            pass
    return committed


def read_until(database: Database, done: threading.Event) -> list[list[tuple[int, int]]]:
    """Read the chain again and again; remember what each pass found in its place."""
    seen: list[list[tuple[int, int]]] = []
    while not done.is_set():
        with database.reading() as tx:
            seen.append([(row.sequence, row.event_id) for row in tx.scalars(select(Seal).order_by(Seal.sequence))])
    return seen


@pytest.mark.slow
@pytest.mark.postgres
def test_overlapping_writers_give_one_whole_chain_that_only_grows(database: Database) -> None:
    with database.writing() as tx:
        tx.add(Province(code="45", name_th="ที่", name_en="Place", lat=1.0, lng=2.0))
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(read_until, database, done) for _ in range(2)]
        writers = [pool.submit(write, database, number) for number in range(WRITERS)]
        committed = sum(writer.result(120) for writer in writers)
        done.set()
        passes = [reader.result(120) for reader in readers]
    with database.reading() as tx:
        verdict = verification.verify(tx)
        chain = [(row.sequence, row.event_id) for row in tx.scalars(select(Seal).order_by(Seal.sequence))]
        events = tx.scalar(select(func.count()).select_from(Event))
    assert verdict.faults == ()
    assert verdict.events == verdict.sealed == events == committed
    assert [sequence for sequence, _ in chain] == list(range(1, committed + 1))
    assert len({event for _, event in chain}) == committed
    for early in (one for reader in passes for one in reader):
        assert chain[: len(early)] == early


@pytest.mark.postgres
def test_who_commits_first_stands_first_whoever_began_first(postgres_database: Database) -> None:
    with postgres_database.writing() as tx:
        tx.add(Province(code="45", name_th="ที่", name_en="Place", lat=1.0, lng=2.0))
    with postgres_database.writing() as slow:
        actions.record(slow, by=SYSTEM, verb="slow.began", subject=slow.get_one(Province, "45"))
        with postgres_database.writing() as quick:
            actions.record(quick, by=SYSTEM, verb="quick.done", subject=quick.get_one(Province, "45"))
        assert chain_of(postgres_database) == ["quick.done"]  # a reader now may go on from here for good
        actions.record(slow, by=SYSTEM, verb="slow.done", subject=slow.get_one(Province, "45"))
    assert chain_of(postgres_database) == ["quick.done", "slow.began", "slow.done"]


def chain_of(database: Database) -> list[str]:
    """The verbs in the order of the chain."""
    with database.reading() as tx:
        return list(tx.scalars(select(Event.verb).join(Seal).order_by(Seal.sequence)))


@pytest.mark.postgres
def test_a_commit_waits_while_another_one_takes_its_place(postgres_database: Database) -> None:
    with postgres_database.writing() as tx:
        tx.add(Province(code="45", name_th="ที่", name_en="Place", lat=1.0, lng=2.0))

    def second() -> None:
        with postgres_database.writing() as tx:
            actions.record(tx, by=SYSTEM, verb="second", subject=tx.get_one(Province, "45"))

    with ThreadPoolExecutor(1) as pool:
        with postgres_database.writing() as first:
            row = Event(verb="first", subject_type="t", subject_id="s", change=[])
            first.add(row)
            first.flush()
            actions.seal(first, [row])  # has its place, and has not committed
            waiting = pool.submit(second)
            with postgres_database.reading() as watch:
                while not watch.scalar(select(func.count()).select_from(LOCKS).where(~LOCKS.c.granted)):
                    assert not waiting.done()
        waiting.result(60)
    assert chain_of(postgres_database) == ["first", "second"]


LOCKS = table("pg_locks", column("granted", Boolean))
