"""Pages of offers: a group's own list, the form, its steps; and the market without prices for everyone else."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import ValidationError

from service.catalog import choosing
from service.catalog import queries as catalog
from service.catalog.models import Product
from service.catalog.rules import MILLI, whole_units
from service.kernel.actor import Actor
from service.kernel.clock import today, week_of
from service.kernel.i18n import N_
from service.kernel.mistakes import invalid
from service.kernel.problems import FieldError, InvalidInput, NotFound
from service.listings import actions, queries, repeat, rules
from service.listings.models import Offer
from service.listings.schemas import (
    REACH_KM,
    LotForm,
    OfferEdit,
    OfferForm,
    OfferIn,
    StepIn,
    VersionForm,
)
from service.parties.models import Organisation
from service.parties.permissions import may
from service.parties.vocabulary import SUPPLIERS
from service.prices import queries as prices
from service.prices.rules import Cell
from service.web.deps import By, Tx
from service.web.forms import Form, Posted
from service.web.pages import add_words, named, render, see
from service.web.paging import Paging, page_of
from service.web.routes import page_router, shows_again

router = page_router()
add_words(rules.LABELS)
ForWhom = Annotated[UUID | None, Query(alias="for", description="The group that a service centre acts for.")]
BLANK_LOTS = 3
CHOICES = 60  # products to choose from at once; the search finds the others
LIKELY = 8  # of what the group has offered, and of what others around it offer


@router.get("/listings")
def listings(request: Request, tx: Tx, by: By, cut: Paging, group: ForWhom = None, product: str = "") -> Response:
    """A supplier's own offers; for a service centre those of its groups; for others the market of their province."""
    if by.has("centre_officer") and group is None:
        return render(request, "catalog/groups.html", districts=catalog.by_district(tx, by.province_code or ""))
    wanted = group or by.organisation_id
    owner = None if wanted is None else tx.get(Organisation, wanted)
    if owner is not None and any(_may(by, verb, owner) for verb in ("listing.see_price", "listing.assist")):
        return _own(request, tx, by, owner)
    query = queries.offers(by=by, province=by.province_code, state="active")
    if product.strip():
        query = query.where(Offer.product_code.in_(choosing.like(tx, product)))
    rows, following = page_of(tx, query, Offer.id, cut)
    return render(request, "listings/market.html", offers=[queries.seen(row, by) for row in rows], cursor=following,
                  groups=queries.groups_of(tx, rows), chosen=product,
                  suggested=choosing.suggested(tx, queries.on_market(by.province_code)),
                  products=catalog.names_of(tx, (row.product_code for row in rows)))  # fmt: skip


def _own(request: Request, tx: Tx, by: Actor, owner: Organisation) -> Response:
    rows = sorted(queries.of_group(tx, owner.id), key=lambda row: _ORDER.index(row.state))
    week = repeat.coming_week()
    return render(request, "listings/mine.html", owner=owner, offers=[queries.seen(row, by) for row in rows],
                  products=catalog.names_of(tx, (row.product_code for row in rows)), week=week,
                  plan=repeat.plan(tx, owner.id, week), today=today(),
                  may_edit=_may(by, "listing.edit", owner), assists=_may(by, "listing.assist", owner),
                  suffix=_suffix(by, owner.id), repeated=request.query_params.get("repeated", ""))  # fmt: skip


_ORDER = ("active", "draft", "suspended", "expired", "withdrawn")


def _may(by: Actor, verb: str, owner: Organisation) -> bool:
    return may(by, verb, organisation_id=owner.id, province=owner.province_code)


def _suffix(by: Actor, organisation_id: UUID) -> str:
    """What keeps a service centre on the group that it helps."""
    return "" if by.organisation_id == organisation_id else f"?for={organisation_id}"


def _visit(tx: Tx, by: Actor, group_id: UUID | None) -> Response | None:
    """Where a service centre writes an offer down: the group's page of visits, so that the group confirms it."""
    group = None if group_id is None else tx.get(Organisation, group_id)
    helps = group is not None and group.kind in SUPPLIERS and _may(by, "listing.assist", group)
    return see(f"/visits/{group_id}#offer") if helps else None


@router.post("/listings/repeat")
@shows_again(listings)
def repeat_last_week(request: Request, tx: Tx, by: By, posted: Form, cut: Paging, group: ForWhom = None,
                     product: str = "") -> Response:  # fmt: skip
    """Copy this week's lots into the coming week."""
    del request, posted, cut, product
    copies = repeat.last_week(tx, by=by, organisation_id=group)
    return see(f"/listings?repeated={len(copies)}" + (f"&for={group}" if group else ""))


@router.get("/listings/new")
def new(request: Request, tx: Tx, by: By, group: ForWhom = None, product: str = "", words: str = "") -> Response:
    """First choose a product, then fill the form."""
    if elsewhere := _visit(tx, by, group):
        return elsewhere
    owner = actions.group_of(tx, by=by, organisation_id=group)
    if product:
        return _form(request, tx, by, catalog.product(tx, product), owner, None)
    words = words.strip()
    if words and len(codes := choosing.meant(tx, [words])[words]) == 1:
        return see(f"/listings/new?product={codes[0]}" + (f"&for={group}" if group else ""))
    mine, others = ([], []) if words else queries.likely(tx, owner, LIKELY)
    return render(request, "listings/choose.html", owner=owner, words=words, suffix=_suffix(by, owner.id),
                  mine=_offerable(tx, mine), others=_offerable(tx, others), most=CHOICES,
                  suggested=choosing.suggested(tx, queries.on_market(owner.province_code)),
                  products=catalog.products(tx, words=words, limit=CHOICES))  # fmt: skip


def _offerable(tx: Tx, codes: list[str]) -> list[Product]:
    known = catalog.names_of(tx, codes)
    return [known[code] for code in codes if known[code].active]


def _form(request: Request, tx: Tx, by: Actor, product: Product, owner: Organisation, row: Offer | None) -> Response:
    lots = list(row.lots) if row else []
    claims = {claim.certificate_id for claim in row.certificates} if row else set()
    certificates = catalog.certificates_that_count(tx, owner.id, product.code, today())
    return render(request, "listings/form.html", owner=owner, product=product, offer=row, lots=lots,
                  rows=len(lots) + BLANK_LOTS, certificates=certificates, claims=claims, week=repeat.coming_week(),
                  week_end=repeat.coming_week() + timedelta(days=6),
                  kinds={kind.code: named(kind) for kind in catalog.certificate_kinds(tx)}, reach=REACH_KM,
                  price=row.price_satang if row and rules.may_see_price(by, row) else None,
                  suffix=_suffix(by, owner.id), editable=row is None or row.state in rules.EDITABLE,
                  reference=catalog.reference_price(tx, product.code, owner.province_code or "", repeat.coming_week()),
                  packs=_packs(product, row), paid=_paid(tx, product.code, owner.province_code or ""))  # fmt: skip


def _paid(tx: Tx, product_code: str, province_code: str) -> Cell | None:
    """What closed rounds paid lately, where enough groups stand behind it."""
    return prices.paid_lately(
        tx, product_codes=[product_code], province_code=province_code, until=week_of(today())
    ).get(product_code)


def _packs(product: Product, row: Offer | None) -> list[tuple[int, str]]:
    """The product's packs, a single unit, and whatever the offer has now; the usual pack first."""
    named_packs = {pack.quantity: named(pack) for pack in product.packs}
    sizes = [*named_packs, *({1, row.pack_quantity if row else 1} - set(named_packs))]
    return [(size, named_packs.get(size, "")) for size in sizes]


@router.post("/listings/new")
@shows_again(new)
def add(request: Request, tx: Tx, by: By, posted: Form, group: ForWhom = None, product: str = "",
        words: str = "") -> Response:  # fmt: skip
    """Write the offer, and put it on the market when that was asked."""
    del request, words
    form = _posted(posted)
    if form.price is None:
        raise InvalidInput(errors=(FieldError("/price", N_("This is needed.")),))
    contents = _contents(form, catalog.product(tx, product))
    given = {**contents, "product_code": product, "organisation_id": group, "price_satang": form.price}
    row = actions.post(tx, by=by, draft=_checked(OfferIn, given))
    if posted.get("then") == "publish":
        actions.publish(tx, by=by, offer_id=row.id, version=row.version)
    return see("/listings" + _suffix(by, row.organisation_id))


def _posted(posted: Posted) -> OfferForm:
    """The form without the lots that were marked to go."""
    gone = tuple(name.removesuffix("remove") for name, _ in posted.pairs if name.endswith("-remove"))
    return Posted([pair for pair in posted.pairs if not pair[0].startswith(gone)] if gone else posted.pairs).read_some(
        OfferForm
    )


def _contents(form: OfferForm, product: Product) -> dict[str, Any]:
    """The form's fields as an offer's, its lots in whole units of the product."""
    factors = {"": (MILLI, "")} | {unit.name_th: (unit.factor_milli, named(unit)) for unit in product.local_units}
    if form.unit not in factors:
        raise InvalidInput(errors=(FieldError("/unit", N_("Choose one of: {expected}."), (("expected", ""),)),))
    given = form.model_dump(exclude={"price", "unit", "lots"})
    return {**given, "lots": [_lot(lot, *factors[form.unit]) for lot in form.lots]}


def _lot(lot: LotForm, factor_milli: int, unit: str) -> dict[str, Any]:
    days = max(1, (lot.harvest_until - lot.harvest_from).days + 1)
    a_week = lot.capacity_day * min(7, days) if lot.capacity_week is None else lot.capacity_week
    return {
        "harvest_from": lot.harvest_from,
        "harvest_until": lot.harvest_until,
        "capacity_day": whole_units(lot.capacity_day, factor_milli, unit),
        "capacity_week": whole_units(a_week, factor_milli, unit),
    }


def _checked(model: type[Any], given: dict[str, Any]) -> Any:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(error.errors()) from error


@router.get("/listings/{offer_id}")
def offer(request: Request, offer_id: UUID, tx: Tx, by: By) -> Response:
    """One offer: the form for its group, a view without price for others."""
    row = queries.offer(tx, by=by, offer_id=offer_id)
    owner, product = tx.get_one(Organisation, row.organisation_id), catalog.product(tx, row.product_code)
    if _may(by, "listing.edit", owner):
        return _form(request, tx, by, product, owner, row)
    return render(request, "listings/seen.html", offer=queries.seen(row, by), state_reason=row.state_reason,
                  owner=owner, product=product, may_suspend=_may(by, "listing.suspend", owner))  # fmt: skip


@router.post("/listings/{offer_id}")
@shows_again(offer)
def change(request: Request, offer_id: UUID, tx: Tx, by: By, posted: Form) -> Response:
    """Save the form."""
    del request
    row, form = queries.offer(tx, by=by, offer_id=offer_id), _posted(posted)
    given = _contents(form, catalog.product(tx, row.product_code))
    if form.price is not None:
        given["price_satang"] = form.price
    version = posted.read_some(VersionForm).version
    actions.change(tx, by=by, offer_id=offer_id, version=version, changes=_checked(OfferEdit, given))
    return see("/listings" + _suffix(by, row.organisation_id))


@router.post("/listings/{offer_id}/{step}")
@shows_again(offer)
def take_step(request: Request, offer_id: UUID, step: str, tx: Tx, by: By, posted: Form) -> Response:
    """Publish, pause, resume, withdraw or repeat an offer."""
    del request
    row = repeat.one(tx, by=by, offer_id=offer_id) if step == "repeat" else _stepped(tx, by, offer_id, step, posted)
    ours = _may(by, "listing.edit", tx.get_one(Organisation, row.organisation_id))
    return see("/listings" + _suffix(by, row.organisation_id) if ours else f"/listings/{offer_id}")


def _stepped(tx: Tx, by: Actor, offer_id: UUID, step: str, posted: Posted) -> Offer:
    version, reason = posted.read_some(VersionForm).version, posted.read_some(StepIn).reason
    if step == "publish":
        return actions.publish(tx, by=by, offer_id=offer_id, version=version)
    if step == "resume":
        return actions.resume(tx, by=by, offer_id=offer_id, version=version)
    if step == "suspend":
        return actions.suspend(tx, by=by, offer_id=offer_id, version=version, reason=reason)
    if step == "withdraw":
        return actions.withdraw(tx, by=by, offer_id=offer_id, version=version, reason=reason)
    raise NotFound
