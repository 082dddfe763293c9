"""What the pages of a round show, gathered: its desk, its result, its awards, one line, one supplier, its replays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.allocation.margins import Weights
from service.allocation.vocabulary import APPLIED
from service.audit import desk, figures, sight
from service.audit.book import Book
from service.audit.figures import Given, Outcome
from service.catalog.models import Product
from service.demand import together
from service.demand.models import Demand, DemandLine
from service.kernel.actor import Actor
from service.kernel.problems import NotFound
from service.listings.models import Offer
from service.overrides import known as decided
from service.overrides import queries as overrides
from service.overrides.vocabulary import OverrideReason
from service.parties.models import District, Province
from service.parties.permissions import may
from service.parties.vocabulary import BUYERS, SUPPLIERS
from service.people.models import Person
from service.programme.models import ProgrammeProfile
from service.results import queries as results
from service.results.replays import of_scenario
from service.results.stories import Story, open_story
from service.rounds import queries, runs
from service.rounds.models import Round, RoundDemand, Run
from service.rounds.rules import whose
from service.rounds.vocabulary import SEALED

VIEWS = ("lines", "suppliers", "buyers", "short")
ROWS = 50
LINKS = 400  # a map with more lines than this shows nothing
Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the awards a reader wants to see."""

    view: str
    product: str
    buyer: str
    supplier: str
    page: int

    def link(self, **changes: Any) -> str:
        """The address of the same list with something changed."""
        given = {name: getattr(self, name) for name in Asked.__slots__} | {"page": 1} | changes
        return "?" + urlencode({name: value for name, value in given.items() if value != ""})


def is_busy(run: Run | None) -> bool:
    """Whether a run is waiting for the solver or being solved."""
    return run is not None and run.state in {"queued", "solving"}


def page(tx: Session, *, by: Actor, round_id: UUID, number: int | None) -> Context:
    """The page of a round."""
    row = queries.found(tx, round_id)
    newest = runs.latest(tx, row.id)
    sees = may(by, "round.see_result", **whose(row))
    steps = desk.deeds(tx, row, newest, by)
    context: Context = {
        "round": row, "province": tx.get_one(Province, row.province_code),
        "profile": tx.get_one(ProgrammeProfile, row.profile_id),
        "links": desk.links(row), "stage": desk.stage(row, newest), "waits": desk.WAITS, "deeds": steps,
        "hands": desk.hands(tx, row, by), "sees": sees, "run": newest, "busy": is_busy(newest), "result": None,
        "by_hand": None, "pools": together.groups(tx, desk.demand_ids(tx, row)) if sees else [],
        "bars": desk.bars(newest) if newest and sees else [], "history": desk.history(tx, row) if sees else [],
        "counts": desk.counts(tx, row) if sees and row.state in SEALED else None, "mine": _mine(tx, by, row),
    }  # fmt: skip
    if sees and row.state not in SEALED:
        context |= {"result": _result(tx, by, row, number), "by_hand": _by_hand(tx, by, row)}
    return context


def _by_hand(tx: Session, by: Actor, row: Round) -> Context | None:
    """What a person has decided against the solver, with names, and what it changes."""
    words = decided.of_round(tx, row.id)
    if not words:
        return None
    lines = select(DemandLine, Demand).join(Demand).where(DemandLine.id.in_([word.demand_line_id for word in words]))
    demands = {line.id: (line, demand) for line, demand in tx.execute(lines)}
    offers = {o.id: o for o in tx.scalars(select(Offer).where(Offer.id.in_([word.offer_id for word in words])))}
    people = {p.id: p for p in tx.scalars(select(Person).where(Person.id.in_([word.made_by for word in words])))}
    parties = {demand.organisation_id for _, demand in demands.values()} | {o.organisation_id for o in offers.values()}
    products = {line.product_code for line, _ in demands.values()} | {o.product_code for o in offers.values()}
    return {
        "words": words, "lines": demands, "offers": offers, "people": people,
        "book": Book(tx, map(str, parties), products),
        "difference": overrides.difference(tx, row), "may": overrides.may_decide(tx, by, row),
        "void": overrides.void(tx, row),
    }  # fmt: skip


def _mine(tx: Session, by: Actor, row: Round) -> Context | None:
    """What a published round holds for the reader's own group or kitchen: where to read why."""
    if row.state != "published" or not may(by, "award.see", organisation_id=by.organisation_id):
        return None
    if by.organisation_kind in SUPPLIERS:
        return {"supplier": str(by.organisation_id), "lines": []}
    if by.organisation_kind not in BUYERS:
        return None
    lines = select(DemandLine, Product).join(Product, Product.code == DemandLine.product_code)
    lines = lines.join(Demand, Demand.id == DemandLine.demand_id).where(Demand.organisation_id == by.organisation_id)
    lines = lines.join(RoundDemand, RoundDemand.demand_id == Demand.id).where(RoundDemand.round_id == row.id)
    return {"supplier": "", "lines": list(tx.execute(lines.order_by(DemandLine.delivery_date, DemandLine.id)))}


def _result(tx: Session, by: Actor, row: Round, number: int | None) -> Context | None:
    """The result of a run, or nothing while there is none."""
    known = queries.runs_of(tx, by=by, round_id=row.id)
    solved = [run for run in known if run.state in {"solved", "applied"}]
    wanted = [run for run in solved if (run.kind == "first" if number is None else run.number == number)]
    if not wanted:
        return None
    run = wanted[0]
    stored = results.scenarios(tx, by=by, round_id=row.id, number=run.number)
    outcome = figures.outcome(tx, open_story(tx, run))
    return {
        "run": run, "runs": solved, "columns": figures.columns(stored), "outcome": outcome,
        "applied": next(s for s in stored if s.name == APPLIED), "map": _map(tx, row, outcome),
        "replays": may(by, "round.replay", **whose(row)),
    }  # fmt: skip


def _runs(tx: Session, row: Round) -> list[Run]:
    """The runs of a round whose results may be read, the oldest first."""
    rows = select(Run).where(Run.round_id == row.id, Run.state.in_(("solved", "applied")))
    return list(tx.scalars(rows.order_by(Run.number)))


def _map(tx: Session, row: Round, outcome: Outcome) -> Context:
    """Districts, dots sized by baht, and the largest flows between them."""
    districts = list(tx.scalars(select(District).where(District.province_code == row.province_code)))
    suppliers, buyers = outcome.suppliers, [share for share in outcome.buyers if share.satang]
    most = max((share.satang for share in (*suppliers, *buyers)), default=0)
    book = Book(tx, {share.organisation for share in (*suppliers, *buyers)}, ())
    place = outcome.story.market.parties
    flows = sorted(outcome.flows, key=lambda flow: -flow[2])[:LINKS]
    return {
        "districts": districts, "book": book, "place": place, "flows": flows,
        "suppliers": [(share, figures.sized(share.satang, most)) for share in suppliers],
        "buyers": [(share, figures.sized(share.satang, most)) for share in buyers],
    }  # fmt: skip


def awards(tx: Session, *, by: Actor, round_id: UUID, number: int | None, asked: Asked) -> Context:
    """The awards of a run by line, by supplier, by buyer, or what stays short."""
    run = queries.run_of(tx, by=by, round_id=round_id, number=number)
    story = open_story(tx, run)
    outcome = figures.outcome(tx, story)
    rows = _rows(outcome, asked)
    shown = rows[(asked.page - 1) * ROWS : asked.page * ROWS]
    book = Book.of(tx, story.market)
    return {
        "round": queries.found(tx, round_id), "run": run, "outcome": outcome, "rows": shown, "total": len(rows),
        "pages": max(1, -(-len(rows) // ROWS)), "book": book,
        "products": sorted(book.products),
    }  # fmt: skip


def _rows(outcome: Outcome, asked: Asked) -> Sequence[Any]:
    if asked.view == "suppliers":
        return [share for share in outcome.suppliers if asked.supplier in {"", share.organisation}]
    if asked.view == "buyers":
        return [share for share in outcome.buyers if asked.buyer in {"", share.organisation}]
    if asked.view == "short":
        return [pair for pair in outcome.short if asked.product in {"", pair[0].product}
                and asked.buyer in {"", pair[0].buyer}]  # fmt: skip
    return [one for one in outcome.given if _wanted(one, asked)]


def _wanted(one: Given, asked: Asked) -> bool:
    line, bid = one.deal.line, one.deal.bid
    return (
        asked.product in {"", line.product, bid.product}
        and asked.buyer in {"", line.buyer}
        and asked.supplier in {"", bid.supplier}
    )


def line(tx: Session, by: Actor, seen: results.Sight, line_id: UUID, supplier_id: UUID | None) -> Context:
    """One line's page, with another supplier held against it where one is asked about."""
    story = seen.story
    outcome = figures.outcome(tx, story)
    book = Book.of(tx, story.market)
    suppliers = {bid.supplier for bid in story.market.bids} if seen.whole else set()
    demand = tx.get_one(Demand, UUID(story.line(str(line_id)).demand))
    return {
        "round": seen.round, "runs": _runs(tx, seen.round), "run": story.run, "whole": seen.whole, "book": book,
        "demand": demand,
        "view": sight.of_line(seen, outcome, line_id, book), "asked": None if supplier_id is None else str(supplier_id),
        "suppliers": sorted(suppliers, key=lambda key: book.organisations[key].name_th),
        "decides": overrides.may_decide(tx, by, seen.round), "why": list(OverrideReason),
        "by_hand": {word.offer for word in story.market.overrides if word.line == str(line_id)},
        "verdicts": _verdicts(story, line_id, supplier_id, book), "weights": Weights.from_json(story.market.weights),
    }  # fmt: skip


def _verdicts(story: Story, line_id: UUID, supplier_id: UUID | None, book: Book) -> list[sight.Verdict]:
    return [] if supplier_id is None else sight.verdicts(story, line_id, str(supplier_id), book)


def supplier(tx: Session, seen: results.Sight, supplier_id: UUID) -> Context:
    """One supplier's page; a group without offers in the round has none."""
    story, key = seen.story, str(supplier_id)
    if key not in story.market.parties:
        raise NotFound
    outcome = figures.outcome(tx, story)
    book = Book.of(tx, story.market)
    offers = sight.of_supplier(seen, outcome, supplier_id, book)
    return {
        "round": seen.round, "runs": _runs(tx, seen.round), "run": story.run, "whole": seen.whole, "book": book,
        "offers": offers,
        "organisation": book.organisations[key], "party": story.market.parties[key],
        "share": next((share for share in outcome.suppliers if share.organisation == key), figures.Share(key)),
    }  # fmt: skip


def replays(tx: Session, *, by: Actor, round_id: UUID, number: int, name: str) -> Context:
    """The replays of a scenario; differences with the names of lines and groups."""
    found = of_scenario(tx, by=by, round_id=round_id, number=number, name=name)
    run = queries.run_of(tx, by=by, round_id=round_id, number=number)
    row = queries.found(tx, round_id)
    story = open_story(tx, run)
    newest = found[0] if found else None
    return {
        "round": row, "run": run, "name": name, "replays": found, "newest": newest,
        "busy": newest is not None and newest.state == "queued", "book": Book.of(tx, story.market),
        "lines": {one.id: one for one in story.market.lines}, "bids": {bid.id: bid for bid in story.market.bids},
        "may_ask": may(by, "round.replay", **whose(row)),
    }  # fmt: skip
