"""The verb `privacy`: what would be deleted tonight, deleting it now, a person's data, and erasing a person."""

import argparse
import json
import sys

from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.problems import NotFound, Problem
from service.people.models import Person
from service.privacy import erasure, person, retention


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    steps = parser.add_subparsers(required=True, metavar="STEP", dest="step")
    keep = steps.add_parser("retention", help="delete what has stayed as long as the table on /privacy allows")
    keep.add_argument("--dry-run", action="store_true", help="only say how many entries would go")
    for name, what in (
        ("export", "write everything that is kept about a person as JSON"),
        ("erase", "make a person anonymous; the record still verifies"),
    ):
        steps.add_parser(name, help=what).add_argument("username")


def run(given: argparse.Namespace, url: str) -> int:
    """Do the step; 0 done, 1 refused."""
    database = Database(url)
    try:
        return {"retention": _retention, "export": _export, "erase": _erase}[given.step](database, given)
    except Problem as problem:
        sys.stderr.writelines(f"{words}\n" for words in problem.words().values())
        return 1
    finally:
        database.dispose()


def _retention(database: Database, given: argparse.Namespace) -> int:
    found = retention.due(database) if given.dry_run else retention.apply(database)
    for code, number in found.items():
        print(f"{code}: {number}{' would go' if given.dry_run else ' gone'}")
    return 0


def _export(database: Database, given: argparse.Namespace) -> int:
    with database.writing() as tx:
        row = _found(person.named(tx, by=SYSTEM, username=given.username))
        document = person.data_for_request(tx, by=SYSTEM, person_id=row.id)
    print(json.dumps(document, ensure_ascii=False, indent=1))
    return 0


def _erase(database: Database, given: argparse.Namespace) -> int:
    with database.writing() as tx:
        row = _found(person.named(tx, by=SYSTEM, username=given.username))
        erasure.erase(tx, by=SYSTEM, person_id=row.id)
    print("erased")
    return 0


def _found(row: Person | None) -> Person:
    if row is None:
        raise NotFound
    return row
