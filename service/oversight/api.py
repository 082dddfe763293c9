"""The log's API: events in the order of the chain, its verification, checkpoints, proofs and the bundle."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.events import proofs, verification
from service.events.proofs import NotSignedYet, ProofBroken
from service.kernel.problems import InvalidInput, NotAllowed, NotFound, SignInRequired
from service.oversight import actions, bundle, queries, rules
from service.oversight.models import LogCheck
from service.oversight.rules import LogTooLong
from service.oversight.schemas import (
    AwardProofOut,
    CheckIn,
    CheckOut,
    CheckpointOut,
    CheckpointsOut,
    ConsistencyOut,
    EventOut,
    Moment,
    ProofOut,
    SignedOut,
    VerdictOut,
)
from service.parties.permissions import require
from service.web.deps import By, Creates, Tx
from service.web.paging import Page
from service.web.problems import problems
from service.web.routes import KeyReused, api_router

Word = Annotated[str | None, Query(max_length=80)]
Size = Annotated[int, Query(ge=1, lt=queries.MOST_ID)]
EventId = Annotated[int, Path(ge=1, lt=queries.MOST_ID)]
ZIP = "application/zip"
router = api_router("", "events")
SIGNED_IN = (SignInRequired, InvalidInput)
SEES = (*SIGNED_IN, NotAllowed)
PROVES = (*SIGNED_IN, NotFound, NotSignedYet, ProofBroken)


@router.get("/events", response_model=Page[EventOut], responses=problems(*SEES))
def events(
    tx: Tx,
    by: By,
    cursor: Annotated[int, Query(ge=0, lt=queries.MOST_ID, description="`next` of the page before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    verb: Word = None,
    subject_type: Word = None,
    subject_id: Word = None,
    organisation: UUID | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Page[EventOut]:
    """Events in the order of the chain: of the auditor's province, of all for the national company.

    The order follows commits and no gap is filled later: a reader who goes on from `next` misses nothing.
    """
    asked = queries.Asked(verb, subject_type, subject_id, organisation, since, until)
    rows, following = queries.after(tx, queries.events(by, asked), cursor, limit)
    items = [EventOut.of(row, seal) for row, seal in rows]
    return Page(items=items, next=None if following is None else str(following))


@router.get("/events/verification", response_model=VerdictOut, responses=problems(*SEES, LogTooLong))
def verify(
    request: Request,
    tx: Tx,
    by: By,
    head: Annotated[str | None, Query(max_length=100, description="A head noted before, as number:hash.")] = None,
) -> VerdictOut:
    """Recompute a chain that is not too long for it, and compare it with every checkpoint."""
    require(by, "events.see", province=by.province_code)
    rules.must_be_short(queries.length(tx))
    return VerdictOut.of(verification.verify(tx, rules.outside(request.app.state.settings, head or "")))


@router.post(
    "/events/checks",
    status_code=202,
    response_model=CheckOut,
    responses=problems(*SEES, KeyReused),
    dependencies=[Creates],
)
def ask_check(body: CheckIn, tx: Tx, by: By) -> LogCheck:
    """Have the whole chain verified in the background, however long it is."""
    return actions.ask(tx, by=by, head=body.head)


@router.get("/events/checks/{check_id}", response_model=CheckOut, responses=problems(*SEES, NotFound))
def check(check_id: UUID, tx: Tx, by: By) -> LogCheck:
    """How far a verification is, and what it found."""
    return queries.check(tx, by=by, check_id=check_id)


@router.get("/events/checkpoints", response_model=CheckpointsOut, responses=problems(*SIGNED_IN))
def checkpoints(
    tx: Tx,
    by: By,
    before: Annotated[int | None, Query(ge=1, lt=queries.MOST_ID, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Any:
    """The signed checkpoints, the newest first, for everyone who is signed in: keep copies."""
    del by
    rows, following = queries.checkpoints(tx, before, limit)
    return CheckpointsOut(items=[CheckpointOut.model_validate(row) for row in rows], next=following)


@router.get("/events/keys", response_model=list[SignedOut], responses=problems(*SIGNED_IN))
def keys(tx: Tx, by: By) -> Any:
    """Every public key as it was introduced, the oldest first: note the first one elsewhere."""
    del by
    return proofs.stated_keys(tx)


@router.get("/events/consistency", response_model=ConsistencyOut, responses=problems(*SIGNED_IN, NotFound))
def consistency(tx: Tx, by: By, old: Size, new: Size) -> Any:
    """What shows that the log of a later checkpoint begins with the log of an earlier one."""
    del by
    return proofs.consistency(tx, old, new)


@router.get("/events/bundle", response_class=Response, responses=problems(*SEES) | {200: {"content": {ZIP: {}}}})
def download(request: Request, tx: Tx, by: By) -> Response:
    """The log with all that signs it and the rounds' files, to be verified without the service."""
    del tx  # it is read as it is sent, in a transaction of its own
    pieces = bundle.of_database(request.app.state.database, queries.part(by))
    return StreamingResponse(pieces, media_type=ZIP, headers={"Content-Disposition": bundle.ATTACHED})


@router.get("/events/{event_id}/proof", response_model=ProofOut, responses=problems(*PROVES))
def proof(event_id: EventId, tx: Tx, by: By) -> Any:
    """That an event stands in the signed log; for auditors, and for both sides of the award or order it is about."""
    return queries.proof(tx, by=by, event_id=event_id)


@router.get("/awards/{award_id}/proof", response_model=AwardProofOut, responses=problems(*PROVES))
def proof_of_award(award_id: UUID, tx: Tx, by: By) -> Any:
    """That an award was published as it reads, for those who may know it."""
    return queries.proof_of_award(tx, by=by, award_id=award_id)
