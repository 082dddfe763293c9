"""Pages of the event log: the log filtered, its verification, checkpoints and keys, and what can be taken away."""

import json
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from service.events import proofs, verification
from service.events.signing import Signed
from service.oversight import actions, bundle, queries, rules
from service.oversight.schemas import CheckIn, FilterForm
from service.oversight.words import LABELS, STATE_WORDS, WORD_FIELDS
from service.parties.models import Organisation
from service.parties.permissions import may, require
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, day_text, moment_text, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words(LABELS)
Before = Annotated[int | None, Query(ge=1, lt=queries.MOST_ID)]
Size = Annotated[int, Query(ge=1, lt=queries.MOST_ID)]
EventId = Annotated[int, Path(ge=1, lt=queries.MOST_ID)]
SHOWN_FAULTS = 100
MOST_CHANGES = 4  # of one event at once; the others are folded
A_PAGE = 30


@router.get("/events")
def log(request: Request, tx: Tx, by: By, before: Before = None) -> Response:
    """The log, the newest first, filtered."""
    form = Posted(request.query_params.multi_items()).read_some(FilterForm)
    asked = queries.Asked(
        form.verb, form.subject_type, form.subject_id, form.organisation_id, queries.day_begins(form.since),
        queries.day_begins(form.until, later=1),
    )  # fmt: skip
    lines, following = queries.newest(tx, by=by, asked=asked, before=before)
    organisation = tx.get(Organisation, form.organisation_id) if form.organisation_id else None
    newest = proofs.newest(tx)
    return render(request, "oversight/log.html", lines=lines, following=following, asked=form,
                  organisation=organisation, verbs=queries.verbs(tx), state_words=STATE_WORDS, word_fields=WORD_FIELDS,
                  signed=0 if newest is None else newest.size, most=MOST_CHANGES, when=_when)  # fmt: skip


def _when(text: str) -> str:
    """A day or a moment in words; nothing where the text is neither."""
    try:
        if len(text) == len("2026-11-30"):
            return day_text(date.fromisoformat(text))
        return moment_text(datetime.fromisoformat(text)) if len(text) > len("2026-11-30T00:00:00") else ""
    except ValueError:
        return ""


@router.get("/events/verification")
def verify(request: Request, tx: Tx, by: By, head: Annotated[str, Query(max_length=100)] = "") -> Response:
    """Recompute a short chain at once; a long one is verified beside the pages."""
    require(by, "events.see", province=by.province_code)
    outside = rules.outside(request.app.state.settings, head)
    length, newest = queries.length(tx), queries.newest_check(tx)
    verdict = verification.verify(tx, outside) if length <= rules.SHORT else None
    return render(request, "oversight/verification.html", verdict=verdict, noted=outside.noted, length=length,
                  newest=newest, meanings=verification.FAULTS, most=SHOWN_FAULTS)  # fmt: skip


@router.post("/events/verification")
@shows_again(verify)
def ask_check(request: Request, tx: Tx, by: By, posted: Form, head: str = "") -> Response:
    """Start a verification beside the pages."""
    del request, head
    row = actions.ask(tx, by=by, head=posted.read(CheckIn).head)
    return see(f"/events/checks/{row.id}")


@router.get("/events/checks/{check_id}")
def check(request: Request, check_id: UUID, tx: Tx, by: By) -> Response:
    """How far a verification is, then what it found."""
    row = queries.check(tx, by=by, check_id=check_id)
    return render(request, "oversight/check.html", check=row, meanings=verification.FAULTS, most=SHOWN_FAULTS)


@router.get("/events/checkpoints")
def checkpoints(request: Request, tx: Tx, by: By, before: Before = None) -> Response:
    """The signed checkpoints and the public keys, for everyone who is signed in."""
    rows, following = queries.checkpoints(tx, before, A_PAGE)
    said = [Signed(**one).says() for one in proofs.stated_keys(tx)]
    keys = [one | {"at": datetime.fromisoformat(one["at"])} for one in said]
    return render(request, "oversight/checkpoints.html", checkpoints=rows, following=following, keys=keys,
                  roots={row.size: json.loads(row.statement)["root"] for row in rows},
                  audits=may(by, "events.see", province=by.province_code))  # fmt: skip


@router.get("/events/consistency")
def consistency(tx: Tx, by: By, old: Size, new: Size) -> Response:
    """That the log only grew between two checkpoints, as a file."""
    del by
    return _file(f"growth-{old}-{new}.json", proofs.consistency(tx, min(old, new), max(old, new)))


@router.get("/events/bundle")
def download(request: Request, tx: Tx, by: By) -> Response:
    """The log with all that signs it and the rounds' files, as one file."""
    del tx  # it is read as it is sent, in a transaction of its own
    pieces = bundle.of_database(request.app.state.database, queries.part(by))
    return StreamingResponse(pieces, media_type="application/zip", headers={"Content-Disposition": bundle.ATTACHED})


@router.get("/events/{event_id}/proof")
def proof(event_id: EventId, tx: Tx, by: By) -> Response:
    """That an event stands in the signed log, as a file."""
    return _file(f"event-{event_id}-proof.json", queries.proof(tx, by=by, event_id=event_id))


@router.get("/awards/{award_id}/proof")
def proof_of_award(award_id: UUID, tx: Tx, by: By) -> Response:
    """That an award was published as it reads, as a file."""
    return _file(f"award-{award_id}-proof.json", queries.proof_of_award(tx, by=by, award_id=award_id))


def _file(name: str, content: dict[str, Any]) -> Response:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    return Response(text, media_type="application/json",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})  # fmt: skip
