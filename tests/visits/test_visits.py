"""A centre writes down, the group confirms, and only then does it happen; whoever needs a visit most stands first."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.accounts.models import Pin
from service.accounts.rules import WrongPin
from service.events.models import Event
from service.kernel.clock import now, today
from service.kernel.problems import EditConflict, NotAllowed, NotFound
from service.listings.models import Offer
from service.notices.models import Notice
from service.orders import actions as orders
from service.orders.models import Order
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer
from service.parties.models import Organisation
from service.people.passwords import hash_password
from service.rounds.models import AwardLine
from service.visits import actions, queries, rules
from service.visits.models import AssistedEntry
from service.visits.schemas import EntryIn, PinIn
from tests.ids import without_ids
from tests.make import Caller, Maker, database_of, making, next_week
from tests.orders.test_pages import Browser
from tests.visits.entries import listing, written

DAY = timedelta(days=1)


def offers(tx: Session) -> int:
    return tx.scalar(select(func.count()).select_from(Offer)) or 0


def test_a_written_offer_waits_for_the_group_and_is_then_the_groups_own(tx: Session, make: Maker) -> None:
    make.product()
    group, centre = make.organisation(), make.organisation("service_centre")
    officer, leader = make.actor(centre), make.actor(group, "supplier_manager")
    row = actions.enter(tx, by=officer, draft=EntryIn(organisation_id=group.id, listing=listing()))
    tx.flush()
    assert offers(tx) == 0
    assert queries.seen(row, officer).payload is None  # a price that is written is not read back
    shown = queries.seen(row, leader).payload
    assert shown is not None
    assert shown["price_satang"] == 2313
    with pytest.raises(NotFound):
        actions.confirm(tx, by=make.actor(make.organisation()), entry_id=row.id, version=1)
    with pytest.raises(NotAllowed):
        actions.confirm(tx, by=officer, entry_id=row.id, version=1)
    with pytest.raises(EditConflict):
        actions.confirm(tx, by=leader, entry_id=row.id, version=7)
    actions.confirm(tx, by=leader, entry_id=row.id, version=row.version)
    assert tx.scalars(select(Notice.read_at).where(Notice.kind == "entry.waiting")).one() is not None
    offer = tx.scalars(select(Offer)).one()
    assert (offer.state, offer.price_satang, offer.organisation_id) == ("active", 2313, group.id)
    told = {event.verb: event for event in tx.scalars(select(Event))}
    assert told["entry.made"].on_behalf_of == group.id
    assert told["entry.made"].organisation_id == centre.id
    assert told["entry.confirmed"].person_id == told["offer.posted"].person_id == leader.person_id
    assert all("2313" not in without_ids(event.change) for event in told.values())
    with pytest.raises(rules.EntryOver):
        actions.confirm(tx, by=leader, entry_id=row.id, version=row.version)


def test_someone_of_the_group_confirms_an_answer_with_a_pin_at_the_centre(tx: Session, make: Maker) -> None:
    group, centre = make.organisation(), make.organisation("service_centre")
    award, officer = make.published_award(group), make.actor(centre)
    leader, member = make.person(group, "supplier_manager"), make.person(group, "supplier_member")
    for person in (leader, member):
        make.add(Pin(person_id=person.id, pin_hash=hash_password("482915")))
    answer = AnswerIn(lines=[LineAnswerIn(award_line_id=award.lines[0].id, answer=Answer.ACCEPTED)])
    with pytest.raises(NotAllowed):  # a centre writes down, it does not act
        orders.answer(tx, by=officer, award_id=award.id, version=award.version, draft=answer)
    draft = EntryIn(organisation_id=group.id, award_id=award.id, answer=answer)
    row = actions.enter(tx, by=officer, draft=draft)
    tx.flush()
    assert tx.scalar(select(Order.id)) is None
    for person_id, pin in ((leader.id, "000000"), (member.id, "482915"), (uuid4(), "482915")):
        with pytest.raises(WrongPin):
            actions.confirm_here(tx, by=officer, entry_id=row.id, proof=PinIn(person_id=person_id, pin=pin))
    elsewhere = make.actor(make.organisation("service_centre", place="520101"))
    with pytest.raises(NotFound):
        actions.confirm_here(tx, by=elsewhere, entry_id=row.id, proof=PinIn(person_id=leader.id, pin="482915"))
    leader.active = False
    with pytest.raises(WrongPin):  # a person who was switched off decides nothing
        actions.confirm_here(tx, by=officer, entry_id=row.id, proof=PinIn(person_id=leader.id, pin="482915"))
    leader.active = True
    actions.confirm_here(tx, by=officer, entry_id=row.id, proof=PinIn(person_id=leader.id, pin="482915"))
    assert tx.scalars(select(Order)).one().supplier_id == group.id
    event = tx.scalars(select(Event).where(Event.verb == "entry.confirmed")).one()
    assert (event.person_id, event.organisation_id) == (leader.id, group.id)
    assert str(officer.person_id) in str(event.change)


def test_what_is_refused_or_waited_too_long_never_happens(tx: Session, make: Maker) -> None:
    group, centre = make.organisation(), make.organisation("service_centre")
    leader = make.actor(group, "supplier_manager")
    no, late = written(make, centre, group), written(make, centre, group, valid_until=now() - DAY)
    actions.refuse(tx, by=leader, entry_id=no.id, version=no.version)
    for row in (no, late):
        with pytest.raises(rules.EntryOver):
            actions.confirm(tx, by=leader, entry_id=row.id, version=row.version)
    assert offers(tx) == 0
    elsewhere = make.actor(make.organisation("service_centre", place="520101"))
    draft = EntryIn(organisation_id=group.id, listing=listing())
    with pytest.raises(NotAllowed):
        actions.enter(tx, by=elsewhere, draft=draft)


def test_the_list_is_by_urgency_then_way_and_phones_are_for_those_who_may_call(tx: Session, make: Maker) -> None:
    centre = make.organisation("service_centre")
    far = make.organisation(place="450201", lat=16.5, lng=103.9, phone="0812345678")
    near, ends, stale = (make.organisation() for _ in range(3))
    quiet = make.organisation()
    make.published_award(far, hours=5)
    make.published_award(near, hours=5.2)
    make.certificate(ends, expires_on=today() + 5 * DAY)
    renewed = make.certificate(quiet, expires_on=today() - 2 * DAY)
    make.certificate(quiet, kind=renewed.kind_code)
    make.offer(quiet)
    make.offer(stale, lots=[(today() - 9 * DAY, today() - 2 * DAY, 9, 9)])
    found = [visit for visit, _ in queries.visits(tx, by=make.actor(centre))]
    assert [visit.organisation_id for visit in found] == [near.id, far.id, ends.id, stale.id]
    assert (found[1].awards, found[1].phone, found[2].days_left) == (1, "0812345678", 5)
    assert "0812345678" not in repr(found[1])
    quiet.name_th = "\u0e1c\u0e31\u0e01\u0e1a\u0e49\u0e32\u0e19\u0e19\u0e32"  # sought without its tone mark
    sought = [visit for visit, _ in queries.visits(tx, by=make.actor(centre), words="\u0e1a\u0e32\u0e19 \u0e19\u0e32")]
    assert [(visit.organisation_id, visit.is_due) for visit in sought] == [(quiet.id, False)]
    assert queries.visits(tx, by=make.actor(centre), words="zzz") == []
    with pytest.raises(NotAllowed):
        queries.visits(tx, by=make.actor(make.organisation("school")))


def scene(client: TestClient) -> dict[str, Any]:
    with making(client) as make:
        make.product()
        group, centre = make.organisation(), make.organisation("service_centre")
        make.offer(group, lots=[(today() - 9 * DAY, today() - 2 * DAY, 9, 9)], pack_quantity=1)
        leader = make.person(group, "supplier_manager")
        return {"officer": make.person(centre), "leader": leader, "group": str(group.id)}


def test_a_page_holds_a_days_calls_the_rest_is_behind_more_and_words_find_everyone(client: TestClient) -> None:
    with making(client) as make:
        groups = [make.organisation(name_en=f"Field {number:02}", phone="0812345678") for number in range(14)]
        for group in groups:
            make.offer(group, lots=[(today() - 9 * DAY, today() - 2 * DAY, 9, 9)])
        officer = make.person(make.organisation("service_centre"))
    browser, all_of_them = Browser(client, officer, "en"), {str(group.id) for group in groups}

    def listed(page: str) -> set[str]:
        return {key for key in all_of_them if f"/visits/{key}" in page}

    first, second = browser.see("/visits"), browser.see("/visits?page=2")
    assert (len(listed(first)), len(listed(second)), listed(first) | listed(second)) == (12, 2, all_of_them)
    assert ("Show 2 more groups" in first, "/visits?page=2" in first, "page=3" in second) == (True, True, False)
    assert listed(browser.see("/visits?page=99")) == listed(second)
    for number, group in enumerate(groups):
        if str(group.id) in listed(second):
            assert listed(browser.see(f"/visits?words=field+{number:02}")) == {str(group.id)}
    assert "/visits?page=2&amp;words=field" in browser.see("/visits?words=field")
    assert client.get("/visits?page=0").status_code == 422


@pytest.mark.parametrize(("language", "word"), [("en", "Nothing happens before you confirm"), ("th", "ยังไม่มีผล")])
def test_an_offer_goes_from_the_officers_page_to_the_groups_phone(client: TestClient, language: str, word: str) -> None:
    made = scene(client)
    officer = Browser(client, made["officer"], language)
    assert f"/visits/{made['group']}" in officer.see("/visits")
    page = f"/visits/{made['group']}"
    form = {"product_code": "MORNING-GLORY", "price": "23.13", "harvest_from": str(next_week()),
            "harvest_until": str(next_week() + DAY), "capacity_day": "20", "pack_quantity": "1"}  # fmt: skip
    assert officer.send(f"{page}/listing", **form | {"capacity_day": "-2"}).status_code == 422
    assert officer.send(f"{page}/listing", **form).status_code == 303
    assert "23.13" not in officer.see(page)
    leader = Browser(client, made["leader"], language)
    waiting = leader.see("/confirmations")
    assert word in waiting
    assert "23.13" in waiting
    with database_of(client).reading() as tx:
        entry = tx.scalars(select(AssistedEntry)).one()
    assert leader.send(f"/confirmations/{entry.id}/confirm", version="1").status_code == 303
    assert "23.13" in leader.see("/listings")


def test_an_answer_in_part_is_written_at_a_visit_and_seen_before_a_pin_confirms_it(client: TestClient) -> None:
    made = scene(client)
    with making(client) as make:
        group = make.tx.get_one(Organisation, UUID(made["group"]))
        award = make.published_award(group, lines=((40, 2000), (20, 1500)))
        other = make.published_award(make.organisation())
        make.add(Pin(person_id=made["leader"].id, pin_hash=hash_password("482915")))
        lines = [str(line.id) for line in award.lines]
    officer, page = Browser(client, made["officer"], "en"), f"/visits/{made['group']}"
    path = f"{page}/awards/{award.id}"
    assert path in officer.see(page)
    assert path in officer.see(f"/awards/{award.id}")
    assert "5 to 35, in packs of 5" in officer.see(path)
    assert officer.client.get(f"{page}/awards/{other.id}").status_code == 404
    form = {"version": "1", "lines-0-award_line_id": lines[0], "lines-0-answer": "partially_accepted",
            "lines-0-quantity": "25", "lines-1-award_line_id": lines[1], "lines-1-answer": "declined"}  # fmt: skip
    for wrong in ({"lines-0-quantity": "24"}, {"lines-1-reason": ""}):
        refused = officer.send(path, **form | {"lines-1-reason": "labour"} | wrong)
        assert (refused.status_code, 'class="wrong"' in refused.text) == (422, True)
    assert officer.send(path, **form, **{"lines-1-reason": "labour"}).headers["location"] == f"{page}#waiting"
    shown = officer.see(page)
    assert '25 kg</span> of <span class="whole">40 kg' in shown
    with database_of(client).reading() as tx:
        entry = tx.scalars(select(AssistedEntry)).one()
        assert tx.scalar(select(Order.id)) is None
    proof = {"person_id": str(made["leader"].id), "pin": "482915"}
    assert officer.send(f"{page}/entries/{entry.id}/pin", **proof).status_code == 303
    with database_of(client).reading() as tx:
        found = select(AwardLine.answer, AwardLine.accepted_quantity).where(AwardLine.award_id == award.id)
        answered = tx.execute(found.order_by(AwardLine.delivery_date)).all()
        assert answered == [("partially_accepted", 25), ("declined", 0)]
        assert tx.scalars(select(Order)).one().total_satang == 25 * 2000


@pytest.mark.parametrize(
    "change", [{"listing": None}, {"answer": {"lines": []}}, {"organisation_id": str(uuid4())}, {"more": 1},
               {"listing": {"product_code": "MORNING-GLORY", "price_satang": -1}}],
)  # fmt: skip
def test_bad_entries_are_refused_and_nothing_is_written(client: TestClient, change: dict[str, Any]) -> None:
    made = scene(client)
    caller = Caller(client, made["officer"])
    body = {"organisation_id": made["group"], "listing": listing().model_dump(mode="json")} | change
    assert caller.post("/assisted-entries", body).status_code in {404, 422}
    assert caller.get("/assisted-entries").json()["items"] == []
    assert caller.get("/visits").json()["items"][0]["is_stale"]
