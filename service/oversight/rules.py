"""What a verification is compared with, and when a log is too long to verify while a page waits."""

from service.events import checkpoints, verification
from service.events.verification import Outside
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.kernel.settings import Settings

SHORT = 20_000  # events that a page verifies at once


class LogTooLong(Problem):
    """The log is verified beside the web."""

    title = N_("The log is too long to verify while you wait")
    detail = N_("It holds {events} events.")
    todo = N_("Start a verification: it runs beside the pages and shows how far it is.")


def must_be_short(events: int) -> None:
    """Refuse to verify a long log at once."""
    if events > SHORT:
        raise LogTooLong(events=f"{events:,}")


def outside(settings: Settings, head: str) -> Outside:
    """A noted head, and the checkpoints that were written outside the database."""
    noted = verification.read_head(head) if head.strip() else None
    return Outside(noted, tuple(checkpoints.read_folder(settings.checkpoint_path())))
