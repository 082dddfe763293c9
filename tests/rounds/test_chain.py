"""A round from its closing to its published awards and a re-solve, on both databases, with the real solver."""

from uuid import UUID

import pytest
from sqlalchemy import select

from service.allocation import solving
from service.allocation.vocabulary import SCENARIOS
from service.kernel.actor import SYSTEM, Actor
from service.kernel.db import Database
from service.kernel.problems import NotAllowed, WrongState
from service.kernel.settings import Settings
from service.procedure import actions, review
from service.procedure.rules import Recused
from service.rounds import runs, workflow
from service.rounds.models import Award, AwardLine, Round, Run, Scenario
from service.rounds.rules import NothingSolved
from tests.make import Maker, making

SETTINGS = Settings(solver_processes=2)


class Hands:
    """The people of a small market: one school, three groups, a facilitator and the national auditor."""

    def __init__(self, make: Maker) -> None:
        product = make.product()
        self.school = make.organisation("school", heads=120)
        self.groups = [make.organisation(), make.organisation("cooperative"), make.organisation()]
        for group, price in zip(self.groups, (1900, 2000, 2100), strict=True):
            make.offer(group, product, price_satang=price)
        self.demand = make.demand(self.school, [make.line(product, quantity=50)], state="planned")
        self.company = make.organisation("provincial_company")
        self.facilitator: Actor = make.actor(self.company, "facilitator")
        self.own_auditor: Actor = make.actor(self.company, "auditor")
        self.national = make.organisation("national_company")
        self.auditor: Actor = make.actor(self.national, "auditor")
        self.round_id: UUID = make.round(make.profile(family_share_bp=10_000)).id


def solved(database: Database, hands: Hands) -> Run:
    """Close the round and solve it as the workflow's steps do."""
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    return settled(database, hands)


def settled(database: Database, hands: Hands) -> Run:
    """Solve the newest run."""
    with database.reading() as tx:
        run = runs.latest(tx, hands.round_id)
        assert run is not None
    workflow.solve_missing(database, SETTINGS, run.id)
    with database.writing() as tx:
        runs.settle(tx, run.id)
        return tx.get_one(Run, run.id)


def published(database: Database, hands: Hands) -> None:
    """Propose, approve, publish."""
    with database.writing() as tx:
        row = tx.get_one(Round, hands.round_id)
        actions.propose(tx, by=hands.facilitator, round_id=row.id, version=row.version)
        tx.flush()
        review.approve(tx, by=hands.auditor, round_id=row.id, version=row.version)
        tx.flush()
        review.publish(tx, by=hands.auditor, round_id=row.id, version=row.version)


def lines_of(database: Database) -> list[AwardLine]:
    with database.reading() as tx:
        return list(tx.scalars(select(AwardLine).order_by(AwardLine.price_satang, AwardLine.id)))


@pytest.fixture
def hands(database: Database) -> Hands:
    with making(database) as make:
        return Hands(make)


def test_three_verified_scenarios_are_stored_and_the_cheapest_groups_win(
    database: Database, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "solve", solving.solve)  # in child processes, as the service does
    run = solved(database, hands)

    assert run.state == "solved"
    with database.reading() as tx:
        stored = {s.name: s for s in tx.scalars(select(Scenario))}
        assert set(stored) == set(SCENARIOS)
        assert {s.violations for s in stored.values()} == {0}
        assert stored["least_cost"].status == "optimal"
        # 20 units a day each: the three groups are all needed for 50, the dearest for the last 10.
        assert stored["least_cost"].facts["paid_satang"] == 20 * 1900 + 20 * 2000 + 10 * 2100
        assert stored["least_cost"].facts["lines_short"] == 0
        assert tx.get_one(Round, hands.round_id).state == "solving"


def test_awards_reach_the_groups_only_when_published(database: Database, hands: Hands) -> None:
    solved(database, hands)
    published(database, hands)

    with database.reading() as tx:
        awards = list(tx.scalars(select(Award)))
    assert {award.supplier_id for award in awards} == {group.id for group in hands.groups}
    assert all(award.respond_by is not None and award.state == "pending" for award in awards)
    assert [(line.quantity, line.price_satang) for line in lines_of(database)] == [(20, 1900), (20, 2000), (10, 2100)]


def test_nothing_is_solved_or_awarded_twice(database: Database, hands: Hands) -> None:
    run = solved(database, hands)
    workflow.solve_missing(database, SETTINGS, run.id)
    with database.writing() as tx:
        runs.settle(tx, run.id)
        row = tx.get_one(Round, hands.round_id)
        runs.award(tx, row, tx.get_one(Run, run.id), by=SYSTEM)
        runs.award(tx, row, tx.get_one(Run, run.id), by=SYSTEM)
    with database.reading() as tx:
        assert len(list(tx.scalars(select(Scenario.id)))) == 3
    assert len(lines_of(database)) == 3


def test_who_facilitated_may_not_approve_and_the_substitute_is_named(database: Database, hands: Hands) -> None:
    solved(database, hands)
    with database.writing() as tx:
        row = actions.propose(tx, by=hands.facilitator, round_id=hands.round_id, version=_version(database, hands))
        tx.flush()
        with pytest.raises(Recused) as refusal:
            review.approve(tx, by=hands.own_auditor, round_id=row.id, version=row.version)
        assert refusal.value.facts["substitute"] == hands.national.name_th
        with pytest.raises(NotAllowed):
            review.approve(tx, by=hands.facilitator, round_id=row.id, version=row.version)


def test_an_unsolved_round_cannot_be_proposed(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.writing() as tx, pytest.raises(WrongState):
        actions.propose(tx, by=hands.facilitator, round_id=hands.round_id, version=_version(database, hands))
    with database.writing() as tx:
        run = runs.latest(tx, hands.round_id)
        assert run is not None
        runs.begin(tx, run.id)
    with database.writing() as tx, pytest.raises(NothingSolved):
        actions.propose(tx, by=hands.facilitator, round_id=hands.round_id, version=_version(database, hands))


def test_what_is_declined_goes_to_others_and_what_is_accepted_stays(database: Database, hands: Hands) -> None:
    with making(database) as make:
        make.offer(make.organisation(), make.product(), price_satang=2190)
    solved(database, hands)
    published(database, hands)
    with database.writing() as tx:
        for line in tx.scalars(select(AwardLine)):
            full = line.price_satang == 2000
            line.answer, line.accepted_quantity = ("accepted", line.quantity) if full else ("declined", 0)
            line.decline_reason = "" if full else "no_produce"
        again = review.follow_up(tx, by=SYSTEM, round_id=hands.round_id)
        assert again is not None
    run = settled(database, hands)

    assert (run.kind, run.state) == ("again", "applied")
    new = [line for line in lines_of(database) if line.answer is None]
    assert [(line.quantity, line.price_satang) for line in new] == [(20, 2190)]


def test_a_solver_that_fails_leaves_a_round_that_says_so(database: Database, hands: Hands) -> None:
    with database.writing() as tx:
        actions.close(tx, by=hands.facilitator, round_id=hands.round_id)
    with database.reading() as tx:
        run = runs.latest(tx, hands.round_id)
        assert run is not None
    with database.writing() as tx:
        runs.begin(tx, run.id)
        runs.give_up(tx, run.id, "the machine is on fire")
    with database.writing() as tx:
        row = tx.get_one(Round, hands.round_id)
        assert (row.state, row.state_reason) == ("failed", "the machine is on fire")
        actions.solve_again(tx, by=hands.facilitator, round_id=row.id)
    assert settled(database, hands).state == "solved"


def _version(database: Database, hands: Hands) -> int:
    with database.reading() as tx:
        return tx.get_one(Round, hands.round_id).version
