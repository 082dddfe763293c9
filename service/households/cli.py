"""The verb `households`: the keys of the pseudonyms, and carrying stored pseudonyms forward to a new one."""

import argparse
import sys

from service.households import pseudonyms, rekeying
from service.kernel.db import Database
from service.kernel.problems import Problem

STEPS = {
    "keys": "say which keys there are, and how many pseudonyms stand under each",
    "new-key": "put a fresh key behind those of the file",
    "rekey": "bring every pseudonym under the newest key",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument("step", choices=STEPS, help="; ".join(f"{name}: {what}" for name, what in STEPS.items()))


def run(given: argparse.Namespace, url: str) -> int:
    """Do the step; 0 done, 1 refused."""
    database = Database(url)
    try:
        return {"keys": _keys, "new-key": _new_key, "rekey": _rekey}[given.step](database)
    except Problem as problem:
        sys.stderr.writelines(f"{words}\n" for words in problem.words().values())
        return 1
    finally:
        database.dispose()


def _keys(database: Database) -> int:
    ring = pseudonyms.ring()
    with database.reading() as tx:
        found = rekeying.under_keys(tx)
    for key in ring.ids:
        print(f"{key}: {found.pop(key, 0)} pseudonyms{', newest' if key == ring.newest else ''}")
    for key, number in found.items():
        print(f"{key}: {number} pseudonyms, KEY MISSING")
    return 1 if found else 0


def _new_key(database: Database) -> int:
    del database
    print(f"{pseudonyms.add_key()}: added; back the file up, then `households rekey`")
    return 0


def _rekey(database: Database) -> int:
    with database.writing() as tx:
        done = rekeying.rekey(tx)
    print(f"{done} pseudonyms carried forward")
    return 0
