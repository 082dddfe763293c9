"""Freeze the market of a round: read its rows once, inside the transaction that closes it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median_low
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, selectinload

from service.allocation.market import Bid, Held, Line, Lot, Market, Paper, Party
from service.catalog.models import Certificate, Grade, Product
from service.demand.models import Demand, DemandLine
from service.kernel.clock import BANGKOK, now, today
from service.listings.models import Offer, OfferCertificate
from service.parties.models import BeneficialOwner, Conflict, SocialShare, SupplierIncome
from service.parties.queries import by_ids
from service.parties.rules import shares_on
from service.parties.vocabulary import SUPPLIERS
from service.programme.models import ProgrammeProfile
from service.rounds.models import Award, AwardLine, Round, RoundDemand

YEAR = timedelta(days=365)
OUT_OF_PRODUCE = frozenset({"no_produce", "quality", "labour", "weather"})  # reasons that empty the offer's day


def freeze(tx: Session, row: Round, number: int) -> Market:
    """The market as it stands at this moment, in a fixed order."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(text("lock table offers, supply_lots, offer_certificates in share mode"))
    demands = _demands(tx, row)
    offers = _offers(tx, row)
    parties = {d.organisation_id for d in demands} | {o.organisation_id for o in offers}
    products = {product.code: product for product in tx.scalars(select(Product))}
    ranks = {grade.id: grade.rank for grade in tx.scalars(select(Grade))}
    known, papers = _parties(tx, parties, row), _papers(tx)
    return Market(
        round=str(row.id),
        run=number,
        province=row.province_code,
        week=row.delivery_week,
        closed_on=now().astimezone(BANGKOK).date(),
        weights=tx.get_one(ProgrammeProfile, row.profile_id).weights,
        approved=_approved(demands),
        parties=known,
        lines=tuple(_line(demand, line, products, ranks) for demand in demands for line in demand.lines),
        bids=tuple(_bid(offer, products, ranks, papers) for offer in offers),
        conflicts=_conflicts(tx, parties, row),
        median_income=_median(known),
    )


def freeze_again(tx: Session, row: Round, first: Market, number: int) -> Market:
    """The first market with the answers so far: offers and prices stay those of the cut-off.

    What a person gave a group has become an award that stands or was answered; what was ruled out stays so.
    """
    answers = list(tx.execute(_answers(row)))
    held = tuple(
        Held(str(line.demand_line_id), str(line.offer_id), _standing(line), line.price_satang)
        for line in (line for _, line in answers)
        if _standing(line)
    )
    answered = tuple((str(line.demand_line_id), str(line.offer_id)) for _, line in answers)
    empty = {(str(line.offer_id), line.delivery_date) for _, line in answers if line.decline_reason in OUT_OF_PRODUCE}
    gone, out = _unqualified(tx, first), tuple(sorted(empty))
    parties = {key: replace(p, qualified=p.qualified and key not in gone) for key, p in first.parties.items()}
    return replace(
        first, run=number, closed_on=today(), held=held, answered=answered, out_of_produce=out, parties=parties,
        overrides=tuple(word for word in first.overrides if not word.quantity),
    )  # fmt: skip


def _standing(line: AwardLine) -> int:
    """Units of an award that stand: all while it is open, what was accepted after."""
    return line.quantity if line.answer is None else line.accepted_quantity


def _answers(row: Round) -> Any:
    rows = select(Award, AwardLine).join(AwardLine, AwardLine.award_id == Award.id)
    return rows.where(Award.round_id == row.id, Award.state != "cancelled").order_by(AwardLine.id)


def _unqualified(tx: Session, market: Market) -> set[str]:
    suppliers = {UUID(bid.supplier) for bid in market.bids}
    return {str(row.id) for row in by_ids(tx, suppliers) if row.state != "qualified"}


def _demands(tx: Session, row: Round) -> Sequence[Demand]:
    rows = select(Demand).join(RoundDemand, RoundDemand.demand_id == Demand.id).where(RoundDemand.round_id == row.id)
    rows = rows.where(Demand.state.in_(("active", "evaluation")))
    return tx.scalars(rows.options(selectinload(Demand.lines)).order_by(Demand.id)).unique().all()


def _offers(tx: Session, row: Round) -> Sequence[Offer]:
    rows = select(Offer).where(Offer.province_code == row.province_code, Offer.state == "active")
    loaded = rows.options(selectinload(Offer.lots), selectinload(Offer.certificates)).order_by(Offer.id)
    last = row.delivery_week + timedelta(days=6)
    found = tx.scalars(loaded).unique().all()
    return [o for o in found if any(t.harvest_from <= last and t.harvest_until >= row.delivery_week for t in o.lots)]


def _line(demand: Demand, line: DemandLine, products: dict[str, Product], ranks: dict[UUID, int]) -> Line:
    product = products[line.product_code]
    return Line(
        id=str(line.id),
        demand=str(demand.id),
        budget_line=str(demand.budget_line_id),
        buyer=str(demand.organisation_id),
        product=product.code,
        family=product.family,
        grade_rank=None if line.grade_id is None else ranks[line.grade_id],
        certificates=tuple(line.certificate_kinds),
        quantity=line.quantity,
        day=line.delivery_date,
        ceiling=line.ceiling_satang,
        most_awards=line.most_awards,
        whole=line.whole,
        substitutes=tuple(line.substitutes),
        least=line.least_quantity,
        most=line.most_quantity,
    )


def _bid(offer: Offer, products: dict[str, Product], ranks: dict[UUID, int], papers: dict[UUID, list[Paper]]) -> Bid:
    return Bid(
        id=str(offer.id),
        supplier=str(offer.organisation_id),
        product=offer.product_code,
        grade_rank=None if offer.grade_id is None else ranks[offer.grade_id],
        price=offer.price_satang,
        minimum=offer.minimum_quantity,
        pack=offer.pack_quantity,
        reach_km=offer.reach_km,
        certificates=tuple(papers.get(offer.id, ())),
        lots=tuple(Lot(lot.harvest_from, lot.harvest_until, lot.capacity_day, lot.capacity_week) for lot in offer.lots),
        lead_time_days=products[offer.product_code].lead_time_days,
    )


def _papers(tx: Session) -> dict[UUID, list[Paper]]:
    """Certificates by offer."""
    found: dict[UUID, list[Paper]] = defaultdict(list)
    rows = select(OfferCertificate.offer_id, Certificate).join(Certificate).order_by(Certificate.id)
    for offer_id, paper in tx.execute(rows):
        dates = (paper.issued_on, paper.expires_on, paper.revoked_on)
        found[offer_id].append(Paper(paper.kind_code, paper.product_code, *dates))
    return found


def _parties(tx: Session, ids: set[UUID], row: Round) -> dict[str, Party]:
    """The parties of the market, by id as text."""
    shares, owners = _shares(tx), _owners(tx)
    recent = _income(tx, row.delivery_week - YEAR, row.delivery_week)
    year = _income(tx, date(row.delivery_week.year, 1, 1), row.delivery_week)
    return {
        str(o.id): Party(
            kind=o.kind,
            subdistrict=o.subdistrict_code or "",
            district=o.district_code or "",
            province=o.province_code or "",
            lat=o.lat or 0.0,
            lng=o.lng or 0.0,
            qualified=o.state == "qualified",
            member_households=o.member_households,
            shares=shares_on(shares.get(o.id, ()), row.delivery_week),
            income_12_months=recent.get(o.id, 0),
            income_year=year.get(o.id, 0),
            owners=tuple(owners.get(o.id, ())),
        )
        for o in by_ids(tx, ids)
    }


def _shares(tx: Session) -> dict[UUID, list[SocialShare]]:
    found: dict[UUID, list[SocialShare]] = defaultdict(list)
    for share in tx.scalars(select(SocialShare).order_by(SocialShare.id)):
        found[share.organisation_id].append(share)
    return found


def _owners(tx: Session) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for owner in tx.scalars(select(BeneficialOwner).order_by(BeneficialOwner.pseudonym)):
        found[owner.organisation_id].append(owner.pseudonym)
    return found


def _income(tx: Session, first: date, before: date) -> dict[UUID, int]:
    """Satang by supplier, earned from the first day to the day before the second."""
    rows = select(SupplierIncome.organisation_id, func.sum(SupplierIncome.satang))
    rows = rows.where(SupplierIncome.earned_on >= first, SupplierIncome.earned_on < before)
    return {key: int(total) for key, total in tx.execute(rows.group_by(SupplierIncome.organisation_id))}


def _approved(demands: Sequence[Demand]) -> dict[str, int]:
    """Satang that heads approved, by budget line."""
    approved: dict[str, int] = defaultdict(int)
    for demand in demands:
        approved[str(demand.budget_line_id)] += demand.approved_satang or 0
    return dict(approved)


def _conflicts(tx: Session, parties: set[UUID], row: Round) -> tuple[tuple[str, str], ...]:
    rows = select(Conflict).where(Conflict.valid_from <= row.delivery_week + timedelta(days=6)).order_by(Conflict.id)
    found = [c for c in tx.scalars(rows) if c.valid_until is None or c.valid_until >= row.delivery_week]
    pairs = [(c.organisation_id, c.other_id) for c in found if {c.organisation_id, c.other_id} <= parties]
    return tuple((str(one), str(other)) for one, other in pairs)


def _median(parties: dict[str, Party]) -> int:
    """The median over the market's suppliers of income per member household in 12 months, in satang."""
    incomes = [p.income_12_months // max(1, p.member_households) for p in parties.values() if p.kind in SUPPLIERS]
    return median_low(incomes) if incomes else 0
