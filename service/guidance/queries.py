"""A group's own story of a round in plain words, from the solver's stored reasons; and help with its price."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from service.allocation.eligibility import Eye
from service.allocation.margins import Weights
from service.allocation.market import Bid, Line
from service.allocation.vocabulary import APPLIED
from service.catalog.models import CertificateKind, Product
from service.catalog.queries import names_of
from service.catalog.rules import LABELS as UNITS
from service.guidance import rules, words
from service.guidance.schemas import (
    CauseOut,
    FindingOut,
    OfferWhyOut,
    PriceHelpOut,
    PriceWeekOut,
    QuartilesOut,
    WhyOut,
    WouldHaveWonOut,
)
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.kernel.i18n import gettext, named
from service.kernel.money import baht_text
from service.kernel.problems import NotFound
from service.listings.models import Offer
from service.parties.models import Organisation
from service.parties.vocabulary import SUPPLIERS
from service.prices import queries as prices
from service.prices.rules import told as quartiles_of
from service.results import queries as results
from service.results.stories import Reason, Story
from service.rounds.models import Round, Run, Scenario

MOST_LOST = 40  # lines that a page lists for an offer, the nearest to winning first
MOST_ROUNDS = 12
HELP_WEEKS = 8
AMOUNTS = {"lot": "lot_excess", "volume": "volume_needed", "capacity": "capacity_needed"}
"""Placeholders of the words, and the reason's numbers that fill them."""


def published(tx: Session, *, by: Actor) -> list[Round]:
    """The newest published rounds of the actor's province, where a group can read why."""
    if by.organisation_kind not in SUPPLIERS:
        raise NotFound
    mine = select(Round).where(Round.province_code == by.province_code, Round.state == "published")
    return list(tx.scalars(mine.order_by(Round.delivery_week.desc(), Round.id.desc()).limit(MOST_ROUNDS)))


def why(tx: Session, *, by: Actor, round_id: UUID, supplier_id: UUID | None) -> WhyOut:
    """Why a group's offers won and did not: for the group itself once the round is published."""
    group = None if supplier_id is None else tx.get(Organisation, supplier_id)
    if supplier_id is None or group is None or group.kind not in SUPPLIERS:
        raise NotFound
    sight = results.supplier_sight(tx, by=by, round_id=round_id, supplier_id=supplier_id)
    teller = Teller(tx, sight.story, str(supplier_id))
    return WhyOut(round_id=round_id, supplier_id=supplier_id, offers=teller.offers())


class Teller:
    """A story as its supplier may hear it: its own offers, and of others no more than quartiles of three."""

    def __init__(self, tx: Session, story: Story, supplier: str) -> None:
        self._tx, self._story, self._supplier = tx, story, supplier
        self._eye, self._weights = Eye(story.market), Weights.from_json(story.market.weights)
        goods = names_of(tx, {bid.product for bid in story.market.bids if bid.supplier == supplier})
        self._units = {code: gettext(UNITS[f"many.{row.unit}"]) for code, row in goods.items()}

    def offers(self, product: str | None = None) -> list[OfferWhyOut]:
        """Every offer of the supplier in the round, or those of one product."""
        reasons = self._story.of_supplier(self._supplier)
        mine = [bid for bid in self._story.market.bids if bid.supplier == self._supplier]
        return [self._offer(bid, [r for r in reasons if r.bid.id == bid.id]) for bid in mine
                if product in {None, bid.product}]  # fmt: skip

    def _offer(self, bid: Bid, reasons: list[Reason]) -> OfferWhyOut:
        won = [self._finding(r) for r in reasons if r.code == "won"]
        lost = sorted((r for r in reasons if r.code != "won"), key=rules.nearness)
        asking = [line for line in self._story.market.lines if bid.product in {line.product, *line.substitutes}]
        known = {r.line.id for r in reasons}
        barred = [(line, code) for line in asking if line.id not in known and (code := self._first(line, bid))]
        return OfferWhyOut(
            offer_id=UUID(bid.id), product_code=bid.product, price_satang=bid.price, lines_asking=len(asking), won=won,
            lost=[self._finding(r) for r in lost[:MOST_LOST]], others=self._others(bid.product),
            causes=[*self._lost_by(lost), *self._barred_by(bid, barred)],
        )  # fmt: skip

    def _first(self, line: Line, bid: Bid) -> str:
        return next(self._eye.against(line, bid), "")

    def _finding(self, reason: Reason) -> FindingOut:
        plain, line = words.WHY[reason.code], reason.line
        would = self._would(reason)
        return FindingOut(
            line_id=UUID(line.id), buyer_id=UUID(line.buyer), product_code=line.product, day=line.day,
            asked_quantity=line.quantity, kilometres=reason.kilometres, code=reason.code,
            won_quantity=int(reason.numbers.get("quantity", 0)), decided=self._decided(reason),
            would=would.text, firmness=would.firmness, price_satang=would.price_satang,
            todo=gettext(plain.todo), process=plain.process,
        )  # fmt: skip

    def _decided(self, reason: Reason) -> str:
        said = [gettext(words.WHY[reason.code].decided)]
        if reason.code == "won" and rules.is_narrow(reason):
            said.append(gettext(words.NARROW))
        rivals = self._rivals(reason)
        if reason.handicap_ppm:
            rank, percent = reason.line.rank(reason.bid.product), f"{reason.handicap_ppm / 10_000:.1f}"
            said.append(words.say(words.SUBSTITUTE, rank=rank, percent=percent))
        if reason.code in rules.OF_PRICE and rivals >= rules.FEWEST:
            said.append(words.say(words.PLACE, many=rivals + 1, rank=reason.numbers["rank"]))
        return " ".join(said)

    def _rivals(self, reason: Reason) -> int:
        return self._story.rivals(reason.line.id, self._supplier)

    def _would(self, reason: Reason) -> rules.Would:
        """What would have won, as far as it may be told."""
        message = words.WHY[reason.code].would
        if reason.code in rules.OF_PRICE:
            return rules.at_price(reason, self._weights, few=self._rivals(reason) < rules.FEWEST)
        numbers, unit = reason.numbers, self._units[reason.bid.product]
        name = next((name for name in AMOUNTS if f"{{{name}}}" in message), None)
        amount = numbers.get(AMOUNTS[name]) if name else None
        if name is None or amount is None or amount < 1:
            return rules.NOTHING
        text = words.say(message, unit=unit, **{name: f"{amount:,.0f}"})
        return rules.Would(text, "certain" if name == "lot" else "indication", None)

    def _others(self, product: str) -> QuartilesOut | None:
        """What kitchens pay other groups for the product in this round, one price a group."""
        means = [price for supplier, price in self._story.paid(product).items() if supplier != self._supplier]
        told = quartiles_of(means)
        if told is None:
            return None
        return QuartilesOut(lower_satang=told[0], median_satang=told[1], upper_satang=told[2], groups=len(means))

    def _lost_by(self, lost: Iterable[Reason]) -> list[CauseOut]:
        many = Counter(reason.code for reason in lost)
        return [_cause(code, lines, words.WHY[code]) for code, lines in many.most_common()]

    def _barred_by(self, bid: Bid, barred: list[tuple[Line, str]]) -> list[CauseOut]:
        many = Counter(code for _, code in barred)
        return [_cause(code, lines, words.BARRED[code], self._entry(bid, code, barred))
                for code, lines in many.most_common()]  # fmt: skip

    def _entry(self, bid: Bid, code: str, barred: list[tuple[Line, str]]) -> str:
        """What would have let the offer take part: a certificate, or a price under the highest ceiling."""
        lines = [line for line, why in barred if why == code]
        if code == "ceiling":
            return words.say(words.BARRED[code].would, price=baht_text(max(line.ceiling for line in lines)))
        if code != "certificate":
            return ""
        held = {paper.kind for paper in bid.certificates}
        return words.say(
            words.BARRED[code].would, kinds=self._kinds({k for one in lines for k in one.certificates} - held)
        )

    def _kinds(self, codes: set[str]) -> str:
        rows = self._tx.scalars(select(CertificateKind).where(CertificateKind.code.in_(codes)))
        return ", ".join(sorted(map(named, rows)))


def _cause(code: str, lines: int, plain: words.Plain, would: str = "") -> CauseOut:
    return CauseOut(code=code, lines=lines, decided=gettext(plain.decided), would=would, todo=gettext(plain.todo),
                    process=plain.process)  # fmt: skip


def price_help(tx: Session, *, by: Actor, product_code: str) -> PriceHelpOut:
    """What may help the actor's group to name a price: quartiles of the province, and its own last round."""
    group = None if by.organisation_id is None else tx.get(Organisation, by.organisation_id)
    product = tx.get(Product, product_code) if product_code.isprintable() else None
    if group is None or group.kind not in SUPPLIERS or product is None or group.province_code is None:
        raise NotFound
    week = week_of(today())
    cells = prices.spread(
        tx, product_code=product.code, province_code=group.province_code, until=week, weeks=HELP_WEEKS
    )
    weeks = [
        PriceWeekOut(week=one.week, lower_satang=one.q1, median_satang=one.median, upper_satang=one.q3,
                     sample=one.sample, source="" if one.is_own else one.source)
        for one in cells if one.q1 is not None and one.median is not None and one.q3 is not None
    ]  # fmt: skip
    return PriceHelpOut(product_code=product.code, province_code=group.province_code, weeks=weeks[::-1],
                        last=_last(tx, by, group.id, product.code, week))  # fmt: skip


def _last(tx: Session, by: Actor, group_id: UUID, product_code: str, week: date) -> WouldHaveWonOut | None:
    """The group's own offer of the product in the newest published round of the last weeks that had one."""
    mine = exists().where(Offer.organisation_id == group_id, Offer.product_code == product_code)
    told = (Scenario.run_id == Run.id, Scenario.name == APPLIED)
    solved = exists().where(Run.round_id == Round.id, Run.kind == "first", Run.state == "applied", *told)
    recent = select(Round).where(Round.state == "published", Round.delivery_week >= week - timedelta(weeks=HELP_WEEKS))
    recent = recent.where(Round.province_code == by.province_code, mine, solved)
    for row in tx.scalars(recent.order_by(Round.delivery_week.desc()).limit(3)):
        story = results.supplier_sight(tx, by=by, round_id=row.id, supplier_id=group_id).story
        found = Teller(tx, story, str(group_id)).offers(product_code)
        if found:
            return _summed(row.id, row.delivery_week, found)
    return None


def _summed(round_id: UUID, week: date, offers: Sequence[OfferWhyOut]) -> WouldHaveWonOut:
    """The offers of one product in a round as one answer: the highest own price that would have won a line more."""
    first = min(offers, key=lambda offer: offer.price_satang)
    told = [one for offer in offers for one in offer.lost if one.price_satang is not None]
    best = max(told, key=lambda one: (one.price_satang, one.firmness == "certain"), default=None)
    causes = sorted((cause for offer in offers for cause in offer.causes), key=lambda cause: -cause.lines)
    won = [one for offer in offers for one in offer.won]
    decided = best.decided if best else causes[0].decided if causes and not won else won[0].decided if won else ""
    return WouldHaveWonOut(round_id=round_id, week=week, own_price_satang=first.price_satang, won_lines=len(won),
                           price_satang=best.price_satang if best else None,
                           firmness=best.firmness if best else "", decided=decided)  # fmt: skip
