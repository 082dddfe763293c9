"""Accepted prices: noted with the order, told only where no group's price shows through, warned of at the line."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from service.kernel.clock import today, week_of
from service.kernel.ids import new_id
from service.orders import actions as orders
from service.orders.models import OrderLine
from service.orders.schemas import AnswerIn, LineAnswerIn
from service.orders.vocabulary import Answer
from service.parties.models import Organisation
from service.prices import actions, plot, queries, rules
from service.prices.models import AcceptedPrice
from service.prices.rules import ACCEPTED
from tests.make import PASSWORD, Maker, making, next_week

THIS = week_of(today())


def sold(make: Maker, group: Organisation, satang: int, quantity: int = 10, week: date = THIS) -> None:
    code = make.product().code
    actions.note_accepted(
        make.tx, order_line_id=new_id(), product_code=code, province_code="45", supplier_id=group.id,
        delivery_date=week + timedelta(days=2), quantity=quantity, price_satang=satang,
    )  # fmt: skip
    make.tx.flush()


def own(tx: Session, until: date = THIS) -> list[rules.Cell]:
    found = queries.spread(tx, product_code="MORNING-GLORY", province_code="45", until=until)
    return [cell for cell in found if cell.is_own]


def test_an_accepted_line_of_an_award_is_noted_with_its_order(tx: Session, make: Maker) -> None:
    award = make.published_award(lines=((40, 2033),))
    leader = make.actor(tx.get_one(Organisation, award.supplier_id), "supplier_manager")
    part = LineAnswerIn(award_line_id=award.lines[0].id, answer=Answer.PARTIALLY_ACCEPTED, quantity=25)
    orders.answer(tx, by=leader, award_id=award.id, version=award.version, draft=AnswerIn(lines=[part]))
    tx.flush()

    noted = tx.scalars(select(AcceptedPrice)).one()
    assert noted.order_line_id == tx.scalars(select(OrderLine.id)).one()
    assert (noted.product_code, noted.province_code, noted.supplier_id) == ("MORNING-GLORY", "45", award.supplier_id)
    assert (noted.week, noted.quantity, noted.price_satang) == (next_week(), 25, 2033)
    assert own(tx, next_week()) == []  # its week has not begun: somebody may still accept


def test_two_groups_are_counted_and_their_prices_are_not_told(tx: Session, make: Maker) -> None:
    groups = [make.organisation() for _ in range(3)]
    for group, satang in zip(groups[:2], (1900, 2100), strict=True):
        sold(make, group, satang)
        sold(make, group, satang + 100)
    assert [(cell.sample, cell.q1, cell.median, cell.q3) for cell in own(tx)] == [(2, None, None, None)]
    assert queries.paid_lately(tx, product_codes=["MORNING-GLORY"], province_code="45", until=THIS) == {}

    sold(make, groups[2], 2600)
    cell = own(tx)[0]
    assert (cell.sample, cell.q1, cell.median, cell.q3, cell.source) == (3, 2050, 2150, 2375, ACCEPTED)


def test_a_group_counts_once_at_the_mean_of_what_it_sold(tx: Session, make: Maker) -> None:
    first, second, third = (make.organisation() for _ in range(3))
    sold(make, first, 1000, quantity=30)
    sold(make, first, 2000, quantity=10)
    sold(make, second, 3000)
    sold(make, third, 3000)
    assert [(cell.q1, cell.median, cell.q3) for cell in own(tx)] == [(2125, 3000, 3000)]


def test_imported_and_accepted_prices_stand_side_by_side_for_a_year(tx: Session, make: Maker) -> None:
    product = make.product()
    for back in (0, 1, 51, 52):
        make.reference_price(product, THIS - timedelta(weeks=back))
    for group in (make.organisation() for _ in range(3)):
        sold(make, group, 2500, week=THIS - timedelta(weeks=1))
        sold(make, group, 9900, week=THIS + timedelta(weeks=1))
    found = queries.spread(tx, product_code=product.code, province_code="45", until=THIS)
    assert [(cell.week, cell.source) for cell in found] == [
        (THIS - timedelta(weeks=51), "market survey"), (THIS - timedelta(weeks=1), "market survey"),
        (THIS - timedelta(weeks=1), ACCEPTED), (THIS, "market survey"),
    ]  # fmt: skip
    short = queries.spread(tx, product_code=product.code, province_code="45", until=THIS, weeks=1)
    assert [cell.week for cell in short] == [THIS]
    drawing = plot.draw(found, THIS)
    assert drawing is not None
    assert [box.cell.median for box in drawing.boxes] == [2500]
    assert drawing.median.split()[-1].startswith(f"{plot.RIGHT},")
    assert plot.draw([], THIS) is None


@pytest.mark.parametrize(("values", "quartiles"), [
    ([1, 2, 3], (2, 2, 3)), ([100, 200, 300, 400], (175, 250, 325)), ([5] * 9, (5, 5, 5)),
])  # fmt: skip
def test_quartiles_are_interpolated_in_whole_satang(values: list[int], quartiles: tuple[int, int, int]) -> None:
    assert rules.quartiles(values) == quartiles


def test_the_page_shows_the_year_and_the_form_warns_of_a_low_ceiling(client: TestClient) -> None:
    with making(client) as make:
        product, kitchen = make.product(), make.organisation("school")
        make.reference_price(product, THIS, upper_satang=3000)
        for group in (make.organisation() for _ in range(3)):
            sold(make, group, 2400)
        sold(make, make.organisation(), 1234, week=THIS - timedelta(weeks=3))
        officer = make.person(kitchen, "buyer_officer")
        make.place("520101")
        low = make.demand(kitchen, [make.line(product, ceiling_satang=2399)])
        fair = make.demand(kitchen, [make.line(product, ceiling_satang=2400)])
    client.cookies.set("lang", "en")
    page = client.get(f"/products/{product.code}/prices").text
    assert "24.00" in page
    assert "33.00" in page  # the ceiling: the upper quartile and a tenth
    assert "too few groups to tell" in page
    assert "12.34" not in page
    for path in ("", "/prices"):  # the place whose prices these are, though nothing is known of it
        shown = client.get(f"/products/{product.code}{path}?province=52").text
        assert '<option value="52" selected>' in shown
    cells = client.get(f"/api/v1/products/{product.code}/spread?province=45").json()
    assert [(cell["source"], cell["median"]) for cell in cells] == [
        (ACCEPTED, None), ("market survey", 2000), (ACCEPTED, 2400),
    ]  # fmt: skip
    assert client.get("/api/v1/products/NONE/spread?province=45").status_code == 404
    assert client.get(f"/api/v1/products/{product.code}/spread?province=45&weeks=0").status_code == 422
    client.post("/sign-in", data={"username": officer.username, "password": PASSWORD})
    said = "closed rounds paid 24.00"
    assert [client.get(f"/demands/{row.id}").text.count(said) for row in (low, fair)] == [1, 0]
    assert [client.get(f"/demands/{row.id}/edit").text.count(said) for row in (low, fair)] == [1, 0]
