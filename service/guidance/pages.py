"""Pages of guidance, phone first: why and why not, help in the five processes, help with a price."""

from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select

from service.catalog import queries as catalog
from service.guidance import queries, words
from service.guidance.words import Process
from service.parties.models import Organisation
from service.rounds import queries as rounds
from service.web.deps import By, MaybeBy, Tx
from service.web.pages import add_words, render
from service.web.routes import page_router

router = page_router()
add_words(words.LABELS)


@router.get("/why")
def published(request: Request, tx: Tx, by: By) -> Response:
    """The published rounds of the province, the newest first."""
    return render(request, "guidance/rounds.html", rounds=queries.published(tx, by=by))


@router.get("/why/prices/{code}")
def price_help(request: Request, code: str, tx: Tx, by: By) -> Response:
    """What may help to name a price."""
    found = queries.price_help(tx, by=by, product_code=code)
    return render(request, "guidance/price.html", found=found, product=catalog.product(tx, code))


@router.get("/why/help/{process}")
def help_with(request: Request, process: Process, tx: Tx, by: MaybeBy) -> Response:
    """Help in one of the five processes, and who gives it."""
    centres: list[Organisation] = []
    if by is not None and by.province_code:
        here = select(Organisation).where(Organisation.kind == "service_centre", Organisation.state == "qualified")
        centres = list(tx.scalars(here.where(Organisation.province_code == by.province_code).limit(5)))
    title, about, advice = words.HELP[process]
    return render(request, "guidance/help.html", title=title, about=about, advice=advice, process=process,
                  processes=words.HELP, centres=centres)  # fmt: skip


@router.get("/why/{round_id}")
def why(request: Request, round_id: UUID, tx: Tx, by: By) -> Response:
    """Why the reader's own group got what it got."""
    found = queries.why(tx, by=by, round_id=round_id, supplier_id=by.organisation_id)
    buyers = {one.buyer_id for offer in found.offers for one in (*offer.won, *offer.lost)}
    products = catalog.names_of(tx, (offer.product_code for offer in found.offers))
    return render(request, "guidance/why.html", why=found, round=rounds.found(tx, round_id), products=products,
                  buyers=rounds.names(tx, buyers))  # fmt: skip
