"""Reads of programme profiles: all versions, the one in force, and a province's shelf for its pages."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, defer

from service.allocation.margins import Weights
from service.parties.models import District, Province
from service.programme.meanings import GROUPS, PREFERENCE, TIERS, TOTAL, UNITS, written
from service.programme.models import ProgrammeProfile
from service.programme.schemas import WeightsIn


def profiles(province_code: str | None) -> Select[ProgrammeProfile]:
    """Profiles, public to everyone: all versions of a province or of all."""
    rows = select(ProgrammeProfile)
    return rows.where(ProgrammeProfile.province_code == province_code) if province_code else rows


def in_force(tx: Session, province_code: str, day: date) -> ProgrammeProfile | None:
    """The newest version that is in force on a day."""
    rows = profiles(province_code).where(ProgrammeProfile.valid_from <= day)
    return tx.scalar(rows.order_by(ProgrammeProfile.number.desc()).limit(1))


def complete(weights: dict[str, Any] | None) -> dict[str, Any]:
    """Stored weights, or the model's defaults where there are none."""
    return Weights.from_json(weights or WeightsIn().model_dump()).as_json()


def shelf(tx: Session, province_code: str) -> dict[str, Any]:
    """The profiles of a province, the newest first, with the places that their pages name."""
    provinces = list(tx.scalars(select(Province).order_by(Province.code)))
    having = set(tx.scalars(select(ProgrammeProfile.province_code)))
    chosen = next((p for p in provinces if p.code == province_code), None)
    chosen = chosen or next((p for p in provinces if p.code in having), None)
    rows = profiles(chosen.code).order_by(ProgrammeProfile.number.desc()) if chosen else None
    found = [] if rows is None else list(tx.scalars(rows))
    districts = select(District).where(District.province_code == (chosen.code if chosen else ""))
    newest = found[0] if found else None
    return {
        "provinces": [p for p in provinces if p.code in having or p is chosen], "chosen": chosen.code if chosen else "",
        "province": chosen, "profiles": found, "newest": newest, "preference": PREFERENCE, "total": TOTAL,
        "tiers": TIERS, "groups": GROUPS, "units": UNITS, "written": written,
        "weights": complete(newest.weights if newest else None),
        "districts": list(tx.scalars(districts.options(defer(District.outline)).order_by(District.code))),
    }  # fmt: skip
