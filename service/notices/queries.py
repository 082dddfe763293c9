"""Reads of notices: a person's own, what was told already, previews, and the log of deliveries."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.i18n import gettext, language, speaking
from service.notices.models import EVENING, MORNING, Address, Choices, Delivery, Notice
from service.notices.schemas import hint_of
from service.notices.vocabulary import PUBLIC, SAMPLES, Kind, State
from service.notices.wording import Said, compose, said
from service.parties.models import Organisation
from service.parties.permissions import require
from service.people.models import Person

log = structlog.get_logger()
_TOGETHER = 500


def own(by: Actor) -> Select[Notice]:
    """The actor's notices."""
    return select(Notice).where(Notice.person_id == by.person_id, Notice.shown)


def unread(database: Database, by: Actor) -> int:
    """How many of one's notices are unread, for the head of every page; a page without it is better than none."""
    if by.person_id is None:
        return 0
    try:
        with database.reading() as tx:
            mine = (Notice.person_id == by.person_id, Notice.shown, Notice.read_at.is_(None))
            return tx.scalar(select(func.count()).select_from(Notice).where(*mine)) or 0
    except SQLAlchemyError:
        log.exception("unread notices not counted")
        return 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A notice in the reader's language."""

    row: Notice
    said: Said


def shown(rows: list[Notice]) -> list[Shown]:
    """Notices in the language of the moment."""
    return [Shown(row, said(row, language())) for row in rows]


def as_out(one: Shown) -> dict[str, Any]:
    """A notice for programs."""
    row = one.row
    return {"id": row.id, "kind": row.kind, "title": one.said.title, "text": one.said.text, "path": one.said.path,
            "created_at": row.created_at, "read_at": row.read_at}  # fmt: skip


def choices(tx: Session, person_id: UUID | None) -> Choices:
    """A person's choices, or what holds where there are none."""
    found = tx.get(Choices, person_id) if person_id else None
    return found or Choices(person_id=person_id, language="th", quiet_from=EVENING, quiet_until=MORNING, channels={})


def addresses(tx: Session, person_id: UUID | None) -> list[dict[str, Any]]:
    """A person's channels, with a hint at where each leads."""
    rows = tx.scalars(select(Address).where(Address.person_id == person_id).order_by(Address.channel))
    return [{"channel": row.channel, "hint": hint_of(row.channel, row.address), "confirmed_at": row.confirmed_at,
             "code_expires_at": row.code_expires_at} for row in rows]  # fmt: skip


def previews(*, several: bool = False) -> list[tuple[Kind, dict[str, Said]]]:
    """Every kind as it reads in both languages, with made-up facts; or those that tell of several matters at once."""
    kinds = [kind for kind in PUBLIC if kind.several or not several]
    return [(kind, {code: preview(kind.code, code, several=several) for code in ("th", "en")}) for kind in kinds]


def preview(kind: str, code: str, *, several: bool = False) -> Said:
    """A kind with made-up facts in a language."""
    with speaking(code):
        facts = {name: gettext(value) if isinstance(value, str) else value for name, value in SAMPLES.items()}
    if not several:
        del facts["awards"]
    return compose(kind, facts, "", code)


@dataclass(frozen=True, slots=True)
class Logged:
    """A delivery with whom it is for."""

    row: Delivery
    kind: str
    to: str
    created_at: Any


def deliveries(by: Actor, state: str | None) -> Select[Delivery]:
    """The log of deliveries, for whoever may read it."""
    require(by, "notice.replay")
    rows = select(Delivery)
    return rows.where(Delivery.state == state) if state else rows


def logged(tx: Session, rows: list[Delivery]) -> list[Logged]:
    """Deliveries with their notices; a person by name, a program by its organisation, others as an address only."""
    notices = {row.id: row for row in tx.scalars(select(Notice).where(Notice.id.in_([d.notice_id for d in rows])))}
    people = _by_id(tx, Person, [row.person_id for row in notices.values()])
    places = _by_id(tx, Organisation, [row.organisation_id for row in notices.values()])
    return [_logged(row, notices[row.notice_id], people, places) for row in rows]


def _logged(row: Delivery, notice: Notice, people: dict[UUID, Any], places: dict[UUID, Any]) -> Logged:
    if notice.person_id in people:
        name = people[notice.person_id].display_name
    else:
        name = places[notice.organisation_id].name_th if notice.organisation_id in places else "–"
    return Logged(row, notice.kind, name, notice.created_at)


def _by_id(tx: Session, model: Any, ids: list[UUID | None]) -> dict[UUID, Any]:
    return {row.id: row for row in tx.scalars(select(model).where(model.id.in_({key for key in ids if key})))}


def counts(tx: Session) -> dict[str, int]:
    """How many deliveries stand in each state."""
    found = dict(tx.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())
    return {state.value: found.get(state.value, 0) for state in State}


def told(tx: Session, keys: Collection[str]) -> set[str]:
    """Those of the keys under which somebody was told already."""
    asked, found = sorted(keys), set[str]()
    for start in range(0, len(asked), _TOGETHER):
        found |= set(tx.scalars(select(Notice.key).where(Notice.key.in_(asked[start : start + _TOGETHER])).distinct()))
    return found
