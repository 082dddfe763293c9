"""Use cases of menus: recipes, plans, heads, stock, purchases, rates. menus/drafting.py makes demands of them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.calendars.queries import closed_days
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import InvalidInput, must_match
from service.menus import known, rules
from service.menus.models import HeadCount, MealRate, MenuEntry, MenuWeek, StockCount
from service.menus.schemas import CopyIn, CountsIn, EntryIn, PlanIn, RateIn, StockIn
from service.parties.models import Organisation
from service.recipes import known as cookbook
from service.recipes.models import Recipe


def plan(tx: Session, *, by: Actor, week: date, version: int, draft: PlanIn) -> MenuWeek:
    """Plan a week's menu; it replaces what was planned. A week without a plan has version 0."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    row = known.week_of(tx, kitchen.id, week, lock=True)
    must_match(row.version if row else 0, version)
    last = week + timedelta(days=6)
    closed = closed_days(tx, organisation_id=kitchen.id, first=week, last=last)
    wanted = {entry.recipe_id for entry in draft.entries}
    there = frozenset(tx.scalars(select(Recipe.id).where(Recipe.id.in_(wanted), cookbook.visible(kitchen.id))))
    wrong = rules.mistakes(draft.entries, week, there, closed)
    if wrong:
        raise InvalidInput(errors=tuple(wrong))
    return _put_plan(tx, by, kitchen, row or MenuWeek(organisation_id=kitchen.id, week=week, entries=[]), draft.entries)


def _put_plan(
    tx: Session, by: Actor, kitchen: Organisation, row: MenuWeek, entries: Sequence[EntryIn], verb: str = "planned"
) -> MenuWeek:
    tx.add(row)
    row.entries.clear()
    tx.flush()  # old dishes leave before the same ones come again
    row.entries = [MenuEntry(position=place, **entry.model_dump()) for place, entry in enumerate(entries)]
    flag_modified(row, "week")  # the dishes are part of the plan's version
    events.record(tx, by=by, verb=f"menu.{verb}", subject=row, province_code=kitchen.province_code,
                  change={"week": row.week, "dishes": len(entries)})  # fmt: skip
    return row


def copy(tx: Session, *, by: Actor, draft: CopyIn) -> list[MenuWeek]:
    """Repeat planned weeks later, perhaps for other heads; closed days stay empty."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    shift = draft.target - draft.source
    rows = [_copy_week(tx, by, kitchen, draft, draft.source + number * rules.WEEK, shift)
            for number in range(draft.weeks)]  # fmt: skip
    copied = [row for row in rows if row is not None]
    if not copied:
        raise rules.NothingToCopy(week=draft.source)
    if draft.heads is not None:
        last = draft.target + draft.weeks * rules.WEEK - timedelta(days=1)
        closed = closed_days(tx, organisation_id=kitchen.id, first=draft.target, last=last)
        open_days = [day for number in range(7 * draft.weeks)
                     if (day := draft.target + timedelta(days=number)) not in closed]  # fmt: skip
        _put_heads(tx, by, kitchen, dict.fromkeys(open_days, draft.heads))
    return copied


def _copy_week(
    tx: Session, by: Actor, kitchen: Organisation, draft: CopyIn, source: date, shift: timedelta
) -> MenuWeek | None:
    before = known.week_of(tx, kitchen.id, source)
    if before is None or not before.entries or not shift:
        return None
    target = source + shift
    row = known.week_of(tx, kitchen.id, target, lock=True)
    if row is not None and row.entries and not draft.replace:
        raise rules.PlanNotEmpty(week=target)
    closed = closed_days(tx, organisation_id=kitchen.id, first=target, last=target + timedelta(days=6))
    entries = [_moved(entry, shift) for entry in before.entries if entry.day + shift not in closed]
    return _put_plan(tx, by, kitchen, row or MenuWeek(organisation_id=kitchen.id, week=target, entries=[]),
                     entries, "copied")  # fmt: skip


def _moved(entry: MenuEntry, shift: timedelta) -> EntryIn:
    fields = {name: getattr(entry, name) for name in EntryIn.model_fields}
    return EntryIn.model_validate(fields | {"day": entry.day + shift})


def count_heads(tx: Session, *, by: Actor, draft: CountsIn) -> None:
    """Enter how many are fed on days; a day counted before is brought to what is said."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    _put_heads(tx, by, kitchen, {count.day: count.heads for count in draft.counts})


def _put_heads(tx: Session, by: Actor, kitchen: Organisation, counts: dict[date, int]) -> None:
    if not counts:
        return
    mine = select(HeadCount).where(HeadCount.organisation_id == kitchen.id, HeadCount.day.in_(counts))
    there = {row.day: row for row in tx.scalars(mine.with_for_update())}
    for day, heads in counts.items():
        if day in there:
            there[day].heads = heads
        else:
            tx.add(HeadCount(organisation_id=kitchen.id, day=day, heads=heads))
    change = {day.isoformat(): heads for day, heads in sorted(counts.items())}
    events.record(tx, by=by, verb="heads.counted", subject=kitchen, province_code=kitchen.province_code,
                  change={"heads": change})  # fmt: skip


def count_stock(tx: Session, *, by: Actor, draft: StockIn) -> StockCount:
    """Enter what was found in the store of a product on a day."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    cookbook.must_be_on_offer(tx, draft.product_code)
    rules.must_have_come(draft.counted_on, today())
    key = {"organisation_id": kitchen.id, "product_code": draft.product_code, "counted_on": draft.counted_on}
    row = tx.scalar(select(StockCount).filter_by(**key).with_for_update()) or StockCount(**key)
    row.quantity_milli = int(draft.quantity * cookbook.MILLI)
    tx.add(row)
    _note(tx, by, "stock.counted", kitchen, row, {"quantity_milli": row.quantity_milli, **_stock_key(draft)})
    return row


def _stock_key(draft: StockIn) -> dict[str, Any]:
    return {"product": draft.product_code, "counted_on": draft.counted_on}


def set_rate(tx: Session, *, by: Actor, draft: RateIn) -> MealRate:
    """Set the institution's own rate for food from a day on."""
    kitchen = cookbook.kitchen(tx, by, "menu.edit")
    key = {"organisation_id": kitchen.id, "valid_from": draft.valid_from}
    row = tx.scalar(select(MealRate).filter_by(**key).with_for_update()) or MealRate(**key)
    row.satang, row.source = draft.satang, draft.source
    tx.add(row)
    _note(tx, by, "rate.set", kitchen, row, draft.model_dump())
    return row


def _note(tx: Session, by: Actor, verb: str, kitchen: Organisation, subject: Any, change: dict[str, Any]) -> None:
    events.record(tx, by=by, verb=verb, subject=subject, province_code=kitchen.province_code, change=change)
