"""Time: aware UTC inside, Asia/Bangkok for people, weeks named by their Monday."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BANGKOK = ZoneInfo("Asia/Bangkok")
BUDDHIST_ERA = 543  # years that the Thai calendar is ahead


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in Thailand."""
    return now().astimezone(BANGKOK).date()


def week_of(day: date) -> date:
    """The Monday of the ISO week that holds the day."""
    return day - timedelta(days=day.weekday())


def at_bangkok(day: date, at: time) -> datetime:
    """The UTC moment of a Thai calendar day and wall-clock time."""
    return datetime.combine(day, at, tzinfo=BANGKOK).astimezone(UTC)
