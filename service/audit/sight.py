"""What a reader sees of one line or one supplier: who won and why, who did not and why not, in sentences.

`whole` readers (companies, committee) see every price; a group sees its own, a kitchen none but what it pays.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.allocation import margins
from service.allocation.eligibility import Eye, first_day
from service.allocation.market import Bid, Line
from service.allocation.numbers import margin_parts
from service.allocation.tolerance import is_served
from service.allocation.vocabulary import INELIGIBLE
from service.audit import words
from service.audit.book import Book
from service.audit.figures import Given, Outcome
from service.kernel.money import baht_text
from service.results.queries import Sight
from service.results.stories import Reason, Story

NEAREST = 100  # losing pairs that a page lists, the nearest to winning first


@dataclass(frozen=True, slots=True)
class Winner:
    """Who serves a line: what is paid, what it counts as, and what the preference is made of."""

    given: Given
    parts: dict[str, int]  # millionths of the price
    margin_ppm: int
    kilometres: float
    room: str = ""  # how much dearer it could have been: for those alone who see every price
    handicap_ppm: int = 0  # of a substitute

    @property
    def capped(self) -> bool:
        """Whether the total cap cut the margin."""
        return self.margin_ppm < sum(self.parts.values())

    @property
    def evaluated_satang(self) -> int:
        """The price with preference, and a substitute's handicap, counted."""
        return round(self.given.deal.bid.price * (margins.PPM - self.margin_ppm + self.handicap_ppm) / margins.PPM)

    @property
    def rank(self) -> str:
        """Which substitute it is, and what that counts for; nothing for what was asked for."""
        return words.substitute(self.given.deal.line.rank(self.given.deal.bid.product), self.handicap_ppm)


@dataclass(frozen=True, slots=True)
class Loser:
    """Who could have served a line and does not."""

    reason: Reason
    why: str
    change: str

    @property
    def rank(self) -> str:
        """Which substitute it is, and what that counts for; nothing for what was asked for."""
        return words.substitute(self.reason.line.rank(self.reason.bid.product), self.reason.handicap_ppm)

    @property
    def certain(self) -> bool:
        """Whether a calculated plan shows that the change is enough; all other amounts are indications."""
        return bool(self.reason.numbers.get("certain")) or self.reason.code in words.FACTS

    @property
    def evaluated_satang(self) -> int:
        """The price with preference counted, in the scenario."""
        return round(float(self.reason.numbers.get("unit_cost", 0.0)) * 100)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One offer held against one line: what stands against it, or what decided."""

    bid: Bid
    against: list[tuple[str, str]]  # sentence, facts
    decided: str
    change: str


@dataclass(frozen=True, slots=True)
class LineSight:
    """A line's page."""

    line: Line
    winners: list[Winner]
    losers: list[Loser]
    taken: int  # units in all
    short_units: int  # units of the shortage; none where what is taken is enough
    missed: str
    is_within: bool  # served within its tolerance, without being what was wanted


def of_line(sight: Sight, outcome: Outcome, line_id: UUID, book: Book) -> LineSight:
    """Why a line is served as it is."""
    story = sight.story
    line = story.line(str(line_id))
    given = [one for one in outcome.given if one.deal.line.id == line.id]
    taken = {one.deal.bid.id for one in given}
    known = story.of_line(line.id)
    rooms = {r.bid.id: words.room(r.numbers.get("headroom")) for r in known if r.code == "won" and sight.whole}
    lost = [reason for reason in known if reason.code != "won" and reason.bid.id not in taken]
    short = story.short(line.id)
    cap = None if short is None or short.get("cap", -1) < 0 else story.instance.ids.caps[short["cap"]]
    return LineSight(
        line=line,
        winners=[winner(story, one, rooms.get(one.deal.bid.id, "")) for one in given],
        losers=[loser(reason, book, outcome, whole=sight.whole, exact=sight.whole) for reason in lost],
        taken=outcome.taken[line.id],
        short_units=0 if is_served(line, outcome.taken[line.id]) else line.quantity - outcome.taken[line.id],
        is_within=outcome.is_within(line),
        missed="" if short is None else words.missed(short, cap, book.unit(line.product)),
    )


def winner(story: Story, one: Given, room: str = "") -> Winner:
    """A given quantity with its preference taken apart."""
    weights = margins.Weights.from_json(story.market.weights)
    pair = (one.deal.bid.supplier, one.deal.line.buyer)
    parts = margin_parts(story.market, weights, *pair)
    handicap = margins.handicap_ppm(weights, one.deal.line.rank(one.deal.bid.product))
    return Winner(one, parts, margins.margin_ppm(weights, parts), round(Eye(story.market).km(*pair), 1), room, handicap)


def loser(reason: Reason, book: Book, outcome: Outcome, *, whole: bool, exact: bool) -> Loser:
    """A losing pair in sentences; what leans on prices only for those who may know them."""
    unit, code = book.unit(reason.bid.product), said_code(reason, outcome)
    turned = words.change(code, reason.numbers, unit, reason.bid.price, rounded=not exact) if whole else ""
    if turned and not exact and _is_of_few(outcome.story, reason):
        turned = words.say(words.FEW)
    more = words.more_produce(code, reason.numbers, unit) if whole else ""
    return Loser(reason, words.why(code, reason.numbers), " ".join(filter(None, (turned, more))))


def _is_of_few(story: Story, reason: Reason) -> bool:
    """Whether the amount would give away a price: it leans on one, and fewer than three others were in it."""
    leans = "{gap}" in words.CHANGE.get(reason.code, "")
    return leans and story.rivals(reason.line.id, reason.bid.supplier) < words.LEAST_RIVALS


def said_code(reason: Reason, outcome: Outcome) -> str:
    """The code as people are told it: on a line with all its awards, a scarce award can count more than any price."""
    beyond = reason.numbers.get("price_gap", 0.0) * 100 >= reason.bid.price
    return "split_full" if reason.code == "dearer" and beyond and reason.line.id in outcome.split_full else reason.code


def verdicts(story: Story, line_id: UUID, supplier_id: str, book: Book) -> list[Verdict]:
    """Every offer of a supplier held against a line, those of the asked product first."""
    line = story.line(str(line_id))
    mine = [bid for bid in story.market.bids if bid.supplier == supplier_id]
    mine.sort(key=lambda bid: (bid.product != line.product, bid.product not in line.substitutes, bid.id))
    return [_verdict(story, line, bid, book) for bid in mine]


def _verdict(story: Story, line: Line, bid: Bid, book: Book) -> Verdict:
    against, reason = story.of_pair(line.id, bid.id)
    said = [(against_text(story, line, bid, code), facts_text(story, line, bid, code, book)) for code in against]
    if reason is None or said:
        return Verdict(bid, said, "", "")
    unit = book.unit(bid.product)
    turned = words.change(reason.code, reason.numbers, unit, bid.price, rounded=False)
    return Verdict(bid, [], words.why(reason.code, reason.numbers), turned)


def against_text(story: Story, line: Line, bid: Bid, code: str) -> str:
    """Why a pair could not trade."""
    kilometres = Eye(story.market).km(bid.supplier, line.buyer)
    return words.say(INELIGIBLE[code], km=f"{kilometres:,.0f}", reach_km=bid.reach_km)


def facts_text(story: Story, line: Line, bid: Bid, code: str, book: Book) -> str:
    """The two facts that clash: what was asked, what was offered."""
    if code not in words.AGAINST:
        return ""
    asked, offered = _facts(story, line, bid, code, book)
    return words.say(words.AGAINST[code], asked=asked, offered=offered)


def _facts(story: Story, line: Line, bid: Bid, code: str, book: Book) -> tuple[str, str]:
    match code:
        case "product":
            return book.product(line.product), book.product(bid.product)
        case "grade":
            return book.grade(line.product, line.grade_rank), book.grade(bid.product, bid.grade_rank)
        case "certificate":
            return book.kinds(line.certificates), ""
        case "lot":
            return _day(line.day), ", ".join(f"{_day(lot.first)}–{_day(lot.last)}" for lot in bid.lots)
        case "lead_time":
            return _day(line.day), _day(first_day(story.market, bid))
        case _:
            return baht_text(line.ceiling), baht_text(bid.price)


def _day(day: date) -> str:
    return f"{day.day}/{day.month}"


@dataclass(frozen=True, slots=True)
class OfferSight:
    """One offer of a supplier: what it won, what it lost, and the lines of its product that it could not serve."""

    bid: Bid
    won: list[Winner]
    lost: list[Loser]
    lost_by: list[tuple[str, int]]
    barred_by: list[tuple[str, int]]
    asking: int  # lines that ask for its product


def of_supplier(sight: Sight, outcome: Outcome, supplier_id: UUID, book: Book) -> list[OfferSight]:
    """Why a supplier got what it got, offer by offer."""
    story, key = sight.story, str(supplier_id)
    lost = [reason for reason in story.of_supplier(key) if reason.code != "won"]
    mine = [bid for bid in story.market.bids if bid.supplier == key]
    return [_offer(sight, outcome, bid, [r for r in lost if r.bid.id == bid.id], book) for bid in mine]


def _offer(sight: Sight, outcome: Outcome, bid: Bid, lost: list[Reason], book: Book) -> OfferSight:
    story = sight.story
    given = [one for one in outcome.given if one.deal.bid.id == bid.id]
    taken = {one.deal.line.id for one in given}
    kept = sorted((r for r in lost if r.line.id not in taken), key=_nearness)
    eye, able = Eye(story.market), {r.line.id for r in lost} | taken
    asking = [line for line in story.market.lines if bid.product in {line.product, *line.substitutes}]
    barred = Counter(next(eye.against(line, bid), "") for line in asking if line.id not in able)
    losers = [loser(r, book, outcome, whole=True, exact=sight.whole) for r in kept]
    return OfferSight(
        bid=bid,
        won=[winner(story, one) for one in given],
        lost=losers[:NEAREST],
        lost_by=Counter(one.why for one in losers).most_common(),
        barred_by=[(_barred(code, bid), n) for code, n in barred.most_common() if code],
        asking=len(asking),
    )


def _nearness(reason: Reason) -> tuple[float, date, str]:
    gap = reason.numbers.get("price_gap")
    return (gap if gap is not None else float("inf"), reason.line.day, reason.line.id)


def _barred(code: str, bid: Bid) -> str:
    """Why lines were out of question, counted together: no single distance can be named."""
    return words.say(words.FAR if code == "reach" else INELIGIBLE[code], reach_km=bid.reach_km)
