"""The verb `events`: verify the log, export it as a bundle, sign its end, show or change the signing key."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from service.events import checkpoints, verification
from service.events.signing import KEY
from service.events.verification import FAULTS, Outside, Verdict
from service.kernel.db import Database
from service.kernel.problems import InvalidInput
from service.kernel.settings import Settings
from service.oversight import bundle


def arguments(parser: argparse.ArgumentParser) -> None:
    """What the verb takes."""
    steps = parser.add_subparsers(required=True, metavar="verify | export | sign | keys | rotate-key")
    one = steps.add_parser("verify", help="recompute every hash and compare with every signed checkpoint")
    one.add_argument("--head", type=_head, metavar="SEQ:HASH", help="a head noted before, which the chain must hold")
    one.add_argument("--key", action="append", default=[], help="a public key noted before; only such are trusted then")
    one.add_argument("--folder", type=Path, help="signed checkpoints kept elsewhere; default: the configured folder")
    one.set_defaults(step=_verify)
    two = steps.add_parser("export", help="write log, checkpoints, keys and rounds, to be verified without the service")
    two.add_argument("target", type=Path, help="a folder that is not there yet, or a file that ends in .zip")
    two.set_defaults(step=_export)
    steps.add_parser("sign", help="sign the log's end now").set_defaults(step=_sign)
    steps.add_parser("keys", help="show the public keys; note them elsewhere").set_defaults(step=_keys)
    steps.add_parser("rotate-key", help="put a new signing key in the old one's place").set_defaults(step=_rotate)


def run(given: argparse.Namespace) -> int:
    """Take the step; 0 done, 1 a fault was found."""
    settings = Settings()
    database = Database(settings.database_url)
    step: Callable[[argparse.Namespace, Settings, Database], int] = given.step
    return step(given, settings, database)


def _verify(given: argparse.Namespace, settings: Settings, database: Database) -> int:
    folder = given.folder or settings.checkpoint_path()
    outside = Outside(given.head, tuple(checkpoints.read_folder(folder)), tuple(given.key))
    with database.reading() as tx, shown() as progress:
        verdict = verification.verify(tx, outside, progress)
    print(*told(verdict), sep="\n")
    return 1 if verdict.faults else 0


def told(verdict: Verdict) -> Iterator[str]:
    """A verdict, line by line."""
    for fault in verdict.faults:
        since = f" (good up to {fault.after})" if fault.after is not None else ""
        yield f"seal {fault.sequence}, event {fault.event_id or '?'}: {FAULTS[fault.kind]}{since}"
    if verdict.more:
        yield f"and {verdict.more} more"
    yield f"{verdict.events} events, {verdict.sealed} sealed, {len(verdict.faults) + verdict.more} faults"
    yield f"{verdict.checkpoints} signed checkpoints"
    yield f"head {verdict.head}"


@contextmanager
def shown() -> Iterator[verification.Progress]:
    """A bar on a terminal, nothing elsewhere."""
    with tqdm(unit=" events", unit_scale=True, disable=not sys.stderr.isatty()) as bar:

        def step(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield step


def _export(given: argparse.Namespace, settings: Settings, database: Database) -> int:
    del settings
    if given.target.exists():
        print(f"{given.target} is there already", file=sys.stderr)
        return 2
    with database.reading() as tx, shown() as progress:
        bundle.write(tx, given.target, bundle.Part(), progress)
    print(f"{given.target}: see docs/audit-bundle.md")
    return 0


def _sign(given: argparse.Namespace, settings: Settings, database: Database) -> int:
    del given
    made = checkpoints.make(database, settings)
    print("signed already, or no key" if made is None else f"{made.statement}\n{made.signature}")
    return 0


def _keys(given: argparse.Namespace, settings: Settings, database: Database) -> int:
    del given
    with database.reading() as tx:
        said = [one.says() for one in checkpoints.keys(tx)]
    for one in said:
        print(f"{one['id']} since {one['at']}: {one['key']}")
    if not said:
        signer = checkpoints.signer_of(settings)
        print("no key yet" if signer is None else f"{signer.id} not used yet: {signer.public_key}")
    return 0


def _rotate(given: argparse.Namespace, settings: Settings, database: Database) -> int:
    del given
    new = checkpoints.rotate(database, settings)
    print(f"{KEY} {new.id}: {new.public_key}")
    return 0


def _head(text: str) -> verification.Head:
    try:
        return verification.read_head(text)
    except InvalidInput as problem:
        raise argparse.ArgumentTypeError(problem.errors[0].text()) from problem
