"""The request to buy on paper, in Thai as the law's files are: what the head reads, approves and signs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.catalog.rules import LABELS as UNITS
from service.committees.rules import LABELS as SEATS
from service.demand import known, queries, rules
from service.demand.models import Demand, DemandLine
from service.demand.queries import Desk
from service.demand.vocabulary import LABELS
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK
from service.kernel.i18n import N_, gettext, long_day, speaking
from service.kernel.money import baht_text
from service.papers import typesetting
from service.papers.typesetting import baht_words
from service.parties.permissions import require
from service.people.models import Person

SUNDAY = 6
APPROVED = N_("Total approved in the market on {day}")
HEAD = N_("Head of the institution")
WANTED = N_("wanted %(wanted)s")
INSTEAD = N_("or, in this order: %(names)s")
WORDS = {
    "title": N_("Request to buy"),
    "draft": N_("Draft: the total is not approved yet"),
    "lines": N_("What is asked for"),
    "committee": N_("Inspection committee"),
    "number": N_("No."),
    "product": N_("Product"),
    "day": N_("Delivery"),
    "quantity": N_("Quantity"),
    "reference": N_("Reference price"),
    "ceiling": N_("Ceiling"),
    "amount": N_("Amount (baht)"),
    "total": N_("Total"),
    "signed": N_("Signed"),
    "officer": N_("Procurement officer"),
    "head": HEAD,
    "seat": N_("Seat"),
    "name": N_("Name"),
    "none": N_("An inspector is named before the first delivery."),
}
REFERENCE_NOTE = N_(
    "Reference price: the median of the week in the province, baht a unit; – where none is known. "
    "The ceiling is the highest price that the institution pays."
)
MOST_NOTE = N_("Where a quantity has bounds, the amount covers the most that may have to be paid.")
REASON = N_("{buyer} has to obtain what its kitchen and services need in the week from {first} to {last}: {title}.")
REQUEST = N_("Please consider the request. If you agree, approve the total above, the method and the committee.")


@dataclass(frozen=True, slots=True)
class Paper:
    """A file to hand out."""

    name: str
    content: bytes


def request(tx: Session, *, by: Actor, demand_id: UUID) -> Paper:
    """The request document of one of the own institution's demands, as PDF."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    require(by, "demand.print", organisation_id=row.organisation_id)
    with speaking("th"):
        return Paper(f"request-{row.ocid[-8:]}.pdf", typesetting.pdf("request", facts(tx, by=by, row=row)))


def facts(tx: Session, *, by: Actor, row: Demand) -> dict[str, Any]:
    """Everything on the paper as words of the reader's language."""
    desk = queries.desk(tx, by=by, row=row)
    return {
        "words": {key: gettext(word) for key, word in WORDS.items()},
        "note": " ".join(gettext(word) for word in (REFERENCE_NOTE, *([MOST_NOTE] if _is_open(row) else []))),
        "head": desk.organisation.name_th,
        "subhead": row.ocid,
        "draft": row.approved_at is None,
        "pairs": _pairs(row, desk),
        "request": gettext(REQUEST),
        "rows": [_line(number, line, desk) for number, line in enumerate(row.lines, 1)],
        "total": baht_text(row.total_satang),
        "total_words": baht_words(row.total_satang),
        "seats": [[gettext(SEATS[f"seat.{seat.kind}"]), seat.name] for seat in _seats(desk)],
        "officer": _name(tx, row.created_by),
        "approver": _name(tx, row.approved_by),
        "approved": _approved(row),
    }


def _pairs(row: Demand, desk: Desk) -> list[list[str]]:
    last = row.delivery_week.fromordinal(row.delivery_week.toordinal() + SUNDAY)
    reason = gettext(REASON).format(buyer=desk.organisation.name_th, first=long_day(row.delivery_week),
                                    last=long_day(last), title=row.title)  # fmt: skip
    money = f"{baht_text(row.total_satang)} {gettext('baht')} ({baht_words(row.total_satang)})"
    budget = desk.budget
    return [
        [gettext(N_("Date")), long_day(row.created_at.astimezone(BANGKOK).date())],
        [gettext(N_("To")), gettext(HEAD)],
        [gettext(N_("Reason")), reason],
        [gettext(N_("Total amount")), money],
        [gettext(N_("Budget line")), f"{budget.name} · {budget.source}" if budget else "–"],
        [gettext(N_("Method")), gettext(LABELS[f"method.{row.method}"])],
        [gettext(N_("Legal ground")), gettext(row.legal_ground)],
    ]


def _line(number: int, line: DemandLine, desk: Desk) -> list[str]:
    product = desk.products[line.product_code]
    price = desk.references.get(line.product_code)
    return [
        str(number), _described(line, desk), long_day(line.delivery_date),
        _asked_for(line, gettext(UNITS[f"many.{product.unit}"])), "–" if price is None else baht_text(price),
        baht_text(line.ceiling_satang), baht_text(rules.most_of(line) * line.ceiling_satang),
    ]  # fmt: skip


def _is_open(row: Demand) -> bool:
    return any(line.most_quantity is not None for line in row.lines)


def _asked_for(line: DemandLine, unit: str) -> str:
    if line.least_quantity is None and line.most_quantity is None:
        return f"{line.quantity:,} {unit}"
    bounds = f"{line.least_quantity or line.quantity:,}–{rules.most_of(line):,}"
    return f"{bounds} {unit} · {gettext(WANTED) % {'wanted': f'{line.quantity:,}'}}"


def _described(line: DemandLine, desk: Desk) -> str:
    asked = [desk.products[line.product_code].name_th]
    if line.grade_id in desk.grades:
        asked.append(desk.grades[line.grade_id].name_th)
    asked += [desk.kinds[kind].name_th for kind in line.certificate_kinds]
    if line.substitutes:
        names = ", ".join(desk.products[code].name_th for code in line.substitutes)
        several = len(line.substitutes) > 1
        asked.append(gettext(INSTEAD) % {"names": names} if several else f"{gettext(N_('or'))} {names}")
    return " · ".join(asked)


def _seats(desk: Desk) -> list[Any]:
    return [] if desk.bench is None or desk.bench.proposed else desk.bench.seats


def _name(tx: Session, person_id: UUID | None) -> str:
    return tx.scalar(select(Person.display_name).where(Person.id == person_id)) or "" if person_id else ""


def _approved(row: Demand) -> str:
    if row.approved_at is None:
        return ""
    return gettext(APPROVED).format(day=long_day(row.approved_at.astimezone(BANGKOK).date()))
