"""Conflicts of interest: rules, use cases, API."""

from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.kernel.clock import today
from service.kernel.problems import NotAllowed
from service.parties import actions, queries
from service.parties.models import Conflict
from service.parties.rules import OwnConflict
from service.parties.schemas import ConflictIn
from tests.make import Caller, Maker, database_of, making


def test_a_conflict_is_seen_from_both_sides_and_its_reason_stays_out_of_the_log(tx: Session, make: Maker) -> None:
    school, group = make.organisation("school"), make.organisation()
    officer, leader = make.actor(school, "buyer_officer"), make.actor(group, "supplier_manager")
    said = ConflictIn(other_id=group.id, reason="the cook's brother leads it", valid_from=today())
    actions.declare_conflict(tx, by=officer, organisation_id=school.id, draft=said)
    tx.flush()
    for actor, mine, theirs in ((officer, school, group), (leader, group, school)):
        (found,) = queries.conflicts(tx, by=actor, organisation_id=mine.id)
        assert (found.other.id, found.stands) == (theirs.id, True)
    event = tx.scalars(select(Event).where(Event.verb == "conflict.declared")).one()
    assert "brother" not in str(event.change) + event.reason


def test_a_conflict_with_itself_or_of_others_is_refused(tx: Session, make: Maker) -> None:
    school, group = make.organisation("school"), make.organisation()
    officer = make.actor(school, "buyer_officer")
    with pytest.raises(OwnConflict):
        actions.declare_conflict(tx, by=officer, organisation_id=school.id, draft=conflict(school.id))
    with pytest.raises(NotAllowed):
        actions.declare_conflict(tx, by=officer, organisation_id=group.id, draft=conflict(school.id))


def conflict(other: object) -> ConflictIn:
    return ConflictIn.model_validate({"other_id": other, "reason": "a share in it", "valid_from": today()})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reason": "because", "valid_from": "2026-11-01"}, 422),
        ({"other_id": "x", "reason": "because", "valid_from": "2026-11-01"}, 422),
        ({"other_id": str(uuid4()), "reason": "because", "valid_from": "2026-11-01"}, 422),
        ({"other_id": str(uuid4()), "reason": "", "valid_from": "2026-11-01"}, 422),
        ({"other_id": str(uuid4()), "reason": "because", "valid_from": "0001-01-01"}, 422),
        ({"other_id": str(uuid4()), "reason": "because", "valid_from": "2026-11-02", "valid_until": "2026-11-01"}, 422),
        ([], 422),
        (None, 422),
    ],
)
def test_bad_input_for_a_conflict_is_refused(body: object, status: int, client: TestClient) -> None:
    with making(client) as make:
        group = make.organisation()
        leader = make.person(group, "supplier_manager")
    caller = Caller(client, leader)
    assert caller.post(f"/organisations/{group.id}/conflicts", body).status_code == status
    assert caller.post(f"/organisations/{uuid4()}/conflicts", {"other_id": str(group.id), "reason": "because",
                       "valid_from": "2026-11-01"}).status_code == 404  # fmt: skip
    with database_of(client).reading() as tx:
        assert tx.scalars(select(Conflict)).all() == []
