"""Reference prices: upsert, the one that counts, the highest ceiling, and who may write them."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.catalog import actions, queries
from service.catalog.models import ReferencePrice
from service.catalog.schemas import ReferencePriceIn
from service.kernel.actor import SYSTEM
from service.kernel.problems import InvalidInput, NotAllowed
from tests.make import Caller, Maker, database_of, making

WEEK = date(2026, 11, 23)


def body(**changes: Any) -> dict[str, Any]:
    given = {"product_code": "MORNING-GLORY", "province_code": "45", "week": WEEK.isoformat(), "lower_satang": 1500,
             "median_satang": 1800, "upper_satang": 2000, "sample_size": 12, "source": "market survey"}  # fmt: skip
    return given | changes


def put(tx: Session, **changes: Any) -> tuple[ReferencePrice, str]:
    return actions.put_reference_price(tx, by=SYSTEM, draft=ReferencePriceIn.model_validate(body(**changes)))


def test_a_price_is_added_once_corrected_and_left_alone(tx: Session, make: Maker) -> None:
    make.product()
    make.place()
    assert put(tx)[1] == "added"
    assert put(tx)[1] == "same"
    row, done = put(tx, upper_satang=2100)
    assert (done, row.upper_satang) == ("changed", 2100)
    assert tx.scalar(select(func.count()).select_from(ReferencePrice)) == 1


def test_a_price_of_an_unknown_product_is_refused(tx: Session, make: Maker) -> None:
    make.place()
    with pytest.raises(InvalidInput):
        put(tx)


def test_a_facilitator_writes_prices_of_the_own_province_only(tx: Session, make: Maker) -> None:
    make.product()
    make.place()
    draft = ReferencePriceIn.model_validate(body())
    stranger = make.actor(make.organisation("provincial_company", place="520101"))
    with pytest.raises(NotAllowed):
        actions.put_reference_price(tx, by=stranger, draft=draft)
    own = make.actor(make.organisation("provincial_company"))
    assert actions.put_reference_price(tx, by=own, draft=draft)[1] == "added"


def test_the_ceiling_limit_names_its_price_and_province(tx: Session, make: Maker) -> None:
    product = make.product()
    price = make.reference_price(product, WEEK - timedelta(weeks=2))
    make.reference_price(product, WEEK, province_code="52", upper_satang=9900)

    limit = queries.ceiling_limit(tx, product.code, "45", WEEK)

    assert (limit.limit_satang, limit.price) == (2420, price)


def test_without_a_reference_price_there_is_no_limit(tx: Session, make: Maker) -> None:
    product = make.product()
    make.reference_price(product, WEEK - timedelta(weeks=9))
    limit = queries.ceiling_limit(tx, product.code, "45", WEEK)
    assert (limit.limit_satang, limit.price) == (None, None)


def test_limits_of_many_products_are_the_same_as_one_by_one(tx: Session, make: Maker) -> None:
    codes = [f"P-{number}" for number in range(4)]
    for number, code in enumerate(codes[:3]):
        make.reference_price(make.product(code), WEEK - timedelta(weeks=4 * number), upper_satang=3000 + number)
    limits = queries.ceiling_limits(tx, codes, "45", WEEK)
    assert limits == {code: queries.ceiling_limit(tx, code, "45", WEEK) for code in codes}
    assert [limits[code].limit_satang for code in codes] == [3300, 3301, 3302, None]


def test_the_history_has_one_price_a_week_for_a_year(tx: Session, make: Maker) -> None:
    product = make.product()
    for weeks in (0, 1, 1, 51, 52):
        source = f"source {weeks} {len(list(tx.scalars(select(ReferencePrice.id))))}"
        make.reference_price(product, WEEK - timedelta(weeks=weeks), source=source)
    weeks_found = [row.week for row in queries.price_history(tx, product.code, "45", WEEK)]
    assert weeks_found == [WEEK - timedelta(weeks=weeks) for weeks in (51, 1, 0)]


def facilitator(client: TestClient) -> Caller:
    with making(client) as make:
        make.product()
        person = make.person(make.organisation("provincial_company"), "facilitator")
    return Caller(client, person)


@pytest.mark.postgres
def test_the_api_takes_a_price_and_answers_the_limit(market: TestClient) -> None:
    caller = facilitator(market)
    assert caller.post("/reference-prices", body()).status_code == 201
    assert caller.post("/reference-prices", body(upper_satang=2200)).status_code == 201
    limit = caller.get(f"/products/MORNING-GLORY/ceiling-limit?province=45&week={WEEK}").json()
    assert (limit["limit_satang"], limit["price"]["sample_size"]) == (2420, 12)
    assert len(caller.get(f"/products/MORNING-GLORY/prices?province=45&until={WEEK}").json()) == 1


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [({"week": "2026-11-24"}, "/week"), ({"week": "0001-01-01"}, "/week"), ({"lower_satang": 0}, "/lower_satang"),
     ({"upper_satang": 10**14}, "/upper_satang"), ({"upper_satang": "much"}, "/upper_satang"),
     ({"sample_size": 0}, "/sample_size"), ({"lower_satang": 1900}, "/"), ({"product_code": "NONE"}, "/product_code"),
     ({"source": "x\u0000y"}, "/source")],
)  # fmt: skip
def test_a_wrong_price_is_refused_with_its_field_and_nothing_is_written(
    client: TestClient, wrong: dict[str, Any], pointer: str
) -> None:
    answer = facilitator(client).post("/reference-prices", body(**wrong))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    with database_of(client).reading() as tx:
        assert tx.scalar(select(func.count()).select_from(ReferencePrice)) == 0


def test_a_price_of_another_province_is_not_allowed(client: TestClient) -> None:
    assert facilitator(client).post("/reference-prices", body(province_code="52")).status_code == 403
