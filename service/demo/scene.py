"""What every part of the demonstration shares: how large, when, where, with which dice, into which rows."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID

from service.demo import library
from service.demo.rows import Row, Rows
from service.kernel.clock import at_bangkok, now, today, week_of


@dataclass(frozen=True, slots=True)
class Size:
    """How large a province is made; the last two are means. The seed decides everything but ids and dates.

    With 400 buyers, 700 suppliers and 3 offers a supplier, a line meets about 25 eligible offers.
    """

    buyers: int = 65
    suppliers: int = 120
    lines_per_buyer: int = 10
    offers_per_supplier: int = 4
    seed: int = 1


@dataclass(frozen=True, slots=True)
class When:
    """The dates of a demonstration begun on a day: the round open on it delivers in the week after next."""

    day: date = field(default_factory=today)

    @property
    def week(self) -> date:
        """Monday of the delivery week: late enough for every lead time."""
        return week_of(self.day) + timedelta(weeks=2)

    @property
    def opens_at(self) -> datetime:
        """The round has been open since this week began."""
        return at_bangkok(week_of(self.day), time(0))

    @property
    def cut_off(self) -> date:
        """The Thursday before the delivery week."""
        return self.week - timedelta(days=4)

    @property
    def closes_at(self) -> datetime:
        """Noon of the cut-off day in Bangkok."""
        return at_bangkok(self.cut_off, time(12))

    def before(self, days: int) -> date:
        """A day in the past."""
        return self.day - timedelta(days=days)

    def after(self, days: int) -> date:
        """A day to come."""
        return self.day + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Scene:
    """One province in the making."""

    province: str
    size: Size
    when: When
    rows: Rows
    grades: dict[tuple[str, str], UUID]  # product and grade codes -> id
    password_hash: str
    at: datetime = field(default_factory=now)
    personas: dict[str, Row] = field(default_factory=dict)  # key of an account's organisation -> its row
    holders: dict[tuple[str, str], UUID] = field(default_factory=dict)  # persona key and role -> the person's id
    trades: dict[UUID, str] = field(default_factory=dict)  # supplier -> the cluster of products it lives from
    prices: dict[str, Row] = field(default_factory=dict)  # product -> reference price of the delivery week

    @property
    def local(self) -> dict[str, Any]:
        """The province's own words."""
        found: dict[str, Any] = library.names()["provinces"][self.province]
        return found

    @property
    def words(self) -> dict[str, str]:
        """Texts of the demonstration."""
        found: dict[str, str] = library.names()["words"]
        return found

    def dice(self, subject: str) -> Random:
        """A stream of its own for each subject: a change in one leaves the others as they were."""
        return Random(f"{self.size.seed}:{self.province}:{subject}")  # noqa: S311  # nosec B311 # made-up data

    def pseudonym(self, subject: str, number: int) -> str:
        """A made-up person as a market's pseudonym looks: 64 hexadecimal digits."""
        return sha256(f"{library.SOURCE}:{self.province}:{subject}:{number}".encode()).hexdigest()

    def mark(self, number: str) -> dict[str, Any]:
        """The natural key and the confession of a made-up organisation."""
        return {
            "scheme": library.SCHEME,
            "registration_id": f"{self.province}-{number}",
            "synthetic": True,
            "source": library.SOURCE,
        }


@dataclass(frozen=True, slots=True)
class Built:
    """What was made of one province."""

    province: str
    round_id: UUID
    company_id: UUID
    delivery_week: date
    buyers: int
    suppliers: int
    offers: int
    demands: int
    lines: int


def chosen(dice: Random, weights: dict[Any, float]) -> Any:
    """One key by its weight."""
    return dice.choices(list(weights), list(weights.values()))[0]


def step_of(satang: int) -> int:
    """Prices are said in quarters of a baht, small ones in five satang."""
    return 25 if satang >= 1_000 else 5


def rounded(satang: float) -> int:
    """A price as people say it."""
    step = step_of(int(satang))
    return max(step, round(satang / step) * step)
