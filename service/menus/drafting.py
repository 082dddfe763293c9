"""Use cases that end in a demand: a draft from a week's menu, and a past demand for other heads."""

from collections.abc import Container
from datetime import date, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.queries import ceiling_limits
from service.demand import actions as demands
from service.demand import known as known_demands
from service.demand import rules as demand_rules
from service.demand.models import Demand, DemandLine
from service.demand.schemas import MOST_LINES, DemandEdit, DemandIn, DemandLineIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.i18n import N_, gettext, long_day
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.kernel.shapes import MAX_QUANTITY
from service.menus import known, need, rules
from service.menus.models import MenuWeek
from service.menus.schemas import DraftIn, ScaleIn
from service.menus.vocabulary import Meal
from service.parties.models import Organisation
from service.parties.permissions import require
from service.recipes import known as cookbook

EARLY = {"window_from": "05:00", "window_until": "07:00"}  # a kitchen that cooks breakfast starts in the night
TITLE = N_("Food for the week of {week}")


def draft(tx: Session, *, by: Actor, week: date, wanted: DraftIn) -> Demand:
    """Make the draft demand of a week's menu, or bring the draft that was made before to what the menu says now."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    require(by, "demand.edit", organisation_id=kitchen.id)
    row = known.week_of(tx, kitchen.id, week, lock=True)
    if row is None:
        raise rules.NothingToOrder
    found = known.need_of(tx, kitchen, week)
    lines = _lines(tx, kitchen, found, {given.product_code: given.satang for given in wanted.ceilings})
    whole = DemandIn(
        title=wanted.title or gettext(TITLE).replace("{week}", long_day(week)), delivery_week=week, lines=lines,
        budget_line_id=wanted.budget_line_id, method=wanted.method, legal_ground=wanted.legal_ground,
    )  # fmt: skip
    before = None if row.demand_id is None else tx.get(Demand, row.demand_id)
    if before is not None and before.state == "draft":
        changes = DemandEdit(**{name: getattr(whole, name) for name in DemandEdit.model_fields})
        demand = demands.edit(tx, by=by, demand_id=before.id, version=before.version, changes=changes)
    else:
        demand = demands.create(tx, by=by, draft=whole)
    _link(tx, by, kitchen, row, demand, found)
    return demand


def _link(tx: Session, by: Actor, kitchen: Organisation, row: MenuWeek, demand: Demand, found: known.Need) -> None:
    tx.flush()
    row.demand_id = demand.id
    row.netted = {item.bought.product_code: ceil(item.netted * cookbook.MILLI) for item in found.items if item.netted}
    events.record(tx, by=by, verb="menu.drafted", subject=row, province_code=kitchen.province_code,
                  change={"week": row.week, "demand": demand.id, "menu_version": row.version,
                          "netted_milli": row.netted, "unknown": list(found.unknown)})  # fmt: skip


def _lines(tx: Session, kitchen: Organisation, found: known.Need, said: dict[str, int]) -> list[DemandLineIn]:
    drops = [(item.bought.product_code, drop) for item in found.items for drop in item.drops if drop.quantity]
    if not drops:
        raise rules.NothingToOrder
    if len(drops) > MOST_LINES:
        raise rules.TooManyDeliveries(lines=len(drops), most=MOST_LINES)
    by_price = ceilings_of(tx, kitchen, found.week, {code for code, _ in drops})
    ceilings = by_price | said
    _must_be_priced(unpriced(found, by_price), said)
    _must_be_countable(drops)
    hours = EARLY if Meal.BREAKFAST in known.counted(kitchen).meals else {}
    return [
        DemandLineIn.model_validate({"product_code": code, "quantity": drop.quantity, "delivery_date": drop.day,
                                     "ceiling_satang": ceilings[code], **hours})
        for code, drop in sorted(drops, key=lambda pair: (pair[1].day, pair[0]))
    ]  # fmt: skip


def unpriced(found: known.Need, ceilings: Container[str]) -> list[str]:
    """The products of a need that no price is known of, in the order in which a form asks for them."""
    return [item.bought.product_code for item in found.items
            if item.quantity and item.bought.product_code not in ceilings]  # fmt: skip


def _must_be_priced(codes: list[str], said: Container[str]) -> None:
    message = N_("There is no reference price of {product}: write the most that you would pay for a unit.")
    errors = tuple(FieldError(f"/ceilings/{place}/satang", message, (("product", code),))
                   for place, code in enumerate(codes) if code not in said)  # fmt: skip
    if errors:
        raise InvalidInput(errors=errors)


def _must_be_countable(drops: list[tuple[str, need.Drop]]) -> None:
    if any(drop.quantity > MAX_QUANTITY for _, drop in drops):
        raise InvalidInput(errors=(FieldError("/lines", N_("A quantity is larger than any that is traded.")),))


def ceilings_of(tx: Session, kitchen: Organisation, week: date, codes: set[str]) -> dict[str, int]:
    """The most that may be paid by the reference prices; without one, what the kitchen said last."""
    limits = ceiling_limits(tx, codes, kitchen.province_code or "", week)
    found = {code: limit.limit_satang for code, limit in limits.items() if limit.limit_satang is not None}
    said = select(DemandLine.product_code, DemandLine.ceiling_satang).join(Demand, Demand.id == DemandLine.demand_id)
    rows = said.where(Demand.organisation_id == kitchen.id, DemandLine.product_code.in_(codes - set(found)))
    return {**{code: satang for code, satang in tx.execute(rows.order_by(Demand.delivery_week))}, **found}  # noqa: C416


def own_demand(tx: Session, *, by: Actor, demand_id: UUID) -> Demand:
    """A demand of the actor's institution, or NotFound."""
    row = known_demands.demand(tx, by=by, demand_id=demand_id)
    if row.organisation_id != by.organisation_id:
        raise NotFound
    return row


def scale(tx: Session, *, by: Actor, demand_id: UUID, wanted: ScaleIn) -> Demand:
    """Repeat a past demand in another week for other heads: quantities rounded up, whole packs stay whole."""
    require(by, "menu.edit", organisation_id=by.organisation_id)
    source = own_demand(tx, by=by, demand_id=demand_id)
    row = demands.copy(tx, by=by, demand_id=demand_id, week=wanted.delivery_week)
    packs = cookbook.packs_of(tx, {line.product_code for line in row.lines})
    tx.flush()
    lines = [_scaled(line, packs.get(line.product_code, 1), wanted) for line in known_demands.as_draft(row).lines]
    done = demands.edit(tx, by=by, demand_id=row.id, version=row.version, changes=DemandEdit(lines=lines))
    events.record(tx, by=by, verb="demand.scaled", subject=done, province_code=done.province_code,
                  change={"from": source.id, "heads": wanted.heads, "before": wanted.before})  # fmt: skip
    return done


def _scaled(line: DemandLineIn, pack: int, wanted: ScaleIn) -> DemandLineIn:
    quantity = need.scaled(line.quantity, pack, wanted.heads, wanted.before)
    if quantity > MAX_QUANTITY:
        raise InvalidInput(errors=(FieldError("/heads", N_("A quantity is larger than any that is traded.")),))
    return line.model_copy(update={"quantity": quantity} | demand_rules.tolerance_for(line, quantity))


def usual(tx: Session, kitchen: Organisation) -> dict[str, Any]:
    """Method and legal ground of the institution's last demand, if it has one."""
    mine = select(Demand).where(Demand.organisation_id == kitchen.id, Demand.state != "cancelled")
    last = tx.scalar(mine.order_by(Demand.id.desc()).limit(1))
    return {} if last is None else {"method": last.method, "legal_ground": last.legal_ground}


def next_week(today: date) -> date:
    """The Monday that a menu is planned for: the first whose round can still be open."""
    ahead = today + timedelta(days=4)
    return ahead - timedelta(days=ahead.weekday()) + rules.WEEK
