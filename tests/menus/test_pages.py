"""The menus' pages without a script: the grid, its cost, tables taken over, and what is refused beside its cell."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from service.menus.models import MenuEntry
from service.recipes.models import Factor, Recipe, RecipeLine
from tests.make import PASSWORD, database_of, making
from tests.menus.kitchen import Kitchen

TABLE = "menu_id,menu_th,cooking_method_th,ingredient_th,serve_value,yield_value,is_fish\n"


class Desk:
    """An officer of a school at a browser without scripts, in English."""

    def __init__(self, client: TestClient) -> None:
        with making(client) as make:
            kitchen = Kitchen(make)
            person = make.person(kitchen.row, "buyer_officer")
            make.add(Recipe(name="ผัดคะน้า", number="12", method="ผัด", lines=[]))
            self.week, self.budget_id = kitchen.week, str(kitchen.budget_id)
        self.client = client
        client.cookies.set("lang", "en")
        assert self.post("/sign-in", username=person.username, password=PASSWORD).status_code == 303

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(path, data=form)

    def plan(self, version: int = 0, **cells: str) -> Any:
        form = {
            "_version": str(version),
            "_plan": "1",
            **{re.sub("(?!^)_", "-", name): text for name, text in cells.items()},
        }
        return self.client.post(f"/menus/plan?week={self.week}", data=form)

    def count(self, table: type[Any]) -> int:
        with database_of(self.client).reading() as tx:
            return tx.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def desk(client: TestClient) -> Desk:
    return Desk(client)


def test_a_week_is_planned_costed_and_drafted_without_a_script(desk: Desk) -> None:
    typed = f"/menus/plan?week={desk.week}&_cost=1&c-0-lunch-0=ข้าวสวย&c-0-lunch-1=คะน้า (12)"
    assert "Not saved yet." in desk.get(typed).text
    fragment = desk.get(f"{typed}&c-1-lunch-0=ข้าวสวย", **{"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<section id="cost"')
    assert "1.50" in fragment  # 75 g of rice at 20 baht a kilogram
    assert desk.count(MenuEntry) == 0
    saved = desk.plan(c_0_lunch_0="ข้าวสวย", c_0_lunch_2="ผัดคะน้า x 40", c_1_lunch_0="ข้าวสวย", _need="1")
    assert saved.headers["location"] == f"/menus/need?week={desk.week}"
    need = desk.get(saved.headers["location"]).text
    assert "× 40 =" in need
    drafted = desk.post(f"/menus/need?week={desk.week}", budget_line_id=desk.budget_id, method="selective",
                        legal_ground="Test ground")  # fmt: skip
    assert re.fullmatch(r"/demands/[0-9a-f-]{36}", drafted.headers["location"])
    assert "A demand was made from this menu" in desk.get(f"/menus/plan?week={desk.week}").text


def test_a_dish_that_is_none_or_twice_is_told_at_its_cell_and_nothing_is_saved(desk: Desk) -> None:
    refused = desk.plan(
        c_0_lunch_0="ข้าวสวย", c_0_lunch_1="ข้าวสวย", c_2_lunch_0="no such dish", c_3_lunch_0="ข้าวสวย x 0"
    )
    assert refused.status_code == 422
    for cell in ("c-0-lunch-1", "c-2-lunch-0", "c-3-lunch-0"):
        assert f'id="e-{cell}"' in refused.text
    assert 'value="no such dish"' in refused.text
    assert desk.count(MenuEntry) == 0
    assert desk.plan(version=7, c_0_lunch_0="ข้าวสวย").status_code == 412


def test_tables_are_taken_over_whole_or_not_at_all(desk: Desk) -> None:
    def sent(kind: str, text: str, encoding: str = "utf-8") -> Any:
        files = {"table": ("menus.csv", text.encode(encoding), "text/csv")}
        return desk.client.post("/menus/import", data={"kind": kind}, files=files)

    before = desk.count(RecipeLine)
    lines = "7,ผัดเปรี้ยวหวาน,ผัด,แตงกวา,33.0,79.3,0\n7,ผัดเปรี้ยวหวาน,ผัด,กุ้ง,17.0,57.7,0\n"
    for wrong in ("7,x,ผัด,แตงกวา,nine,79.3,0", "7,x,ผัด,แตงกวา,9,0,0", "7,x,ผัด,แตงกวา,9,101,0", "7,,ผัด,แตงกวา,9,90,0"):
        refused = sent("recipes", TABLE + lines + wrong + "\n")
        assert refused.status_code == 422, wrong
    assert desk.count(RecipeLine) == before
    assert sent("recipes", TABLE + lines, "cp874").headers["location"].endswith("done=2-0-0")
    assert sent("recipes", TABLE + lines.replace("33.0", "34.0")).headers["location"].endswith("done=0-1-1")
    assert sent("factors", "ingredient_th,cooking_method_th,factor\nกุ้ง,ผัด,1.60\n").status_code == 303
    assert (desk.count(RecipeLine) - before, desk.count(Factor)) == (2, 2)
    assert desk.client.post("/menus/import", data={"kind": "recipes"}).status_code == 422
    assert "แตงกวา" in desk.get("/menus/ingredients").text


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_table_to_fill_can_be_sent_back_as_it_is(desk: Desk, ending: str, language: str) -> None:
    desk.client.cookies.set("lang", language)
    for kind, lines in (("recipes", 1), ("factors", 1)):
        table = desk.client.get(f"/menus/import/{kind}.{ending}")
        assert table.headers["content-disposition"].endswith(f'{kind}.{ending}"')
        back = desk.client.post("/menus/import", data={"kind": kind}, files={"table": ("a", table.content, "")})
        assert back.headers["location"].endswith(f"done={lines}-0-0"), back.text
    assert desk.client.get("/menus/import/heads.csv").status_code in {404, 422}


def test_every_page_opens_and_keeps_what_is_entered(desk: Desk) -> None:
    day = str(desk.week)
    counts = {"counts-0-day": day, "counts-0-heads": "240", "counts-1-day": day, "counts-1-heads": ""}
    assert desk.post(f"/menus/heads?week={desk.week}", **counts).status_code == 303
    assert 'value="240"' in desk.get(f"/menus/heads?week={desk.week}").text
    form = {"name": "Curry", "method": "boil", "lines-0-ingredient": "kale", "lines-0-serve_g": "7.4"}
    made = desk.post("/menus/new", **form).headers["location"]
    assert "7.4" in desk.get(made).text
    assert desk.post(made, **form, _version="9").status_code == 412
    assert desk.post("/menus/new", **(form | {"lines-0-serve_g": "-1"})).status_code == 422
    assert desk.post("/menus/stock", product_code="RICE", counted_on="2026-11-20", quantity="2.5").status_code == 303
    assert "2.5" in desk.get("/menus/stock").text
    bought = {"ingredient": "kale", "unit_g": "1000"}
    assert desk.post("/menus/ingredients", **bought, product_code="no such thing").status_code == 422
    for written in ({"product_code": "rice"}, {"product_code": "RICE"}, {"product_code": "", "_pick": "none"}):
        assert desk.post("/menus/ingredients", **bought, **written).status_code == 303, written
    assert "Not bought here" in desk.get("/menus/ingredients").text
    assert desk.post("/calendar/closed", first_day="2026-12-02", last_day="2026-12-01", reason="x y").status_code == 422
    assert desk.post("/calendar/terms", first_day="2026-11-01", last_day="2027-03-31", name="2/2569").status_code == 303
    assert desk.post("/calendar/terms", first_day="2027-03-01", last_day="2027-04-30", name="3").status_code == 409
    assert "2/2569" in desk.get("/calendar").text
    assert "Curry" in desk.get("/menus?q=kale").text
    assert "Curry" not in desk.get("/menus?q=%25").text
