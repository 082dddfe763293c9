"""The life of a run: queued with its snapshot, solving, solved and verified; its awards; failure."""

from dataclasses import replace
from datetime import date, time, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

import solver
from service.allocation import margins
from service.allocation import market as markets
from service.allocation.eligibility import Eye
from service.allocation.facts import Deal, deals_of
from service.allocation.numbers import margin_parts
from service.allocation.vocabulary import APPLIED, SCENARIOS
from service.events import actions as events
from service.kernel import jobs
from service.kernel.actor import SYSTEM, Actor
from service.kernel.clock import at_bangkok, now
from service.kernel.ids import new_id
from service.rounds import evidence, invitations, rules, telling
from service.rounds.models import Award, AwardLine, Round, Run, Scenario
from service.rounds.snapshot import freeze, freeze_again

QUEUE = "rounds"


def queue_first(tx: Session, row: Round, by: Actor) -> Run:
    """Freeze the market and queue its solving, in the transaction that closes the round (or tries again)."""
    first = latest(tx, row.id, "first")
    if first is not None:
        return queue_anew(tx, row, by, market_of(first).overrides)
    return _queue(tx, row, by, 1, "first", freeze(tx, row, 1))


def queue_anew(tx: Session, row: Round, by: Actor, overrides: tuple[markets.Override, ...]) -> Run:
    """Queue the solving of the market of the cut-off anew, under a person's overrides."""
    frozen = market_now(tx, row)
    row.state, row.state_reason = "closed", ""
    return _queue(tx, row, by, frozen.run, "first", replace(frozen, overrides=_possible(frozen, overrides)))


def _possible(frozen: markets.Market, overrides: tuple[markets.Override, ...]) -> tuple[markets.Override, ...]:
    """The words that can still be followed: two that may trade no more (the day is near, a suspension) get nothing."""
    eye = Eye(replace(frozen, overrides=()))
    lines, bids = {line.id: line for line in frozen.lines}, {bid.id: bid for bid in frozen.bids}
    return tuple(word for word in overrides if not word.quantity or eye.eligible(lines[word.line], bids[word.offer]))


def queue_again(tx: Session, row: Round, by: Actor) -> Run:
    """Queue a re-solve: the first market with the answers so far."""
    frozen = market_now(tx, row)
    return _queue(tx, row, by, frozen.run, "again", frozen)


def market_now(tx: Session, row: Round) -> markets.Market:
    """The market of the cut-off as a next run would see it: its answers, the day, who was suspended meanwhile."""
    first = latest(tx, row.id, "first")
    assert first is not None, "what is solved anew was solved"
    newest = tx.scalar(select(func.max(Run.number)).where(Run.round_id == row.id)) or 0
    return freeze_again(tx, row, market_of(first), newest + 1)


def _queue(tx: Session, row: Round, by: Actor, number: int, kind: str, frozen: markets.Market) -> Run:
    text = markets.canonical(frozen)
    run = Run(round_id=row.id, number=number, kind=kind, snapshot=markets.pack(text))
    run.overrides = len(frozen.overrides)
    run.snapshot_sha256 = markets.digest(text)
    tx.add(run)
    tx.flush()
    jobs.start_after_commit(tx, QUEUE, "solve_run", str(run.id), str(run.id))
    events.record(tx, by=by, verb="run.queued", subject=run, province_code=row.province_code,
                  change={"round": str(row.id), "kind": kind, "snapshot_sha256": run.snapshot_sha256,
                          "lines": len(frozen.lines), "offers": len(frozen.bids)})  # fmt: skip
    return run


def latest(tx: Session, round_id: UUID, kind: str | None = None) -> Run | None:
    """The newest run of a round, of a kind where one is named."""
    rows = select(Run).where(Run.round_id == round_id)
    if kind:
        rows = rows.where(Run.kind == kind)
    return tx.scalar(rows.order_by(Run.number.desc()).limit(1))


def market_of(run: Run) -> markets.Market:
    """The run's frozen market."""
    assert run.snapshot is not None, "a run is queued with its snapshot"
    return markets.unpack(run.snapshot)


def begin(tx: Session, run_id: UUID) -> Run:
    """Mark the run as being solved; a resumed run is left as it is."""
    run = tx.scalars(select(Run).where(Run.id == run_id).with_for_update()).one()
    if run.state == "queued":
        run.state = "solving"
        row = tx.scalars(select(Round).where(Round.id == run.round_id).with_for_update()).one()
        if run.kind == "first":
            rules.must_step(row, "solving")
            row.state = "solving"
        events.record(tx, by=SYSTEM, verb="run.started", subject=run, province_code=row.province_code)
    return run


def settle(tx: Session, run_id: UUID) -> None:
    """Close a run whose scenarios are all stored and verified; a re-solve's awards go out at once."""
    run = tx.scalars(select(Run).where(Run.id == run_id).with_for_update()).one()
    if run.state != "solving":
        return
    found = {s.name: s for s in tx.scalars(select(Scenario).where(Scenario.run_id == run_id))}
    wrong = [name for name in SCENARIOS if name not in found or found[name].violations or found[name].objective is None]
    if wrong:
        msg = f"no verified plan for {', '.join(wrong)}"
        raise RuntimeError(msg)
    run.state, run.finished_at = "solved", now()
    row = tx.get_one(Round, run.round_id)
    applied = found[APPLIED]
    events.record(tx, by=SYSTEM, verb="run.solved", subject=run, province_code=row.province_code,
                  change={"instance_sha256": applied.instance_sha256, "objective": applied.objective,
                          "bound": applied.bound, "gap": applied.gap, "files": evidence.files(found)})  # fmt: skip
    if run.kind == "again":
        award(tx, row, run, by=SYSTEM)
        publish_awards(tx, row, run, by=SYSTEM)
        run.state = "applied"


def give_up(tx: Session, run_id: UUID, failure: str) -> None:
    """Store why a run failed; a round without a result fails with it."""
    run = tx.scalars(select(Run).where(Run.id == run_id).with_for_update()).one()
    if run.state not in {"queued", "solving"}:
        return
    run.state, run.failure, run.finished_at = "failed", failure, now()
    row = tx.scalars(select(Round).where(Round.id == run.round_id).with_for_update()).one()
    if run.kind == "first" and row.state in {"closed", "solving"}:  # one that was cancelled meanwhile stays cancelled
        row.state, row.state_reason = "failed", failure
        telling.failed(tx, row)
    events.record(tx, by=SYSTEM, verb="run.failed", subject=run, province_code=row.province_code, reason=failure)


def deals(tx: Session, run: Run, scenario: str = APPLIED) -> list[Deal]:
    """The new deals of a run's scenario, from its stored files."""
    stored = tx.scalars(select(Scenario).where(Scenario.run_id == run.id, Scenario.name == scenario)).one()
    instance, result = solver.instance_from_bytes(stored.instance), solver.result_from_bytes(stored.result)
    return deals_of(market_of(run), instance, result)


def award(tx: Session, row: Round, run: Run, *, by: Actor) -> None:
    """Turn the policy scenario into awards, one a demand and supplier; never twice for one run."""
    if tx.scalar(select(Award.id).where(Award.run_id == run.id).limit(1)) is not None:
        return
    market, made = market_of(run), dict[tuple[str, str], Award]()
    weights = margins.Weights.from_json(market.weights)
    for deal in deals(tx, run):
        given = made.setdefault((deal.line.demand, deal.bid.supplier), _award(row, run, deal))
        ppm = margins.margin_ppm(weights, margin_parts(market, weights, deal.bid.supplier, deal.line.buyer))
        tx.add_all((given, _line(given.id, deal, ppm // 100)))
    events.record(tx, by=by, verb="run.awarded", subject=run, province_code=row.province_code,
                  change={"awards": len(made)})  # fmt: skip


def _award(row: Round, run: Run, deal: Deal) -> Award:
    buyer, supplier = UUID(deal.line.buyer), UUID(deal.bid.supplier)
    demand = UUID(deal.line.demand)
    return Award(id=new_id(), round_id=row.id, run_id=run.id, demand_id=demand, buyer_id=buyer, supplier_id=supplier)


def _line(award_id: UUID, deal: Deal, margin_bp: int) -> AwardLine:
    return AwardLine(
        award_id=award_id,
        demand_line_id=UUID(deal.line.id),
        offer_id=UUID(deal.bid.id),
        product_code=deal.bid.product,
        delivery_date=deal.line.day,
        quantity=deal.quantity,
        price_satang=deal.bid.price,
        margin_bp=margin_bp,
    )


def publish_awards(tx: Session, row: Round, run: Run, *, by: Actor) -> None:
    """Give the run's awards to their groups, with the moment until which they may answer.

    Nobody answers for a day that has begun: the time ends before the first delivery, at the latest.
    """
    at, first = now(), _first_days(tx, run)
    unseen = select(Award).where(Award.run_id == run.id, Award.respond_by.is_(None)).options(selectinload(Award.lines))
    awards = list(tx.scalars(unseen.order_by(Award.id).execution_options(populate_existing=True)))
    for given in awards:
        before = at_bangkok(first[given.id], time(0))
        given.respond_by = respond_by = max(at, min(at + timedelta(hours=row.answer_hours), before))
        events.record(tx, by=by, verb="award.published", subject=given, province_code=row.province_code,
                      change={"demand": str(given.demand_id), "respond_by": respond_by,
                              "award_sha256": evidence.digest(given)})  # fmt: skip
    invitations.send(tx, awards)


def _first_days(tx: Session, run: Run) -> dict[UUID, date]:
    """The first delivery day of each award."""
    rows = select(AwardLine.award_id, func.min(AwardLine.delivery_date)).join(Award, Award.id == AwardLine.award_id)
    return dict(tx.execute(rows.where(Award.run_id == run.id).group_by(AwardLine.award_id)).all())


def intact(run: Run) -> bool:
    """Whether the stored snapshot still has the hash that was recorded for it."""
    return markets.digest(markets.canonical(market_of(run))) == run.snapshot_sha256
