"""What the first page shows: the demonstration's accounts, and counts that lead a person on."""

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.parties.models import Membership, Organisation, Person, Province


def facts(tx: Session, *, by: Actor | None, demo: bool) -> dict[str, Any]:
    """The first page's context."""
    organisation = None if by is None else tx.get(Organisation, by.organisation_id)
    return {"organisation": organisation, "accounts": _accounts(tx) if demo and by is None else []}


def _accounts(tx: Session) -> list[Row[tuple[Person, Organisation, str, Province]]]:
    """The demonstration's accounts: people of synthetic organisations whose names begin with `demo-`."""
    rows = (
        select(Person, Organisation, Membership.role, Province)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(Province, Province.code == Organisation.province_code)
        .where(Person.username.like("demo-%"), Organisation.synthetic)
        .order_by(Person.id)
    )
    return list(tx.execute(rows))
