"""Many writers, one sealer: every committed event is sealed once, and no sealed place ever changes."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

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


def seal_until(database: Database, done: threading.Event) -> list[list[tuple[int, int]]]:
    """Seal again and again; remember what each pass found in its place."""
    seen: list[list[tuple[int, int]]] = []
    while not done.is_set():
        with database.writing() as tx:
            actions.seal(tx)
        with database.reading() as tx:
            seen.append([(row.sequence, row.event_id) for row in tx.scalars(select(Seal).order_by(Seal.sequence))])
    return seen


@pytest.mark.postgres
def test_overlapping_writers_and_sealers_give_one_whole_chain(database: Database) -> None:
    with database.writing() as tx:
        tx.add(Province(code="45", name_th="ที่", name_en="Place", lat=1.0, lng=2.0))
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        sealers = [pool.submit(seal_until, database, done) for _ in range(2)]
        writers = [pool.submit(write, database, number) for number in range(WRITERS)]
        committed = sum(writer.result(120) for writer in writers)
        done.set()
        passes = [sealer.result(120) for sealer in sealers]
    with database.writing() as tx:
        actions.seal(tx)
    with database.reading() as tx:
        verdict = verification.verify(tx)
        chain = [(row.sequence, row.event_id) for row in tx.scalars(select(Seal).order_by(Seal.sequence))]
        events = tx.scalar(select(func.count()).select_from(Event))
    assert verdict.faults == ()
    assert verdict.events == verdict.sealed == events == committed
    assert len({event for _, event in chain}) == committed
    for early in (one for sealer in passes for one in sealer):
        assert chain[: len(early)] == early
