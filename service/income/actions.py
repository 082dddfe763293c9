"""Use cases of statements: only the group itself makes one, chooses what it shows, and takes it back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.accounts import pins
from service.events import actions as events
from service.income import known, rules
from service.income.models import Statement
from service.income.rules import Earned, Sum
from service.income.schemas import StatementIn
from service.kernel.actor import Actor
from service.kernel.clock import now, today
from service.kernel.problems import must_match
from service.parties.models import District, Organisation, Province
from service.parties.permissions import require


def make(tx: Session, *, by: Actor, draft: StatementIn) -> Statement:
    """Freeze what the group chose to show of its confirmed orders, under a code that it may pass on."""
    require(by, "income.show", organisation_id=by.organisation_id)
    group = tx.get_one(Organisation, by.organisation_id)
    pins.must_be_named(tx, by, group.id)
    rows = known.earned(tx, group.id, rules.earlier(today(), draft.months - 1), None)
    if not rows:
        raise rules.NothingToShow
    facts = _facts(tx, group, rows, draft)
    row = Statement(organisation_id=group.id, code=rules.new_code(), facts=facts, sha256=rules.digest(facts),
                    valid_until=today() + timedelta(days=draft.days_valid))  # fmt: skip
    tx.add(row)
    # The code lets in whoever has it, and the sums are the group's: the log holds neither.
    change = {**draft.model_dump(), "sha256": row.sha256, "valid_until": row.valid_until}
    events.record(tx, by=by, verb="income_statement.made", subject=row, change=change)
    return row


def _facts(tx: Session, group: Organisation, rows: list[Earned], draft: StatementIn) -> dict[str, Any]:
    """What is shown, and nothing beside it: of the group only what its public entry says."""
    day = today()
    ahead = [one for one in rows if one.first_day >= day]
    whole = rules.total(rows)
    months = rules.by_month(rows, rules.earlier(day, draft.months - 1), day)
    facts: dict[str, Any] = {
        "group": _named(group) | {"registration": group.registration_id, **_place(tx, group)},
        "made_on": day.isoformat(), "first_month": min(months).isoformat(), "last_month": max(months).isoformat(),
        "total": _sum(whole) | {"buyers": len(whole.buyers)},
        "ahead": _sum(rules.total(ahead)),
        "months": [_sum(row) | {"month": month.isoformat()} for month, row in months.items()],
    }  # fmt: skip
    if draft.buyers:
        facts["buyers"] = [
            _sum(row) | _named(tx.get_one(Organisation, key)) for key, row in rules.by_buyer(rows).items()
        ]
    if draft.payments:
        facts["payments"] = _payments(whole)
    return facts


def _named(row: Organisation | District | Province) -> dict[str, str]:
    return {"name_th": row.name_th, "name_en": row.name_en}


def _place(tx: Session, group: Organisation) -> dict[str, Any]:
    district = tx.get(District, group.district_code) if group.district_code else None
    province = tx.get(Province, group.province_code) if group.province_code else None
    return {"district": _named(district) if district else None, "province": _named(province) if province else None}


def _sum(row: Sum) -> dict[str, int]:
    return {"orders": row.orders, "satang": row.ordered_satang}


def _payments(row: Sum) -> dict[str, Any]:
    told = row.recorded > 0
    return {
        "billed_satang": row.billed_satang if told else None,
        "paid_satang": row.paid_satang if told else None,
        "due_satang": row.due_satang if told else None,
        "unrecorded": row.unrecorded,
    }


def withdraw(tx: Session, *, by: Actor, statement_id: UUID, version: int) -> Statement:
    """Take a statement back: from now on its code shows no figure."""
    row = known.statement(tx, by=by, statement_id=statement_id, lock=True)
    must_match(row.version, version)
    pins.must_be_named(tx, by, row.organisation_id)
    known.holding(row).withdrawn_at = now()
    events.record(tx, by=by, verb="income_statement.withdrawn", subject=row)
    return row
