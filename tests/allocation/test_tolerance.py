"""Tolerance: what lines aim at against trying every sum, what stands is kept, and old markets stay what they were."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import solver
from service.allocation.facts import Deal, deals_of, facts_of, standing_deals
from service.allocation.margins import Weights
from service.allocation.market import Held, Line, Lot, Market, Override, canonical, digest, pack, unpack
from service.allocation.numbers import broken_by, grid_of, question_of
from service.allocation.tolerance import LARGEST, Source, Standing, aim, is_served, is_within, least_sum
from tests.rounds.test_caps import DAYS, bid, line, market

PLENTY = (Lot(DAYS[0], DAYS[6], 500, 3_000),)

sources = st.builds(Source, st.integers(1, 9), st.integers(0, 14), st.integers(0, 20))


def tried(found: list[Source], low: int, high: int, most_sources: int | None) -> int | None:
    """The least sum by trying every amount of every source."""
    amounts = [[0, *(n for n in range(s.pack, s.most + 1, s.pack) if n >= s.least)] for s in found]
    ways = (way for way in product(*amounts) if most_sources is None or sum(map(bool, way)) <= most_sources)
    return min((sum(way) for way in ways if low <= sum(way) <= high), default=None)


@settings(max_examples=200, deadline=None)
@given(st.lists(sources, max_size=3), st.integers(-3, 40), st.integers(-3, 50), st.none() | st.integers(0, 3))
def test_the_least_sum_of_packs_is_the_one_that_trying_all_finds(
    found: list[Source], low: int, high: int, most_sources: int | None
) -> None:
    assert least_sum(found, low, high, most_sources) == tried(found, max(0, low), high, most_sources)


def test_a_line_too_large_to_tell_its_sums_apart_aims_at_its_quantity() -> None:
    loose = line(quantity=10 * LARGEST + 1, most=10 * LARGEST + 5)
    assert aim(loose, Standing(), [Source(2, 0, 10**7)]) == loose.quantity
    assert aim(loose, Standing(), [Source(1000, 0, 10**7)]) == loose.quantity  # no whole packs from here to there
    assert aim(replace(loose, most=2_001_000), Standing(), [Source(1000, 0, 10**7)]) == 2_001_000


@pytest.mark.parametrize(
    ("bounds", "packs", "standing", "expected"),
    [
        ({"most": 120}, [30], Standing(), 120),
        ({"most": 119}, [30], Standing(), 100),  # nothing fits in the tolerance: what is wanted
        ({"most": 120}, [30, 25], Standing(), 100),  # what is wanted can be had
        ({"most": 120, "most_awards": 1}, [30, 40], Standing(), 120),  # 100 would need two groups
        ({"most": 120}, [30], Standing(units=50, held=50, offers=1), 110),
        ({"most": 120}, [30], Standing(units=110, held=110, offers=2), 110),  # never below what stands
        ({"most": 120, "least": 90}, [30], Standing(units=90, held=90, offers=2), 90),  # enough: nothing more
        ({"most": 120, "least": 91}, [30], Standing(units=90, held=90, offers=2), 120),  # not enough: wanted again
        ({"most": 120, "least": 80}, [30], Standing(units=90, offers=1), 120),  # a person's word is no answer
        ({"most": 120, "most_awards": 1}, [30], Standing(units=40, offers=2), 100),  # more groups than may share it
        ({"least": 80}, [30], Standing(), 100),
    ],
)
def test_a_line_aims_at_the_least_total_in_its_tolerance(
    bounds: dict[str, Any], packs: list[int], standing: Standing, expected: int
) -> None:
    assert aim(line(**bounds), standing, [Source(pack, 0, 300) for pack in packs]) == expected


def solved(of: Market) -> tuple[solver.Instance, list[Deal]]:
    question = question_of(grid_of(of), "policy")
    result = solver.solve(question)
    assert not solver.verify(question, result)
    return question, [*standing_deals(of), *deals_of(of, question, result)]


def loose(**facts: Any) -> Line:
    return line("l", **{"quantity": 100, "least": 90, "most": 120, **facts})


def test_whole_packs_above_the_quantity_are_awarded_within_what_was_approved() -> None:
    bids = [bid("a", "x", pack=30, lots=PLENTY), bid("b", "y", pack=40, price=2100, lots=PLENTY)]
    of = market([loose(most_awards=1)], bids, approved={"b": 120 * 2200})
    question, deals = solved(of)
    assert [deal.quantity for deal in deals] == [120]
    assert question.lines.shortage_cost.tolist() == [pytest.approx(110 * 100 / 120)]  # together as much as 100 units
    facts = facts_of(of, deals)
    assert (facts["lines_short"], facts["lines_within"], facts["paid_satang"]) == (0, 1, 240_000)
    assert facts["served_value_satang"] == facts["demanded_satang"] == 220_000  # no more than was wanted
    tight = replace(of, approved={"b": 100 * 2200})  # a total that does not cover the most still binds
    assert sum(deal.satang for deal in solved(tight)[1]) <= 220_000


def test_what_answers_leave_is_enough_or_is_filled_up_again() -> None:
    bids = [bid("a", "x", pack=30, lots=PLENTY), bid("b", "y", pack=30, lots=PLENTY)]
    for held, in_all in ((90, 90), (60, 120), (120, 120)):
        of = market([loose()], bids, held=(Held("l", "a", held, 2000),), answered=(("l", "a"),))
        assert sum(deal.quantity for deal in solved(of)[1]) == in_all
    assert [(is_served(loose(), n), is_within(loose(), n)) for n in (89, 90, 100, 120)] == [
        (False, False), (True, True), (True, False), (True, True),
    ]  # fmt: skip


def test_a_person_may_decide_up_to_the_most_and_no_further() -> None:
    def broken(units: int) -> list[str]:
        word = Override("l", "a", units, "emergency")
        return broken_by(grid_of(market([loose()], [bid("a", "x", lots=PLENTY)], overrides=(word,))))

    assert (broken(110), broken(121)) == ([], ["line"])
    word = Override("l", "a", 110, "emergency")
    both = market([loose()], [bid("a", "x", lots=PLENTY), bid("b", "y", pack=30, lots=PLENTY)], overrides=(word,))
    assert [deal.quantity for deal in solved(both)[1]] == [110]


def before_tolerance() -> Market:
    """A market as it was frozen before lines had a tolerance, and profiles a handicap of substitutes."""
    lots = (Lot(DAYS[0], DAYS[6], 70, 200),)
    weights = Weights(family_share_bp=10_000).as_json()
    del weights["substitute_rank_bp"]
    return market(
        [line("l", substitutes=("MUNG",)), line("m", DAYS[1], quantity=55, most_awards=1)],
        [bid("a", "x", pack=30, lots=lots), bid("b", "y", pack=25, product="MUNG", lots=lots, price=1900)],
        held=(Held("m", "a", 30, 2000),), weights=weights,
    )  # fmt: skip


def test_a_market_from_before_tolerance_is_the_same_file_and_the_same_questions() -> None:
    text = canonical(before_tolerance())
    assert digest(text) == "dd4e255e9ab92c610d73a4723b204c25abb318bb570b76eb4a084d32ea29a26e"
    again = unpack(pack(text))
    assert canonical(again) == text
    assert [solver.digest(question_of(grid_of(again), name)) for name in ("least_cost", "policy")] == [
        "704d0c43699f514c8f18e3b21641c6ac03d72d830778b002f60c127b9d2b11b6",
        "dd2f901ea5a55f08a4b5cdd92fbee580e5e4f87a20012542844dcab872f74d72",
    ]
    with_tolerance = replace(again, lines=(replace(again.lines[0], least=90, most=110), again.lines[1]))
    assert unpack(pack(canonical(with_tolerance))) == with_tolerance


def test_the_kitchens_order_of_substitutes_decides_between_near_prices() -> None:
    """At 2 % a place a better place wins unless the other is cheaper by more; what is paid is the price."""
    weights = Weights(family_share_bp=10_000, substitute_rank_bp=200).as_json()

    def winner(first: int, second: int, **other: Any) -> str:
        wanted = line("l", substitutes=("MUNG", "BLACK"), most_awards=1)
        bids = [bid("second", "x", product="BLACK", price=second, lots=PLENTY),
                bid("first", "y", product="MUNG", price=first, lots=PLENTY)]  # fmt: skip
        (deal,) = solved(market([wanted], bids, **{"weights": weights, **other}))[1]
        assert deal.satang == 100 * {"first": first, "second": second}[deal.bid.id]
        return deal.bid.id

    assert [winner(2000, 2000), winner(2000, 1970), winner(2000, 1950)] == ["first", "first", "second"]
    assert winner(2000, 1970, weights=Weights(family_share_bp=10_000).as_json()) == "second"
    plain = [bid("a", "x"), bid("b", "y")]
    questions = {solver.digest(question_of(grid_of(market([line("l")], plain, weights=w)), "policy"))
                 for w in (weights, Weights(family_share_bp=10_000).as_json())}  # fmt: skip
    assert len(questions) == 1  # without substitutes nothing changes
