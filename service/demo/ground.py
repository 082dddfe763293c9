"""What both provinces stand on: places, products, certificate kinds, the national company and the operator."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import geothai
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.catalog.models import CertificateKind, Grade, LocalUnit, Product, ProductAlias, ProductPack
from service.demo import library
from service.demo.rows import Row, Rows
from service.kernel.db import Base
from service.parties.models import District, Organisation, Province, Subdistrict

NATIONAL = {"national": "national_company", "operator": "operator"}


def lay_places(tx: Session, rows: Rows) -> None:
    """All provinces; districts with outlines and sub-districts of the two. Known places get the better points."""
    points = {row["code"]: row for row in library.places("provinces")}
    names = ({"code": p.code, "name_th": p.name_th, "name_en": p.name_en} for p in geothai.provinces())
    _missing(tx, rows, Province, ({**name, **_point(points[name["code"]])} for name in names))
    _missing(tx, rows, District, (_district(row) for row in library.places("districts")))
    _missing(tx, rows, Subdistrict, (_subdistrict(row) for row in library.places("subdistricts")))


def _missing(tx: Session, rows: Rows, model: Any, wanted: Iterable[Row]) -> None:
    there = set(tx.scalars(select(model.code)))
    better = []
    for row in wanted:
        if row["code"] not in there:
            rows.add(model, **row)
        elif "lat" in row:
            better.append(row)
    if better:
        tx.execute(update(model), better)


def _point(row: dict[str, str]) -> Row:
    return {"lat": float(row["lat"]), "lng": float(row["lng"]), "approximate": False}


def _district(row: dict[str, str]) -> Row:
    code = row["code"]
    return {**row, **_point(row), "province_code": code[:2], "outline": library.outlines().get(code)}


def _subdistrict(row: dict[str, str]) -> Row:
    code = row["code"]
    return {**row, **_point(row), "district_code": code[:4], "province_code": code[:2]}


_DETAILS: dict[str, type[Base]] = {
    "aliases": ProductAlias,
    "packs": ProductPack,
    "local_units": LocalUnit,
    "grades": Grade,
}


def lay_catalogue(tx: Session, rows: Rows) -> dict[tuple[str, str], UUID]:
    """Products and certificate kinds that are not there yet; gives every grade's id by product and code."""
    there = set(tx.scalars(select(Product.code)))
    for good in library.goods():
        if good.code not in there:
            rows.add(Product, **good.stored)
            for name, model in _DETAILS.items():
                for detail in good.details[name]:
                    rows.add(model, product_code=good.code, **detail)
    kinds = ({name: kind[name] for name in ("code", "name_th", "name_en")} for kind in library.certificate_kinds())
    _missing(tx, rows, CertificateKind, kinds)
    known = {(grade.product_code, grade.code): grade.id for grade in tx.scalars(select(Grade))}
    return known | {(row["product_code"], row["code"]): row["id"] for row in rows.of(Grade)}


def lay_nation(tx: Session, rows: Rows) -> dict[str, Row]:
    """The national company and the operator, where they are not there yet."""
    demo = select(Organisation.kind).where(Organisation.scheme == library.SCHEME)
    there = set(tx.scalars(demo.where(Organisation.kind.in_(NATIONAL.values()))))
    return {key: _national(rows, kind) for key, kind in NATIONAL.items() if kind not in there}


def _national(rows: Rows, kind: str) -> Row:
    name_th, name_en = library.names()["kinds"][kind]
    number = kind.replace("_", "-").upper()
    return rows.add(
        Organisation,
        kind=kind,
        name_th=name_th,
        name_en=name_en,
        scheme=library.SCHEME,
        registration_id=number,
        state="qualified",
        synthetic=True,
        source=library.SOURCE,
    )
