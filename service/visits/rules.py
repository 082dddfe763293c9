"""Rules of assisted entries and of the visit list: how long an entry waits, and who is visited first."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.visits.models import AssistedEntry

WAITS = timedelta(hours=72)
SOON_DAYS = 30  # a certificate takes weeks to renew
LABELS = {
    "entry.made": N_("Written down by a service centre"),
    "entry.confirmed": N_("Confirmed by the group"),
    "entry.refused": N_("Refused by the group"),
    "field.centre": N_("service centre"),
    "field.entered_by": N_("written down by"),
    "field.at_centre": N_("confirmed at the centre"),
    "subject.assisted_entries": N_("Entry of a service centre"),
    "entry_kind.listing": N_("Offer"),
    "entry_kind.answer": N_("Answer to an award"),
}


class EntryOver(Problem):
    """An entry that is decided, or that waited too long."""

    title = N_("This entry waits no more")
    detail = N_("It was confirmed or refused already, or more than three days have passed.")
    todo = N_("Write it down again if it is still wanted.")


def must_wait(entry: AssistedEntry) -> None:
    """Refuse an entry that is decided or too old."""
    if entry.state != "waiting" or entry.valid_until < now():
        raise EntryOver


@dataclass(slots=True)
class Visit:
    """Why a group is worth a visit or a call."""

    organisation_id: UUID
    km: float | None = None
    awards: int = 0
    respond_by: datetime | None = None
    certificates: int = 0
    days_left: int | None = None  # of the certificate that ends first; below zero: it has ended
    is_stale: bool = False
    waiting: int = 0  # entries that the group has yet to confirm
    phone: str = field(default="", repr=False)

    @property
    def urgency(self) -> tuple[int, float, float]:
        """Awards by their hours left, then certificates by their days, then stale listings; the nearer first."""
        near = float("inf") if self.km is None else self.km
        if self.respond_by is not None:
            # Hours in steps of six: between alike urgent groups the way decides.
            return 0, (self.respond_by - now()).total_seconds() // 21_600, near
        if self.days_left is not None:
            return 1, self.days_left // 7, near
        return (2 if self.is_stale else 3), 0.0, near

    @property
    def is_due(self) -> bool:
        """Whether there is anything to visit for."""
        return bool(self.awards or self.certificates or self.is_stale or self.waiting)
