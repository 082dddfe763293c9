"""What a round asks of its reader: where it stands, whose turn it is, and the steps that the reader may take."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session

from service.allocation.vocabulary import SCENARIOS
from service.demand import queries as demands
from service.demand.models import DemandLine
from service.events.models import Event
from service.kernel.actor import Actor
from service.kernel.clock import at_bangkok, now, today, week_of
from service.kernel.i18n import N_
from service.kernel.problems import Problem
from service.listings.models import Offer, SupplyLot
from service.parties.models import Organisation, Province
from service.parties.permissions import may
from service.procedure import recusal
from service.rounds.models import Round, RoundDemand, Run
from service.rounds.rules import whose
from service.rounds.vocabulary import LIVE, SEALED, STEPS

CHAIN = ("scheduled", "open", "closed", "solving", "proposed", "approved", "published")
WEEK = timedelta(days=7)
WEEKS_AHEAD = 8
ROWS = 60


@dataclass(frozen=True, slots=True)
class Deed:
    """A step that the reader may take: its name in the address, its button, what it does, what it asks for."""

    name: str
    button: str
    effect: str
    asks: str = ""  # reason | note | effort
    danger: bool = False


OPEN = Deed("open", N_("Open now"), N_("Approved demands of the week join the round until it closes."))
CLOSE = Deed("close", N_("Close the round"), N_("Demands and sealed offers are frozen, and solving begins."))
EARLY = Deed(
    "close",
    N_("Close the round early"),
    N_("The cut-off has not come. Demands and sealed offers are frozen as they stand; the reason is recorded."),
    asks="reason",
)
AGAIN = Deed(
    "solve",
    N_("Solve again"),
    N_("The market of the cut-off is solved once more; offers and prices stay as they were."),
    asks="effort",
)
PROPOSE = Deed(
    "propose",
    N_("Propose this result"),
    N_("The awards of the policy scenario go to the reviewing company. Groups do not see them yet."),
)
TAKE_UP = Deed("review", N_("Take up the review"), N_("Everyone sees that your company is reviewing the proposal."))
APPROVE = Deed(
    "approve",
    N_("Approve"),
    N_("You confirm that the proposal follows the rules. It can then be published."),
    asks="note",
)
SEND_BACK = Deed(
    "send-back",
    N_("Send back"),
    N_("The proposal is refused with your reason; the facilitator solves again or cancels."),
    asks="reason",
    danger=True,
)
PUBLISH = Deed("publish", N_("Publish"), N_("The awards reach the groups, and their time to answer begins."))
CANCEL = Deed(
    "cancel",
    N_("Cancel the round"),
    N_("The round is given up; its demands wait for another round of the week."),
    asks="reason",
    danger=True,
)

WAITS = {
    "scheduled": N_("It opens by itself at its time."),
    "open": N_("It closes by itself at the cut-off."),
    "closed": N_("Solving begins in a moment."),
    "solving": N_("The solver is at work."),
    "solved": N_("The facilitator looks at the result and proposes it."),
    "proposed": N_("The reviewing company takes it up."),
    "under_review": N_("The reviewing company decides."),
    "approved": N_("It is ready to be published."),
    "published": N_("The groups have their awards; what falls short is solved again by itself."),
    "failed": N_("The facilitator solves again or cancels."),
    "cancelled": N_("Nothing more happens here."),
}


def deeds(tx: Session, row: Round, run: Run | None, by: Actor) -> list[Deed]:
    """The steps that the reader may take now, the expected one first."""
    return [*_facilitates(row, run, by), *_reviews(tx, row, by), *_publishes(row, by), *_cancels(row, by)]


def _facilitates(row: Round, run: Run | None, by: Actor) -> Iterator[Deed]:
    if not may(by, "round.close", province=row.province_code):
        return
    if row.state == "scheduled":
        yield OPEN
    elif row.state == "open":
        yield EARLY if now() < row.closes_at else CLOSE
    elif row.state == "failed" or (row.state == "published" and run is not None and run.state == "failed"):
        yield AGAIN
    elif row.state == "solving" and run is not None and run.state == "solved":
        yield PROPOSE


def _reviews(tx: Session, row: Round, by: Actor) -> Iterator[Deed]:
    in_review = row.state in {"proposed", "under_review"} and may(by, "round.review", **whose(row))
    if in_review and recusal.objection(tx, by, row) is None:
        if row.state == "proposed":
            yield TAKE_UP
        yield APPROVE
        yield SEND_BACK


def _publishes(row: Round, by: Actor) -> Iterator[Deed]:
    facilitates = may(by, "round.close", province=row.province_code)
    reviews = by.organisation_id is not None and by.organisation_id == row.reviewer_company_id
    if row.state == "approved" and may(by, "round.publish", **whose(row)) and (facilitates or reviews):
        yield PUBLISH


def _cancels(row: Round, by: Actor) -> Iterator[Deed]:
    if row.state in STEPS["cancelled"] and may(by, "round.close", province=row.province_code):
        yield CANCEL


def stage(row: Round, run: Run | None) -> str:
    """The round's state, with a solved run that waits for its proposal told apart."""
    return "solved" if row.state == "solving" and run is not None and run.state == "solved" else row.state


def links(row: Round) -> list[tuple[str, str]]:
    """The chain of states, each done, now or ahead; a failed round stopped while it was being solved or reviewed."""
    if row.state == "cancelled":
        return [(state, "ahead") for state in CHAIN]
    stands = {"under_review": "proposed", "failed": "solving"}.get(row.state, row.state)
    at = CHAIN.index(stands)
    mark = "broken" if row.state == "failed" else "now"
    return [(state, "done" if place < at else mark if place == at else "ahead") for place, state in enumerate(CHAIN)]


@dataclass(frozen=True, slots=True)
class Entry:
    """A round in a list."""

    round: Round
    province: Province
    stage: str
    mine: Deed | None


def entries(tx: Session, *, by: Actor, province: str | None, page: int = 1) -> list[Entry]:
    """A page of rounds and one more: those that wait for the reader's company, wherever, then the newest week first."""
    waits = and_(Round.reviewer_company_id == by.organisation_id, Round.state.in_(("proposed", "under_review")))
    rows = select(Round).where(or_(Round.province_code == province, waits)) if province else select(Round)
    rows = rows.order_by(case((waits, 0), else_=1), Round.delivery_week.desc(), Round.id.desc())
    found = list(tx.scalars(rows.offset((page - 1) * ROWS).limit(ROWS + 1)))
    newest = select(Run).where(Run.round_id.in_([row.id for row in found])).order_by(Run.number)
    run_of = {run.round_id: run for run in tx.scalars(newest)}
    places = {place.code: place for place in tx.scalars(select(Province))}
    return [_entry(tx, row, run_of.get(row.id), places, by) for row in found]


def _entry(tx: Session, row: Round, run: Run | None, places: dict[str, Province], by: Actor) -> Entry:
    able = [deed for deed in deeds(tx, row, run, by) if deed is not CANCEL]
    return Entry(row, places[row.province_code], stage(row, run), able[0] if able else None)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is in an open round; no price, no name."""

    demands: int
    lines: int
    offers: int


def demand_ids(tx: Session, row: Round) -> list[UUID]:
    """The demands that have joined; until the cut-off also those that wait to join."""
    ahead = demands.awaiting(tx, row.province_code, row.delivery_week) if row.state in SEALED else []
    joined = tx.scalars(select(RoundDemand.demand_id).where(RoundDemand.round_id == row.id))
    return sorted({*joined, *(demand.id for demand in ahead)})


def counts(tx: Session, row: Round) -> Counts:
    """Demands that have joined (and wait to join), and offers that deliver in the week."""
    known = demand_ids(tx, row)
    lines = tx.scalar(select(func.count()).where(DemandLine.demand_id.in_(known)).select_from(DemandLine))
    last = row.delivery_week + timedelta(days=6)
    offers = select(func.count(func.distinct(Offer.id))).join(SupplyLot, SupplyLot.offer_id == Offer.id)
    offers = offers.where(Offer.province_code == row.province_code, Offer.state == "active",
                          SupplyLot.harvest_from <= last, SupplyLot.harvest_until >= row.delivery_week)  # fmt: skip
    return Counts(len(known), lines or 0, tx.scalar(offers) or 0)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who facilitates and who reviews, and what that means for the reader."""

    facilitator: Organisation | None
    reviewer: Organisation | None
    why: str
    objection: Problem | None  # why the reader, who audits, does not review this round


def hands(tx: Session, row: Round, by: Actor) -> Hands:
    """The companies of a round."""
    one, other = (tx.get(Organisation, key) if key else None for key in
                  (row.facilitator_company_id, row.reviewer_company_id))  # fmt: skip
    audits = other is not None and may(by, "round.review", **whose(row))
    return Hands(one, other, row.reviewer_reason, recusal.objection(tx, by, row) if audits else None)


@dataclass(frozen=True, slots=True)
class Bar:
    """How far the solving of one scenario is; `gap` is how far it may still be from the best, where known."""

    name: str
    phase: str
    fraction: float
    gap: float | None


def bars(run: Run) -> list[Bar]:
    """The progress of a run's scenarios."""
    return [_bar(name, run.progress.get(name) or {}) for name in SCENARIOS]


PARTS = {"bound": (0.0, 0.3), "construct": (0.3, 0.05), "improve": (0.35, 0.6), "verified": (1.0, 0.0)}


def _bar(name: str, step: dict[str, float | str | None]) -> Bar:
    phase, gap = str(step.get("phase") or "waiting"), step.get("gap")
    begin, width = PARTS.get(phase, (0.0, 0.0))
    fraction = begin + width * float(step.get("fraction") or 0.0)
    return Bar(name, phase, fraction, gap if isinstance(gap, float) else None)


def history(tx: Session, row: Round) -> list[Event]:
    """What happened to a round, oldest first."""
    rows = select(Event).where(Event.subject_type == Round.__tablename__, Event.subject_id == str(row.id))
    return list(tx.scalars(rows.order_by(Event.id)))


def weeks(tx: Session, province: str) -> list[date]:
    """The coming delivery weeks that have no live round yet and whose usual cut-off has not passed."""
    taken = select(Round.delivery_week).where(Round.province_code == province, Round.state.in_(sorted(LIVE)))
    known = set(tx.scalars(taken))
    coming = (week_of(today()) + number * WEEK for number in count(1))
    return list(islice((week for week in coming if week not in known and cut_off(week) > now()), WEEKS_AHEAD))


def cut_off(week: date) -> datetime:
    """The usual cut-off of a delivery week: Thursday noon before it."""
    return at_bangkok(week - timedelta(days=4), time(12))
