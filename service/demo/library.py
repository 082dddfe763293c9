"""The data files of the demonstration, read once: places, products with prices, parts of names and texts."""

import csv
import json
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data"
PROVINCES = ("45", "52")
SOURCE = "synthetic demonstration"
SCHEME = "DEMO"


@dataclass(frozen=True, slots=True)
class Good:
    """A product as the demonstration knows it: what is stored, and what sizes its prices, lots and demands."""

    code: str
    family: str
    cluster: str
    satang: int
    season: tuple[float, int]
    spread_percent: int
    unit_g: int
    serve_g: int
    popularity: int
    lead_time_days: int
    packs: tuple[int, ...]
    ranks: tuple[tuple[str, int], ...]
    stored: dict[str, Any]  # the columns of the product's own row
    details: dict[str, list[dict[str, Any]]]  # aliases, packs, local units, grades


@lru_cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@lru_cache
def goods() -> tuple[Good, ...]:
    """Every product, in the file's order."""
    grades = _toml("catalogue.toml")["grades"]
    return tuple(_good(given, grades.get(given["grades"], [])) for given in _toml("catalogue.toml")["product"])


def _good(given: dict[str, Any], grades: list[dict[str, Any]]) -> Good:
    stored = ("code", "name_th", "name_en", "family", "unit", "shelf_life_days", "lead_time_days")
    same = ("code", "family", "cluster", "satang", "spread_percent", "unit_g", "serve_g", "popularity")
    aliases = [{"language": tongue, "name": name} for tongue in ("th", "en") for name in given[f"aliases_{tongue}"]]
    return Good(
        **{name: given[name] for name in same},
        lead_time_days=given["lead_time_days"],
        season=(given["season"][0], given["season"][1]),
        packs=tuple(pack["quantity"] for pack in given["packs"]),
        ranks=tuple((grade["code"], grade["rank"]) for grade in grades),
        stored={name: given[name] for name in stored},
        details={"aliases": aliases, "packs": given["packs"], "local_units": given["local_units"], "grades": grades},
    )


def certificate_kinds() -> list[dict[str, Any]]:
    """Certificate schemes with the clusters of products that they cover."""
    found: list[dict[str, Any]] = _toml("catalogue.toml")["certificate"]
    return found


def names() -> dict[str, Any]:
    """Parts of names, texts and accounts."""
    return _toml("names.toml")


@lru_cache
def places(name: str, within: str = "") -> tuple[dict[str, str], ...]:
    """The rows of a file of places (provinces, districts, subdistricts) whose code begins with `within`."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(row for row in csv.DictReader(file) if row["code"].startswith(within))


@lru_cache
def outlines() -> dict[str, list[Any]]:
    """District outlines as GeoJSON polygon coordinates, by code."""
    found: dict[str, list[Any]] = json.loads((FOLDER / "outlines.json").read_text(encoding="utf-8"))
    return found


def recipes() -> dict[str, Any]:
    """Dishes with assumed amounts, their factors, and a week's menu."""
    return _toml("recipes.toml")
