"""Nobody judges their own work: hands in a round, memberships in two companies, stakes, foreign publishers."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from service.audit import desk
from service.kernel.actor import Actor
from service.kernel.problems import InvalidInput, NotAllowed
from service.parties.models import Organisation
from service.people.models import Membership
from service.procedure import actions, recusal, review
from service.procedure.rules import HasStake, Recused, SamePersonTwice
from service.rounds import queries
from service.rounds.models import Round, Run
from tests.make import Maker


class Companies:
    """Two provincial companies, the national one, and an open round of the first's province."""

    def __init__(self, make: Maker) -> None:
        self.tx: Session = make.tx
        self.own = make.organisation("provincial_company")
        self.neighbour = make.organisation("provincial_company", place="520101")
        self.national = make.organisation("national_company")
        self.row = make.round(make.profile())

    def as_member(self, make: Maker, by: Actor, organisation: Organisation, role: str) -> Actor:
        """The same person acting for another organisation."""
        make.add(Membership(person_id=by.person_id, organisation_id=organisation.id, role=role))
        return replace(by, organisation_id=organisation.id, organisation_kind=organisation.kind,
                       province_code=organisation.province_code, roles=frozenset({role}))  # fmt: skip

    def closed(self, by: Actor) -> None:
        actions.close(self.tx, by=by, round_id=self.row.id)
        self.row.state = "solving"
        run = self.tx.query(Run).filter_by(round_id=self.row.id).one()
        run.state = "solved"
        self.tx.flush()

    def proposed(self, by: Actor, monkeypatch: pytest.MonkeyPatch) -> Round:
        monkeypatch.setattr("service.rounds.runs.award", lambda *_, **__: None)
        return actions.propose(self.tx, by=by, round_id=self.row.id, version=self.row.version)


@pytest.fixture
def companies(make: Maker) -> Companies:
    return Companies(make)


def test_who_closed_the_round_does_not_approve_it_for_another_company(
    make: Maker, companies: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    closer = make.actor(companies.own, "facilitator")
    companies.closed(closer)
    row = companies.proposed(make.actor(companies.own, "facilitator"), monkeypatch)
    companies.tx.flush()
    auditor = companies.as_member(make, closer, companies.national, "auditor")
    assert row.reviewer_company_id == companies.national.id
    with pytest.raises(SamePersonTwice):
        review.approve(companies.tx, by=auditor, round_id=row.id, version=row.version)


def test_a_company_that_only_closed_the_round_does_not_review_it(
    make: Maker, companies: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    companies.closed(make.actor(companies.national, "facilitator"))
    row = companies.proposed(make.actor(companies.own, "facilitator"), monkeypatch)
    companies.tx.flush()
    assert row.reviewer_company_id == companies.neighbour.id
    assert row.reviewer_reason == recusal.NEIGHBOUR
    for company in (companies.own, companies.national):
        with pytest.raises(Recused):
            review.take_up(companies.tx, by=make.actor(company, "auditor"), round_id=row.id, version=row.version)


def test_a_reviewer_who_belongs_to_a_kitchen_of_the_round_is_refused(
    make: Maker, companies: Companies, monkeypatch: pytest.MonkeyPatch
) -> None:
    school, group = make.organisation("school"), make.organisation()
    make.offer(group)
    make.demand(school, state="planned")
    by = make.actor(companies.own, "facilitator")
    companies.closed(by)
    row = companies.proposed(by, monkeypatch)
    companies.tx.flush()
    for organisation, role in ((school, "inspector"), (group, "supplier_member")):
        auditor = make.actor(companies.national, "auditor")
        companies.as_member(make, auditor, organisation, role)
        with pytest.raises(HasStake):
            review.approve(companies.tx, by=auditor, round_id=row.id, version=row.version)
    clean = make.actor(companies.national, "auditor")
    assert review.approve(companies.tx, by=clean, round_id=row.id, version=row.version).state == "approved"


def test_an_approved_round_is_published_by_its_facilitator_or_its_reviewer_alone(
    make: Maker, companies: Companies
) -> None:
    row = companies.row
    row.state, row.reviewer_company_id = "approved", companies.national.id
    companies.tx.flush()
    with pytest.raises(Recused):
        review.publish(companies.tx, by=make.actor(companies.own, "auditor"), round_id=row.id, version=row.version)
    for role in ("facilitator", "auditor"):
        foreign = make.actor(companies.neighbour, role)
        with pytest.raises(NotAllowed):
            review.publish(companies.tx, by=foreign, round_id=row.id, version=row.version)


def test_a_round_elsewhere_is_on_the_list_of_the_company_that_is_named_to_review_it(
    make: Maker, companies: Companies
) -> None:
    mine = make.round(make.profile("52"))
    companies.row.state, companies.row.reviewer_company_id = "proposed", companies.neighbour.id
    companies.tx.flush()
    auditor = make.actor(companies.neighbour, "auditor")
    found = desk.entries(companies.tx, by=auditor, province="52")
    assert [entry.round.id for entry in found] == [companies.row.id, mine.id]
    assert found[0].mine is desk.TAKE_UP
    assert len(desk.entries(companies.tx, by=auditor, province="52", page=2)) == 0


def test_what_a_review_said_of_a_result_is_for_those_who_may_see_it(make: Maker, companies: Companies) -> None:
    row, group = companies.row, make.actor(make.organisation(), "supplier_manager")
    row.state, row.state_reason = "failed", "the price of one group is far below all others"
    companies.tx.flush()
    assert queries.shown(make.actor(companies.own, "facilitator"), row).state_reason == row.state_reason
    assert queries.shown(group, row).state_reason == ""
    row.state = "cancelled"
    assert queries.shown(group, row).state_reason == row.state_reason


def test_closing_before_the_cut_off_needs_a_reason_from_whoever_closes(make: Maker, companies: Companies) -> None:
    companies.row.closes_at = companies.row.closes_at.replace(year=companies.row.closes_at.year + 1)
    companies.tx.flush()
    for company in (companies.own, companies.national):
        with pytest.raises(InvalidInput):
            actions.close(companies.tx, by=make.actor(company, "facilitator"), round_id=companies.row.id)
