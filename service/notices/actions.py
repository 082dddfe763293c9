"""Telling: notices and their deliveries are written in the caller's transaction; workers send them afterwards.

What is told under a key that the recipient has been told before changes nothing, so callers may repeat themselves.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import case, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.kernel import jobs
from service.kernel.clock import now
from service.kernel.ids import new_id
from service.kernel.secrecy import vault
from service.notices import rules
from service.notices.models import EVENING, MORNING, Address, Choices, Delivery, Notice, Webhook
from service.notices.vocabulary import SETTLED, Channel, Kind, State
from service.parties.vocabulary import Role
from service.people.models import Membership, Person

EVERYONE = frozenset(role.value for role in Role)
WORKFLOW = "send_notices"
QUEUES = {False: "notices", True: "webhooks"}  # to people and to programs: a slow program holds up no person
Facts = dict[str, str | int]
_STARTED = "notices_started"
_TOGETHER = 500  # rows a statement


def tell(
    tx: Session,
    *,
    kind: str,
    organisation_id: UUID,
    facts: Facts,
    path: str,
    key: str,
    roles: frozenset[str] = EVERYONE,
    but: UUID | None = None,
) -> None:
    """Tell the people of an organisation who hold one of the roles (but not who did it), and its webhooks."""
    tell_all(tx, kind=kind, organisation_ids=[organisation_id], facts=facts, path=path, key=key, roles=roles, but=but)


def tell_all(
    tx: Session,
    *,
    kind: str,
    organisation_ids: Collection[UUID],
    facts: Facts,
    path: str,
    key: str,
    roles: frozenset[str] = EVERYONE,
    but: UUID | None = None,
) -> None:
    """The same for several organisations, in a few statements."""
    found = rules.kind_of(kind, facts)
    content = json.dumps({"facts": facts, "path": path})
    seats = select(Membership.person_id, Membership.organisation_id).join(Person, Person.id == Membership.person_id)
    seats = seats.where(Membership.organisation_id.in_(organisation_ids), Membership.role.in_(roles))
    people = dict(tx.execute(seats.where(Membership.active, Person.active).order_by(Membership.id)).all())
    rows = [_for_person(found, person, place, content, key) for person, place in people.items() if person != but]
    hooks = select(Webhook).where(Webhook.organisation_id.in_(organisation_ids), Webhook.active)
    rows += [_for_webhook(hook, found, content, key) for hook in tx.scalars(hooks) if found.code in hook.kinds]
    _write(tx, found, rows)


def tell_person(
    tx: Session, *, kind: str, person_id: UUID, facts: Facts, path: str, key: str, organisation_id: UUID | None = None
) -> None:
    """Tell one person, by the channels that they chose."""
    found = rules.kind_of(kind, facts)
    content = json.dumps({"facts": facts, "path": path})
    _write(tx, found, [_for_person(found, person_id, organisation_id, content, key)])


def tell_address(
    tx: Session,
    *,
    kind: str,
    channel: str,
    address: str,
    facts: Facts,
    path: str,
    key: str,
    language: str = "th",
    person_id: UUID | None = None,
) -> None:
    """Tell someone who has made no choices yet, at an address that is kept encrypted until it was told."""
    found = rules.kind_of(kind, facts)
    row = _notice(found, f"address:{vault().mark(address)}", json.dumps({"facts": facts, "path": path}), key)
    row |= {"person_id": person_id, "language": language, "shown": False}
    if _insert(tx, Notice, [row], ["recipient", "key"]):
        _insert(tx, Delivery, [_delivery(found, row, Channel(channel), address=address)], ["notice_id", "channel"])
        wake(tx)


def _notice(kind: Kind, recipient: str, content: str, key: str) -> dict[str, Any]:
    return {
        "id": new_id(), "recipient": recipient, "key": key, "kind": kind.code, "person_id": None,
        "organisation_id": None, "webhook_id": None, "secret_content": content, "language": "th",
        "shown": not kind.secret, "created_at": now(), "read_at": None,
    }  # fmt: skip


def _for_person(kind: Kind, person_id: UUID, place: UUID | None, content: str, key: str) -> dict[str, Any]:
    row = _notice(kind, f"person:{person_id}", content, key)
    return row | {"person_id": person_id, "organisation_id": place}


def _for_webhook(hook: Webhook, kind: Kind, content: str, key: str) -> dict[str, Any]:
    row = _notice(kind, f"webhook:{hook.id}", content, key)
    return row | {"webhook_id": hook.id, "organisation_id": hook.organisation_id, "shown": False}


def _write(tx: Session, kind: Kind, rows: list[dict[str, Any]]) -> None:
    """Write what was not told before, with its deliveries."""
    new = _insert(tx, Notice, rows, ["recipient", "key"])
    fresh = [row for row in rows if row["id"] in new]
    ways = _ways(tx, kind, [row["person_id"] for row in fresh if row["person_id"]])
    deliveries = [_delivery(kind, row, Channel.WEBHOOK) for row in fresh if row["webhook_id"]]
    for row in fresh:
        chosen, open_channels = ways.get(row["person_id"], (None, []))
        deliveries += [_delivery(kind, row, channel, chosen) for channel in open_channels]
    _insert(tx, Delivery, deliveries, ["notice_id", "channel"])
    for programs in {row["channel"] == Channel.WEBHOOK for row in deliveries}:
        wake(tx, programs=programs)


def _ways(tx: Session, kind: Kind, people: list[UUID]) -> dict[UUID, tuple[Choices | None, list[Channel]]]:
    """By person: their choices, and the confirmed channels that they want for the kind."""
    choices = {row.person_id: row for row in tx.scalars(select(Choices).where(Choices.person_id.in_(people)))}
    found: dict[UUID, tuple[Choices | None, list[Channel]]] = {}
    confirmed = select(Address.person_id, Address.channel).where(Address.person_id.in_(people))
    for person_id, channel in tx.execute(confirmed.where(Address.confirmed_at.is_not(None)).order_by(Address.channel)):
        chosen = choices.get(person_id)
        wanted = kind.channels if chosen is None or kind.secret else chosen.channels.get(kind.code, kind.channels)
        if channel in wanted:
            found.setdefault(person_id, (chosen, []))[1].append(Channel(channel))
    return found


def _delivery(
    kind: Kind, row: dict[str, Any], channel: Channel, chosen: Choices | None = None, address: str = ""
) -> dict[str, Any]:
    facts = json.loads(row["secret_content"])["facts"]
    quiet = (EVENING, MORNING) if chosen is None else (chosen.quiet_from, chosen.quiet_until)
    # Programs do not sleep, and what asks for an answer before the morning does not wait for it.
    awake = kind.urgent or channel is Channel.WEBHOOK
    due = now() if awake else rules.next_due(now(), *quiet, facts=facts)
    # What lets someone in waits behind nothing that a provider refuses for the moment.
    lane = f"{channel}:{row['id'] if kind.secret else row['recipient']}"
    return {
        "id": new_id(), "notice_id": row["id"], "channel": channel.value, "lane": lane, "state": "waiting", "tries": 0,
        "due_at": due, "held_until": None, "last_error": "",
        "delivered_at": None, "secret_address": address,
    }  # fmt: skip


def _insert(tx: Session, model: Any, rows: list[dict[str, Any]], unique: list[str]) -> set[UUID]:
    """Insert rows, leaving out those that are there already; the ids of the new ones."""
    tx.flush()
    insert: Any = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    new: set[UUID] = set()
    for batch in _batches(rows):
        statement = insert(model).values(batch).on_conflict_do_nothing(index_elements=unique).returning(model.id)
        new |= set(tx.scalars(statement))
    return new


def _batches(rows: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    return (rows[start : start + _TOGETHER] for start in range(0, len(rows), _TOGETHER))


def settled(tx: Session, keys: Collection[str], organisation_id: UUID | None = None) -> None:
    """What was told under these keys, perhaps to one organisation, asks for nothing any more: nobody need read it
    first, and what still waits for its hour or for another try is not sent to people. Programs hear of everything.
    """
    those = Notice.key.in_(keys), Notice.organisation_id == organisation_id if organisation_id else true()
    tx.execute(update(Notice).where(*those, Notice.read_at.is_(None)).values(read_at=now()))
    told = select(Notice.id).where(*those, Notice.webhook_id.is_(None))
    on_its_way = Delivery.notice_id.in_(told), Delivery.state.in_((State.WAITING, State.SENDING))
    dropped = case((Delivery.state == State.WAITING, State.DROPPED.value), else_=Delivery.state)
    tx.execute(update(Delivery).where(*on_its_way).values(state=dropped, last_error=SETTLED))


def wake(tx: Session, *, programs: bool = False) -> None:
    """Let a worker look for what is due once the transaction has committed; once for all that it tells."""
    started = tx.info.setdefault(_STARTED, set())
    if programs not in started:
        started.add(programs)
        queue = QUEUES[programs]
        jobs.start_after_commit(tx, queue, WORKFLOW, f"{queue}-{uuid4()}", programs)
