"""Certificates: suppliers add and give them up, centres of the province help, others may not."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.catalog import actions, queries
from service.catalog.models import Certificate
from service.catalog.rules import CertificateRevoked, NotASupplier
from service.catalog.schemas import CertificateIn
from service.events.models import Event
from service.kernel.clock import today
from service.kernel.ids import new_id
from service.kernel.problems import NotAllowed, NotFound
from tests.make import Caller, Maker, database_of, id_of, making


def body(**changes: Any) -> dict[str, Any]:
    given = {"kind_code": "GAP", "number": "GAP-77", "issued_on": today().isoformat(),
             "expires_on": (today() + timedelta(days=700)).isoformat()}  # fmt: skip
    return given | changes


def draft(**changes: Any) -> CertificateIn:
    return CertificateIn.model_validate(body(**changes))


def test_a_centre_adds_a_certificate_for_a_group_of_its_province_and_the_log_says_for_whom(
    tx: Session, make: Maker
) -> None:
    make.certificate_kind()
    group = make.organisation()
    officer = make.actor(make.organisation("service_centre"))

    row = actions.add_certificate(tx, by=officer, draft=draft(organisation_id=group.id))

    assert row.organisation_id == group.id
    event = tx.scalars(select(Event).where(Event.subject_id == str(row.id))).one()
    assert (event.verb, event.on_behalf_of) == ("certificate.added", group.id)


def test_a_centre_of_another_province_may_not(tx: Session, make: Maker) -> None:
    make.certificate_kind()
    officer = make.actor(make.organisation("service_centre", place="520101"))
    with pytest.raises(NotAllowed):
        actions.add_certificate(tx, by=officer, draft=draft(organisation_id=make.organisation().id))


def test_a_kitchen_has_no_certificates(tx: Session, make: Maker) -> None:
    officer = make.actor(make.organisation("service_centre"))
    with pytest.raises(NotASupplier):
        actions.add_certificate(tx, by=officer, draft=draft(organisation_id=make.organisation("school").id))


def test_a_certificate_is_given_up_once(tx: Session, make: Maker) -> None:
    group = make.organisation()
    row = make.certificate(group)
    leader = make.actor(group)
    actions.revoke_certificate(tx, by=leader, certificate_id=row.id, reason="we changed the scheme")
    assert row.revoked_on == today()
    with pytest.raises(CertificateRevoked):
        actions.revoke_certificate(tx, by=leader, certificate_id=row.id, reason="again")


def test_another_group_may_not_strike_it(tx: Session, make: Maker) -> None:
    row = make.certificate(make.organisation())
    with pytest.raises(NotAllowed):
        actions.revoke_certificate(tx, by=make.actor(make.organisation()), certificate_id=row.id, reason="envy")
    with pytest.raises(NotFound):
        actions.revoke_certificate(tx, by=make.actor(make.organisation()), certificate_id=new_id(), reason="unknown")


def test_those_that_count_cover_the_product_on_the_day(tx: Session, make: Maker) -> None:
    group, rice = make.organisation(), make.product("RICE")
    every = make.certificate(group)
    make.certificate(group, product_code=make.product("EGG").code)
    make.certificate(group, expires_on=today() + timedelta(days=1))
    later = today() + timedelta(days=2)
    assert queries.certificates_that_count(tx, group.id, rice.code, later) == [every]


def leader(client: TestClient) -> Caller:
    with making(client) as make:
        make.certificate_kind()
        person = make.person(make.organisation(), "supplier_manager")
    return Caller(client, person)


@pytest.mark.postgres
def test_the_api_adds_lists_and_revokes(market: TestClient) -> None:
    caller = leader(market)
    added = caller.post("/certificates", body())
    assert added.status_code == 201
    assert caller.post("/certificates", body()).status_code == 409
    assert [item["number"] for item in caller.get("/certificates").json()["items"]] == ["GAP-77"]
    revoked = caller.post(f"/certificates/{id_of(added)}/revoke", {"reason": "printed wrongly"})
    assert (revoked.status_code, revoked.json()["revoked_on"]) == (200, today().isoformat())


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"kind_code": "NONE"}, 422), ({"product_code": "NONE"}, 422), ({"number": ""}, 422), ({"number": "x" * 81}, 422),
     ({"issued_on": "yesterday"}, 422), ({"expires_on": today().isoformat()}, 422),
     ({"organisation_id": "00000000-0000-7000-8000-000000000000"}, 404)],
)  # fmt: skip
def test_a_wrong_certificate_is_refused_and_nothing_is_written(
    client: TestClient, wrong: dict[str, Any], status: int
) -> None:
    assert leader(client).post("/certificates", body(**wrong)).status_code == status
    with database_of(client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(Certificate)) == 0


def test_a_group_may_not_add_to_another(client: TestClient) -> None:
    with making(client) as make:
        other = make.organisation().id
    assert leader(client).post("/certificates", body(organisation_id=str(other))).status_code == 403
