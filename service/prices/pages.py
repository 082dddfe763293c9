"""The page of a product's prices over a year, for everyone."""

from itertools import groupby

from fastapi import Request, Response

from service.catalog import queries as catalog
from service.catalog import rules as counted
from service.kernel.clock import today, week_of
from service.kernel.i18n import N_
from service.prices import plot, queries, rules
from service.web.deps import MaybeBy, Tx
from service.web.pages import add_words, render
from service.web.routes import page_router

router = page_router()
add_words({f"price_source.{rules.ACCEPTED}": N_("closed rounds of this market")})


@router.get("/products/{code}/prices")
def prices(request: Request, code: str, tx: Tx, by: MaybeBy, province: str = "") -> Response:
    """Quartiles of 52 weeks, from imports and closed rounds, with the ceiling that follows from them."""
    product = catalog.product(tx, code)
    wanted = province if province.isdecimal() and len(province) == 2 else (by.province_code if by else "") or ""
    places = queries.provinces(tx, code, own=wanted)
    chosen = wanted or next((place.code for place in places), "")
    week = week_of(today())
    cells = queries.spread(tx, product_code=code, province_code=chosen, until=week)
    weeks = [(monday, list(found)) for monday, found in groupby(reversed(cells), key=lambda cell: cell.week)]
    return render(
        request, "prices/product.html", product=product, places=places, chosen=chosen, plot=plot.draw(cells, week),
        weeks=weeks, limit=catalog.ceiling_limit(tx, code, chosen, week), counted=counted, rules=rules,
        paid=queries.paid_lately(tx, product_codes=[code], province_code=chosen, until=week).get(code),
    )  # fmt: skip
