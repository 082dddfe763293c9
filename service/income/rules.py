"""Rules of income: what counts, how it is added up, and what a statement's code and digest are."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

import rfc8785

from service.kernel.i18n import N_
from service.kernel.problems import Problem

COUNTED = ("active", "terminated")  # confirmed by both sides and not called off
SHOWN_MONTHS = 12
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
CODE_LENGTH = 16  # 78 bits: nobody finds a statement by trying
GROUP = 4
LABELS = {
    "income_statement.made": N_("Income statement made"),
    "income_statement.withdrawn": N_("Income statement withdrawn"),
    "subject.income_statements": N_("Income statement"),
    "statement.valid": N_("Valid"),
    "statement.withdrawn": N_("Withdrawn by the group"),
    "statement.expired": N_("Out of date"),
}


class NothingToShow(Problem):
    """A statement about no order at all."""

    title = N_("There is no confirmed order to show")
    detail = N_("In these months no award was accepted, and none is ahead.")
    todo = N_("Choose more months, or come back once an order is confirmed.")


class StatementOver(Problem):
    """A statement that no longer holds."""

    title = N_("This statement no longer holds")
    detail = N_("It was withdrawn, or its time is over.")
    todo = N_("Make a new one; it takes a minute.")


@dataclass(frozen=True, slots=True)
class Earned:
    """One confirmed order: its month is that of its first delivery. Nothing billed and nothing paid is not known."""

    order_id: UUID
    buyer_id: UUID
    first_day: date
    ordered_satang: int
    billed_satang: int | None = None
    paid_satang: int | None = None

    @property
    def month(self) -> date:
        """The first day of its month."""
        return self.first_day.replace(day=1)

    @property
    def recorded(self) -> bool:
        """Whether the stage of payments has written anything about it."""
        return self.billed_satang is not None or self.paid_satang is not None


@dataclass(slots=True)
class Sum:
    """Orders added up; `recorded` of them have a bill or a payment."""

    orders: int = 0
    ordered_satang: int = 0
    billed_satang: int = 0
    paid_satang: int = 0
    recorded: int = 0
    buyers: set[UUID] = field(default_factory=set)

    def add(self, one: Earned) -> None:
        """Count an order."""
        self.orders += 1
        self.ordered_satang += one.ordered_satang
        self.billed_satang += one.billed_satang or 0
        self.paid_satang += one.paid_satang or 0
        self.recorded += one.recorded
        self.buyers.add(one.buyer_id)

    @property
    def due_satang(self) -> int:
        """What is billed and not paid; a payment ahead of its bill leaves nothing due."""
        return max(0, self.billed_satang - self.paid_satang)

    @property
    def unrecorded(self) -> int:
        """Orders of which nobody has recorded a bill or a payment yet."""
        return self.orders - self.recorded


def total(rows: Iterable[Earned]) -> Sum:
    """All orders together."""
    found = Sum()
    for one in rows:
        found.add(one)
    return found


def by_month(rows: Iterable[Earned], first: date, last: date) -> dict[date, Sum]:
    """Each month from the first to the last one that is named or has an order, empty ones too."""
    held = list(rows)
    end = max((last, *(one.month for one in held)))
    found = {month: Sum() for month in months(first, end)}
    for one in held:
        found[one.month].add(one)
    return found


def by_buyer(rows: Iterable[Earned]) -> dict[UUID, Sum]:
    """Each buyer, the largest first."""
    found: dict[UUID, Sum] = {}
    for one in rows:
        found.setdefault(one.buyer_id, Sum()).add(one)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].ordered_satang, pair[0])))


def months(first: date, last: date) -> Iterable[date]:
    """The first days of the months between two days."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = earlier(month, -1)


def earlier(day: date, by: int) -> date:
    """The first day of the month so many months earlier."""
    place = day.year * 12 + day.month - 1 - by
    return date(place // 12, place % 12 + 1, 1)


def new_code() -> str:
    """A fresh code: whoever holds it may see what the group chose to show."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def spaced(code: str) -> str:
    """A code as people read and write it."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def read_code(text: str) -> str:
    """The code that someone typed or scanned; what cannot be one stays unfound."""
    return "".join(sign for sign in text.upper() if sign in LETTERS)[: CODE_LENGTH + 1]


def digest(facts: dict[str, Any]) -> str:
    """The SHA-256 of a statement's facts in canonical JSON (RFC 8785)."""
    return sha256(rfc8785.dumps(facts)).hexdigest()
