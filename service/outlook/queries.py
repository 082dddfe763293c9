"""The present market as it may be told before posting: offers without their prices, lines of a draft."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, selectinload

from service.allocation.eligibility import Eye
from service.allocation.market import Bid, Line, Lot, Market, Paper, Party
from service.catalog import queries as catalog
from service.catalog.models import Certificate, Grade, Product
from service.demand import known, together
from service.demand.models import Demand, DemandLine
from service.kernel.actor import Actor
from service.kernel.clock import BANGKOK, today
from service.listings.models import Offer, OfferCertificate
from service.outlook import rules
from service.outlook.rules import Advice, Reach, Together
from service.parties.models import Conflict
from service.parties.permissions import require
from service.parties.queries import by_ids
from service.prices import queries as prices
from service.prices.rules import Cell
from service.rounds.models import Round

SEALED = 0  # what stands for every price
RATED = 200  # lines of one demand


@dataclass(frozen=True, slots=True)
class LineOutlook:
    """A line with who could serve it, what closed rounds paid, and what would have it served better."""

    line: DemandLine
    product: Product
    reach: Reach
    paid: Cell | None
    advice: list[Advice]
    together: Together | None  # of a demand that was agreed on with other kitchens

    @property
    def fill(self) -> float:
        """The part of the line that could be brought, before others' needs."""
        return self.reach.units / self.line.quantity

    @property
    def is_within(self) -> bool:
        """Whether what could be brought is enough for the line, without being all of it."""
        return self.fill < 1 and self.reach.units >= (self.line.least_quantity or self.line.quantity)


def outlook(tx: Session, *, by: Actor, demand_id: UUID) -> tuple[Demand, list[LineOutlook]]:
    """The outlook of an own demand, line by line."""
    row = known.demand(tx, by=by, demand_id=demand_id)
    require(by, "demand.edit", organisation_id=row.organisation_id)
    wanted = {code for line in row.lines for code in (line.product_code, *line.substitutes)}
    products = catalog.names_of(tx, wanted)
    offers = _offers(tx, row, wanted)
    eye, ranks = Eye(_market(tx, row, offers)), _ranks(tx, row, offers)
    bids = {code: tuple(_bid(o, ranks, products, p) for o, p in offers if o.product_code == code) for code in wanted}
    paid = prices.paid_lately(tx, product_codes={line.product_code for line in row.lines},
                              province_code=row.province_code, until=row.delivery_week)  # fmt: skip
    agreed, limits = _agreed(tx, row), catalog.ceiling_limits(tx, list(paid), row.province_code, row.delivery_week)
    found = []
    for line in row.lines[:RATED]:
        asked = _line(row, line, ranks, products)
        near = tuple(bid for code in (line.product_code, *line.substitutes) for bid in bids[code])
        cell = paid.get(line.product_code)
        higher = cell if cell is not None and _may_rise(line, limits[line.product_code]) else None
        found.append(LineOutlook(line, products[line.product_code], rules.reach(eye, asked, near), cell,
                                 rules.advice(eye, asked, near, row.delivery_week, higher),
                                 rules.together(eye, asked, near, agreed.get(_place(line)))))  # fmt: skip
    return row, found


def _may_rise(line: DemandLine, limit: catalog.CeilingLimit) -> bool:
    """Whether the reference price leaves the ceiling room: what would be refused is not advised."""
    return limit.limit_satang is None or line.ceiling_satang < limit.limit_satang


def _agreed(tx: Session, row: Demand) -> dict[tuple[str, date], int]:
    """What the kitchens of the demand's pool need in all, by product and day; nothing for most demands."""
    joint = together.of(tx, row)
    return {} if joint is None else {_place(total): total.quantity for total in joint.totals}


def _place(asked: DemandLine | together.Total) -> tuple[str, date]:
    return asked.product_code, asked.delivery_date


def _offers(tx: Session, row: Demand, products: Iterable[str]) -> list[tuple[Offer, list[Paper]]]:
    """The active offers of the province and week with their certificates. Prices stay unread: reading one fails."""
    rows = select(Offer).where(
        Offer.province_code == row.province_code, Offer.state == "active", Offer.product_code.in_(sorted(set(products)))
    )
    sealed = rows.options(defer(Offer.price_satang, raiseload=True), selectinload(Offer.lots)).order_by(Offer.id)
    last = row.delivery_week + timedelta(days=6)
    found = [
        offer for offer in tx.scalars(sealed).unique()
        if any(lot.harvest_from <= last and lot.harvest_until >= row.delivery_week for lot in offer.lots)
    ]  # fmt: skip
    papers = _papers(tx, [offer.id for offer in found])
    return [(offer, papers.get(offer.id, [])) for offer in found]


def _papers(tx: Session, offers: list[UUID]) -> dict[UUID, list[Paper]]:
    found: dict[UUID, list[Paper]] = {}
    rows = select(OfferCertificate.offer_id, Certificate).join(Certificate).order_by(Certificate.id)
    for start in range(0, len(offers), 1_000):
        for offer_id, paper in tx.execute(rows.where(OfferCertificate.offer_id.in_(offers[start : start + 1_000]))):
            dates = (paper.issued_on, paper.expires_on, paper.revoked_on)
            found.setdefault(offer_id, []).append(Paper(paper.kind_code, paper.product_code, *dates))
    return found


def _market(tx: Session, row: Demand, offers: list[tuple[Offer, list[Paper]]]) -> Market:
    parties = {row.organisation_id, *(offer.organisation_id for offer, _ in offers)}
    return Market(
        round="", run=0, province=row.province_code, week=row.delivery_week, closed_on=_cut_off(tx, row), weights={},
        approved={}, parties=_parties(tx, parties), lines=(), bids=(), conflicts=_conflicts(tx, row),
    )  # fmt: skip


def _cut_off(tx: Session, row: Demand) -> date:
    """The day on which the week's round closes, where one is scheduled; else today."""
    query = select(Round.closes_at).where(Round.province_code == row.province_code,
                                          Round.delivery_week == row.delivery_week,
                                          Round.state.in_(("scheduled", "open")))  # fmt: skip
    closes = tx.scalar(query.order_by(Round.closes_at).limit(1))
    return today() if closes is None else max(today(), closes.astimezone(BANGKOK).date())


def _parties(tx: Session, ids: set[UUID]) -> dict[str, Party]:
    return {
        str(o.id): Party(o.kind, o.subdistrict_code or "", o.district_code or "", o.province_code or "", o.lat or 0.0,
                         o.lng or 0.0, qualified=o.state == "qualified")
        for o in by_ids(tx, ids)
    }  # fmt: skip


def _conflicts(tx: Session, row: Demand) -> tuple[tuple[str, str], ...]:
    """The buyer's own conflicts of interest that stand in the week."""
    mine = (Conflict.organisation_id == row.organisation_id) | (Conflict.other_id == row.organisation_id)
    rows = tx.scalars(select(Conflict).where(mine, Conflict.valid_from <= row.delivery_week + timedelta(days=6)))
    standing = [c for c in rows if c.valid_until is None or c.valid_until >= row.delivery_week]
    return tuple((str(c.organisation_id), str(c.other_id)) for c in standing)


def _ranks(tx: Session, row: Demand, offers: list[tuple[Offer, list[Paper]]]) -> dict[UUID, int]:
    ids = {line.grade_id for line in row.lines} | {offer.grade_id for offer, _ in offers}
    query = select(Grade).where(Grade.id.in_({key for key in ids if key is not None}))
    return {grade.id: grade.rank for grade in tx.scalars(query)}


def _bid(offer: Offer, ranks: dict[UUID, int], products: dict[str, Product], papers: list[Paper]) -> Bid:
    return Bid(
        id=str(offer.id), supplier=str(offer.organisation_id), product=offer.product_code,
        grade_rank=None if offer.grade_id is None else ranks[offer.grade_id], price=SEALED,
        minimum=offer.minimum_quantity, pack=offer.pack_quantity, reach_km=offer.reach_km, certificates=tuple(papers),
        lots=tuple(Lot(lot.harvest_from, lot.harvest_until, lot.capacity_day, lot.capacity_week) for lot in offer.lots),
        lead_time_days=products[offer.product_code].lead_time_days,
    )  # fmt: skip


def _line(row: Demand, line: DemandLine, ranks: dict[UUID, int], products: dict[str, Product]) -> Line:
    return Line(
        id=str(line.id), demand=str(row.id), budget_line="", buyer=str(row.organisation_id), product=line.product_code,
        family=products[line.product_code].family, grade_rank=None if line.grade_id is None else ranks[line.grade_id],
        certificates=tuple(line.certificate_kinds), quantity=line.quantity, day=line.delivery_date,
        ceiling=line.ceiling_satang, most_awards=line.most_awards, whole=line.whole,
        substitutes=tuple(line.substitutes), least=line.least_quantity, most=line.most_quantity,
    )  # fmt: skip
