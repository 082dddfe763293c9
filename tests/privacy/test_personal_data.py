"""A person's data: shown to them, handed out on request, erased without bending the record, deleted in time."""

import json
from argparse import Namespace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.accounts.models import OneTimeCode, SecondFactor, SignInSession
from service.events import actions as events
from service.events import verification
from service.events.models import Event
from service.households.models import Household, Roster, RosterLine
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import now, today
from service.kernel.db import Base, Database
from service.kernel.problems import NotAllowed, NotFound
from service.kernel.secrecy import vault
from service.keys.models import ApiKey
from service.parties.models import Organisation, SocialShare
from service.people.models import Membership, Person
from service.privacy import cli, erasure, holdings, person, renewal, retention
from service.privacy.purposes import BY_CODE, KINDS
from tests.households.roster import NUMBERS, attested, started
from tests.make import PASSWORD, Caller, Maker, making


def leader_of(make: Maker) -> tuple[Person, Organisation]:
    """Someone whose name is their group's contact, with a session, a code and a key."""
    group = make.organisation(phone="081 234 5678", email="somsri@example.org")
    row = make.person(group, "supplier_manager")
    row.display_name = "Somsri Jaidee"
    group.contact_name = "somsri  jaidee"
    hour = timedelta(hours=1)
    make.add(SignInSession(token_hash=uuid4().hex, person_id=row.id, organisation_id=group.id, expires_at=now() + hour))
    make.add(OneTimeCode(person_id=row.id, code_hash=uuid4().hex, expires_at=now() + hour))
    make.add(ApiKey(person_id=row.id, organisation_id=group.id, name="stock list", hint="k1", key_hash=uuid4().hex,
                    scopes=[], expires_at=now() + hour))  # fmt: skip
    by = Actor(row.id, group.id, group.kind, group.province_code, frozenset({"supplier_manager"}))
    events.record(make.tx, by=by, verb="offer.drafted", subject=group)
    return row, group


def administrator(make: Maker) -> Actor:
    return make.actor(make.organisation("operator"), "administrator")


def test_every_column_that_names_a_person_has_its_fate_in_the_table() -> None:
    """A new table about people fails here until holdings.py says what erasure does to it."""
    found = {f"{table.name}.{column.name}" for table, column, _ in holdings.columns()}
    assert found == set(holdings.FATES)
    nullable = {f"{t.name}.{c.name}": c.nullable for t, c, fate in holdings.columns() if fate == "unlink"}
    assert all(nullable.values()), nullable
    assert set(Base.metadata.tables["people"].columns.keys()) == {
        "id", "username", "display_name", "password_hash", "sign_in_anew_at", "active", "created_at",
    }  # fmt: skip


def test_a_person_sees_all_that_is_kept_and_nothing_that_lets_anyone_in(tx: Session, make: Maker) -> None:
    row, group = leader_of(make)
    by = Actor(row.id, group.id, group.kind, group.province_code, frozenset({"supplier_manager"}))
    document = person.own_data(tx, by=by)
    text = json.dumps(document)
    assert document["person"]["display_name"] == "Somsri Jaidee"
    assert document["contacts"][0]["phone"] == "081 234 5678"
    assert [document["kept"][name][0]["id"] for name in ("sign_in_sessions.person_id", "api_keys.person_id")]
    assert [one["verb"] for one in document["record"]] == ["offer.drafted"]
    assert set(document["decisions"]) == {name for name, fate in holdings.FATES.items() if fate == "keep"}
    assert not any(word in text for word in (row.password_hash, "_hash", "secret"))
    with pytest.raises(NotFound):
        person.own_data(tx, by=SYSTEM)


def test_only_an_administrator_answers_requests_and_the_record_says_so(tx: Session, make: Maker) -> None:
    row, group = leader_of(make)
    by = administrator(make)
    assert person.data_for_request(tx, by=by, person_id=row.id)["person"]["id"] == str(row.id)
    assert tx.scalars(select(Event.subject_id).where(Event.verb == "person.data_exported")).all() == [str(row.id)]
    for stranger in (make.actor(group, "supplier_manager"), make.actor(make.organisation("national_company"))):
        with pytest.raises(NotAllowed):
            person.data_for_request(tx, by=stranger, person_id=row.id)
        with pytest.raises(NotAllowed):
            erasure.erase(tx, by=stranger, person_id=row.id)
        with pytest.raises(NotAllowed):
            person.named(tx, by=stranger, username=row.username)


def test_an_erased_person_is_gone_everywhere_and_the_record_still_verifies(database: Database) -> None:
    with making(database) as make:
        row, group = leader_of(make)
        by = administrator(make)
        name = row.username
    with database.writing() as tx:
        erasure.erase(tx, by=by, person_id=row.id, reason="asked by letter")
    with database.reading() as tx:
        assert not verification.verify(tx).faults
        gone = tx.get_one(Person, row.id)
        assert erasure.is_erased(gone)
        assert not gone.active
        for table, column, fate in holdings.columns():
            left = tx.execute(select(table).where(column == row.id)).mappings().all()
            assert fate == "keep" or not left or all(one.get("active") is False for one in left), table.name
        found = tx.get_one(Organisation, group.id)
        assert (found.contact_name, found.phone, found.email) == ("", "", "")
        for table in Base.metadata.sorted_tables:
            for one in tx.execute(select(table)):
                assert not any(word in str(one) for word in ("Somsri", "081 234", "somsri", name)), table.name
        assert tx.scalars(select(Event.person_id).where(Event.verb == "offer.drafted")).all() == [row.id]
    with database.writing() as tx, pytest.raises(NotFound):
        erasure.erase(tx, by=by, person_id=row.id)


def test_what_stayed_long_enough_is_deleted_at_night_and_nothing_else(database: Database) -> None:
    with making(database) as make:
        row, _ = leader_of(make)
        refused = make.organisation(state="refused", phone="02 000 0000")
        made = started(make)
        attested(make.tx, made, [(NUMBERS[0], 5, 1), (NUMBERS[1], 5, 2)])
        for held in make.tx.scalars(select(Membership).where(Membership.person_id == row.id)):
            held.active = False
    assert not any(retention.apply(database).values())
    later = now() + timedelta(days=800)
    counted = retention.due(database, later)
    assert {code for code, number in counted.items() if number} >= {"account", "sign_in", "codes", "keys", "contact"}
    assert retention.due(database, later) == counted  # looking changes nothing
    done = retention.apply(database, later)
    assert {code: number for code, number in done.items() if code != "household"} == {
        code: counted[code] for code in done if code != "household"}  # fmt: skip
    with database.reading() as tx:
        assert erasure.is_erased(tx.get_one(Person, row.id))
        assert tx.get_one(Organisation, refused.id).phone == ""
        for model in (SignInSession, OneTimeCode, ApiKey, Roster, RosterLine, Household):
            assert not tx.scalars(select(model)).all(), model
        assert len(tx.scalars(select(SocialShare).where(SocialShare.organisation_id == made.group.id)).all()) == 4
        told = tx.scalars(select(Event).where(Event.verb == "retention.applied")).all()
        assert {one.subject_id for one in told} >= {"sign_in", "roster", "household"}
        assert not verification.verify(tx).faults
    assert not any(retention.apply(database, later).values())


def test_people_with_a_role_or_with_something_done_lately_stay(tx: Session, make: Maker) -> None:
    row, group = leader_of(make)
    busy = make.person(group, "supplier_member")
    for one in (row, busy):
        one.created_at = now() - timedelta(days=4000)
    for held in tx.scalars(select(Membership).where(Membership.person_id == row.id)):
        held.active = False
    tx.flush()
    assert retention.apply_one(tx, "account") == 0  # `row` did something today, `busy` has a role
    assert retention.apply_one(tx, "account", now() + timedelta(days=731)) == 1


def test_a_tier_that_ran_out_is_cleared_while_its_household_is_still_on_a_list(tx: Session, make: Maker) -> None:
    made = started(make)
    attested(tx, made, [(NUMBERS[0], 5, 1)])
    household = tx.scalars(select(Household)).one()
    household.valid_until = today() - timedelta(days=366)
    tx.flush()
    assert retention.apply_one(tx, "household") == 1
    tx.expire_all()
    assert {household.tier, household.attester_id} == {None}


def test_each_period_of_the_table_is_obeyed_by_a_rule_or_ends_by_itself() -> None:
    by_themselves = {"answers", "cookies"}
    assert {kind.code for kind in KINDS if kind.days} - by_themselves == set(retention.RULES)
    assert len(BY_CODE) == len(KINDS)
    assert all(("{days}" in kind.kept) == (kind.days is not None) for kind in KINDS)


def enter(client: TestClient, row: Person, language: str = "en") -> None:
    client.cookies.set("lang", language)
    assert client.post("/sign-in", data={"username": row.username, "password": PASSWORD}).status_code == 303


def test_the_page_says_everything_in_both_languages_to_everybody(client: TestClient) -> None:
    for language, words in (("en", ("never stored", "730 days")), ("th", ("ครัวเรือน", "730 วัน"))):
        client.cookies.set("lang", language)
        page = client.get("/privacy").text
        assert all(word in page for word in words)
        assert all(f'id="{kind.code}"' in page for kind in KINDS)
        assert 'href="/privacy"' in client.get("/sign-in").text
    told = client.get("/api/v1/privacy").json()
    assert [one["code"] for one in told] == [kind.code for kind in KINDS]


def test_requests_are_answered_on_a_page_and_an_erased_person_is_signed_out(client: TestClient) -> None:
    with making(client) as make:
        row, _ = leader_of(make)
        clerk = make.person(make.organisation("operator"), "administrator")
    theirs = Caller(client, row)
    mine: Any = theirs.get("/me/data").json()
    assert mine["person"]["username"] == row.username
    enter(client, clerk)
    assert "Somsri Jaidee" in client.get(f"/privacy/requests?username={row.username}").text
    handed = client.post(f"/privacy/requests/{row.id}/data")
    assert handed.headers["cache-control"] == "no-store"
    assert handed.json()["person"]["display_name"] == "Somsri Jaidee"
    again = client.post(f"/privacy/requests/{row.id}/erasure?username={row.username}", data={})
    assert (again.status_code, "Erase for good" in again.text) == (422, True)
    assert client.post(f"/privacy/requests/{row.id}/erasure", data={"reason": "asked by letter"}).status_code == 303
    assert "Nobody has this user name" in client.get(f"/privacy/requests?username={row.username}").text
    assert theirs.get("/me").status_code == 401
    client.cookies.clear()
    failed = client.post("/api/v1/sessions", json={"username": row.username, "password": PASSWORD})
    assert failed.status_code == 401


def test_the_verb_for_keys_renews_contact_data_and_authenticators(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with making(sqlite_database) as make:
        row, group = leader_of(make)
        make.add(SecondFactor(person_id=row.id, secret=vault().seal("JBSWY3DPEHPK3PXP")))
    assert renewal.run(Namespace(step="renew"), sqlite_database.url) == 0
    assert renewal.run(Namespace(step="new"), sqlite_database.url) == 0
    told = capsys.readouterr().out.splitlines()
    assert (told[0], len(told[1])) == ("4 texts renewed", 44)
    with sqlite_database.reading() as tx:
        assert vault().open(tx.get_one(SecondFactor, row.id).secret) == "JBSWY3DPEHPK3PXP"
        assert tx.get_one(Organisation, group.id).email == "somsri@example.org"


def test_the_verb_counts_deletes_hands_out_and_erases(
    sqlite_database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with making(sqlite_database) as make:
        row, _ = leader_of(make)
        row.username = "somsri"

    def verb(**given: Any) -> str:
        assert cli.run(Namespace(**given), sqlite_database.url) == 0
        return capsys.readouterr().out

    assert "account: 0 would go" in verb(step="retention", dry_run=True)
    assert "sign_in: 0 gone" in verb(step="retention", dry_run=False)
    assert json.loads(verb(step="export", username="somsri"))["person"]["username"] == "somsri"
    assert verb(step="erase", username="somsri") == "erased\n"
    assert cli.run(Namespace(step="erase", username="somsri"), sqlite_database.url) == 1
    with sqlite_database.reading() as tx:
        assert erasure.is_erased(tx.get_one(Person, row.id))
