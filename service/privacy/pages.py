"""Pages of personal data: what is kept about whom for everybody, one's own, and requests for an administrator."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from service.kernel.i18n import N_
from service.parties.permissions import require
from service.people.models import Person
from service.privacy import erasure, person
from service.privacy.purposes import KINDS
from service.privacy.schemas import ErasureIn
from service.web.deps import By, MaybeBy, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router()
add_words({
    "person.erased": N_("Person made anonymous"),
    "person.data_exported": N_("Personal data handed out"),
    "retention.applied": N_("Personal data deleted in time"),
    "subject.retention": N_("Retention of personal data"),
})  # fmt: skip
Username = Annotated[str, Query(max_length=80)]


@router.get("/privacy")
def kinds(request: Request, by: MaybeBy) -> Response:
    """What is kept about whom, why, who sees it, how long; written from the table that the deletion obeys."""
    del by  # the page's navigation knows the reader
    return render(request, "privacy/kinds.html", kinds=KINDS)


@router.get("/privacy/mine")
def own(request: Request, tx: Tx, by: By) -> Response:
    """What is kept about the reader."""
    return render(request, "privacy/mine.html", data=person.own_data(tx, by=by))


@router.get("/privacy/mine.json")
def own_file(tx: Tx, by: By) -> Response:
    """The same as a file."""
    return _file(person.own_data(tx, by=by))


@router.get("/privacy/requests")
def requests(request: Request, tx: Tx, by: By, username: Username = "") -> Response:
    """Someone asked for their data, or to be erased: find them by user name."""
    require(by, "person.export_data")
    found = person.named(tx, by=by, username=username) if username else None
    return render(request, "privacy/requests.html", username=username, found=_living(found))


def _living(found: Person | None) -> Person | None:
    return None if found is None or erasure.is_erased(found) else found


# Without a one-time key: a person's data is not remembered as an answer to be repeated.
@router.post("/privacy/requests/{person_id}/data")
@shows_again(requests)
def export(request: Request, person_id: UUID, tx: Tx, by: By, username: Username = "") -> Response:
    """Hand out what is kept about the person who asked."""
    del request, username
    return _file(person.data_for_request(tx, by=by, person_id=person_id))


@router.post("/privacy/requests/{person_id}/erasure")
@shows_again(requests)
def erase(request: Request, person_id: UUID, tx: Tx, by: By, posted: Form, username: Username = "") -> Response:
    """Make the person who asked anonymous."""
    del request, username
    erasure.erase(tx, by=by, person_id=person_id, reason=posted.read(ErasureIn).reason)
    return see("/privacy/requests")


def _file(document: dict[str, Any]) -> Response:
    text = json.dumps(document, ensure_ascii=False, indent=1)
    headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": "no-store"}
    return Response(text, media_type="application/json", headers=headers)
