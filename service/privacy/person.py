"""Everything that is kept about a person, as one JSON document: for the person, or for an administrator on request."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from service.events import actions as events
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.i18n import gettext
from service.kernel.problems import NotFound
from service.parties.models import Organisation
from service.parties.permissions import require
from service.people.models import Membership, Person
from service.privacy import erasure, holdings
from service.privacy.purposes import KINDS

Document = dict[str, Any]


def own_data(tx: Session, *, by: Actor) -> Document:
    """What is kept about the actor."""
    if by.person_id is None:
        raise NotFound
    return _document(tx, tx.get_one(Person, by.person_id))


def data_for_request(tx: Session, *, by: Actor, person_id: UUID) -> Document:
    """What is kept about someone who asked for it; that it was handed out is recorded, what it said is not."""
    require(by, "person.export_data")
    row = tx.get(Person, person_id)
    if row is None:
        raise NotFound
    document = _document(tx, row)
    events.record(tx, by=by, verb="person.data_exported", subject=row)
    return document


def named(tx: Session, *, by: Actor, username: str) -> Person | None:
    """The person of a user name, for whoever answers requests."""
    require(by, "person.export_data")
    return tx.scalar(select(Person).where(Person.username == username.strip().lower()))


def _document(tx: Session, row: Person) -> Document:
    return {
        "person": _rows(tx, Person.__table__, Person.__table__.c.id, row.id)[0],
        "roles": _roles(tx, row),
        "contacts": [_contact(one) for one in erasure.contacts_of(tx, row)],
        "kept": {
            f"{table.name}.{column.name}": _rows(tx, table, column, row.id)
            for table, column, fate in holdings.columns()
            if fate in {"delete", "unlink"}
        },
        "decisions": {
            f"{table.name}.{column.name}": [
                str(key) for key in tx.scalars(select(table.c.id).where(column == row.id).order_by(table.c.id))
            ]
            for table, column, fate in holdings.columns()
            if fate == "keep"
        },
        "record": _record(tx, row),
        "why": [
            {
                "what": gettext(kind.title),
                "why": gettext(kind.why),
                "seen_by": gettext(kind.seen_by),
                "kept": gettext(kind.kept).replace("{days}", str(kind.days)),
            }
            for kind in KINDS
        ],
    }


def _roles(tx: Session, row: Person) -> list[Document]:
    pairs = select(Membership, Organisation).join(Organisation, Organisation.id == Membership.organisation_id)
    return [
        {"organisation": organisation.name_th, "role": membership.role, "active": membership.active}
        for membership, organisation in tx.execute(pairs.where(Membership.person_id == row.id).order_by(Membership.id))
    ]


def _contact(one: Organisation) -> Document:
    return {"organisation": one.name_th, "name": one.contact_name, "phone": one.phone, "email": one.email}


def _rows(tx: Session, table: Any, column: Any, person_id: UUID) -> list[Document]:
    shown = [other for other in table.columns if not holdings.is_secret(other.name)]
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in tx.execute(select(*shown).where(column == person_id)).mappings()
    ]


def _record(tx: Session, row: Person) -> list[Document]:
    """What the person did, and what was done to their account."""
    about = (Event.subject_type == Person.__tablename__) & (Event.subject_id == str(row.id))
    found = tx.scalars(select(Event).where(or_(Event.person_id == row.id, about)).order_by(Event.id))
    return [
        {
            "at": one.at.isoformat(),
            "verb": one.verb,
            "subject": [one.subject_type, one.subject_id],
            "organisation": _plain(one.organisation_id),
            "by_you": one.person_id == row.id,
        }
        for one in found
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)
