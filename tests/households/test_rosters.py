"""Lists of members: seen by the group and its one agency, attested into shares; everybody else sees shares only."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.events.models import Event
from service.households import actions, queries, rules, sheet
from service.households.models import Household, Roster, RosterLine
from service.households.schemas import TierIn
from service.kernel.clock import now, today
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, WrongState
from service.parties.models import SocialShare
from service.parties.rules import shares_on
from service.parties.vocabulary import ROLES_OF_KIND
from tests.households.roster import NUMBERS, Started, attested, entered, member, started
from tests.make import Caller, Maker, database_of, making

WRONG = NUMBERS[0][:-1] + str((int(NUMBERS[0][-1]) + 1) % 10)


def csv_of(*lines: str, header: str = "citizen_id,labour_days,member_no") -> str:
    return "\n".join((header, *lines)) + "\n"


def test_attested_labour_days_become_the_shares_that_rounds_use(tx: Session, make: Maker) -> None:
    made = started(make, other_days=100)
    attested(tx, made, [(NUMBERS[0], 200, 1), (NUMBERS[1], 100, 2), (NUMBERS[2], 100, 4)])
    shares = list(tx.scalars(select(SocialShare).where(SocialShare.organisation_id == made.group.id)))
    assert shares_on(shares, today()) == {
        "labour_tier_1": 4000, "labour_tier_2": 2000, "labour_tier_3": 0, "labour_tier_4": 2000,
    }  # fmt: skip
    assert {row.attester_id for row in shares} == {made.agency.id}
    assert [line.tier for line in queries.whole(tx, by=made.leader, roster_id=made.roster.id).lines] == [1, 2, 4]


def test_days_without_a_valid_tier_are_part_of_the_whole_and_of_no_tier() -> None:
    assert rules.shares_bp([(1, 1), (None, 1), (3, 1)], 0) == {1: 3333, 2: 0, 3: 3333, 4: 0}
    assert rules.shares_bp([(1, 0)], 7) == {1: 0, 2: 0, 3: 0, 4: 0}
    with pytest.raises(rules.NoLabour):
        rules.shares_bp([(1, 0)], 0)
    assert rules.counted_tier(1, today(), today()) == 1
    assert rules.counted_tier(1, None, today()) is None


def test_a_group_cannot_ask_whose_household_is_poor(tx: Session, make: Maker) -> None:
    """Who enters someone's number learns no tier: it shows with the agency's attestation of that very list."""
    attested(tx, started(make), [(NUMBERS[0], 10, 1)])
    curious = started(make)
    entered(tx, curious, NUMBERS[:1])
    [line] = queries.whole(tx, by=curious.leader, roster_id=curious.roster.id).lines
    assert (line.tier, line.valid_until) == (None, None)
    assert queries.whole(tx, by=curious.leader, roster_id=curious.roster.id).shares_bp is None
    with pytest.raises(rules.TierNotYours):
        actions.take(tx, by=curious.leader, roster_id=curious.roster.id, members=[member(NUMBERS[0], 1, 1)])
    with pytest.raises(NotAllowed):
        actions.rate(tx, by=curious.leader, roster_id=curious.roster.id, findings={line.id: TierIn(tier=1)})


def test_only_the_group_and_the_agency_that_it_named_know_a_list(tx: Session, make: Maker) -> None:
    made = started(make)
    entered(tx, made, NUMBERS[:2])
    strangers = [make.actor(make.organisation(kind), role) for kind, roles in ROLES_OF_KIND.items() for role in roles]
    strangers.append(make.actor(made.group, "supplier_member"))  # members do not read what their neighbours have
    for by in strangers:
        assert not [row for row in _rosters(tx, by) if row.id == made.roster.id], by
        for step in (
            lambda by=by: queries.whole(tx, by=by, roster_id=made.roster.id),
            lambda by=by: actions.take(tx, by=by, roster_id=made.roster.id, members=[member(NUMBERS[0])]),
            lambda by=by: actions.submit(tx, by=by, roster_id=made.roster.id),
            lambda by=by: actions.attest(tx, by=by, roster_id=made.roster.id),
            lambda by=by: actions.give_back(tx, by=by, roster_id=made.roster.id, reason="not ours"),
        ):
            with pytest.raises(NotFound):
                step()
    for by in (made.leader, made.attester):
        assert len(queries.whole(tx, by=by, roster_id=made.roster.id).lines) == 2
        assert made.roster.id in {row.id for row in _rosters(tx, by)}


def _rosters(tx: Session, by: Any) -> list[Roster]:
    try:
        return list(tx.scalars(queries.mine(by)))
    except NotFound:
        return []


def test_each_side_edits_in_its_turn_and_an_attested_list_stands(tx: Session, make: Maker) -> None:
    made = started(make)
    key = made.roster.id
    with pytest.raises(rules.NoLabour):
        actions.submit(tx, by=made.leader, roster_id=key)
    entered(tx, made, NUMBERS[:1])
    with pytest.raises(WrongState):
        actions.take(tx, by=made.attester, roster_id=key, members=[member(NUMBERS[1])])
    actions.submit(tx, by=made.leader, roster_id=key)
    with pytest.raises(WrongState):
        entered(tx, made, NUMBERS[1:2])
    with pytest.raises(InvalidInput):
        actions.give_back(tx, by=made.attester, roster_id=key, reason=f"who is {NUMBERS[0]}?")
    assert actions.give_back(tx, by=made.attester, roster_id=key, reason="Days are missing").state == "draft"
    [line] = tx.scalars(select(RosterLine).where(RosterLine.roster_id == key))
    actions.drop(tx, by=made.leader, roster_id=key, line_id=line.id)
    attested(tx, made, [(NUMBERS[2], 5, 3)])
    for by in (made.leader, made.attester):
        with pytest.raises(WrongState):
            actions.take(tx, by=by, roster_id=key, members=[member(NUMBERS[3])])


def test_events_tell_of_lists_and_never_of_households(tx: Session, make: Maker) -> None:
    made = started(make)
    attested(tx, made, [(NUMBERS[0], 77, 1), (NUMBERS[1], 88, 2)])
    told = list(tx.scalars(select(Event).where(Event.subject_type == "rosters")))
    verbs = {row.verb for row in told}
    assert verbs == {"roster.begun", "roster.filled", "roster.submitted", "roster.attested"}
    households = {str(row.id) for row in tx.scalars(select(Household))}
    marks = {row.pseudonym for row in tx.scalars(select(Household))}
    text = " ".join(f"{row.subject_id} {row.change} {row.reason}" for row in told)
    assert not any(word in text for word in (*households, *marks, *NUMBERS, "tier"))
    assert not any(isinstance(step["value"], int) for row in told for step in row.change)  # nor how many, or how much
    assert not tx.scalars(select(Event).where(Event.subject_type == "households")).all()


def test_a_sheet_is_taken_whole_or_not_at_all_and_its_numbers_are_never_said_again() -> None:
    good = sheet.members(csv_of(f"{NUMBERS[0]},10,1", "", f"{NUMBERS[1]},20,2"))
    assert [(one.labour_days, one.member_no) for one in good] == [(10, "1"), (20, "2")]
    thai = csv_of(f"{NUMBERS[0]};10;ก 1", header="citizen_id;labour_days;member_no")
    assert sheet.members(sheet.decoded(thai.encode("cp874")))[0].member_no == "ก 1"
    assert sheet.members(sheet.decoded(thai.encode("utf-8-sig")))[0].member_no == "ก 1"
    wrong = csv_of(f"{WRONG},10,1", f"{NUMBERS[1]},-4,2", f"{NUMBERS[2]},4,=1+1", f"{NUMBERS[3]},4,{NUMBERS[3]}",
                   f"{NUMBERS[4]},{NUMBERS[4]},5", f"{NUMBERS[5]},1,6", f"{NUMBERS[5]},1,7")  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        sheet.members(wrong)
    said = str(refused.value.body()) + repr(refused.value.errors)
    pointers = [error.pointer for error in refused.value.errors]
    assert pointers == [f"/lines/{line}/{name}" for line, name in [
        (2, "citizen_id"), (3, "labour_days"), (4, "member_no"), (5, "member_no"), (6, "labour_days"),
        (8, "citizen_id"),
    ]]  # fmt: skip
    assert not any(number in said for number in (*NUMBERS, WRONG))


@pytest.mark.parametrize(
    "text", ["", "\n\n", f"{NUMBERS[0]},3", "citizen_id\n1", "citizen_id,citizen_id,labour_days\n"]
)
def test_what_is_no_list_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(rules.RosterNotReadable) as refused:
        sheet.members(text)
    assert NUMBERS[0] not in str(refused.value.body())
    with pytest.raises(rules.RosterNotReadable):
        sheet.decoded(b"\xff\xfe1\x002")


@pytest.fixture
def both(market: TestClient) -> tuple[Started, Caller, Caller]:
    """A list in the app, with callers for its group's leader and its agency."""
    with making(market) as make:
        made = started(make)
        people = [make.person(made.group, "supplier_manager"), make.person(made.agency, "attester")]
    return made, *(Caller(market, person) for person in people)  # type: ignore[return-value]


def test_the_api_carries_a_list_from_its_first_line_to_its_shares(both: tuple[Started, Caller, Caller]) -> None:
    made, leader, agency = both
    path = f"/rosters/{made.roster.id}"
    assert leader.post(f"{path}/sheet", {"csv": csv_of(*(f"{n},10,{n[-4:]}" for n in NUMBERS[:6]))}).status_code == 200
    assert agency.post(f"{path}/attest").status_code == 409
    assert leader.post(f"{path}/submit").json()["state"] == "submitted"
    lines = agency.get(path).json()["lines"]
    for line in lines[:3]:
        assert agency.post(f"{path}/members/{line['id']}/tier", {"tier": 1}).status_code == 200
    assert agency.get(path).json()["shares_bp"] == {"1": 5000, "2": 0, "3": 0, "4": 0}
    assert agency.post(f"{path}/attest").json()["state"] == "attested"
    told = leader.get(path).json()
    assert [line["tier"] for line in told["lines"]] == [1, 1, 1, None, None, None]
    assert "pseudonym" not in str(told)
    assert leader.get("/rosters").json()["items"][0]["id"] == str(made.roster.id)


def test_bad_input_is_a_clear_refusal_and_nothing_is_written(both: tuple[Started, Caller, Caller]) -> None:
    made, leader, agency = both
    path, day = f"/rosters/{made.roster.id}", today().isoformat()
    bodies: list[tuple[str, Any, int]] = [
        (f"{path}/members", {}, 422), (f"{path}/members", {"citizen_id": WRONG, "labour_days": 1}, 422),
        (f"{path}/members", {"citizen_id": 5, "labour_days": 1}, 422),
        (f"{path}/members", {"citizen_id": NUMBERS[0], "labour_days": -1}, 422),
        (f"{path}/members", {"citizen_id": NUMBERS[0], "labour_days": 10**30}, 422),
        (f"{path}/members", {"citizen_id": NUMBERS[0], "labour_days": 1, "tier": 5}, 422),
        (f"{path}/members", {"citizen_id": NUMBERS[0], "labour_days": 1, "tier": 1}, 403),
        (f"{path}/sheet", {"csv": "x" * 600_000}, 422), (f"{path}/sheet", {"csv": WRONG}, 422),
        (f"{path}/return", {"reason": "no reason of ours"}, 403),
        (f"/rosters/{uuid4()}/members", {"citizen_id": NUMBERS[0], "labour_days": 1}, 404),
        (f"{path}/members/{uuid4()}/tier", {"tier": 1}, 403),
        (f"/organisations/{made.group.id}/rosters",
         {"attester_id": str(made.group.id), "period_from": day, "period_until": day}, 422),
        (f"/organisations/{made.agency.id}/rosters",
         {"attester_id": str(made.agency.id), "period_from": day, "period_until": day}, 404),
        (f"/organisations/{made.group.id}/rosters",
         {"attester_id": str(made.agency.id), "period_from": day, "period_until": "2024-01-01"}, 422),
    ]  # fmt: skip
    for where, body, status in bodies:
        answer = leader.post(where, body)
        assert answer.status_code == status, (where, body, answer.text)
        assert NUMBERS[0] not in answer.text
        assert WRONG not in answer.text
    with database_of(leader.client).reading() as tx:
        assert not tx.scalars(select(Household)).all()
        assert len(tx.scalars(select(Roster)).all()) == 1
    assert agency.get(f"/rosters/{made.roster.id}").status_code == 200


def test_the_public_table_shows_no_cell_under_five_and_moves_once_a_month(tx: Session, make: Maker) -> None:
    first, second = started(make), started(make, place="520101")
    attested(tx, first, [(n, 10, 1 if i < 6 else 2) for i, n in enumerate(NUMBERS[:8])])
    attested(tx, second, [(n, 10, 1) for n in NUMBERS[7:27]])  # the eighth works in both places: it counts once
    assert queries.figures(tx).provinces == []
    for row in tx.scalars(select(Roster)):
        row.attested_at = now().replace(day=1) - rules.LONGEST_PERIOD / 12
    tx.flush()
    rows = {row["province_code"]: row for row in queries.figures(tx).rows}
    assert rows["45"]["tier_2"] is None
    assert rows[None]["total"] == 27
    assert all(value is None or value >= 5 for row in rows.values() for name, value in row.items()
               if name != "province_code" and not isinstance(value, str))  # fmt: skip
    hidden = [name for name in ("tier_1", "tier_2", "tier_3", "tier_4") if rows["45"][name] is None]
    assert len(hidden) > 1
