"""Pages of the catalogue: products with their reference prices, and a supplier's certificates."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from service.catalog import actions, choosing, queries, rules
from service.catalog.models import ReferencePrice
from service.catalog.rules import Family
from service.catalog.schemas import CertificateIn, RevokeIn
from service.kernel.clock import today, week_of
from service.parties.models import Organisation
from service.parties.permissions import may
from service.web.deps import By, MaybeBy, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, named, render, see, typed_before
from service.web.routes import page_router, shows_again

router = page_router()
add_words(rules.LABELS)
ForWhom = Annotated[UUID | None, Query(alias="for", description="The group that a service centre acts for.")]
SHOWN = 60
STEPS = (100, 200, 250, 500)


@dataclass(frozen=True, slots=True)
class Chart:
    """A year of reference prices and the round number of satang at the top of its scale."""

    prices: list[ReferencePrice]
    until: date
    top_satang: int


def chart_of(prices: list[ReferencePrice], until: date) -> Chart:
    """The chart of a history; its scale begins at zero, so that a small change does not look large."""
    highest, power = max((price.upper_satang for price in prices), default=100), 1
    while True:
        for step in STEPS:
            if 4 * step * power >= highest:
                return Chart(prices, until, 4 * step * power)
        power *= 10


@router.get("/products")
def products(
    request: Request,
    tx: Tx,
    by: MaybeBy,
    words: Annotated[str, Query(max_length=100)] = "",
    family: str = "",
    after: Annotated[str, Query(max_length=40, alias="cursor")] = "",
) -> Response:
    """Search the catalogue."""
    del by
    chosen = family if family in {item.value for item in Family} else None
    clean = "".join(sign for sign in after if sign.isprintable())
    found = queries.products(tx, words=words, family=chosen, after=clean, limit=SHOWN + 1)
    return render(request, "catalog/products.html", products=found[:SHOWN], words=words, family=chosen,
                  families=list(Family), following=found[SHOWN - 1].code if len(found) > SHOWN else None)  # fmt: skip


@router.get("/products/{code}")
def product(request: Request, code: str, tx: Tx, by: MaybeBy, province: str = "") -> Response:
    """One product: names, packs, local units, grades, and its reference price over a year."""
    row = queries.product(tx, code)
    wanted = province if province.isdecimal() else (by.province_code if by else "") or ""
    places = queries.provinces_with_prices(tx, code, own=wanted)
    chosen = wanted or next((place.code for place in places), "")
    week = week_of(today())
    history = queries.price_history(tx, code, chosen, week)
    limit = queries.ceiling_limit(tx, code, chosen, week)
    return render(request, "catalog/product.html", product=row, places=places, chosen=chosen, limit=limit,
                  chart=chart_of(history, week), counted=rules)  # fmt: skip


@router.get("/certificates")
def certificates(request: Request, tx: Tx, by: By, group: ForWhom = None) -> Response:
    """A supplier's certificates with their expiry, and a form for one more; centres choose a group first."""
    if group is None and may(by, "certificate.add", province=by.province_code):
        return render(request, "catalog/groups.html", districts=queries.by_district(tx, by.province_code or ""))
    owner = queries.supplier(tx, group or by.organisation_id)
    rows = queries.certificates(tx, owner.id)
    return render(request, "catalog/certificates.html", owner=owner, certificates=rows,
                  kinds={kind.code: named(kind) for kind in queries.certificate_kinds(tx)},
                  products=queries.names_of(tx, (row.product_code for row in rows if row.product_code)),
                  choice=choosing.choice(tx, typed_before(request).pairs), today=today(), expiry=rules.expiry,
                  may_add=_may(by, "certificate.add", owner),
                  may_revoke=_may(by, "certificate.revoke", owner))  # fmt: skip


def _may(by: By, verb: str, owner: Organisation) -> bool:
    return may(by, verb, organisation_id=owner.id, province=owner.province_code)


@router.post("/certificates")
@shows_again(certificates)
def add_certificate(request: Request, tx: Tx, by: By, posted: Form, group: ForWhom = None) -> Response:
    """Add a certificate."""
    del request
    draft = Posted(choosing.named(tx, posted.pairs, active=None)).read(CertificateIn)
    actions.add_certificate(tx, by=by, draft=draft.model_copy(update={"organisation_id": group}))
    return see(f"/certificates?for={group}" if group else "/certificates")


@router.post("/certificates/{certificate_id}/revoke")
def revoke_certificate(certificate_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Give up or strike a certificate."""
    row = actions.revoke_certificate(tx, by=by, certificate_id=certificate_id, reason=posted.read_some(RevokeIn).reason)
    own = row.organisation_id == by.organisation_id
    return see("/certificates" if own else f"/certificates?for={row.organisation_id}")
