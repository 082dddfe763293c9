"""Who hears what along the chain, and a worker that sends it: from the use case's transaction to the mailbox."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic, sleep

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service import work
from service.catalog import actions as catalog
from service.catalog import telling as certificates
from service.catalog.schemas import CertificateIn
from service.kernel import jobs
from service.kernel.clock import now, today
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.notices import actions
from service.notices.models import Address, Delivery, Notice
from service.notices.wording import content_of
from service.orders import actions as orders
from service.orders import telling
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer, DeclineReason
from service.parties.models import Organisation
from service.procedure import actions as rounds
from service.rounds import runs
from service.rounds.models import Award, Round
from tests.make import Maker, making
from tests.notices.providers import mail_server
from tests.rounds.test_chain import Hands, published, solved


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    """Leave no executor behind."""
    yield
    jobs.stop()


def told(tx: Session) -> list[tuple[str, Organisation | None]]:
    rows = tx.execute(select(Notice.kind, Notice.organisation_id).order_by(Notice.id)).all()
    return [(kind, tx.get(Organisation, place) if place else None) for kind, place in rows]


def answer(tx: Session, make: Maker, award: Award, *, accepts: bool) -> None:
    by = make.actor(tx.get_one(Organisation, award.supplier_id), "supplier_manager")
    given = [
        LineAnswerIn(award_line_id=line.id, answer=Answer.ACCEPTED)
        if accepts
        else LineAnswerIn(award_line_id=line.id, answer=Answer.DECLINED, reason=DeclineReason.PRICE)
        for line in award.lines
    ]
    orders.answer(tx, by=by, award_id=award.id, version=award.version, draft=AnswerIn(lines=given))


def test_the_kitchen_hears_of_each_answer(tx: Session, make: Maker) -> None:
    taken, left = make.published_award(), make.published_award()
    for award in (taken, left):
        make.person(tx.get_one(Organisation, award.buyer_id), "buyer_officer")
    answer(tx, make, taken, accepts=True)
    answer(tx, make, left, accepts=False)
    found = [(kind, place.id) for kind, place in told(tx) if place is not None]
    assert found == [("order.made", taken.buyer_id), ("award.declined", left.buyer_id)]


def test_a_group_is_reminded_once_when_half_of_its_time_is_over(tx: Session, make: Maker) -> None:
    award = make.published_award()
    make.person(tx.get_one(Organisation, award.supplier_id), "supplier_manager")
    tx.get_one(Round, award.round_id).published_at = now() - timedelta(hours=5)
    award.respond_by = now() + timedelta(hours=6)
    tx.flush()
    telling.remind(tx)
    assert told(tx) == []
    award.respond_by = now() + timedelta(hours=4)
    tx.flush()
    for _ in range(2):
        telling.remind(tx)
    assert [kind for kind, _ in told(tx)] == ["award.expiring"]
    answer(tx, make, award, accepts=True)  # then nothing is left to be read
    assert tx.scalars(select(Notice.read_at).where(Notice.kind == "award.expiring")).one() is not None


def test_a_certificate_that_runs_out_is_told_once(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.person(group, "supplier_manager")
    make.certificate(group, expires_on=today() + timedelta(days=20))
    make.certificate(group, "organic", expires_on=today() + timedelta(days=200))
    make.certificate(group, expires_on=today() - timedelta(days=1))
    for _ in range(2):
        certificates.remind(tx)
    assert [kind for kind, _ in told(tx)] == ["certificate.expiring"]


def test_a_renewed_certificate_asks_for_nothing_more(tx: Session, make: Maker) -> None:
    group = make.organisation()
    make.person(group, "supplier_manager")
    first, second = (make.certificate(group, expires_on=today() + timedelta(days=days)) for days in (20, 25))
    certificates.remind(tx)
    assert [content.facts["number"] for content in map(content_of, tx.scalars(select(Notice))) if content] == [
        second.number
    ]
    by = make.actor(group, "supplier_manager")
    draft = CertificateIn(kind_code=first.kind_code, number="new", issued_on=today(),
                          expires_on=today() + timedelta(days=400))  # fmt: skip
    catalog.add_certificate(tx, by=by, draft=draft)
    assert tx.scalars(select(Notice.read_at)).one() is not None
    certificates.remind(tx)
    assert len(told(tx)) == 1


def test_a_round_tells_its_reviewers_and_then_its_parties(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        hands = Hands(make)
        for place in (hands.school, *hands.groups):
            make.person(place)
    solved(sqlite_database, hands)
    published(sqlite_database, hands)
    with sqlite_database.reading() as tx:
        found = told(tx)
        served = set(tx.scalars(select(Award.supplier_id)))
        read = select(Notice.read_at).where(Notice.kind == "review.asked")
        assert tx.scalars(read).one() is not None  # whoever took it up
    assert [place.kind for kind, place in found if kind == "review.asked" and place] == ["national_company"]
    results = {place.id for kind, place in found if kind == "round.published" and place}
    offered = {place.id for kind, place in found if kind == "award.offered" and place}
    assert offered == served
    assert results == {hands.school.id, *(group.id for group in hands.groups)} - served


def test_a_failed_solving_is_told_to_the_facilitator(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        hands = Hands(make)
    with sqlite_database.writing() as tx:
        rounds.close(tx, by=hands.facilitator, round_id=hands.round_id)
        run = runs.latest(tx, hands.round_id)
        assert run is not None
        runs.give_up(tx, run.id, "RuntimeError: no plan")
        assert [(kind, place.id) for kind, place in told(tx) if place] == [("round.failed", hands.company.id)]


def test_a_worker_sends_what_a_use_case_told(sqlite_database: Database) -> None:
    with making(sqlite_database) as make:
        leader = make.person(make.organisation(), "supplier_manager")
        make.add(Address(person_id=leader.id, channel="email", address="a@example.org", address_hash="0",
                         confirmed_at=now()))  # fmt: skip
    with mail_server() as box:
        chosen = Settings(database_url=sqlite_database.url, smtp_host="127.0.0.1", smtp_port=box.port,
                          smtp_security="none", mail_from="market@example.org")  # fmt: skip
        jobs.launch(jobs.Runtime(chosen, sqlite_database), queues=work.LETTERS, timers=[])
        with sqlite_database.writing() as tx:
            actions.tell_person(tx, kind="account.password_changed", person_id=leader.id, facts={}, path="", key="1")
        deadline = monotonic() + 60
        while state_of(sqlite_database) != "delivered" and monotonic() < deadline:
            sleep(0.1)
    assert state_of(sqlite_database) == "delivered"
    assert len(box.taken) == 1


def state_of(database: Database) -> str:
    with database.reading() as tx:
        return tx.scalars(select(Delivery.state)).one()
