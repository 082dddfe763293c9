"""Pages of rounds: the list, one round with its steps and result, its certificate, awards, lines and suppliers."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from service.allocation.vocabulary import SCENARIOS
from service.audit import desk, result, words
from service.kernel.clock import BANGKOK, now
from service.overrides import actions as overrides
from service.overrides.schemas import OverrideIn
from service.overrides.vocabulary import LABELS as BY_HAND
from service.parties import queries as parties
from service.parties.permissions import may, require
from service.procedure import actions, review
from service.procedure.schemas import NoteIn, RoundForm, SolveAgainIn
from service.results import queries as results
from service.results import replays
from service.rounds import queries, runs
from service.rounds.rules import whose
from service.rounds.schemas import ReasonIn
from service.rounds.vocabulary import LABELS
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
add_words(words.LABELS)
add_words(BY_HAND)
Number = Annotated[int | None, Query(ge=1, le=10_000)]
Scenario = Literal["least_cost", "policy", "most_social"]
Code = Annotated[str, Query(max_length=40)]


@router.get("/rounds")
def rounds(request: Request, tx: Tx, by: By, page: Number = 1) -> Response:
    """The rounds of the reader's province, of all provinces for the national company."""
    found = desk.entries(tx, by=by, province=by.province_code, page=page or 1)
    return render(request, "rounds/list.html", entries=found[: desk.ROWS], national=by.province_code is None,
                  following=(page or 1) + 1 if len(found) > desk.ROWS else None, waits=desk.WAITS,
                  schedules=may(by, "round.schedule", province=by.province_code))  # fmt: skip


@router.get("/rounds/new")
def new(request: Request, tx: Tx, by: By, province: Code = "") -> Response:
    """The form of a round, filled with the next week that has none."""
    chosen = by.province_code or province or "10"
    require(by, "round.schedule", province=chosen)
    weeks = desk.weeks(tx, chosen)
    cut_off = desk.cut_off(weeks[0]).astimezone(BANGKOK)
    return render(request, "rounds/new.html", chosen=chosen, provinces=parties.provinces(tx), weeks=weeks,
                  week=weeks[0], national=by.province_code is None, opens_at=now().astimezone(BANGKOK),
                  closes_at=cut_off, effort=request.app.state.settings.solver_effort)  # fmt: skip


@router.post("/rounds/new")
@shows_again(new)
def schedule(request: Request, tx: Tx, by: By, posted: Form, province: Code = "") -> Response:
    """Schedule it."""
    del request, province
    return see(f"/rounds/{actions.schedule(tx, by=by, draft=posted.read(RoundForm)).id}")


@router.get("/rounds/{round_id}")
def one(request: Request, round_id: UUID, tx: Tx, by: By, run: Number = None) -> Response:
    """One round: where it stands, the reader's next step, and its result once it is closed."""
    return render(request, "rounds/one.html", **result.page(tx, by=by, round_id=round_id, number=run))


@router.get("/rounds/{round_id}/progress")
def progress(request: Request, round_id: UUID, tx: Tx, by: By) -> Response:
    """The progress alone; once solving has ended the whole page is asked for again."""
    row = queries.found(tx, round_id)
    run = runs.latest(tx, row.id)
    busy = result.is_busy(run)
    sees = may(by, "round.see_result", **whose(row))
    bars = desk.bars(run) if run and sees else []
    answer = render(request, "rounds/one.html", block="progress", round=row, run=run, busy=busy, bars=bars)
    if not busy:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/rounds/{round_id}/open")
@shows_again(one)
def open_now(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Open a scheduled round."""
    del request, posted, run
    actions.open_round(tx, by=by, round_id=round_id)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/close")
@shows_again(one)
def close(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Close it; before the cut-off with a reason."""
    del request, run
    reason = posted.read(ReasonIn).reason if posted.has("reason") else ""
    actions.close(tx, by=by, round_id=round_id, reason=reason)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/solve")
@shows_again(one)
def solve(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Solve a failed or sent back round again."""
    del request, run
    actions.solve_again(tx, by=by, round_id=round_id, effort=posted.read(SolveAgainIn).effort)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/propose")
@shows_again(one)
def propose(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Propose the result."""
    del request, run
    actions.propose(tx, by=by, round_id=round_id, version=posted.version())
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/review")
@shows_again(one)
def take_up(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Take up the review."""
    del request, run
    review.take_up(tx, by=by, round_id=round_id, version=posted.version())
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/approve")
@shows_again(one)
def approve(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Approve the proposal."""
    del request, run
    review.approve(tx, by=by, round_id=round_id, version=posted.version(), note=posted.read(NoteIn).note)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/send-back")
@shows_again(one)
def send_back(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Refuse the proposal."""
    del request, run
    reason = posted.read(ReasonIn).reason
    review.send_back(tx, by=by, round_id=round_id, version=posted.version(), reason=reason)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/publish")
@shows_again(one)
def publish(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Publish the allocation."""
    del request, run
    review.publish(tx, by=by, round_id=round_id, version=posted.version())
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/cancel")
@shows_again(one)
def cancel(request: Request, round_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None) -> Response:
    """Give the round up."""
    del request, run
    actions.cancel(tx, by=by, round_id=round_id, reason=posted.read(ReasonIn).reason)
    return see(f"/rounds/{round_id}")


@router.get("/rounds/{round_id}/awards")
def awards(
    request: Request, round_id: UUID, tx: Tx, by: By, run: Number = None, view: Code = "lines", page: Number = 1,
    product: Code = "", buyer: Code = "", supplier: Code = "",
) -> Response:  # fmt: skip
    """Who got what: by line, supplier or buyer, and what stays short."""
    asked = result.Asked(view if view in result.VIEWS else "lines", product, buyer, supplier, page or 1)
    context = result.awards(tx, by=by, round_id=round_id, number=run, asked=asked)
    return render(request, "rounds/awards.html", asked=asked, views=result.VIEWS, **context)


@router.get("/rounds/{round_id}/lines/{line_id}")
def line(
    request: Request, round_id: UUID, line_id: UUID, tx: Tx, by: By, run: Number = None, supplier: UUID | None = None
) -> Response:
    """One line: who won and why, who did not and why not, and any other supplier on asking."""
    seen = results.line_sight(tx, by=by, round_id=round_id, line_id=line_id, number=run)
    return render(request, "rounds/line.html", **result.line(tx, by, seen, line_id, supplier if seen.whole else None))


@router.post("/rounds/{round_id}/lines/{line_id}/override")
@shows_again(line)
def override(
    request: Request, round_id: UUID, line_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None,
    supplier: UUID | None = None,
) -> Response:  # fmt: skip
    """Decide one pair of the line by hand."""
    del request, run, supplier
    draft = posted.read(OverrideIn)
    overrides.override(tx, by=by, round_id=round_id, line_id=line_id, version=posted.version(), draft=draft)
    return see(f"/rounds/{round_id}")


@router.post("/rounds/{round_id}/overrides/{override_id}/withdraw")
@shows_again(one)
def withdraw(
    request: Request, round_id: UUID, override_id: UUID, tx: Tx, by: By, posted: Form, run: Number = None
) -> Response:
    """Leave a pair to the solver again."""
    del request, run
    overrides.withdraw(tx, by=by, round_id=round_id, override_id=override_id, version=posted.version())
    return see(f"/rounds/{round_id}")


@router.get("/rounds/{round_id}/suppliers/{supplier_id}")
def supplier(request: Request, round_id: UUID, supplier_id: UUID, tx: Tx, by: By, run: Number = None) -> Response:
    """One supplier: what each of its offers won and lost, and why."""
    seen = results.supplier_sight(tx, by=by, round_id=round_id, supplier_id=supplier_id, number=run)
    return render(request, "rounds/supplier.html", **result.supplier(tx, seen, supplier_id))


@router.get("/rounds/{round_id}/runs/{number}/certificate")
def certificate(
    request: Request, round_id: UUID, number: int, tx: Tx, by: By, scenario: Scenario = "policy"
) -> Response:
    """The certificate of a scenario, computed anew from the stored files."""
    found = results.recompute(tx, by=by, round_id=round_id, number=number, name=scenario)
    row = results.scenario(tx, by=by, round_id=round_id, number=number, name=scenario)
    run = queries.run_of(tx, by=by, round_id=round_id, number=number)
    return render(request, "rounds/certificate.html", round=queries.found(tx, round_id), run=run, scenario=row,
                  found=found, names=SCENARIOS)  # fmt: skip


@router.get("/rounds/{round_id}/runs/{number}/replays/{name}")
def replays_of(request: Request, round_id: UUID, number: int, name: Scenario, tx: Tx, by: By) -> Response:
    """What solving a scenario again from its snapshot gave."""
    context = result.replays(tx, by=by, round_id=round_id, number=number, name=name)
    return render(request, "rounds/replays.html", **context)


@router.get("/rounds/{round_id}/runs/{number}/replays/{name}/news")
def replay_news(request: Request, round_id: UUID, number: int, name: Scenario, tx: Tx, by: By) -> Response:
    """The newest replay alone, while it is solved."""
    context = result.replays(tx, by=by, round_id=round_id, number=number, name=name)
    answer = render(request, "rounds/replays.html", block="news", **context)
    if not context["busy"]:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.post("/rounds/{round_id}/runs/{number}/replays/{name}")
@shows_again(replays_of)
def replay(request: Request, round_id: UUID, number: int, name: Scenario, tx: Tx, by: By, posted: Form) -> Response:
    """Have a scenario solved again from its snapshot."""
    del request, posted
    replays.ask(tx, by=by, round_id=round_id, number=number, name=name)
    return see(f"/rounds/{round_id}/runs/{number}/replays/{name}")
