"""A person decides against the solver: within the rules, with a reason, at a shown cost, never unseen."""

from uuid import UUID

import pytest
from sqlalchemy import select

from service.demand.models import DemandLine
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.db import Database
from service.kernel.problems import EditConflict, NotAllowed, NotFound, WrongState
from service.listings.models import Offer
from service.overrides import actions as by_hand
from service.overrides import known, queries
from service.overrides.models import Override
from service.overrides.rules import OverrideRefused
from service.overrides.schemas import OverrideIn
from service.overrides.vocabulary import OverrideReason
from service.parties.models import Organisation
from service.procedure import actions, review
from service.results.stories import open_story
from service.rounds import runs
from service.rounds.models import Round, Run, Scenario
from tests.make import making
from tests.rounds.test_chain import Hands, lines_of, published, settled, solved

SPOILT = "The lorry of the group broke down this morning."


@pytest.fixture
def hands(database: Database) -> Hands:
    with making(database) as make:
        return Hands(make)


def offer_of(database: Database, hands: Hands, number: int) -> UUID:
    with database.reading() as tx:
        return tx.scalars(select(Offer.id).where(Offer.organisation_id == hands.groups[number].id)).one()


def line_of(database: Database) -> UUID:
    with database.reading() as tx:
        return tx.scalars(select(DemandLine.id)).one()


def decide(
    database: Database, hands: Hands, number: int, quantity: int, by: Actor | None = None, version: int | None = None
) -> UUID:
    """Give the numbered group exactly so much of the school's line."""
    draft = OverrideIn(
        offer_id=offer_of(database, hands, number), quantity=quantity, reason=OverrideReason.EMERGENCY, note=SPOILT
    )
    line_id = line_of(database)
    with database.writing() as tx:
        found = tx.get_one(Round, hands.round_id).version if version is None else version
        return by_hand.override(
            tx, by=by or hands.facilitator, round_id=hands.round_id, line_id=line_id, version=found, draft=draft
        ).id


def awarded(database: Database) -> list[tuple[int, int]]:
    return [(line.quantity, line.price_satang) for line in lines_of(database)]


def test_a_ruled_out_group_gets_nothing_and_what_that_costs_is_shown(database: Database, hands: Hands) -> None:
    free = solved(database, hands)
    word = decide(database, hands, 0, 0)
    run = settled(database, hands)

    assert (run.number, run.kind, run.state, run.overrides) == (free.number + 1, "first", "solved", 1)
    with database.reading() as tx:
        row = tx.get_one(Round, hands.round_id)
        found = queries.difference(tx, row)
        # 20 at 19 and 10 at 21 baht are now 20 at 21: the line is short of ten units
        assert found["paid_satang"] == 20 * 2100 - (20 * 1900 + 10 * 2100)
        assert found["groups"] == -1
        assert found["served_value_satang"] < 0
        story = open_story(tx, tx.get_one(Run, run.id))
        assert story.of_pair(str(line_of(database)), str(offer_of(database, hands, 0)))[0] == ["ruled_out"]
        event = tx.scalars(select(Event).where(Event.subject_id == str(word))).one()
        tx.expunge(event)
        tx.expire_all()  # as a page that fails does; the story stays open for others
    assert (story.run.id, story.scenario.name) == (run.id, "policy")
    assert (event.verb, event.person_id, event.reason) == ("override.made", hands.facilitator.person_id, SPOILT)
    published(database, hands)
    assert awarded(database) == [(20, 2000), (20, 2100)]


def test_a_given_quantity_is_awarded_exactly_and_the_rest_is_solved_around_it(database: Database, hands: Hands) -> None:
    solved(database, hands)
    decide(database, hands, 2, 20)
    run = settled(database, hands)

    with database.reading() as tx:
        found = select(Scenario).where(Scenario.run_id == run.id)
        paid = {row.name: row.facts["paid_satang"] for row in tx.scalars(found)}
        # against the free plan the dearest group has ten units more, the second ten fewer
        assert paid["least_cost"] == 20 * 1900 + 10 * 2000 + 20 * 2100
        assert queries.difference(tx, tx.get_one(Round, hands.round_id))["paid_satang"] == 10 * (2100 - 2000)
    published(database, hands)
    assert awarded(database) == [(20, 1900), (10, 2000), (20, 2100)]


@pytest.mark.parametrize("quantity", [25, 3, 55])
def test_what_the_rules_forbid_a_person_may_not_decide_either(database: Database, hands: Hands, quantity: int) -> None:
    solved(database, hands)
    with pytest.raises(OverrideRefused) as refused:
        decide(database, hands, 0, quantity)
    assert refused.value.errors
    assert all(error.text() for error in refused.value.errors)
    with database.reading() as tx:
        assert tx.get_one(Round, hands.round_id).state == "solving"
        assert known.of_round(tx, hands.round_id) == []


def test_a_withdrawn_override_leaves_the_solvers_own_plan(database: Database, hands: Hands) -> None:
    solved(database, hands)
    word = decide(database, hands, 0, 0)
    settled(database, hands)
    with database.writing() as tx:
        row = tx.get_one(Round, hands.round_id)
        by_hand.withdraw(tx, by=hands.facilitator, round_id=row.id, override_id=word, version=row.version)
    settled(database, hands)

    with database.reading() as tx:
        assert queries.difference(tx, tx.get_one(Round, hands.round_id)) == {}
        assert tx.get_one(Override, word).withdrawn_by == hands.facilitator.person_id
    published(database, hands)
    assert awarded(database) == [(20, 1900), (20, 2000), (10, 2100)]


def test_a_second_word_on_a_pair_replaces_the_first(database: Database, hands: Hands) -> None:
    solved(database, hands)
    decide(database, hands, 0, 0)
    settled(database, hands)
    decide(database, hands, 0, 10)
    settled(database, hands)
    with database.reading() as tx:
        assert [word.quantity for word in known.of_round(tx, hands.round_id)] == [10]
    published(database, hands)
    assert awarded(database) == [(10, 1900), (20, 2000), (20, 2100)]


def test_only_the_facilitator_decides_and_only_before_the_proposal(database: Database, hands: Hands) -> None:
    with pytest.raises(WrongState):
        decide(database, hands, 0, 0)
    solved(database, hands)
    for other in (hands.own_auditor, hands.auditor):
        with pytest.raises(NotAllowed):
            decide(database, hands, 0, 0, by=other)
    with pytest.raises(EditConflict):
        decide(database, hands, 0, 0, version=99)
    published(database, hands)
    with pytest.raises(WrongState):
        decide(database, hands, 0, 0)


def test_a_pair_of_another_round_is_not_decided_here(database: Database, hands: Hands) -> None:
    solved(database, hands)
    with database.writing() as tx:
        version = tx.get_one(Round, hands.round_id).version
        draft = OverrideIn(offer_id=hands.round_id, quantity=0, reason=OverrideReason.OTHER, note=SPOILT)
        with pytest.raises(NotFound):
            by_hand.override(
                tx, by=hands.facilitator, round_id=hands.round_id, line_id=hands.round_id, version=version, draft=draft
            )


def test_what_was_ruled_out_stays_so_when_a_sent_back_round_is_solved_again(database: Database, hands: Hands) -> None:
    solved(database, hands)
    decide(database, hands, 0, 0)
    settled(database, hands)
    with database.writing() as tx:
        row = tx.get_one(Round, hands.round_id)
        actions.propose(tx, by=hands.facilitator, round_id=row.id, version=row.version)
        tx.flush()
        review.send_back(tx, by=hands.auditor, round_id=row.id, version=row.version, reason="Once more, please.")
        tx.flush()
        actions.solve_again(tx, by=hands.facilitator, round_id=row.id)
    run = settled(database, hands)
    assert run.overrides == 1
    with database.reading() as tx:
        newest = runs.latest(tx, hands.round_id)
        assert newest is not None
        assert [word.quantity for word in runs.market_of(newest).overrides] == [0]


def test_a_decision_for_a_group_that_may_no_longer_trade_binds_nobody(database: Database, hands: Hands) -> None:
    solved(database, hands)
    word = decide(database, hands, 2, 20)
    settled(database, hands)
    with database.writing() as tx:
        tx.get_one(Organisation, hands.groups[2].id).state = "suspended"
    with pytest.raises(OverrideRefused):
        decide(database, hands, 2, 10)
    decide(database, hands, 0, 10)
    assert settled(database, hands).overrides == 1
    with database.reading() as tx:
        assert queries.void(tx, tx.get_one(Round, hands.round_id)) == {word}
    published(database, hands)
    assert awarded(database) == [(10, 1900), (20, 2000)]
