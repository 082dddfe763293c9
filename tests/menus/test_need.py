"""From dishes to packs: nothing is lost, nothing is rounded but up, and less than a pack too much comes."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from service.menus.need import Calendar, Portion, Use, drops_of, item_of, scaled
from service.recipes.rules import Bought

MONDAY = date(2026, 12, 14)


def portion(day: int = 0, **facts: object) -> Portion:
    given_ = {"day": MONDAY + timedelta(days=day), "meal": "lunch", "dish": "Curry", "ingredient": "kale",
              "method": "boil", "heads": 450, "serve_mg": 33_000, "yield_bp": 7_930, "factor_milli": 1_090}  # fmt: skip
    return Portion(**{**given_, **facts})  # type: ignore[arg-type]


def test_raw_weight_is_serve_by_factor_over_yield_by_heads_exactly() -> None:
    assert portion().grams == Fraction(33) * Fraction(109, 100) * 100 / Fraction(793, 10) * 450
    assert portion(factor_milli=None, yield_bp=10_000, heads=3).grams == 99


def test_leaves_come_on_the_day_dry_goods_once_a_week_and_before_breakfast_the_day_before() -> None:
    uses = {MONDAY + timedelta(days=day): Fraction(3) for day in (0, 1, 4)}
    kale, rice = Bought("kale", 1000, 1, 3), Bought("rice", 1000, 1, 180)
    calendar = Calendar(MONDAY)
    assert [(drop.day, drop.quantity) for drop in drops_of(uses, kale, calendar)] == [(day, 3) for day in uses]
    assert [(drop.day, drop.quantity) for drop in drops_of(uses, rice, calendar)] == [(MONDAY, 9)]
    early = Calendar(MONDAY, before_day=True)
    days = [drop.day for drop in drops_of(uses, kale, early)]
    assert days == [MONDAY, MONDAY, MONDAY + timedelta(days=3)]  # Sunday belongs to the week before
    shut = Calendar(MONDAY, frozenset({MONDAY + timedelta(days=3)}), before_day=True)
    assert drops_of(uses, kale, shut)[-1].day == MONDAY + timedelta(days=4)


def test_what_is_left_of_a_pack_is_used_while_it_is_fresh_and_no_longer() -> None:
    uses = {MONDAY + timedelta(days=day): Fraction(2) for day in (0, 1, 4)}
    drops = drops_of(uses, Bought("kale", 1000, 5, 3), Calendar(MONDAY))
    assert [(drop.quantity, drop.run) for drop in drops] == [(5, 0), (0, 0), (5, 1)]


def test_a_quantity_for_other_heads_is_rounded_up_and_packs_stay_packs() -> None:
    assert scaled(100, 5, heads=240, before=180) == 135
    assert scaled(7, 5, heads=240, before=180) == 10
    assert scaled(100, 5, heads=90, before=180) == 50


portions = st.lists(
    st.builds(
        portion,
        day=st.integers(0, 6),
        heads=st.integers(1, 5_000),
        serve_mg=st.integers(1, 300_000),
        yield_bp=st.integers(1, 10_000),
        factor_milli=st.none() | st.integers(1, 3_000),
    ),
    min_size=1,
    max_size=25,
)
goods = st.builds(
    Bought, st.just("kale"), st.integers(1, 2_000), st.integers(1, 60), st.sampled_from([0, 1, 3, 4, 5, 7, 10, 14, 180])
)


@settings(max_examples=60, deadline=None)
@given(portions, goods, st.fractions(0, 500), st.frozensets(st.integers(0, 6), max_size=3), st.booleans())
def test_what_comes_is_never_less_than_what_is_served_and_less_than_a_pack_more(
    served: list[Portion], bought: Bought, stock: Fraction, shut: frozenset[int], before: bool
) -> None:
    closed = frozenset(MONDAY + timedelta(days=day) for day in shut)
    served = [one for one in served if one.day not in closed]
    uses = [Use(one, bought.unit_g) for one in served]
    calendar = Calendar(MONDAY, closed, before)
    item = item_of(bought, uses, stock, calendar)
    assert item.need == sum((one.grams for one in served), Fraction(0)) / bought.unit_g
    assert item.netted == min(stock, item.need)
    assert sum((drop.need for drop in item.drops), Fraction(0)) == item.need - item.netted
    for run in {drop.run for drop in item.drops}:
        drops = [drop for drop in item.drops if drop.run == run]
        came = needed = Fraction(0)
        for drop in drops:
            came, needed = came + drop.quantity, needed + drop.need
            assert came >= needed
            assert came < needed + bought.pack
    for drop in item.drops:
        assert drop.day not in closed
        assert calendar.receives(drop.day)
        assert drop.quantity % bought.pack == 0
        assert drop.day <= drop.until
