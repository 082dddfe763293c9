"""A week's menu becomes a demand: what is needed, what the store holds, what it costs, what nobody else may see."""

from datetime import timedelta
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.calendars.models import ClosedPeriod
from service.demand import actions as demands
from service.demand.models import Demand
from service.events.models import Event
from service.kernel.clock import today
from service.kernel.i18n import speaking
from service.kernel.problems import EditConflict, InvalidInput, NotAllowed, NotFound
from service.menus import actions, drafting, known, queries, rates, rules
from service.menus.models import HeadCount
from service.menus.schemas import (
    CopyIn,
    CountsIn,
    DraftIn,
    PlanIn,
    RateIn,
    ScaleIn,
    StockIn,
)
from service.recipes import actions as dish_actions
from service.recipes import known as cookbook
from service.recipes.rules import NotYourRecipe
from service.recipes.schemas import PurchaseIn, RecipeIn
from tests.make import Maker
from tests.menus.kitchen import Kitchen

GROUND = "Guidelines for the school lunch programme"


@pytest.fixture
def kitchen(make: Maker) -> Kitchen:
    return Kitchen(make)


def planned(tx: Session, kitchen: Kitchen, version: int = 0) -> None:
    """Fried kale on Monday and Tuesday (for 40 on Tuesday), rice on both and on Friday."""
    entries = [
        kitchen.entry(0, kitchen.fried),
        kitchen.entry(1, kitchen.fried, heads=40),
        *(kitchen.entry(day, kitchen.plain) for day in (0, 1, 4)),
    ]
    actions.plan(tx, by=kitchen.officer, week=kitchen.week, version=version, draft=PlanIn(entries=entries))


def drafted(tx: Session, kitchen: Kitchen) -> Demand:
    wanted = DraftIn(budget_line_id=kitchen.budget_id, method="selective", legal_ground=GROUND)  # type: ignore[arg-type]
    return drafting.draft(tx, by=kitchen.officer, week=kitchen.week, wanted=wanted)


def lines(demand: Demand) -> list[tuple[str, int, int, int]]:
    start = demand.delivery_week
    return [
        (one.product_code, (one.delivery_date - start).days, one.quantity, one.ceiling_satang) for one in demand.lines
    ]


def test_a_menu_becomes_a_draft_with_packs_days_ceilings_and_its_origin(tx: Session, kitchen: Kitchen) -> None:
    planned(tx, kitchen)
    need = {item.bought.product_code: item for item in known.need_of(tx, kitchen.row, kitchen.week).items}
    each = Fraction(60 * 1_150 * 100, 1_000 * 80)  # g a head: serve x factor x 100 / yield
    assert need["KALE"].need == each * (180 + 40) / 1000
    assert need["RICE"].need == Fraction(75 * 180 * 3, 1000)
    assert {use.portion.heads for use in need["KALE"].uses} == {180, 40}
    demand = drafted(tx, kitchen)
    # 15.525 kg of kale on Monday come as 20 kg, and what is left of them serves Tuesday's 3.45 kg
    assert lines(demand) == [("KALE", 0, 20, 2420), ("RICE", 0, 45, 2420)]
    assert demand.state == "draft"
    assert demand.total_satang == (20 + 45) * 2420
    verbs = set(tx.scalars(select(Event.verb).where(Event.organisation_id == kitchen.row.id)))
    assert {"menu.planned", "menu.drafted", "demand.drafted"} <= verbs


def test_the_draft_follows_the_menu_until_it_is_approved(tx: Session, kitchen: Kitchen, make: Maker) -> None:
    planned(tx, kitchen)
    first = drafted(tx, kitchen)
    plan = known.week_of(tx, kitchen.row.id, kitchen.week)
    assert plan is not None
    actions.plan(tx, by=kitchen.officer, week=kitchen.week, version=plan.version,
                 draft=PlanIn(entries=[kitchen.entry(2, kitchen.plain)]))  # fmt: skip
    assert drafted(tx, kitchen).id == first.id
    assert lines(first) == [("RICE", 1, 15, 2420)]  # keeps: the day before, when that is open
    demands.approve(tx, by=make.actor(kitchen.row, "buyer_head"), demand_id=first.id, version=first.version)
    assert drafted(tx, kitchen).id != first.id


def test_stock_is_taken_off_once_and_not_again_by_the_next_week(tx: Session, kitchen: Kitchen) -> None:
    counted = StockIn.model_validate({"product_code": "RICE", "counted_on": today(), "quantity": "41.5"})
    actions.count_stock(tx, by=kitchen.officer, draft=counted)
    planned(tx, kitchen)
    assert {one.product_code for one in drafted(tx, kitchen).lines} == {"KALE"}
    following = kitchen.week + timedelta(days=7)
    actions.copy(tx, by=kitchen.officer, draft=CopyIn(source=kitchen.week, target=following))
    item = next(one for one in known.need_of(tx, kitchen.row, following).items if one.bought.product_code == "RICE")
    assert item.netted == Fraction(415, 10) - Fraction(405, 10)  # what the first draft left
    old = StockIn.model_validate({"product_code": "KALE", "counted_on": today() - timedelta(days=30), "quantity": "99"})
    actions.count_stock(tx, by=kitchen.officer, draft=old)
    kale = next(one for one in known.need_of(tx, kitchen.row, following).items if one.bought.product_code == "KALE")
    assert kale.netted == 0


def test_nothing_is_cooked_or_delivered_on_closed_days(tx: Session, kitchen: Kitchen, make: Maker) -> None:
    planned(tx, kitchen)
    make.add(
        ClosedPeriod(organisation_id=kitchen.row.id, first_day=kitchen.day(0), last_day=kitchen.day(0), reason="x")
    )
    days = {one.delivery_date for one in drafted(tx, kitchen).lines}
    assert kitchen.day(0) not in days
    with pytest.raises(InvalidInput) as refused:
        planned(tx, kitchen, version=known.week_of(tx, kitchen.row.id, kitchen.week).version)  # type: ignore[union-attr]
    assert refused.value.errors[0].pointer == "/entries/0/day"


def test_the_cost_a_head_is_exact_and_measured_against_the_rate_of_the_schools_size(
    tx: Session, kitchen: Kitchen
) -> None:
    entries = [kitchen.entry(0, kitchen.fried), kitchen.entry(0, kitchen.plain)]
    monday = queries.cost(tx, kitchen.row, kitchen.week, entries).days[0]
    assert monday.satang == 323  # (86.25 g + 75 g) at 20 baht a kg, rounded up
    assert monday.rate is not None
    assert monday.rate.satang == 2200  # more than 120 pupils
    assert not monday.above
    sizes = {heads: rates.of_kind("school", heads, kitchen.week) for heads in (40, 41, 100, 101, 120, 121)}
    assert [rate.satang for rate in sizes.values() if rate] == [3600, 2700, 2700, 2400, 2400, 2200]
    prison, hospital = (rates.of_kind(kind, 900, kitchen.week) for kind in ("prison", "hospital"))
    assert (prison and prison.satang, hospital) == (4900, None)
    actions.set_rate(tx, by=kitchen.officer, draft=RateIn(valid_from=today(), satang=300, source="Letter 12"))
    assert queries.cost(tx, kitchen.row, kitchen.week, entries).days[0].above
    egg = kitchen.recipe("ไข่ต้ม", "ต้ม", ("ไข่", 50_000, 10_000))
    assert queries.cost(tx, kitchen.row, kitchen.week, [kitchen.entry(0, egg)]).unpriced == ("ไข่",)


def test_an_ingredient_is_given_its_product_once_and_pieces_have_a_weight(
    tx: Session, kitchen: Kitchen, make: Maker
) -> None:
    egg = kitchen.recipe("ไข่ต้ม", "ต้ม", ("ไข่", 50_000, 10_000), ("เกลือ", 1_000, 10_000))
    actions.plan(tx, by=kitchen.officer, week=kitchen.week, version=0, draft=PlanIn(entries=[kitchen.entry(0, egg)]))
    assert known.need_of(tx, kitchen.row, kitchen.week).unknown == ("เกลือ", "ไข่")
    with pytest.raises(rules.NothingToOrder):
        drafted(tx, kitchen)
    kitchen.make.product("EGG", packs=(30,), unit="EA", shelf_life_days=21)
    for given in (
        {"ingredient": "ไข่", "product_code": "EGG", "unit_g": 55},
        {"ingredient": "เกลือ", "product_code": "none"},
    ):
        dish_actions.map_ingredient(tx, by=kitchen.officer, draft=PurchaseIn.model_validate(given))
    found = known.need_of(tx, kitchen.row, kitchen.week)
    assert (found.unknown, found.elsewhere) == ((), ("เกลือ",))
    assert found.items[0].need == Fraction(50 * 180, 55)
    assert found.items[0].quantity == 180
    with pytest.raises(InvalidInput) as refused:  # no price is known of it
        drafted(tx, kitchen)
    assert refused.value.errors[0].pointer == "/ceilings/0/satang"
    wanted = DraftIn.model_validate({"budget_line_id": kitchen.budget_id, "method": "selective", "legal_ground": GROUND,
                                     "ceilings": [{"product_code": "EGG", "satang": 450}]})  # fmt: skip
    demand = drafting.draft(tx, by=kitchen.officer, week=kitchen.week, wanted=wanted)
    assert lines(demand) == [("EGG", 0, 180, 450)]


def test_a_menu_is_copied_for_other_heads_and_not_over_another_one(tx: Session, kitchen: Kitchen) -> None:
    planned(tx, kitchen)
    later = kitchen.week + timedelta(days=28)
    draft = CopyIn(source=kitchen.week, target=later, weeks=4, heads=240)
    rows = actions.copy(tx, by=kitchen.officer, draft=draft)
    assert [row.week for row in rows] == [later]
    heads = list(tx.scalars(select(HeadCount).where(HeadCount.organisation_id == kitchen.row.id)))
    assert {row.heads for row in heads} == {240}
    assert all(row.day.weekday() < 5 for row in heads)
    kale = known.need_of(tx, kitchen.row, later).items[0]
    assert {use.portion.heads for use in kale.uses} <= {240, 40}
    with pytest.raises(rules.PlanNotEmpty) as refused, speaking("th"):
        actions.copy(tx, by=kitchen.officer, draft=draft)
    with speaking("th"):
        assert str(later.year + 543) in refused.value.words()["detail"]
    with pytest.raises(rules.NothingToCopy):
        actions.copy(tx, by=kitchen.officer, draft=CopyIn(source=later + timedelta(days=70), target=kitchen.week))


def test_a_past_demand_is_scaled_by_heads_into_a_new_draft(tx: Session, kitchen: Kitchen) -> None:
    planned(tx, kitchen)
    demand = drafted(tx, kitchen)
    demand.lines[0].least_quantity, demand.lines[0].most_quantity = 18, 22
    later = kitchen.week + timedelta(days=7)
    scaled = drafting.scale(tx, by=kitchen.officer, demand_id=demand.id,
                            wanted=ScaleIn(delivery_week=later, heads=240, before=180))  # fmt: skip
    assert scaled.id != demand.id
    assert [one.quantity for one in scaled.lines] == [30, 60]  # 26.7 kg and 60 kg in packs of 5
    assert (scaled.lines[0].least_quantity, scaled.lines[0].most_quantity) == (27, 33)  # in proportion
    assert [one.quantity for one in demand.lines] == [20, 45]


def test_a_shared_recipe_is_cooked_by_all_and_changed_by_none_and_an_own_one_is_unknown_elsewhere(
    tx: Session, kitchen: Kitchen, make: Maker
) -> None:
    other = Kitchen(make)
    shared = kitchen.recipe("ต้มยำ", "ต้ม", ("คะน้า", 10_000, 10_000), own=False)
    draft = RecipeIn.model_validate(
        {"name": "แกง", "method": "ต้ม", "lines": [{"ingredient": "คะน้า", "serve_g": "7.4"}]}
    )
    with pytest.raises(NotYourRecipe):
        dish_actions.change_recipe(tx, by=other.officer, recipe_id=shared.id, version=1, draft=draft)
    with pytest.raises(NotFound):
        cookbook.recipe(tx, other.row.id, kitchen.fried.id)
    with pytest.raises(InvalidInput):
        actions.plan(
            tx, by=other.officer, week=other.week, version=0, draft=PlanIn(entries=[other.entry(0, kitchen.fried)])
        )
    changed = dish_actions.change_recipe(tx, by=kitchen.officer, recipe_id=kitchen.fried.id, version=1, draft=draft)
    assert (changed.lines[0].serve_mg, changed.lines[0].yield_bp, changed.version) == (7_400, 10_000, 2)


def test_two_who_plan_the_same_week_do_not_overwrite_each_other(tx: Session, kitchen: Kitchen, make: Maker) -> None:
    planned(tx, kitchen)
    with pytest.raises(EditConflict):
        planned(tx, kitchen)
    with pytest.raises(NotAllowed):
        actions.count_heads(tx, by=make.actor(kitchen.row, "inspector"),
                            draft=CountsIn.model_validate({"counts": [{"day": kitchen.week, "heads": 1}]}))  # fmt: skip


def test_a_hospital_that_cooks_breakfast_gets_fresh_goods_the_day_before_and_early(tx: Session, make: Maker) -> None:
    ward = Kitchen(make, "hospital", heads=450)
    entries = [ward.entry(2, ward.fried, meal="dinner"), ward.entry(3, ward.fried, meal="breakfast")]
    actions.plan(tx, by=ward.officer, week=ward.week, version=0, draft=PlanIn(entries=entries))
    demand = drafted(tx, ward)
    assert [(one.delivery_date - ward.week).days for one in demand.lines] == [1, 2]
    assert {one.window_until.hour for one in demand.lines} == {7}
