"""Use cases of pools. Nobody acts for another kitchen: each joins, leaves and writes its own draft by itself.

Every step that looks at the time or at who has joined takes the pool's row first, so that a kitchen that joins and
the lead that closes come one after the other.
"""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.demand import actions as demands
from service.demand import known as known_demands
from service.demand import rules as demand_rules
from service.demand import together
from service.demand.models import Demand
from service.demand.schemas import DemandIn, DemandLineIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK, now, today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotAllowed, NotFound, must_match
from service.notices import actions as notices
from service.parties.models import Organisation
from service.parties.permissions import require
from service.parties.rules import must_be_qualified
from service.parties.vocabulary import BUYERS
from service.pools import known, rules
from service.pools.models import Pool, PoolMember
from service.pools.schemas import CallOffIn, JoinIn, NeedIn, PoolDraftIn, PoolEdit, PoolIn

KITCHEN = frozenset({"buyer_officer", "buyer_head"})
OWN = {"quantity", "least_quantity", "most_quantity"}  # of a line, what each kitchen decides for itself


def open_pool(tx: Session, *, by: Actor, draft: PoolIn) -> Pool:
    """Ask the kitchens of the own district to buy the same things on the same days; the own needs come first."""
    require(by, "pool.take_part", organisation_id=by.organisation_id)
    lead = tx.get_one(Organisation, by.organisation_id)
    must_be_qualified(lead)
    if lead.district_code is None:
        raise rules.WithoutDistrict
    rules.must_end_in_time(draft.join_by, draft.delivery_week, now())
    terms = _terms(tx, lead.province_code or "", draft.delivery_week, draft.lines)
    row = Pool(lead_id=lead.id, district_code=lead.district_code, province_code=lead.province_code, terms=terms,
               state="open", **draft.model_dump(exclude={"lines"}))  # fmt: skip
    tx.add(row)
    tx.flush()
    tx.add(PoolMember(pool_id=row.id, organisation_id=lead.id, quantities=[line.quantity for line in draft.lines]))
    _record(tx, by, row, "pool.opened", {"week": row.delivery_week, "lines": len(terms)})
    _invite(tx, row, lead)
    return row


def revise(tx: Session, *, by: Actor, pool_id: UUID, version: int, changes: PoolEdit) -> Pool:
    """The lead says it otherwise while others may join; week and lines only until the first of them has joined."""
    row, joined = _opened(tx, by, pool_id)
    must_match(row.version, version)
    if row.lead_id != by.organisation_id:
        raise NotAllowed
    others = [member for member in joined if member.organisation_id != row.lead_id]
    rules.must_leave_terms(len(others), changed=changes.lines is not None)
    given = changes.model_dump(exclude={"lines"}, exclude_none=True)
    week, join_by = given.get("delivery_week", row.delivery_week), given.get("join_by", row.join_by)
    rules.must_end_in_time(join_by, week, now())
    terms = row.terms if changes.lines is None else _terms(tx, row.province_code, week, changes.lines)
    for name, value in (given | {"terms": terms}).items():
        setattr(row, name, value)
    for mine in [] if changes.lines is None else joined:  # the lead alone, or nobody
        mine.quantities = [line.quantity for line in changes.lines or ()]
    flag_modified(row, "title")  # the lead's quantities are part of what it says
    fields = sorted({*given, *({"lines"} if changes.lines is not None else ())})
    _record(tx, by, row, "pool.revised", {"fields": fields, "week": row.delivery_week})
    until: notices.Facts = {"until": row.join_by.isoformat()}
    _tell(tx, by, row, "pool.revised", others, until, once=f":{version}")
    return row


def _terms(tx: Session, province_code: str, week: date, lines: list[DemandLineIn]) -> list[dict[str, Any]]:
    """What is common to all kitchens, where the catalogue and the week allow it."""
    demand_rules.must_be_ahead(week, today())
    demand_rules.must_fit(lines, week, known_demands.shelf(tx, lines, province_code, week))
    return [line.model_dump(mode="json", exclude=OWN) for line in lines]


def join(tx: Session, *, by: Actor, pool_id: UUID, draft: JoinIn) -> PoolMember:
    """Take part with the own quantities, in what was read."""
    row, joined = _opened(tx, by, pool_id)
    must_match(row.version, draft.pool_version or row.version)
    must_be_qualified(tx.get_one(Organisation, by.organisation_id))
    if any(member.organisation_id == by.organisation_id for member in joined):
        raise rules.AlreadyJoined
    made = PoolMember(pool_id=row.id, organisation_id=by.organisation_id, quantities=_quantities(row, draft.lines))
    tx.add(made)
    notices.settled(tx, [f"pool.invited:{row.id}"], made.organisation_id)
    _record(tx, by, row, "pool.joined", {"quantities": made.quantities})
    return made


def change(tx: Session, *, by: Actor, pool_id: UUID, version: int, draft: JoinIn) -> PoolMember:
    """Bring other quantities, while others may still join."""
    row, _ = _opened(tx, by, pool_id)
    mine = known.membership(tx, by=by, pool_id=row.id)
    must_match(mine.version, version)
    mine.quantities = _quantities(row, draft.lines)
    _record(tx, by, row, "pool.changed", {"quantities": mine.quantities})
    return mine


def leave(tx: Session, *, by: Actor, pool_id: UUID, version: int) -> Pool:
    """Take no part after all, while others may still join."""
    row, _ = _opened(tx, by, pool_id)
    mine = known.membership(tx, by=by, pool_id=row.id)
    must_match(mine.version, version)
    tx.delete(mine)
    _record(tx, by, row, "pool.left")
    return row


def close(tx: Session, *, by: Actor, pool_id: UUID, version: int) -> Pool:
    """Once nobody may join any more: who takes part and with how much is settled, and each may write its draft."""
    row, joined = _locked(tx, by, pool_id)
    must_match(row.version, version)
    leads = row.lead_id == by.organisation_id
    if not leads and not any(member.organisation_id == by.organisation_id for member in joined):
        raise NotAllowed
    moment = now()
    rules.must_be_due(row, len(joined), moment, f"{row.join_by.astimezone(BANGKOK):%Y-%m-%d %H:%M}")
    if not rules.may_close(row, leads=leads, moment=moment):
        raise NotAllowed
    row.state = "closed"
    notices.settled(tx, [f"pool.invited:{row.id}"])
    _record(tx, by, row, "pool.closed", {"kitchens": len(joined)})
    _tell(tx, by, row, "pool.closed", joined)
    return row


def call_off(tx: Session, *, by: Actor, pool_id: UUID, version: int, draft: CallOffIn) -> Pool:
    """The lead takes it back while others may still join, or before it is closed."""
    row, joined = _locked(tx, by, pool_id)
    must_match(row.version, version)
    if row.lead_id != by.organisation_id:
        raise NotAllowed
    found = rules.standing(row, len(joined), now())
    if found not in {rules.Standing.OPEN, rules.Standing.DUE}:
        raise rules.JoiningOver(standing=rules.said(found))
    row.state, row.state_reason = "called_off", draft.reason
    notices.settled(tx, [f"pool.invited:{row.id}"])
    _record(tx, by, row, "pool.called_off", reason=draft.reason)
    _tell(tx, by, row, "pool.called_off", joined, {"reason": draft.reason})
    return row


def make_draft(tx: Session, *, by: Actor, pool_id: UUID, draft: PoolDraftIn) -> Demand:
    """Write the own kitchen's demand from what was agreed: own money, own process, own head, own contract."""
    row, joined = _locked(tx, by, pool_id)
    mine = known.membership(tx, by=by, pool_id=row.id)
    rules.must_be_closed(row, len(joined), now())
    if known.own_demand(tx, mine) is not None:
        raise rules.AlreadyDrafted
    made = demands.create(tx, by=by, draft=_demand(tx, row, mine, draft))
    tx.flush()
    mine.demand_id = made.id
    notices.settled(tx, [f"pool.closed:{row.id}"], mine.organisation_id)
    agreed = zip(row.terms, rules.totals(joined, len(row.terms)), strict=True)
    together.mark(tx, by=by, row=made, pool_id=row.id, district_code=row.district_code, kitchens=len(joined),
                  totals=[[term["product_code"], term["delivery_date"], units] for term, units in agreed])  # fmt: skip
    _record(tx, by, row, "pool.drafted", {"demand": str(made.id)})
    return made


def _demand(tx: Session, row: Pool, mine: PoolMember, draft: PoolDraftIn) -> DemandIn:
    """The own lines; ceilings come down to the week's limits where these have fallen since."""
    wanted = [term | {"quantity": units} for term, units in zip(row.terms, mine.quantities, strict=True) if units]
    lines = [DemandLineIn.model_validate(line) for line in wanted]
    whole = DemandIn(title=row.title, delivery_week=row.delivery_week, lines=lines, **draft.model_dump())
    kept = demands.moved_lines(tx, whole, row.province_code, row.delivery_week)
    if not kept:
        raise InvalidInput(errors=(FieldError("/lines", N_("None of its products is on offer any more.")),))
    return whole.model_copy(update={"lines": kept})


def _quantities(row: Pool, needs: list[NeedIn]) -> list[int]:
    found = [0] * len(row.terms)
    for place, need in enumerate(needs):
        if need.position >= len(found):
            raise InvalidInput(errors=(FieldError(f"/lines/{place}/position", N_("There is no such line.")),))
        found[need.position] = need.quantity
    if not any(found):
        raise InvalidInput(errors=(FieldError("/lines", N_("Write how much you need of at least one product.")),))
    return found


def _invite(tx: Session, row: Pool, lead: Organisation) -> None:
    """The other kitchens of the district hear of it."""
    place = (Organisation.district_code == row.district_code, Organisation.state == "qualified")
    neighbours = select(Organisation.id).where(*place, Organisation.kind.in_(BUYERS), Organisation.id != lead.id)
    facts: notices.Facts = {"buyer": lead.name_th, "buyer_en": lead.name_en, "pool": row.title,
                            "week": row.delivery_week.isoformat(), "until": row.join_by.isoformat()}  # fmt: skip
    notices.tell_all(tx, kind="pool.invited", organisation_ids=list(tx.scalars(neighbours)), roles=KITCHEN,
                     facts=facts, path=f"/pools/{row.id}", key=f"pool.invited:{row.id}")  # fmt: skip


def _tell(
    tx: Session, by: Actor, row: Pool, kind: str, joined: list[PoolMember], facts: notices.Facts | None = None,
    *, once: str = "",
) -> None:  # fmt: skip
    """Everyone who takes part hears of it, but for who did it."""
    told: notices.Facts = {"pool": row.title, "kitchens": len(joined), **(facts or {})}
    notices.tell_all(tx, kind=kind, organisation_ids=[member.organisation_id for member in joined], roles=KITCHEN,
                     facts=told, path=f"/pools/{row.id}", key=f"{kind}:{row.id}{once}", but=by.person_id)  # fmt: skip


def _opened(tx: Session, by: Actor, pool_id: UUID) -> tuple[Pool, list[PoolMember]]:
    """A pool that kitchens may still join, held."""
    row, joined = _locked(tx, by, pool_id)
    rules.must_be_open(row, len(joined), now())
    return row, joined


def _locked(tx: Session, by: Actor, pool_id: UUID) -> tuple[Pool, list[PoolMember]]:
    known.one(tx, by=by, pool_id=pool_id)
    require(by, "pool.take_part", organisation_id=by.organisation_id)
    found = select(Pool).where(Pool.id == pool_id).with_for_update()
    row = tx.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NotFound
    return row, known.members(tx, row.id)


def _record(
    tx: Session, by: Actor, row: Pool, verb: str, change: dict[str, Any] | None = None, *, reason: str = ""
) -> None:
    events.record(tx, by=by, verb=verb, subject=row, province_code=row.province_code, change=change, reason=reason)
