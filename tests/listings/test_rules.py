"""Rules of offers, without a database: packs, windows, bands, and the shape of a lot."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.listings import rules
from service.listings.models import SupplyLot
from service.listings.schemas import LotIn, OfferForm

WEEK = date(2026, 11, 23)


def lot(first: int, last: int, a_day: int = 10) -> SupplyLot:
    days = {"harvest_from": WEEK + timedelta(days=first), "harvest_until": WEEK + timedelta(days=last)}
    return SupplyLot(**days, capacity_day=a_day, capacity_week=a_day)


def test_a_minimum_that_cannot_be_packed_is_refused_with_the_two_that_can() -> None:
    with pytest.raises(rules.MinimumNotWholePacks) as refused:
        rules.must_be_packable(12, 5)
    assert refused.value.facts["suggestions"] == "10, 15"


@given(st.integers(0, 1000), st.integers(1, 100))
def test_no_minimum_and_whole_packs_are_fine(packs: int, pack: int) -> None:
    rules.must_be_packable(packs * pack, pack)


def test_lots_that_never_fill_one_delivery_are_refused() -> None:
    with pytest.raises(rules.NeverEnough):
        rules.must_be_servable([lot(0, 1, a_day=9)], 0, 10)
    rules.must_be_servable([lot(0, 1, a_day=9), lot(0, 1, a_day=10)], 10, 5)
    rules.must_be_servable([], 10, 5)


def test_a_lot_that_ends_today_is_still_ahead() -> None:
    rules.must_have_lot_ahead([lot(-3, 0)], WEEK)
    with pytest.raises(rules.NoLotAhead):
        rules.must_have_lot_ahead([lot(-3, -1)], WEEK)
    with pytest.raises(rules.NoLotAhead):
        rules.must_have_lot_ahead([], WEEK)


@pytest.mark.parametrize(("first", "last", "inside"), [(0, 6, True), (2, 2, True), (-1, 3, False), (0, 7, False)])
def test_a_lot_lies_in_a_week_with_all_its_days(first: int, last: int, inside: bool) -> None:
    assert rules.lies_in(lot(first, last), WEEK) == inside


@given(st.integers(0, 10_000))
def test_every_quantity_is_in_its_band(weekly: int) -> None:
    lower, upper = rules.band(weekly)
    assert lower <= weekly
    assert upper is None or weekly < upper


@pytest.mark.parametrize(
    "wrong",
    [{"harvest_until": WEEK - timedelta(days=1)}, {"harvest_until": WEEK + timedelta(days=60)}, {"capacity_day": 0},
     {"capacity_week": 9}, {"capacity_week": 71}, {"capacity_day": 10**9}, {"harvest_from": "soon"}],
)  # fmt: skip
def test_a_lot_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    given = {"harvest_from": WEEK, "harvest_until": WEEK, "capacity_day": 10, "capacity_week": 10}
    LotIn.model_validate(given)
    with pytest.raises(ValidationError):
        LotIn.model_validate(given | wrong)


def test_the_longest_lot_is_sixty_days() -> None:
    until = WEEK + timedelta(days=59)
    LotIn(harvest_from=WEEK, harvest_until=until, capacity_day=1, capacity_week=7)


@pytest.mark.parametrize(("text", "satang"), [("24.50", 2450), ("1,200", 120_000), ("0.05", 5)])
def test_people_write_prices_in_baht(text: str, satang: int) -> None:
    assert OfferForm(price=text).price == satang  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "-3", "24.505", "about 20", "0", "1e3", "9" * 30])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        OfferForm(price=text)  # type: ignore[arg-type]
