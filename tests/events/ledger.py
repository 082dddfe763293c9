"""A small log to verify, and what someone who holds the database could do to it."""

from sqlalchemy import text

from service.events import actions, verification
from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.parties.models import Province


def written(database: Database, count: int = 20) -> None:
    """Record events of several transactions."""
    for number in range(count):
        with database.writing() as tx:
            place = Province(code=f"{number + 10}", name_th="ที่", name_en="Place", lat=1.0, lng=2.0)
            tx.add(place)
            change = {"from": "draft", "to": "active", "number": number, "name": 'ผักบุ้ง\n"\\', "list": [1, {"a": None}]}
            actions.record(tx, by=SYSTEM, verb="place.added", subject=place, change=change, province_code="45")


def outside(noted: str | None) -> verification.Outside:
    return verification.Outside(verification.read_head(noted) if noted else None)


def verdict(database: Database, noted: str | None = None) -> verification.Verdict:
    with database.reading() as tx:
        return verification.verify(tx, outside(noted))


def kinds(database: Database, noted: str | None = None) -> set[str]:
    return {fault.kind for fault in verdict(database, noted).faults}


def unguarded(database: Database) -> None:
    """Take the triggers away, as someone who holds the database could, and foreign keys with them."""
    with database.writing() as tx:
        for table in ("events", "event_seals"):
            if database.is_sqlite:
                tx.execute(text(f"DROP TRIGGER {table}_no_update"))
                tx.execute(text(f"DROP TRIGGER {table}_no_delete"))
            else:
                tx.execute(text(f"DROP TRIGGER {table}_append_only ON {table}"))
        if not database.is_sqlite:
            tx.execute(text("ALTER TABLE event_seals DROP CONSTRAINT fk_event_seals_event_id"))
