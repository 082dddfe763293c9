"""Guesses of an account's secrets: so many a minute, so many wrong ones an hour. Addresses: web/patience.py."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from service.accounts.rules import FAILURES, TRIES
from service.tries import throttle


@dataclass(frozen=True, slots=True)
class Guess:
    """One that was let through."""

    throttle: throttle.Throttle
    key: tuple[str, str]

    def failed(self) -> None:
        """It was wrong."""
        self.throttle.count(FAILURES, *self.key)


def begin(tx: Session, what: str, whose: str) -> Guess:
    """Let somebody guess, or refuse; it is counted before anything is compared, and stays counted."""
    made = Guess(throttle.beside(tx), (what, whose.casefold()))
    made.throttle.must_have_room(FAILURES, *made.key)
    made.throttle.count(TRIES, *made.key)
    return made
