"""Use cases of overrides: a pair is decided by hand, for a coded reason, and the rest is solved anew; or left again.

An override binds the solver but breaks no limit of the round: who could not trade still cannot. It stays on the record
with its maker, and what all of a round's overrides cost is the difference to the last result without any.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from service.allocation.eligibility import Eye
from service.allocation.market import Bid, Line, Market
from service.allocation.numbers import broken_by, grid_of
from service.allocation.vocabulary import BROKEN, INELIGIBLE
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.overrides import rules
from service.overrides.known import of_round, words
from service.overrides.models import Override
from service.overrides.schemas import OverrideIn
from service.parties.permissions import require
from service.rounds import queries, runs
from service.rounds.models import Round
from service.rounds.rules import NothingSolved


def override(tx: Session, *, by: Actor, round_id: UUID, line_id: UUID, version: int, draft: OverrideIn) -> Override:
    """Decide how much of a line one offer gets (0: nothing), and have the rest solved again."""
    row = _solved(tx, by, round_id, version)
    made = Override(round_id=row.id, demand_line_id=line_id, made_by=by.person_id, **draft.model_dump())
    standing = [word for word in of_round(tx, row.id) if _pair(word) != _pair(made)]
    _must_fit(replace(runs.market_now(tx, row), overrides=words([*standing, made])), made)
    for word in of_round(tx, row.id):
        if _pair(word) == _pair(made):
            _end(word, by)
    tx.add(made)
    change = draft.model_dump(mode="json", exclude={"note"}) | {"round": str(row.id), "line": str(line_id)}
    events.record(tx, by=by, verb="override.made", subject=made, province_code=row.province_code, change=change,
                  reason=draft.note)  # fmt: skip
    runs.queue_anew(tx, row, by, words([*standing, made]))
    return made


def withdraw(tx: Session, *, by: Actor, round_id: UUID, override_id: UUID, version: int) -> Override:
    """Leave the pair to the solver again."""
    row = _solved(tx, by, round_id, version)
    word = tx.get(Override, override_id)
    if word is None or word.round_id != row.id or word.withdrawn_at is not None:
        raise NotFound
    _end(word, by)
    tx.flush()
    events.record(tx, by=by, verb="override.withdrawn", subject=word, province_code=row.province_code,
                  change={"round": str(row.id)})  # fmt: skip
    runs.queue_anew(tx, row, by, words(of_round(tx, row.id)))
    return word


def _solved(tx: Session, by: Actor, round_id: UUID, version: int) -> Round:
    """The locked round, while its result waits to be proposed."""
    row = queries.locked(tx, round_id)
    require(by, "round.override", province=row.province_code)
    must_match(row.version, version)
    run = runs.latest(tx, row.id, "first")
    rules.must_be_undecided(row, "" if run is None else run.state)
    if run is None:
        raise NothingSolved
    return row


def _pair(word: Override) -> tuple[UUID, UUID]:
    return word.demand_line_id, word.offer_id


def _end(word: Override, by: Actor) -> None:
    word.withdrawn_at, word.withdrawn_by = now(), by.person_id


def _must_fit(market: Market, made: Override) -> None:
    """Refuse what the round's own rules forbid, seen on the overridden lines and offers alone."""
    line = next((line for line in market.lines if line.id == str(made.demand_line_id)), None)
    bid = next((bid for bid in market.bids if bid.id == str(made.offer_id)), None)
    if line is None or bid is None:
        if line is None:
            raise NotFound
        raise InvalidInput(errors=(FieldError("/offer_id", N_("It is not part of this round.")),))
    named = {word.line for word in market.overrides}, {word.offer for word in market.overrides}
    small = replace(market, lines=tuple(one for one in market.lines if one.id in named[0]),
                    bids=tuple(one for one in market.bids if one.id in named[1]))  # fmt: skip
    faults = _ineligible(small, line, bid) or [(BROKEN[code], ()) for code in broken_by(grid_of(small))]
    if made.quantity and faults:
        raise rules.OverrideRefused(errors=tuple(FieldError("/quantity", text, facts) for text, facts in faults))


def _ineligible(market: Market, line: Line, bid: Bid) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Why the two could not trade: messages and the facts that fill them."""
    eye = Eye(market)
    facts = (("km", f"{eye.km(bid.supplier, line.buyer):,.0f}"), ("reach_km", str(bid.reach_km)))
    return [(INELIGIBLE[code], facts) for code in eye.against(line, bid)]
