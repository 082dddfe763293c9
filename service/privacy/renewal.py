"""The verb `secrets`: a fresh key, and writing everything that is stored encrypted anew under the newest one."""

import argparse
import sys

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.accounts.models import SecondFactor
from service.kernel import sealed
from service.kernel.db import Base, Database
from service.kernel.secrecy import new_key, vault

STEPS = {
    "new": "print a key for the front of MARKET_SECRET_KEYS",
    "renew": "write contact data and authenticators anew under the newest key",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    parser.add_argument("step", choices=STEPS, help="; ".join(f"{name}: {what}" for name, what in STEPS.items()))


def run(given: argparse.Namespace, url: str) -> int:
    """Do the step."""
    if given.step == "new":
        sys.stdout.write(f"{new_key()}\n")
        return 0
    database = Database(url)
    with database.writing() as tx:
        sys.stdout.write(f"{renew(tx)} texts renewed\n")
    database.dispose()
    return 0


def renew(tx: Session) -> int:
    """Everything that is encrypted; marks (codes on paper, one-time codes) are not: they are found under every key."""
    factors = tx.scalars(select(SecondFactor)).all()
    for row in factors:
        row.secret = vault().renewed(row.secret)
    return len(factors) + sealed.renew(tx, Base.metadata)
