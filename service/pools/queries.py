"""Reads of pools: the list, and one with its lines, members and what nearby groups usually ask for at least."""

from collections.abc import Iterable
from datetime import date, timedelta
from statistics import median_low
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from service.calendars import queries as calendars
from service.catalog import queries as catalog
from service.catalog.models import Grade, Product
from service.demand.models import Demand
from service.kernel.actor import Actor
from service.kernel.clock import now, today, week_of
from service.listings.models import Offer
from service.parties.models import District, Organisation
from service.parties.permissions import may
from service.pools import known, rules
from service.pools.models import Pool, PoolMember
from service.pools.schemas import Brief, PoolLine, Seat, Whole

SHOWN = 40  # pools of a district on one page
LEAST_GROUPS = 2  # so many offers before their least order is called usual


def pools(tx: Session, *, by: Actor) -> list[Brief]:
    """The pools that the actor may know, the latest week first."""
    order = (Pool.delivery_week.desc(), Pool.id.desc())
    return briefs(tx, by=by, rows=tx.scalars(known.visible(by).order_by(*order).limit(SHOWN)))


def waiting(tx: Session, *, by: Actor) -> dict[str, list[Brief]]:
    """What waits for the actor's kitchen: drafts to make, pools to close, and those of neighbours to join."""
    found: dict[str, list[Brief]] = {"closed": [], "due": [], "open": []}
    ahead = known.visible(by).where(Pool.delivery_week > week_of(today()), Pool.state != "called_off")
    for view in briefs(tx, by=by, rows=tx.scalars(ahead.order_by(Pool.delivery_week, Pool.id).limit(SHOWN))):
        if _is_for(tx, by, view):
            found[view.standing.value].append(view)
    return found


def _is_for(tx: Session, by: Actor, view: Brief) -> bool:
    match view.standing:
        case rules.Standing.OPEN:
            return view.mine is None
        case rules.Standing.DUE:
            leads = view.pool.lead_id == by.organisation_id
            return (leads or view.mine is not None) and rules.may_close(view.pool, leads=leads, moment=now())
        case rules.Standing.CLOSED:
            return view.mine is not None and known.own_demand(tx, view.mine) is None
        case _:
            return False


def briefs(tx: Session, *, by: Actor, rows: Iterable[Pool]) -> list[Brief]:
    """Rows as lists show them."""
    held = list(rows)
    ids = [row.id for row in held]
    joined: dict[UUID, list[PoolMember]] = {key: [] for key in ids}
    for member in tx.scalars(select(PoolMember).where(PoolMember.pool_id.in_(ids))):
        joined[member.pool_id].append(member)
    leads = _organisations(tx, {row.lead_id for row in held})
    return [Brief(**_brief(by, row, joined[row.id], leads[row.lead_id])) for row in held]


def _brief(by: Actor, row: Pool, members: list[PoolMember], lead: Organisation) -> dict[str, Any]:
    mine = next((member for member in members if member.organisation_id == by.organisation_id), None)
    standing = rules.standing(row, len(members), now())
    return {"pool": row, "lead": lead, "standing": standing, "kitchens": len(members), "mine": mine}


def whole(tx: Session, *, by: Actor, pool_id: UUID) -> Whole:
    """One pool with everything that its page shows."""
    row = known.one(tx, by=by, pool_id=pool_id)
    members = known.members(tx, row.id)
    names = _organisations(tx, {row.lead_id, *(member.organisation_id for member in members)})
    approved = _approved(tx, members)
    takes_part = may(by, "pool.take_part", organisation_id=by.organisation_id)
    brief = _brief(by, row, members, names[row.lead_id])
    leads = row.lead_id == by.organisation_id
    due = brief["standing"] == rules.Standing.DUE
    closes = due and takes_part and (leads or brief["mine"] is not None)
    return Whole(
        **brief,
        lines=_lines(tx, row, members),
        **_words(tx, row),
        members=[Seat(names[member.organisation_id], member.quantities, member.demand_id in approved)
                 for member in members],
        closed_days=_closed(tx, by, row) if takes_part else {},
        may_take_part=takes_part,
        may_edit=leads and takes_part and brief["standing"] == rules.Standing.OPEN,
        may_close=closes and rules.may_close(row, leads=leads, moment=now()),
    )  # fmt: skip


def _lines(tx: Session, row: Pool, members: list[PoolMember]) -> list[PoolLine]:
    terms = known.terms(row)
    codes = {term.product_code for term in terms}
    products = {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(codes)))}
    least, totals = _least_orders(tx, row.province_code, codes), rules.totals(members, len(terms))
    return [
        PoolLine(place, term, products[term.product_code], totals[place], rules.takers(members, place),
                 *_usual(least.get(term.product_code, [])))
        for place, term in enumerate(terms)
    ]  # fmt: skip


def _words(tx: Session, row: Pool) -> dict[str, Any]:
    """The names of what its terms name by code."""
    terms = known.terms(row)
    grades = {term.grade_id for term in terms if term.grade_id is not None}
    codes = {code for term in terms for code in term.substitutes}
    return {
        "district": tx.get_one(District, row.district_code, options=[defer(District.outline)]),
        "grades": {one.id: one for one in tx.scalars(select(Grade).where(Grade.id.in_(grades)))},
        "kinds": {kind.code: kind for kind in catalog.certificate_kinds(tx)},
        "substitutes": {one.code: one for one in tx.scalars(select(Product).where(Product.code.in_(codes)))},
    }


def _least_orders(tx: Session, province_code: str, codes: set[str]) -> dict[str, list[int]]:
    """The least order of every standing offer of the province, by product: no price, no name."""
    rows = select(Offer.product_code, Offer.minimum_quantity, Offer.pack_quantity)
    rows = rows.where(Offer.province_code == province_code, Offer.state == "active", Offer.product_code.in_(codes))
    found: dict[str, list[int]] = {}
    for code, least, pack in tx.execute(rows):
        found.setdefault(code, []).append(max(least, pack))
    return found


def _usual(least: list[int]) -> tuple[int, int | None]:
    return len(least), median_low(least) if len(least) >= LEAST_GROUPS else None


def _closed(tx: Session, by: Actor, row: Pool) -> dict[date, str]:
    """On which of its days the reader's kitchen is closed."""
    last = row.delivery_week + timedelta(days=6)
    assert by.organisation_id is not None
    return calendars.closed_days(tx, organisation_id=by.organisation_id, first=row.delivery_week, last=last)


def _approved(tx: Session, members: list[PoolMember]) -> set[UUID | None]:
    """The members' demands that are published; a draft is known to its kitchen alone."""
    ids = [member.demand_id for member in members if member.demand_id is not None]
    rows = select(Demand.id).where(Demand.id.in_(ids), Demand.approved_at.is_not(None))
    return set(tx.scalars(rows.where(Demand.state.not_in(("draft", "cancelled")))))


def _organisations(tx: Session, ids: set[UUID]) -> dict[UUID, Organisation]:
    return {row.id: row for row in tx.scalars(select(Organisation).where(Organisation.id.in_(ids)))}
