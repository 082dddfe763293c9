"""Use cases of the catalogue: products, reference prices, certificates. Importers repeat the `put_` ones."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from service.catalog import rules, telling
from service.catalog.models import (
    WHOLE_PRODUCT,
    Certificate,
    CertificateKind,
    Grade,
    LocalUnit,
    Product,
    ProductAlias,
    ProductPack,
    ReferencePrice,
)
from service.catalog.schemas import CertificateIn, ProductIn, ReferencePriceIn
from service.events import actions as events
from service.kernel.actor import Actor
from service.kernel.clock import today
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, NotFound, must_match
from service.kernel.shapes import In
from service.parties.models import Organisation, Province
from service.parties.permissions import require

Put = Literal["added", "changed", "same"]
PRICED = ("lower_satang", "median_satang", "upper_satang", "sample_size")
LISTS: dict[str, tuple[type[Any], tuple[str, ...]]] = {
    "aliases": (ProductAlias, ("language", "name")),
    "packs": (ProductPack, ("quantity",)),
    "local_units": (LocalUnit, ("name_th",)),
    "grades": (Grade, ("code",)),
}


def put_product(tx: Session, *, by: Actor, draft: ProductIn, version: int | None = None) -> tuple[Product, Put]:
    """Add a product or bring it to the draft; `version` guards a person's edit, importers leave it out."""
    require(by, "catalog.edit")
    row = tx.get(Product, draft.code, options=WHOLE_PRODUCT, populate_existing=True)
    added = row is None
    if version is not None:
        must_match(row.version if row else 0, version)
    if row is None:
        row = Product(code=draft.code, aliases=[], packs=[], local_units=[], grades=[])
        tx.add(row)
    else:
        rules.must_keep_unit(row, draft.unit)
    changed = sorted(_set_fields(row, draft) | _set_lists(row, draft))
    if not changed:
        return row, "same"
    if not added:
        flag_modified(row, "active")  # a change in a list alone is a new version too
    events.record(tx, by=by, verb="product.added" if added else "product.changed", subject=row,
                  change={"fields": changed})  # fmt: skip
    return row, "added" if added else "changed"


def _set_fields(row: Product, draft: ProductIn) -> set[str]:
    wanted = draft.model_dump(mode="json", exclude=set(LISTS) | {"code"})
    return _set(row, wanted)


def _set(row: Any, wanted: dict[str, Any]) -> set[str]:
    changed = {name for name, value in wanted.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, wanted[name])
    return changed


def _set_lists(row: Product, draft: ProductIn) -> set[str]:
    return {name for name in LISTS if _set_list(row, name, getattr(draft, name))}


def _set_list(product: Product, name: str, drafts: Sequence[In]) -> bool:
    """Bring one list to the draft, row by row under its natural key; grades stay, since offers name them."""
    model, key = LISTS[name]
    rows: list[Any] = getattr(product, name)
    known = {tuple(getattr(row, part) for part in key): row for row in rows}
    wanted = {tuple(getattr(draft, part) for part in key): draft for draft in drafts}
    gone = [] if name == "grades" else [row for found, row in known.items() if found not in wanted]
    for row in gone:
        rows.remove(row)
    changed = bool(gone)
    for found, draft in wanted.items():
        if found not in known:
            rows.append(model(**draft.model_dump()))
        changed |= found not in known or bool(_set(known[found], draft.model_dump()))
    return changed


def put_reference_price(tx: Session, *, by: Actor, draft: ReferencePriceIn) -> tuple[ReferencePrice, Put]:
    """Add a source's price of a product, province and week, or correct it."""
    require(by, "reference_price.edit", province=draft.province_code)
    _must_exist(tx, Product, draft.product_code, "/product_code")
    _must_exist(tx, Province, draft.province_code, "/province_code")
    key = {name: getattr(draft, name) for name in ("product_code", "province_code", "week", "source")}
    row = tx.scalar(select(ReferencePrice).filter_by(**key).with_for_update())
    before = {} if row is None else {name: getattr(row, name) for name in PRICED}
    if row is not None and not _set(row, draft.model_dump()):
        return row, "same"
    done: Put = "added" if row is None else "changed"
    if row is None:
        row = ReferencePrice(**draft.model_dump())
        tx.add(row)
    events.record(tx, by=by, verb=f"reference_price.{done}", subject=row, province_code=row.province_code,
                  before=before, change=key | {name: getattr(row, name) for name in PRICED})  # fmt: skip
    return row, done


def _must_exist(tx: Session, model: type[Any], key: Any, pointer: str) -> None:
    if tx.get(model, key) is None:
        raise InvalidInput(errors=(FieldError(pointer, N_("This does not name anything.")),))


def add_certificate(tx: Session, *, by: Actor, draft: CertificateIn) -> Certificate:
    """A supplier adds a certificate, or a service centre of its province does for it."""
    owner = draft.organisation_id or by.organisation_id
    supplier = None if owner is None else tx.get(Organisation, owner)
    if supplier is None:
        raise NotFound
    require(by, "certificate.add", organisation_id=supplier.id, province=supplier.province_code)
    rules.must_supply(supplier)
    _must_exist(tx, CertificateKind, draft.kind_code, "/kind_code")
    if draft.product_code is not None:
        _must_exist(tx, Product, draft.product_code, "/product_code")
    row = Certificate(**draft.model_dump(exclude={"organisation_id"}), organisation_id=supplier.id)
    tx.add(row)
    events.record(tx, by=by, verb="certificate.added", subject=row, province_code=supplier.province_code,
                  on_behalf_of=for_whom(by, supplier.id),
                  change=draft.model_dump(exclude={"organisation_id"}))  # fmt: skip
    telling.renewed(tx, supplier.id)
    return row


def revoke_certificate(tx: Session, *, by: Actor, certificate_id: UUID, reason: str) -> Certificate:
    """The supplier gives a certificate up, or the company strikes it; offers that claim it lose it at once."""
    row = tx.scalar(select(Certificate).where(Certificate.id == certificate_id).with_for_update())
    if row is None:
        raise NotFound
    supplier = tx.get_one(Organisation, row.organisation_id)
    require(by, "certificate.revoke", organisation_id=supplier.id, province=supplier.province_code)
    rules.must_not_be_revoked(row)
    row.revoked_on = today()
    telling.ended(tx, row.id)
    events.record(tx, by=by, verb="certificate.revoked", subject=row, province_code=supplier.province_code,
                  change={"kind": row.kind_code, "number": row.number}, reason=reason)  # fmt: skip
    return row


def for_whom(by: Actor, organisation_id: UUID) -> UUID | None:
    """The organisation that an assistant acts for; None when the actor acts for its own."""
    return None if by.organisation_id == organisation_id else organisation_id
