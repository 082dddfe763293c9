"""Notices are told in the transaction of what happened: once, to the right people, by the channels they chose."""

import json
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.notices import actions, choosing, rules
from service.notices.models import Address, Choices, Delivery, Notice, Webhook
from service.notices.schemas import ChoicesIn
from service.notices.vocabulary import KINDS
from service.parties.models import Organisation
from service.people.models import Person
from tests.make import Maker

FACTS: dict[str, str | int] = {
    "buyer": "โรงพยาบาล",
    "buyer_en": "Hospital",
    "total": 125_000,
    "respond_by": "2026-12-01T05:00:00+00:00",
    "code": "123456",
}
NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 16, tzinfo=UTC)  # eleven at night in Bangkok


def offer_to(tx: Session, group: Organisation, key: str = "award-1") -> None:
    roles = frozenset({"supplier_manager"})
    actions.tell(tx, kind="award.offered", organisation_id=group.id, facts=FACTS, path="/awards/1", key=key,
                 roles=roles)  # fmt: skip


def reachable(make: Maker, person: Person, *channels: str) -> Person:
    """The person with confirmed addresses."""
    for channel in channels:
        make.add(Address(person_id=person.id, channel=channel, address="a@b.th", address_hash="0", confirmed_at=now()))
    return person


def deliveries(tx: Session, person: Person) -> dict[str, Delivery]:
    rows = select(Delivery).join(Notice, Notice.id == Delivery.notice_id).where(Notice.person_id == person.id)
    return {row.channel: row for row in tx.scalars(rows.execution_options(populate_existing=True))}


def test_those_with_the_role_are_told_once_under_one_key(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader, member = make.person(group), make.person(group, "supplier_member")
    for _ in range(2):
        offer_to(tx, group)
    offer_to(tx, group, key="award-2")
    told = tx.scalars(select(Notice).where(Notice.organisation_id == group.id)).all()
    assert [(row.person_id, row.key) for row in told] == [(leader.id, "award-1"), (leader.id, "award-2")]
    assert member.id not in {row.person_id for row in told}
    assert json.loads(told[0].secret_content)["facts"]["total"] == 125_000
    stored = tx.execute(select(Notice.id, type_coerce(Notice.secret_content, Text))).all()
    assert not any("125000" in text for _, text in stored)  # what is at rest is encrypted


def test_nothing_is_told_when_the_use_case_is_rolled_back(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.person(group)
    use_case = tx.begin_nested()
    offer_to(tx, group)
    use_case.rollback()
    assert tx.scalar(select(func.count()).select_from(Notice)) == 0


def test_channels_are_the_confirmed_ones_that_the_reader_wants_for_the_kind(tx: Session, make: Maker) -> None:
    group = make.organisation()
    every, few, none = (reachable(make, make.person(group, "supplier_manager"), "email", "sms") for _ in range(3))
    make.add(Choices(person_id=few.id, channels={"award.offered": ["sms"]}))
    make.add(Choices(person_id=none.id, channels={"award.offered": []}))
    make.add(Address(person_id=every.id, channel="line", address="U1", address_hash="0"))  # its code was never brought
    offer_to(tx, group)
    assert set(deliveries(tx, every)) == {"email", "sms"}
    assert set(deliveries(tx, few)) == {"sms"}
    assert set(deliveries(tx, none)) == set()
    assert tx.scalar(select(func.count()).select_from(Notice)) == 3  # in the market everybody is told


def test_quiet_hours_hold_what_can_wait_until_the_morning(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader = reachable(make, make.person(group, "supplier_manager"), "email")
    soon = {**FACTS, "respond_by": (NIGHT + timedelta(hours=6)).isoformat()}
    with time_machine.travel(NIGHT, tick=False):
        offer_to(tx, group)
        actions.tell(tx, kind="award.offered", organisation_id=group.id, facts=soon, path="/awards/2", key="award-2")
        actions.tell_person(tx, kind="account.password_changed", person_id=leader.id, facts={}, path="", key="changed")
    due = tx.scalars(select(Delivery.due_at).order_by(Delivery.id)).all()
    morning = datetime(2026, 11, 23, 23, tzinfo=UTC)  # six o'clock in Bangkok
    assert due == [morning, NIGHT, NIGHT]  # an answer before six is asked for at once, and what is urgent is
    late = NIGHT + timedelta(hours=1)
    with time_machine.travel(late, tick=False):  # who ends the quiet hours need not wait for the morning
        by = Actor(leader.id, group.id, group.kind, group.province_code, frozenset({"supplier_manager"}))
        choosing.choose(tx, by=by, draft=ChoicesIn(quiet_from=time(6), quiet_until=time(6)))
    assert set(tx.scalars(select(Delivery.due_at))) == {late}


@pytest.mark.parametrize(("first", "until", "moment", "rests_until"), [
    (time(21), time(6), NOON, NOON),
    (time(21), time(6), NIGHT, NIGHT + timedelta(hours=7)),
    (time(21), time(6), NIGHT + timedelta(hours=3), NIGHT + timedelta(hours=7)),
    (time(21), time(6), NIGHT + timedelta(hours=7), NIGHT + timedelta(hours=7)),
    (time(11), time(13), NOON, NOON + timedelta(hours=1)),
    (time(0), time(0), NIGHT, NIGHT),
])  # fmt: skip
def test_quiet_hours_may_reach_over_midnight(first: time, until: time, moment: datetime, rests_until: datetime) -> None:
    assert rules.next_due(moment, first, until, facts={}) == rests_until
    assert (
        rules.next_due(moment, first, until, facts={"until": (rests_until - timedelta(hours=1)).isoformat()}) == moment
    )


def test_waits_double_and_respect_what_the_other_side_asks() -> None:
    assert [rules.wait_after(tries) // timedelta(minutes=1) for tries in (1, 2, 3, 4, 20)] == [1, 2, 4, 8, 360]
    assert rules.wait_after(1, timedelta(minutes=10)) == timedelta(minutes=10)
    assert rules.wait_after(1, timedelta(days=300)) == rules.LONGEST_WAIT


def test_a_webhook_is_told_what_it_asked_for(tx: Session, make: Maker) -> None:
    group = make.organisation()
    hook = make.add(Webhook(organisation_id=group.id, url="https://x.example/", secret="s", kinds=["award.offered"]))
    make.add(Webhook(organisation_id=group.id, url="https://y.example/", secret="s", kinds=["order.made"]))
    offer_to(tx, group)
    rows = tx.execute(select(Notice.webhook_id, Delivery.lane).join(Delivery, Delivery.notice_id == Notice.id)).all()
    assert rows == [(hook.id, f"webhook:webhook:{hook.id}")]


def test_someone_without_choices_is_told_at_an_address_and_sees_it_nowhere_else(tx: Session) -> None:
    facts: dict[str, str | int] = {"code": "ABCD", "until": "2026-12-01T05:00:00+00:00"}
    for _ in range(2):
        actions.tell_address(tx, kind="account.recovery_code", channel="email", address="who@b.th", facts=facts,
                             path="/access", key="code-1")  # fmt: skip
    [notice], [delivery] = tx.scalars(select(Notice)).all(), tx.scalars(select(Delivery)).all()
    assert not notice.shown
    assert notice.person_id is None
    assert delivery.secret_address == "who@b.th"
    assert "who@b.th" not in notice.recipient


def test_a_kind_that_lacks_a_fact_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="respond_by"):
        rules.kind_of("award.offered", {"buyer": "x", "total": 1})
    with pytest.raises(KeyError):
        rules.kind_of("no.such", {})
    assert all(kind.urgent for kind in KINDS.values() if kind.secret)  # someone waits for a code
