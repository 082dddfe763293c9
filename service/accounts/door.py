"""Who stands at the door: a session's secret is read; its use is noted once a minute, in a write of its own."""

from functools import partial
from typing import Protocol

from service.accounts import sessions
from service.accounts.rules import Terms
from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.problems import SignInRequired
from service.kernel.settings import Settings


class Door(Protocol):
    """Whom a secret speaks for, if anyone."""

    def __call__(self, database: Database, token: str) -> Actor | None: ...


def for_people(settings: Settings) -> Door:
    """The door of sessions, on the terms of the settings."""
    return partial(_recognise, Terms.of(settings))


def _recognise(terms: Terms, database: Database, token: str) -> Actor | None:
    with database.reading() as tx:
        found = sessions.resolve(tx, token, terms)
    if found is None:
        return None
    actor, due = found
    if due and actor.session_id is not None:
        with database.writing() as tx:
            sessions.touch(tx, actor.session_id)
    return actor


def whoever(entrant: Actor | None) -> Actor:
    """Someone with a session, also one that owes its second factor; refuses nobody and programs."""
    if entrant is None or entrant.session_id is None:
        raise SignInRequired
    return entrant
