"""The page before posting: each line with who could serve it, and what to change."""

from datetime import date
from uuid import UUID

from fastapi import Request, Response

from service.kernel.i18n import gettext
from service.kernel.money import baht_text
from service.outlook import queries
from service.outlook.rules import LABELS, Advice
from service.web.deps import By, Tx
from service.web.pages import add_words, day_text, render
from service.web.routes import page_router

router = page_router()
add_words(LABELS)


@router.get("/demands/{demand_id}/outlook")
def outlook(request: Request, demand_id: UUID, tx: Tx, by: By) -> Response:
    """Who could serve each line as the market stands, and what would have it served better."""
    row, found = queries.outlook(tx, by=by, demand_id=demand_id)
    return render(request, "outlook/one.html", demand=row, lines=found, said_so=_said)


def _said(advice: Advice) -> str:
    """A piece of advice as a sentence."""
    facts = {"name": advice.value, "pack": advice.value, "most": advice.value}
    if advice.kind == "outlook.day":
        facts["day"] = day_text(date.fromisoformat(advice.value))
    if advice.kind == "outlook.ceiling":
        facts["price"] = baht_text(int(advice.value))
    return gettext(LABELS[advice.kind]) % facts
