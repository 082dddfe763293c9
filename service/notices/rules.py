"""Rules of notices: quiet hours, back-off, and what a kind needs to be told."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from service.kernel.clock import BANGKOK, at_bangkok
from service.notices.vocabulary import KINDS, Kind

MOST_TRIES = 10  # over eight and a half hours
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
_BLANKS = re.compile(r"%\((\w+)\)s")


def kind_of(code: str, facts: dict[str, str | int]) -> Kind:
    """The kind; a fault of the calling code where it is unknown or lacks a fact that its text needs."""
    kind = KINDS[code]
    missing = set(_BLANKS.findall(kind.title + kind.text)) - facts.keys()
    if missing:
        msg = f"{code} needs {sorted(missing)}"
        raise ValueError(msg)
    return kind


def next_due(moment: datetime, quiet_from: time, quiet_until: time, *, facts: Mapping[str, object]) -> datetime:
    """When something may be sent: at the end of the quiet hours, unless that is too late for what it asks."""
    local = moment.astimezone(BANGKOK)
    if not _within(local.time(), quiet_from, quiet_until):
        return moment
    day = local.date() if local.time() < quiet_until else local.date() + timedelta(days=1)
    morning = at_bangkok(day, quiet_until)
    return moment if is_late(facts, morning) else morning


def _within(at: time, first: time, until: time) -> bool:
    """Whether a time of day lies in hours that may reach over midnight; none where they begin as they end."""
    return first <= at < until if first <= until else at >= first or at < until


def wait_after(tries: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many tries: doubling, and never less than the other side asked for."""
    own = min(FIRST_WAIT * (1 << max(tries - 1, 0)), LONGEST_WAIT)
    return max(own, min(asked or timedelta(0), LONGEST_WAIT))


def is_late(facts: Mapping[str, object], moment: datetime) -> bool:
    """Whether the time has passed until which a notice asks for something, or its code holds."""
    ends = (str(facts[name]) for name in ("respond_by", "until") if name in facts)
    return any(datetime.fromisoformat(end) < moment for end in ends)
