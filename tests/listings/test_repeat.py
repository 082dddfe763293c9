"""Repeating last week: copies into the coming week, once, with what still holds."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.events.models import Event
from service.kernel.clock import today, week_of
from service.kernel.problems import NotAllowed
from service.listings import repeat
from service.listings.models import Offer
from service.listings.rules import NothingToRepeat
from service.parties.rules import NotQualified
from tests.make import Maker

WEEK = week_of(today())
DAY = timedelta(days=1)


def count(tx: Session) -> int:
    return tx.scalar(select(func.count()).select_from(Offer)) or 0


def test_this_weeks_lots_are_copied_seven_days_on_and_doubled_never(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader, old = make.actor(group), make.offer(group, lots=[(WEEK, WEEK + 2 * DAY, 20, 50)], reach_km=44)
    eggs = make.offer(group, make.product("EGG"), lots=[(WEEK + DAY, WEEK + DAY, 9, 9)], pack_quantity=1)

    copies = repeat.last_week(tx, by=leader)
    again = repeat.last_week(tx, by=leader)

    assert [copy.copied_from_id for copy in copies] == [old.id, eggs.id]
    first = copies[0]
    assert (first.state, first.price_satang, first.reach_km, first.pack_quantity) == ("active", 2000, 44, 5)
    assert [(lot.harvest_from, lot.harvest_until, lot.capacity_week) for lot in first.lots] == [
        (WEEK + 7 * DAY, WEEK + 9 * DAY, 50)
    ]
    assert (again, count(tx)) == ([], 4)
    assert tx.scalar(select(func.count()).where(Event.verb == "offer.repeated")) == 2


def test_a_lot_that_is_there_already_is_not_doubled(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.offer(group, lots=[(WEEK, WEEK, 20, 20), (WEEK + 7 * DAY, WEEK + 7 * DAY, 20, 20)])
    assert repeat.last_week(tx, by=make.actor(group)) == []


def test_another_grade_is_another_offer(tx: Session, make: Maker) -> None:
    group, grade = make.organisation(), make.grade(make.product())
    make.offer(group, lots=[(WEEK, WEEK, 20, 20)], grade_id=grade.id)
    make.offer(group, lots=[(WEEK + 7 * DAY, WEEK + 7 * DAY, 20, 20)])
    assert len(repeat.last_week(tx, by=make.actor(group))) == 1


@pytest.mark.parametrize("state", ["draft", "suspended", "withdrawn"])
def test_only_what_was_on_the_market_is_repeated(tx: Session, make: Maker, state: str) -> None:
    group = make.organisation()
    make.offer(group, lots=[(WEEK, WEEK, 20, 20)], state=state)
    assert repeat.last_week(tx, by=make.actor(group)) == []


def test_certificates_that_expire_before_the_new_lots_are_left_out(tx: Session, make: Maker) -> None:
    group = make.organisation()
    kept, short = make.certificate(group), make.certificate(group, expires_on=WEEK + 6 * DAY)
    make.offer(group, lots=[(WEEK, WEEK, 20, 20)], certificates=(kept, short))
    (copy,) = repeat.last_week(tx, by=make.actor(group))
    assert [claim.certificate_id for claim in copy.certificates] == [kept.id]


def test_a_product_off_the_catalogue_is_not_repeated(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.offer(group, make.product("OLD", active=False), lots=[(WEEK, WEEK, 20, 20)])
    assert repeat.last_week(tx, by=make.actor(group)) == []


def test_a_suspended_group_repeats_nothing(tx: Session, make: Maker) -> None:
    group = make.organisation(state="suspended")
    make.offer(group, lots=[(WEEK, WEEK, 20, 20)])
    with pytest.raises(NotQualified):
        repeat.last_week(tx, by=make.actor(group))


def test_a_group_alone_repeats_its_week(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.offer(group, lots=[(WEEK, WEEK, 20, 20)])
    for other in (make.organisation("service_centre"), make.organisation()):
        with pytest.raises(NotAllowed):
            repeat.last_week(tx, by=make.actor(other), organisation_id=group.id)
    assert len(repeat.last_week(tx, by=make.actor(group), organisation_id=group.id)) == 1


def test_one_offer_is_repeated_after_its_own_last_week(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader, later = make.actor(group), WEEK + 21 * DAY
    ahead = make.offer(group, lots=[(later, later + 6 * DAY, 20, 20)])
    long_ago = make.offer(group, make.product("EGG"), lots=[(WEEK - 70 * DAY, WEEK - 50 * DAY, 20, 20)],
                          state="expired")  # fmt: skip

    assert repeat.one(tx, by=leader, offer_id=ahead.id).lots[0].harvest_from == later + 7 * DAY
    assert repeat.one(tx, by=leader, offer_id=long_ago.id).lots[0].harvest_from == WEEK + 7 * DAY
    with pytest.raises(NothingToRepeat):
        repeat.one(tx, by=leader, offer_id=ahead.id)
