"""Erasure: the person's row becomes anonymous, what lets them in is deleted, and the record still verifies.

The record names rows, never people, so nothing in it has to change: its references now lead to an anonymous row.
"""

from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, undefer_group

from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import require
from service.people.models import Membership, Person
from service.privacy import holdings

PREFIX = "erased-"
NAMELESS = "–"
NO_PASSWORD = "!"  # noqa: S105  # nosec B105 # what no password hashes to


def erase(tx: Session, *, by: Actor, person_id: UUID, reason: str = "") -> Person:
    """Make a person anonymous, on their request or after the time that the table allows."""
    require(by, "person.erase")
    row = tx.scalar(select(Person).where(Person.id == person_id).with_for_update())
    if row is None or is_erased(row):
        raise NotFound
    _clear_contacts(tx, row)
    for table, column, fate in holdings.columns():
        mine = column == row.id
        if fate == "delete":
            tx.execute(delete(table).where(mine))
        elif fate == "unlink":
            tx.execute(update(table).where(mine).values({column.name: None}))
        elif fate == "close":
            tx.execute(update(table).where(mine).values(active=False))
    row.username, row.display_name, row.active = f"{PREFIX}{uuid4().hex}", NAMELESS, False
    row.password_hash = NO_PASSWORD
    events.record(tx, by=by, verb="person.erased", subject=row, reason=reason)
    tx.expire_all()
    return row


def is_erased(row: Person) -> bool:
    """Whether the person is anonymous already."""
    return row.username.startswith(PREFIX)


def contacts_of(tx: Session, row: Person) -> list[Organisation]:
    """The person's organisations whose contact bears the person's name."""
    ours = select(Membership.organisation_id).where(Membership.person_id == row.id)
    found = tx.scalars(select(Organisation).where(Organisation.id.in_(ours)).options(undefer_group("contact")))
    name = " ".join(row.display_name.split()).casefold()
    return [one for one in found if " ".join(one.contact_name.split()).casefold() == name]


def _clear_contacts(tx: Session, row: Person) -> None:
    for organisation in contacts_of(tx, row):
        organisation.contact_name = organisation.phone = organisation.email = ""
