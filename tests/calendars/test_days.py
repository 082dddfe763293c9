"""Which days are closed, for whom and why."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from service.calendars import shipped
from service.calendars.models import ClosedPeriod, Holiday, KitchenWeek, Term
from service.calendars.queries import closed_days
from service.kernel.i18n import speaking
from tests.make import Maker

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 31)


def days(*numbers: int) -> set[date]:
    return {date(2026, 12, number) for number in numbers}


def test_a_school_is_closed_on_weekends_and_public_holidays(tx: Session, make: Maker) -> None:
    school = make.organisation("school")
    with speaking("en"):
        found = closed_days(tx, organisation_id=school.id, first=FIRST, last=LAST)
    assert set(found) == days(5, 6, 12, 13, 19, 20, 26, 27) | days(7, 10, 31)
    assert found[date(2026, 12, 10)] == "Constitution Day"
    assert found[date(2026, 12, 12)] == "No cooking on this day of the week"


def test_a_hospital_cooks_every_day_and_a_kitchen_may_say_otherwise(tx: Session, make: Maker) -> None:
    hospital = make.organisation("hospital")
    assert closed_days(tx, organisation_id=hospital.id, first=FIRST, last=LAST) == {}
    make.add(KitchenWeek(organisation_id=hospital.id, weekdays=[0, 1, 2, 3, 4, 5], keeps_holidays=True))
    found = closed_days(tx, organisation_id=hospital.id, first=FIRST, last=LAST)
    assert set(found) == days(6, 13, 20, 27) | days(5, 7, 10, 31)


def test_own_days_and_terms_close_a_school_and_before_the_first_term_nothing_is_known(tx: Session, make: Maker) -> None:
    school = make.organisation("school")
    make.add(Term(organisation_id=school.id, name="2", first_day=date(2026, 12, 8), last_day=date(2026, 12, 18)))
    make.add(ClosedPeriod(organisation_id=school.id, first_day=date(2026, 12, 9), last_day=date(2026, 12, 11),
                          reason="Sports days"))  # fmt: skip
    found = closed_days(tx, organisation_id=school.id, first=FIRST, last=LAST)
    assert not days(1, 2, 3, 4, 8, 14, 18) & set(found)
    assert days(9, 10, 11, 21, 22, 28, 30) <= set(found)
    assert found[date(2026, 12, 10)] == "Sports days"  # the most particular reason


def test_an_imported_day_goes_before_the_shipped_one(tx: Session, make: Maker) -> None:
    school = make.organisation("school")
    shared = {"name_th": "วันหยุดพิเศษ", "name_en": "Special holiday", "source": "Cabinet resolution"}
    make.add(Holiday(day=date(2026, 12, 10), observed=False, **shared))
    make.add(Holiday(day=date(2026, 12, 30), **shared))
    found = closed_days(tx, organisation_id=school.id, first=FIRST, last=LAST)
    assert date(2026, 12, 10) not in found
    assert found[date(2026, 12, 30)] == "วันหยุดพิเศษ"


def test_another_schools_days_close_nothing(tx: Session, make: Maker) -> None:
    school, other = make.organisation("school"), make.organisation("school")
    make.add(ClosedPeriod(organisation_id=other.id, first_day=FIRST, last_day=LAST, reason="Renovation"))
    assert date(2026, 12, 1) not in closed_days(tx, organisation_id=school.id, first=FIRST, last=LAST)


@pytest.mark.parametrize(("year", "fewest"), [(2026, 18), (2027, 18)])
def test_the_shipped_list_has_whole_years_with_their_source_and_substitutes(year: int, fewest: int) -> None:
    found = [row for day, row in shipped.holidays().items() if day.year == year]
    assert len(found) >= fewest
    assert all(row.name_th and row.name_en and row.source for row in found)
    weekends = [row for row in found if row.day.weekday() > 4]
    substitutes = [row for row in found if row.name_en.startswith("Substitute")]
    assert len(weekends) == len(substitutes)
    assert all((there.day - held.day).days in {1, 2} for held, there in zip(weekends, substitutes, strict=True))
