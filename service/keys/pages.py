"""The page of one's own keys."""

from uuid import UUID

from fastapi import Request, Response

from service.keys import actions
from service.keys.rules import AREAS, LABELS
from service.keys.schemas import KeyIn
from service.web.deps import By, Tx
from service.web.forms import Form
from service.web.pages import add_words, render, see
from service.web.routes import page_router, shows_again

router = page_router("/account/keys")
add_words(LABELS)


@router.get("")
def keys(request: Request, tx: Tx, by: By) -> Response:
    """One's keys, and a form for another."""
    return render(request, "keys/keys.html", keys=actions.live(tx, by=by), areas=list(AREAS), fresh=None)


@router.post("")
@shows_again(keys)
def make(request: Request, tx: Tx, by: By, posted: Form) -> Response:
    """Make a key and show its secret this once."""
    fresh = actions.make(tx, by=by, draft=posted.read(KeyIn))
    return render(request, "keys/keys.html", keys=actions.live(tx, by=by), areas=list(AREAS), fresh=fresh)


@router.post("/{key_id}/renewal")
def renew(request: Request, key_id: UUID, tx: Tx, by: By) -> Response:
    """A new secret for a key, shown this once."""
    fresh = actions.renew(tx, by=by, key_id=key_id)
    return render(request, "keys/keys.html", keys=actions.live(tx, by=by), areas=list(AREAS), fresh=fresh)


@router.post("/{key_id}/end")
def end(key_id: UUID, tx: Tx, by: By) -> Response:
    """End a key."""
    actions.end(tx, by=by, key_id=key_id)
    return see("/account/keys")
