"""Rules of the catalogue, without a database: which price counts, ceilings, certificates, units, names."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalog import rules
from service.catalog.models import Certificate, ReferencePrice

WEEK = date(2026, 11, 23)


def price(weeks_ago: int, sample: int = 10, upper: int = 2200, source: str = "a") -> ReferencePrice:
    week = WEEK - timedelta(weeks=weeks_ago)
    return ReferencePrice(week=week, sample_size=sample, upper_satang=upper, source=source)


def test_the_newest_week_counts_before_the_larger_sample() -> None:
    newest = price(1, sample=3)
    assert rules.reference_of([price(2, sample=900), newest, price(3)], WEEK) is newest


def test_within_a_week_the_source_with_the_largest_sample_counts() -> None:
    large = price(1, sample=50, source="z")
    assert rules.reference_of([price(1, sample=49), large], WEEK) is large


def test_equal_samples_are_settled_by_the_source_so_that_everyone_finds_the_same() -> None:
    first = price(1, source="a")
    assert rules.reference_of([price(1, source="b"), first], WEEK) is first
    assert rules.reference_of([first, price(1, source="b")], WEEK) is first


@pytest.mark.parametrize(("weeks_ago", "counts"), [(0, True), (8, True), (9, False), (-1, False)])
def test_a_price_counts_for_its_own_week_and_the_eight_after_it(weeks_ago: int, counts: bool) -> None:
    assert (rules.reference_of([price(weeks_ago)], WEEK) is not None) == counts


def test_the_ceiling_is_the_upper_quartile_and_a_tenth_in_whole_satang() -> None:
    assert rules.ceiling_of(price(0, upper=2200)) == 2420
    assert rules.ceiling_of(price(0, upper=999)) == 1098
    assert rules.ceiling_of(None) is None


def certificate(**facts: object) -> Certificate:
    given = {"organisation_id": uuid4(), "number": "G-1", "issued_on": WEEK, "expires_on": WEEK + timedelta(days=365)}
    return Certificate(**{**given, **facts})


def test_a_certificate_counts_from_its_issue_to_its_last_day() -> None:
    row = certificate()
    assert rules.counts_on(row, "RICE", WEEK)
    assert rules.counts_on(row, "RICE", row.expires_on)
    assert not rules.counts_on(row, "RICE", WEEK - timedelta(days=1))
    assert not rules.counts_on(row, "RICE", row.expires_on + timedelta(days=1))


def test_a_certificate_of_one_product_does_not_cover_another() -> None:
    assert not rules.counts_on(certificate(product_code="RICE"), "EGG", WEEK)


def test_a_revoked_certificate_does_not_count_from_that_day() -> None:
    assert not rules.counts_on(certificate(revoked_on=WEEK), "RICE", WEEK)


def test_anothers_certificate_is_refused() -> None:
    row = certificate()
    rules.must_count(row, row.organisation_id, "RICE", WEEK)
    with pytest.raises(rules.CertificateNotValid):
        rules.must_count(row, uuid4(), "RICE", WEEK)


def test_a_certificate_warns_two_months_before_it_expires() -> None:
    row = certificate()
    assert rules.expiry(row, WEEK) == "valid"
    assert rules.expiry(row, row.expires_on - timedelta(days=60)) == "expiring"
    assert rules.expiry(row, row.expires_on + timedelta(days=1)) == "expired"
    assert rules.expiry(certificate(revoked_on=WEEK), WEEK) == "revoked"


def test_local_units_come_out_whole_or_are_refused() -> None:
    assert rules.whole_units(4, 15_000, "tin") == 60
    assert rules.whole_units(2, 500, "handful") == 1
    with pytest.raises(rules.NotWholeUnits):
        rules.whole_units(3, 500, "handful")


@given(st.integers(1, 10_000), st.integers(1, 100_000))
def test_local_units_never_invent_or_lose_anything(quantity: int, factor: int) -> None:
    try:
        whole = rules.whole_units(quantity, factor, "x")
    except rules.NotWholeUnits:
        assert quantity * factor % 1000 or quantity * factor < 1000
    else:
        assert whole * 1000 == quantity * factor
