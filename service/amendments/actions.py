"""Other quantities after the approval and before the cut-off: lower ones at once, a higher total by the head."""

from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.amendments import known, rules
from service.amendments.models import Amendment
from service.amendments.schemas import AmendIn
from service.budgets import actions as budgets
from service.demand import rules as demand_rules
from service.demand import telling
from service.demand.actions import must_have_inspectors, own
from service.demand.known import as_line
from service.demand.models import Demand, DemandLine
from service.demand.schemas import DemandLineIn
from service.demand.vocabulary import ChangeCode
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import EditConflict, FieldError, InvalidInput, NotFound, WrongState, must_match


def propose(tx: Session, *, by: Actor, demand_id: UUID, version: int, draft: AmendIn) -> Amendment:
    """Change quantities: at once where the approved total holds them, else it waits for the head."""
    row = own(tx, by, demand_id, "demand.edit")
    must_match(row.version, version)
    rules.must_be_amendable(row.state)
    if known.pending(tx, row.id) is not None:
        raise rules.AmendmentWaits
    quantities = _quantities(row, draft)
    after = demand_rules.total_of(_amended(line, quantities) for line in row.lines)
    demand_rules.must_be_countable(after)
    demand_rules.must_suit_ground(row.legal_ground, after)
    made = Amendment(demand_id=row.id, quantities=quantities, before_satang=row.total_satang, after_satang=after,
                     code=draft.code.value, note=draft.reason, proposed_by=by.person_id, state="pending")  # fmt: skip
    tx.add(made)
    tx.flush()
    if after <= (row.approved_satang or 0):
        _apply(tx, by, row, made)
    else:
        _record(tx, by, row, made, "demand.amendment_proposed")
        telling.waiting(tx, by, row, after)
    return made


def decide(tx: Session, *, by: Actor, demand_id: UUID, amendment_id: UUID, approved: bool) -> Amendment:
    """The head approves or refuses a higher total that somebody else proposed."""
    row = own(tx, by, demand_id, "demand.approve")
    made = tx.get(Amendment, amendment_id)
    if made is None or made.demand_id != row.id:
        raise NotFound
    if made.state != "pending":
        raise WrongState.of(rules.STATES, made.state, {"pending"})
    if not approved:
        made.state, made.decided_by, made.decided_at = "refused", by.person_id, now()
        _record(tx, by, row, made, "demand.amendment_refused")
        return made
    rules.must_be_amendable(row.state)
    if made.before_satang != row.total_satang or not made.quantities.keys() <= {str(line.id) for line in row.lines}:
        raise EditConflict  # meanwhile the demand was a draft again: what was proposed is about other lines
    demand_rules.must_be_other_hands(by.person_id, frozenset({made.proposed_by} if made.proposed_by else ()))
    _apply(tx, by, row, made)
    return made


def _quantities(row: Demand, draft: AmendIn) -> dict[str, int]:
    held = {line.id: line.quantity for line in row.lines}
    errors = [
        FieldError(f"/lines/{place}/line_id", N_("This demand has no such line."))
        for place, given in enumerate(draft.lines)
        if given.line_id not in held
    ]
    if errors:
        raise InvalidInput(errors=tuple(errors))
    found = {str(given.line_id): given.quantity for given in draft.lines if given.quantity != held[given.line_id]}
    if not found:
        raise InvalidInput(errors=(FieldError("/lines", N_("No quantity differs from what was approved.")),))
    return found


def _amended(line: DemandLine, quantities: dict[str, int]) -> DemandLineIn:
    """The line with its new quantity; its tolerance follows in proportion."""
    quantity = quantities.get(str(line.id), line.quantity)
    return as_line(line).model_copy(update={"quantity": quantity} | demand_rules.tolerance_for(line, quantity))


def _apply(tx: Session, by: Actor, row: Demand, made: Amendment) -> None:
    more = made.after_satang - (row.approved_satang or 0)
    if more > 0:
        budgets.reserve(tx, row.budget_line_id, more)
    elif more:
        budgets.release(tx, row.budget_line_id, -more)
    for line in row.lines:
        changed = _amended(line, made.quantities)
        for name in ("quantity", "least_quantity", "most_quantity"):
            setattr(line, name, getattr(changed, name))
    row.total_satang = row.approved_satang = made.after_satang
    flag_modified(row, "title")  # lines are part of the demand's version
    if more > 0:
        must_have_inspectors(tx, row)
    made.state, made.decided_by, made.decided_at = "applied", by.person_id, now()
    _record(tx, by, row, made, "demand.amended")
    telling.changed(tx, by, row, "demand.amended", ChangeCode(made.code), made.note)


def _record(tx: Session, by: Actor, row: Demand, made: Amendment, verb: str) -> None:
    change = {"amendment": str(made.id), "quantities": made.quantities, "code": made.code,
              "before_satang": made.before_satang, "total_satang": made.after_satang}  # fmt: skip
    events.record(tx, by=by, verb=verb, subject=row, province_code=row.province_code, reason=made.note, change=change)
