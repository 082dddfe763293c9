"""The verb `person`: give someone of an organisation an account, from the command line of the machine itself.

It makes the first accounts of a fresh installation; afterwards organisations manage their own people.
"""

import argparse
import getpass
import sys

from pydantic import ValidationError
from sqlalchemy import select

from service.kernel.actor import SYSTEM
from service.kernel.db import Database
from service.kernel.i18n import N_, gettext
from service.kernel.mistakes import invalid
from service.kernel.problems import NotFound, Problem
from service.parties.models import Organisation
from service.parties.vocabulary import Role
from service.people import actions
from service.people.schemas import PersonIn

ASK = N_("Password: ")


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes; the password is asked for, or read from standard input."""
    parser.add_argument("username")
    parser.add_argument("organisation", help="scheme:registration id, as imported or registered")
    parser.add_argument("role", nargs="+", choices=list(Role))
    parser.add_argument("--name", default="", help="the name that others see")


def run(given: argparse.Namespace, url: str) -> int:
    """Make the account; 0 done, 1 refused."""
    password = getpass.getpass(gettext(ASK)) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    database = Database(url)
    try:
        _enrol(database, given, password)
    except Problem as problem:
        sys.stderr.writelines(f"{text}\n" for text in problem.words().values())
        sys.stderr.writelines(f"{error.pointer}: {error.text()}\n" for error in problem.errors)
        return 1
    finally:
        database.dispose()
    return 0


def _enrol(database: Database, given: argparse.Namespace, password: str) -> None:
    try:
        draft = PersonIn(
            username=given.username, display_name=given.name or given.username, password=password, roles=given.role
        )
    except ValidationError as error:
        raise invalid(error.errors()) from error
    scheme, _, number = given.organisation.partition(":")
    with database.writing() as tx:
        same = (Organisation.scheme == scheme, Organisation.registration_id == number)
        organisation = tx.scalar(select(Organisation).where(*same))
        if organisation is None:
            raise NotFound
        actions.add_person(tx, by=SYSTEM, organisation_id=organisation.id, draft=draft)
