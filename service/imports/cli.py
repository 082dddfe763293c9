"""The verb `import`: arguments, progress on a terminal, the list of refusals and the summary line."""

import argparse
import sys
from pathlib import Path

from sqlalchemy.exc import IntegrityError, OperationalError
from tqdm import tqdm

from service.imports import reader
from service.imports.organisations import Institutions, Suppliers
from service.imports.outlines import Outlines
from service.imports.places import Places
from service.imports.prices import Prices
from service.imports.products import Products
from service.imports.recipes import Factors, Holidays, Recipes
from service.imports.rules import FileNotReadable
from service.imports.run import Importer, Report, load
from service.kernel.db import Database
from service.kernel.i18n import LANGUAGES, gettext, speaking
from service.kernel.problems import Busy, Problem
from service.kernel.settings import Settings
from service.parties import gazetteer
from service.parties.vocabulary import OrganisationKind

KINDS = ("places", "outlines", "institutions", "suppliers", "products", "prices", "recipes", "factors", "holidays")
REFUSED, UNREADABLE = 1, 2


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument("what", choices=KINDS)
    parser.add_argument(
        "file", type=Path, nargs="?", help="CSV with a header line (outlines: GeoJSON); see docs/imports.md"
    )
    parser.add_argument(
        "--kind", choices=list(OrganisationKind), help="kind of every organisation in a file without it"
    )
    parser.add_argument("--state", choices=["submitted", "qualified"], default="submitted", help="of new organisations")
    parser.add_argument("--lang", choices=LANGUAGES, default=Settings().language, help="language of what is reported")


def run(given: argparse.Namespace) -> int:
    """Load the file; 0 all taken, 1 some lines refused, 2 nothing could be read."""
    database = Database(Settings().database_url)
    with speaking(given.lang):
        try:
            return _report(_load(database, given)) if given.file else _gazetteer(database, given.what)
        except Problem as problem:
            return _unreadable(problem)
        except (IntegrityError, OperationalError):
            return _unreadable(Busy())
        finally:
            database.dispose()


def _load(database: Database, given: argparse.Namespace) -> Report:
    importer = _importer(given)
    source = reader.features(given.file) if given.what == "outlines" else reader.table(given.file)
    with tqdm(total=source.size, unit=" lines", file=sys.stderr, disable=None, leave=False) as bar:
        return load(database, importer, source, bar.update)


def _importer(given: argparse.Namespace) -> Importer:
    if given.what in {"institutions", "suppliers"}:
        organisations = Institutions if given.what == "institutions" else Suppliers
        return organisations(default_kind=given.kind, state=given.state)
    kinds: dict[str, type[Importer]] = {
        "places": Places, "outlines": Outlines, "products": Products, "prices": Prices, "recipes": Recipes,
        "factors": Factors, "holidays": Holidays,
    }  # fmt: skip
    return kinds[given.what]()


def _gazetteer(database: Database, what: str) -> int:
    """`import places` without a file loads what the packages know."""
    if what != "places":
        return _unreadable(FileNotReadable(file="FILE"))
    with database.writing() as tx:
        added = gazetteer.seed(tx)
    text = gettext("{provinces} provinces, {districts} districts and {subdistricts} sub-districts added.")
    print(text.format(provinces=added.provinces, districts=added.districts, subdistricts=added.subdistricts))
    return 0


def _unreadable(problem: Problem) -> int:
    words = problem.words()
    print(f"{words['title']}: {words['detail']} {words['todo']}", file=sys.stderr)
    return UNREADABLE


def _report(report: Report) -> int:
    at = gettext("line {line}")
    for number, problem in report.refusals:
        for field, reason in _reasons(problem):
            print(f"{at.format(line=number)}: {field}: {reason}")
    if report.ignored:
        print(gettext("Columns that are not used: {columns}").replace("{columns}", ", ".join(report.ignored)))
    text = gettext(
        "{read} lines read: {added} added, {changed} changed, {same} as before, {refused} refused, in {seconds} s"
    )
    print(text.format(**report.counts(), seconds=f"{report.seconds:.1f}"))
    return REFUSED if report.refusals else 0


def _reasons(problem: Problem) -> list[tuple[str, str]]:
    if problem.errors:
        return [(error.pointer.strip("/") or "-", error.text()) for error in problem.errors]
    return [("-", problem.words()["detail"])]
