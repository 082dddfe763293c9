"""Use cases of recurring demands; a cycle is taken once, in one transaction, whoever is killed in between."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.demand import actions as demands
from service.demand import known as known_demands
from service.demand import rules as demand_rules
from service.demand.models import Demand
from service.demand.schemas import DemandIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.problems import InvalidInput, NotFound, must_match
from service.notices import actions as notices
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified
from service.recurring import known, rules
from service.recurring.models import RecurringCycle, RecurringDemand
from service.recurring.schemas import RecurringEdit, RecurringIn


def begin(tx: Session, *, by: Actor, draft: RecurringIn) -> RecurringDemand:
    """Let one of the own demands come again, from a week on."""
    require(by, "recurring.edit", organisation_id=by.organisation_id)
    must_be_qualified(tx.get_one(Organisation, by.organisation_id))
    source = _source(tx, by, draft.demand_id)
    rules.must_be_a_span(draft.first_week, draft.last_week, today())
    row = RecurringDemand(organisation_id=source.organisation_id, title=draft.title or source.title,
                          created_by=by.person_id, **draft.model_dump(exclude={"title", "demand_id"}))  # fmt: skip
    _take(row, source)
    tx.add(row)
    change = {"rhythm": row.rhythm, "first_week": row.first_week, "lines": len(source.lines)}
    events.record(tx, by=by, verb="recurring.begun", subject=row, province_code=by.province_code, change=change)
    return row


def edit(tx: Session, *, by: Actor, recurring_id: UUID, version: int, changes: RecurringEdit) -> RecurringDemand:
    """Change what comes from the next cycle on; an empty last week means without end."""
    row = _own(tx, by, recurring_id, version)
    given = changes.model_dump(exclude_unset=True, exclude={"demand_id"})
    for name, value in given.items():
        if value is not None or name == "last_week":
            setattr(row, name, value)
    if changes.demand_id is not None:
        _take(row, _source(tx, by, changes.demand_id))
    rules.must_be_a_span(max(row.first_week, today() + rules.WEEK), row.last_week, today())
    fields = sorted(changes.model_fields_set)
    events.record(tx, by=by, verb="recurring.edited", subject=row, province_code=by.province_code,
                  change={"fields": fields})  # fmt: skip
    return row


def pause(tx: Session, *, by: Actor, recurring_id: UUID, version: int, paused: bool) -> RecurringDemand:
    """Stop making drafts, or go on; what was missed in between is not made up for."""
    row = _own(tx, by, recurring_id, version)
    row.paused = paused
    verb = "recurring.paused" if paused else "recurring.resumed"
    events.record(tx, by=by, verb=verb, subject=row, province_code=by.province_code)
    return row


def make_due(tx: Session, *, by: Actor, recurring_id: UUID) -> list[RecurringCycle]:
    """Take every cycle that is due and not taken yet; of two at once, the second finds them taken."""
    row = _locked(tx, recurring_id)
    require(by, "recurring.edit", organisation_id=row.organisation_id)
    taken = set(tx.scalars(select(RecurringCycle.week).where(RecurringCycle.recurring_id == row.id)))
    return [_take_cycle(tx, by, row, week) for week in rules.due(row, today()) if week not in taken]


def _take_cycle(tx: Session, by: Actor, row: RecurringDemand, week: date) -> RecurringCycle:
    buyer = tx.get_one(Organisation, row.organisation_id)
    draft, closed = DemandIn.model_validate(row.draft), known.closed(tx, row, week)
    lines = demands.moved_lines(tx, draft, buyer.province_code or "", week)
    kept = [line for line in lines if line.delivery_date not in closed]
    shut = [(line.product_code, line.delivery_date, None) for line in lines if line.delivery_date in closed]
    cycle = RecurringCycle(recurring_id=row.id, week=week, left_out=len(draft.lines) - len(kept), outcome="skipped")
    tx.add(cycle)
    if kept:
        title = demand_rules.title_in(row.title, draft.delivery_week, week)
        moved = draft.model_copy(update={"title": title, "delivery_week": week, "lines": kept})
        made = _demand(tx, by, row, buyer, moved, {"moved": shut} if shut else {})
        cycle.outcome, cycle.demand_id = ("drafted", made.id) if made is not None else ("refused", None)
    elif not lines:
        cycle.outcome = "refused"
    verb = "recurring.drafted" if cycle.demand_id else "recurring.skipped"
    change = {"week": week, "state": cycle.outcome, "demand": str(cycle.demand_id or ""), "left_out": cycle.left_out}
    events.record(tx, by=by, verb=verb, subject=row, province_code=buyer.province_code, change=change)
    return cycle


def _demand(
    tx: Session, by: Actor, row: RecurringDemand, buyer: Organisation, draft: DemandIn, origin: dict[str, Any]
) -> Demand | None:
    """The draft of a cycle; None where the catalogue or the budget has no place for it any more."""
    try:
        with tx.begin_nested():
            origin = {"copied_from": row.source_id} | origin
            made = demands.create_for(tx, by=by, buyer=buyer, draft=draft, origin=origin)
            made.created_by = row.created_by  # who set it up counts as its author: somebody else approves
            tx.flush()
    except InvalidInput:
        return None
    notices.tell(tx, kind="demand.drafted", organisation_id=buyer.id, roles=frozenset({"buyer_officer"}),
                 facts={"demand": made.title}, path=f"/demands/{made.id}", key=f"recurring:{made.id}")  # fmt: skip
    return made


def _source(tx: Session, by: Actor, demand_id: UUID) -> Demand:
    source = known_demands.demand(tx, by=by, demand_id=demand_id)
    require(by, "recurring.edit", organisation_id=source.organisation_id)
    return source


def _take(row: RecurringDemand, source: Demand) -> None:
    row.source_id, row.draft = source.id, known_demands.as_draft(source).model_dump(mode="json")


def _own(tx: Session, by: Actor, recurring_id: UUID, version: int) -> RecurringDemand:
    known.one(tx, by=by, recurring_id=recurring_id)
    row = _locked(tx, recurring_id)
    require(by, "recurring.edit", organisation_id=row.organisation_id)
    must_match(row.version, version)
    return row


def _locked(tx: Session, recurring_id: UUID) -> RecurringDemand:
    found = select(RecurringDemand).where(RecurringDemand.id == recurring_id).with_for_update()
    row = tx.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row
