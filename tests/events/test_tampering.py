"""A thousand random tamperings of a log of ten thousand events: each is found, and where it is.

The verification is a walk from the first event on, and its state before a place depends on nothing after it. So a
tampering is judged from the walk's state shortly before its place, as the honest log left it, on to the first fault.
Some go through a real database whose triggers are gone, from end to end.
"""

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain as joined
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, text, update

from service.events import reading, rules, verification
from service.events.merkle import Growing, leaf
from service.events.models import Checkpoint, Event, Seal, SigningKey
from service.events.reading import Link
from service.events.signing import CHECKPOINT, Signed, Signer
from service.events.verification import Fault, Outside, Walk
from service.kernel.clock import now
from service.kernel.db import Database

EVENTS, BLOCK = 10_000, 250  # a checkpoint and a remembered walk every block
OF_LOG, OF_CHECKPOINTS = 840, 20  # eight ways to forge each of those: together a thousand
BEGUN = now()
STRANGE = {"id": 1, "transaction": 1, "at": timedelta(microseconds=1), "person_id": UUID(int=1)}


def event_of(number: int) -> dict[str, Any]:
    """A made-up event."""
    change = rules.patch({"from": "draft", "to": "active", "quantity": number, "name": "ผักบุ้ง"})
    return {
        "id": number, "transaction": 0, "at": BEGUN + timedelta(seconds=number), "person_id": UUID(int=number),
        "organisation_id": UUID(int=number % 50), "on_behalf_of": None, "verb": "award.answered",
        "subject_type": "awards", "subject_id": f"{number}", "province_code": "45", "change": change, "reason": "",
        "request_id": f"r{number}",
    }  # fmt: skip


@dataclass
class Log:
    """The honest log: its links, what was signed, and the walk as it stood at every block."""

    signer: Signer
    links: list[Link]
    signed: list[Signed]
    walks: list[Walk]


def linked(events: Iterator[dict[str, Any]], previous: str, first: int) -> Iterator[Link]:
    """Seal events one after another, as the service or a forger who knows the method would."""
    for sequence, event in enumerate(events, first):
        digest = rules.chained(previous, event)
        yield Link(sequence, event["id"], previous, digest, event)
        previous = digest


def statement(signer: Signer, links: list[Link]) -> Signed:
    """A checkpoint over some links."""
    tree = Growing()
    for link in links:
        tree.add(leaf(link.hash))
    return point(signer, links[-1], tree)


def point(signer: Signer, last: Link, tree: Growing) -> Signed:
    return signer.sign({"type": CHECKPOINT, "size": last.sequence, "head": last.hash, "root": tree.root().hex(),
                        "at": BEGUN.isoformat(), "key": signer.id})  # fmt: skip


@lru_cache
def honest() -> Log:
    signer, tree, links, walks = Signer(Ed25519PrivateKey.generate()), Growing(), [], []
    signed = [signer.introduce(signer, BEGUN)]
    for link in linked(map(event_of, range(1, EVENTS + 1)), rules.GENESIS, 1):
        links.append(link)
        tree.add(leaf(link.hash))
        if link.sequence % BLOCK == 0:
            signed.append(point(signer, link, tree))
    walk = verification.begin(signed, Outside())
    for link in links:
        if link.sequence % BLOCK == 1:
            walks.append(copied(walk))
        walk.take(link)
    walk.end()
    assert walk.faults == []
    return Log(signer, links, signed, walks)


def copied(walk: Walk) -> Walk:
    other = copy.copy(walk)
    other.tree, other.faults = walk.tree.copy(), list(walk.faults)
    return other


def first_fault(log: Log, start: int, changed: list[Link], after: int) -> Fault | None:
    """Walk over the block's honest links up to `start`, the changed ones, then the honest ones from `after` on."""
    block = (start - 1) // BLOCK
    walk = copied(log.walks[block])
    for link in joined(log.links[block * BLOCK : start - 1], changed, (log.links[n] for n in range(after - 1, EVENTS))):
        walk.take(link)
        if walk.faults:
            return walk.faults[0]
    walk.end()
    return walk.faults[0] if walk.faults else None


Tampering = tuple[int, list[Link], int, int]  # from place, links put there, go on with place, last place of the fault


def edit_event(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS)
    link = log.links[at - 1]
    assert link.event is not None
    name = dice.choice(list(link.event))
    return at, [link._replace(event=link.event | {name: other(dice, link.event[name])})], at + 1, at


def other(dice: random.Random, value: Any) -> Any:
    """A value that differs a little."""
    if isinstance(value, str):
        place = dice.randint(0, len(value))
        return dice.choice([value[:place] + "x" + value[place:], value + " ", value[1:] or "y"])
    if isinstance(value, list):
        step = dice.randrange(len(value))
        return [*value[:step], value[step] | {"value": "0"}, *value[step + 1 :]]
    kinds: dict[type, Callable[[], Any]] = {
        int: lambda: value + dice.choice([1, -1, 10**6]), UUID: lambda: UUID(int=value.int ^ 1 << dice.randint(0, 99)),
        type(None): lambda: UUID(int=7),
    }  # fmt: skip
    return kinds[type(value)]() if type(value) in kinds else value + timedelta(microseconds=dice.choice([1, -1, 5]))


def edit_seal(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS)
    link, spoiled = log.links[at - 1], dice.randbytes(32).hex()
    return (
        at,
        [link._replace(hash=spoiled) if dice.random() < 0.5 else link._replace(previous_hash=spoiled)],
        at + 1,
        at,
    )


def edit_and_hash_anew(dice: random.Random, log: Log) -> Tampering:
    """One event changed together with its seal: the next one no longer follows."""
    at = dice.randint(1, EVENTS - 1)
    link = log.links[at - 1]
    changed = linked(iter([(link.event or {}) | {"reason": "never happened"}]), link.previous_hash, at)
    return at, list(changed), at + 1, at + 1


def rewrite_the_rest(dice: random.Random, log: Log) -> Tampering:
    """Everything from a place on hashed anew: only what was signed tells."""
    at = dice.randint(1, EVENTS)
    until = min(EVENTS, -(-at // BLOCK) * BLOCK)
    events = [link.event or {} for link in log.links[at - 1 : until]]
    events[0] = events[0] | {"verb": "award.withdrawn"}
    return at, list(linked(iter(events), log.links[at - 1].previous_hash, at)), until + 1, until


def drop_event(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS)
    return at, [log.links[at - 1]._replace(event=None, found=False)], at + 1, at


def drop_link(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS - 1)
    return at, [], at + 1, at


def drop_and_close_up(dice: random.Random, log: Log) -> Tampering:
    """An event left out and all others up to the checkpoint moved up and hashed anew."""
    at = dice.randint(1, EVENTS - BLOCK)
    until = -(-at // BLOCK) * BLOCK
    events = (link.event or {} for link in log.links[at : until + 1])
    return at, list(linked(events, log.links[at - 1].previous_hash, at)), until + 1, until


def swap(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS - 1)
    one, two = log.links[at - 1], log.links[at]
    if dice.random() < 0.5:
        return at, [one._replace(event=two.event), two._replace(event=one.event)], at + 2, at
    return at, [two._replace(sequence=at), one._replace(sequence=at + 1)], at + 2, at


def put_in(dice: random.Random, log: Log) -> Tampering:
    """An event that never happened, hashed to fit; what follows makes room, and no longer follows."""
    at = dice.randint(1, EVENTS - 1)
    made = event_of(at) | {"id": EVENTS + 1, "verb": "award.made_up"}
    link = next(linked(iter([made]), log.links[at - 1].previous_hash, at))
    return at, [link, log.links[at - 1]._replace(sequence=at + 1)], at + 1, at + 1


def cut_off(dice: random.Random, log: Log) -> Tampering:
    at = dice.randint(1, EVENTS)
    return at, [], EVENTS + 1, at


KINDS = (edit_event, edit_event, edit_event, edit_seal, edit_and_hash_anew, rewrite_the_rest, drop_event, drop_link,
         drop_and_close_up, swap, put_in, cut_off)  # fmt: skip


@pytest.mark.slow
def test_random_tamperings_are_all_found_at_their_place() -> None:
    log, dice = honest(), random.Random(20261122)
    for number in range(OF_LOG):
        kind = KINDS[number % len(KINDS)]
        start, changed, after, last = kind(dice, log)
        fault = first_fault(log, start, changed, after)
        assert fault is not None, (number, kind.__name__, start)
        good = fault.sequence - 1 if fault.after is None else fault.after
        assert good < start <= last, (kind.__name__, start, fault)  # all before is said to be good
        assert start <= fault.sequence <= last, (kind.__name__, start, fault)


def test_forged_checkpoints_are_all_found_at_their_size() -> None:
    log, dice = honest(), random.Random(7)
    forger = Signer(Ed25519PrivateKey.generate())
    for _ in range(OF_CHECKPOINTS):
        size = dice.randint(2, EVENTS // BLOCK) * BLOCK
        real = next(one for one in log.signed if one.says().get("size") == size)
        says = real.says()
        spoiled = {
            "by another key": forger.sign(says | {"key": forger.id}),
            "in another's name": forger.sign(says),
            "of another root": Signed(real.statement.replace(says["root"], dice.randbytes(32).hex()), real.signature),
            "of another time": Signed(real.statement.replace("2026", "2025"), real.signature),
            "of another size": Signed(real.statement.replace(f'"size":{size}', f'"size":{size - 1}'), real.signature),
            "without a signature": Signed(real.statement, ""),
        }  # fmt: skip
        for how, false in spoiled.items():
            kept = [false if one == real else one for one in log.signed]
            faults = verification.begin(kept, Outside()).faults
            assert [(fault.kind, fault.sequence) for fault in faults] == [("unvouched", false.says()["size"])], how
        own = forger.introduce(forger, BEGUN + timedelta(days=1))
        kept = [*log.signed, own, forger.sign(says | {"key": forger.id})]
        assert [fault.kind for fault in verification.begin(kept, Outside()).faults] == ["unvouched"]
        inside = [one for one in log.signed if one != real]
        outside = Outside(statements=tuple(log.signed))
        assert [(fault.kind, fault.sequence) for fault in verification.begin(inside, outside).faults] == [
            ("lost", size)
        ]


@pytest.fixture
def stored(database: Database) -> Database:
    """A log of 600 events with two checkpoints, its guards taken away as a hostile administrator would."""
    links = list(linked(map(event_of, range(1, 601)), rules.GENESIS, 1))
    with database.writing() as tx:
        tx.execute(insert(Event), [link.event or {} for link in links])
        tx.execute(insert(Seal), [{name: getattr(link, name) for name in Link._fields[:4]} for link in links])
    for last in (300, 600):
        with database.writing() as tx:
            signer = honest().signer
            if last == 300:
                row = signer.introduce(signer, BEGUN)
                tx.add(SigningKey(id=signer.id, statement=row.statement, signature=row.signature))
                tx.flush()
            sign = statement(signer, links[:last])
            tx.add(Checkpoint(size=last, key_id=signer.id, statement=sign.statement, signature=sign.signature))
        for table in ("events", "event_seals", "event_checkpoints"):
            if last == 300:
                disarm(database, table)
    return database


def disarm(database: Database, table: str) -> None:
    with database.writing() as tx:
        if database.is_sqlite:
            for step in ("update", "delete", "replace"):
                tx.execute(text(f"DROP TRIGGER {table}_no_{step}"))
        else:
            tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))
            tx.execute(text("ALTER TABLE event_seals DROP CONSTRAINT IF EXISTS fk_event_seals_event_id"))


def seen(database: Database) -> list[tuple[str, int]]:
    with database.reading() as tx:
        return [(fault.kind, fault.sequence) for fault in verification.verify(tx).faults]


@pytest.mark.postgres
def test_a_hostile_administrator_is_found_in_the_database_too(stored: Database) -> None:
    assert seen(stored) == []
    with stored.reading() as tx:
        links = {link.sequence: link for link in reading.chain(tx)}
    forged = [(links[n].event or {}) | ({"reason": "never"} if n == 450 else {}) for n in range(450, 601)]
    anew = list(linked(iter(forged), links[449].hash, 450))
    steps: list[tuple[list[Any], tuple[str, int]]] = [
        ([update(Event).where(Event.id == 17).values(reason="other")], ("edited", 17)),
        ([update(Event).where(Event.id == 599).values(change=[])], ("edited", 599)),
        ([delete(Seal).where(Seal.sequence == 40), delete(Event).where(Event.id == 40)], ("gap", 40)),
        ([delete(Seal).where(Seal.sequence > 580), delete(Event).where(Event.id > 580)], ("cut", 581)),
        ([insert(Event).values(event_of(601))], ("inserted", 0)),
        ([update(Checkpoint).where(Checkpoint.size == 300).values(signature="00" * 64)], ("unvouched", 300)),
        ([update(Event).where(Event.id == 450).values(reason="never"),
          *(update(Seal).where(Seal.sequence == one.sequence).values(hash=one.hash, previous_hash=one.previous_hash)
            for one in anew)], ("rewritten", 600)),
    ]  # fmt: skip
    for statements, expected in steps:
        assert expected in after(stored, statements), expected
    assert seen(stored) == []


def after(database: Database, statements: list[Any]) -> list[tuple[str, int]]:
    """What a verification sees after a change that is then taken back."""
    with database.transact(database.new_session(write=True), write=True) as tx:
        if database.is_sqlite:
            tx.execute(text("PRAGMA defer_foreign_keys=ON"))
        for statement_ in statements:
            tx.execute(statement_)
        found = [(fault.kind, fault.sequence) for fault in verification.verify(tx).faults]
        tx.rollback()
    return found
