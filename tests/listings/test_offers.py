"""Offers as use cases: posting, changing, publishing, pausing, ending; prices stay sealed."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.rules import CertificateNotValid
from service.events.models import Event
from service.kernel.clock import today
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound, WrongState
from service.listings import actions, queries, rules
from service.listings.models import Offer
from service.listings.schemas import OfferEdit, OfferIn
from service.parties.rules import NotQualified
from tests.make import Maker, next_week


def lot(first: date | None = None, days: int = 5, a_day: int = 20) -> dict[str, Any]:
    first = first or next_week()
    return {"harvest_from": first, "harvest_until": first + timedelta(days=days - 1), "capacity_day": a_day,
            "capacity_week": a_day * 2}  # fmt: skip


def draft(make: Maker, **changes: Any) -> OfferIn:
    given = {"product_code": make.product().code, "price_satang": 2345, "pack_quantity": 5, "lots": [lot()]}
    return OfferIn.model_validate(given | changes)


def verbs_of(tx: Session, row: Offer) -> list[str]:
    return list(tx.scalars(select(Event.verb).where(Event.subject_id == str(row.id)).order_by(Event.id)))


def test_a_leader_posts_changes_and_publishes(tx: Session, make: Maker) -> None:
    leader = make.actor(make.organisation())
    row = actions.post(tx, by=leader, draft=draft(make))
    actions.change(tx, by=leader, offer_id=row.id, version=1, changes=OfferEdit(price_satang=2400))
    actions.publish(tx, by=leader, offer_id=row.id, version=2)
    assert (row.state, row.price_satang, row.province_code) == ("active", 2400, "45")
    assert verbs_of(tx, row) == ["offer.posted", "offer.changed", "offer.published"]


def test_the_log_never_holds_the_sealed_price(tx: Session, make: Maker) -> None:
    leader = make.actor(make.organisation())
    row = actions.post(tx, by=leader, draft=draft(make))
    actions.change(tx, by=leader, offer_id=row.id, version=1, changes=OfferEdit(price_satang=2399))
    logged = json.dumps(list(tx.scalars(select(Event.change).where(Event.subject_id == str(row.id)))))
    assert "price_satang" in logged
    assert "2345" not in logged
    assert "2399" not in logged


def test_lots_and_certificates_are_replaced_as_whole_lists(tx: Session, make: Maker) -> None:
    group = make.organisation()
    leader, kept, dropped = make.actor(group), make.certificate(group), make.certificate(group)
    row = make.offer(group, certificates=(kept, dropped))
    new = make.certificate(group)

    changes = OfferEdit.model_validate({"lots": [lot(days=1), lot(days=2)], "certificate_ids": [kept.id, new.id]})
    actions.change(tx, by=leader, offer_id=row.id, version=row.version, changes=changes)
    tx.flush()
    tx.expire_all()

    again = queries.offer(tx, by=leader, offer_id=row.id)
    assert sorted((found.harvest_until - found.harvest_from).days for found in again.lots) == [0, 1]
    assert {claim.certificate_id for claim in again.certificates} == {kept.id, new.id}
    assert again.version == 2


def test_a_service_centre_sees_drafts_and_lots_to_help_but_no_price_and_changes_nothing(
    tx: Session, make: Maker
) -> None:
    group = make.organisation()
    officer, far = make.actor(make.organisation("service_centre")), make.organisation("service_centre", "520101")
    row = actions.post(tx, by=make.actor(group), draft=draft(make))
    tx.flush()
    seen = queries.seen(queries.offer(tx, by=officer, offer_id=row.id), officer)
    assert (seen.price_satang, seen.state, len(seen.lots or [])) == (None, "draft", 1)
    with pytest.raises(NotFound):
        queries.offer(tx, by=make.actor(far), offer_id=row.id)
    with pytest.raises(NotAllowed):
        actions.post(tx, by=officer, draft=draft(make, organisation_id=group.id))
    for step in (actions.publish, actions.withdraw):
        with pytest.raises(NotAllowed):
            step(tx, by=officer, offer_id=row.id, version=row.version)


@pytest.mark.parametrize("kind", ["school", "provincial_company", "farmer_group", "national_company", "operator"])
def test_nobody_else_sees_a_price(tx: Session, make: Maker, kind: str) -> None:
    row = make.offer(make.organisation())
    assert queries.seen(row, make.actor(make.organisation(kind))).price_satang is None


def test_a_rival_sees_a_band_and_a_facilitator_the_lots(tx: Session, make: Maker) -> None:
    row = make.offer(make.organisation())
    rival = queries.seen(row, make.actor(make.organisation()))
    assert (rival.lots, rival.weekly.at_least, rival.weekly.below) == (None, 50, 200)
    assert queries.seen(row, make.actor(make.organisation("provincial_company"))).lots is not None


def test_a_rival_does_not_know_of_a_draft_and_may_not_touch_an_active_offer(tx: Session, make: Maker) -> None:
    group, rival = make.organisation(), make.actor(make.organisation())
    hidden, shown = make.offer(group, state="draft"), make.offer(group)
    with pytest.raises(NotFound):
        actions.publish(tx, by=rival, offer_id=hidden.id, version=1)
    with pytest.raises(NotFound):
        queries.offer(tx, by=rival, offer_id=hidden.id)
    with pytest.raises(NotAllowed):
        actions.change(tx, by=rival, offer_id=shown.id, version=1, changes=OfferEdit(price_satang=1))


def test_a_member_reads_and_only_a_leader_writes(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row, member = make.offer(group), make.actor(group, "supplier_member")
    assert queries.seen(row, member).price_satang == 2000
    with pytest.raises(NotAllowed):
        actions.withdraw(tx, by=member, offer_id=row.id, version=1)


def test_publishing_needs_a_qualified_group_and_a_lot_ahead(tx: Session, make: Maker) -> None:
    unqualified = make.organisation(state="pending")
    early = make.offer(unqualified, state="draft")
    with pytest.raises(NotQualified):
        actions.publish(tx, by=make.actor(unqualified), offer_id=early.id, version=1)
    group, past = make.organisation(), today() - timedelta(days=3)
    late = make.offer(group, state="draft", lots=[(past, past, 10, 10)])
    with pytest.raises(rules.NoLotAhead):
        actions.publish(tx, by=make.actor(group), offer_id=late.id, version=1)


def test_an_active_offer_cannot_lose_its_last_lot_ahead(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row = make.offer(group)
    with pytest.raises(rules.NoLotAhead):
        actions.change(tx, by=make.actor(group), offer_id=row.id, version=1, changes=OfferEdit(lots=[]))


def test_a_stale_edit_is_refused(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row = make.offer(group)
    with pytest.raises(EditConflict):
        actions.change(tx, by=make.actor(group), offer_id=row.id, version=7, changes=OfferEdit(reach_km=5))


def test_grades_and_certificates_must_fit(tx: Session, make: Maker) -> None:
    group, product = make.organisation(), make.product()
    leader, foreign = make.actor(group), make.grade(make.product("EGG"))
    with pytest.raises(rules.GradeOfAnother):
        actions.post(tx, by=leader, draft=draft(make, grade_id=foreign.id))
    own = make.grade(product)
    assert actions.post(tx, by=leader, draft=draft(make, grade_id=own.id)).grade_id == own.id
    yesterday = today() - timedelta(days=1)
    bad = [make.certificate(make.organisation()), make.certificate(group, product_code="EGG"),
           make.certificate(group, expires_on=yesterday), make.certificate(group, revoked_on=today())]  # fmt: skip
    for certificate in bad:
        with pytest.raises(CertificateNotValid):
            actions.post(tx, by=leader, draft=draft(make, certificate_ids=[certificate.id]))


def test_a_grade_can_be_taken_off_again(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row = make.offer(group, grade_id=make.grade(make.product()).id)
    actions.change(tx, by=make.actor(group), offer_id=row.id, version=1, changes=OfferEdit(grade_id=None))
    assert row.grade_id is None


def test_an_inactive_product_is_not_offered(tx: Session, make: Maker) -> None:
    make.product("OLD", active=False)
    with pytest.raises(rules.ProductInactive):
        actions.post(tx, by=make.actor(make.organisation()), draft=draft(make, product_code="OLD"))


def test_a_group_pauses_and_resumes_its_own(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row, leader = make.offer(group), make.actor(group)
    actions.suspend(tx, by=leader, offer_id=row.id, version=1)
    tx.flush()
    actions.resume(tx, by=leader, offer_id=row.id, version=2)
    assert verbs_of(tx, row) == ["offer.suspended", "offer.resumed"]


def test_what_a_company_paused_the_group_cannot_resume(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row, company = make.offer(group), make.actor(make.organisation("provincial_company"), "facilitator")
    with pytest.raises(InvalidInput):
        actions.suspend(tx, by=company, offer_id=row.id, version=1)
    actions.suspend(tx, by=company, offer_id=row.id, version=1, reason="complaint about residues")
    tx.flush()
    with pytest.raises(NotAllowed):
        actions.resume(tx, by=make.actor(group), offer_id=row.id, version=2)
    actions.resume(tx, by=company, offer_id=row.id, version=2)
    assert row.state == "active"


@pytest.mark.parametrize("state", ["suspended", "withdrawn", "expired"])
def test_what_is_paused_or_over_is_not_changed(tx: Session, make: Maker, state: str) -> None:
    group = make.organisation()
    row = make.offer(group, state=state)
    with pytest.raises(WrongState):
        actions.change(tx, by=make.actor(group), offer_id=row.id, version=1, changes=OfferEdit(reach_km=5))


def test_offers_whose_lots_all_ended_expire_once(tx: Session, make: Maker) -> None:
    group, past = make.organisation(), today() - timedelta(days=8)
    over = make.offer(group, lots=[(past, past, 10, 10)])
    paused = make.offer(group, lots=[(past, past, 10, 10)], state="suspended")
    ahead = make.offer(group, lots=[(past, past, 10, 10), (today(), today(), 10, 10)])
    sketch = make.offer(group, lots=[(past, past, 10, 10)], state="draft")
    assert (actions.expire(tx), actions.expire(tx)) == (2, 0)
    assert [row.state for row in (over, paused, ahead, sketch)] == ["expired", "expired", "active", "draft"]
    assert verbs_of(tx, over) == ["offer.expired"]
