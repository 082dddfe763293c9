"""Checkpoints: how far the chain has come, signed, kept in the database and in a folder outside of it."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile

import structlog
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from service.events import actions, merkle, signing
from service.events.models import Checkpoint, Node, Seal, SigningKey
from service.events.signing import CHECKPOINT, Keyring, Signed, Signer
from service.kernel import jobs
from service.kernel.actor import SYSTEM
from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.ids import new_id
from service.kernel.settings import Settings

log = structlog.get_logger()
QUEUE, WORKFLOW = "record", "checkpoint"
CHECKPOINT_LOCK = 4_551_245_202  # PostgreSQL's advisory lock that lets one checkpoint be made at a time


class RecordBroken(Exception):
    """The chain is not what the newest checkpoint signed; nothing more is signed over it."""


def ask(tx: Session) -> None:
    """Have a checkpoint made as soon as this transaction has committed."""
    jobs.start_after_commit(tx, QUEUE, WORKFLOW, f"checkpoint-{new_id()}")


def signer_of(settings: Settings) -> Signer | None:
    """The key of this process; an embedded service makes its own at the first need."""
    path = settings.signing_key_path()
    found = signing.load(path)
    if found is None and settings.is_embedded():
        return signing.create(path)
    return found


def make(database: Database, settings: Settings) -> Checkpoint | None:
    """Sign the chain's present end, unless it is signed already, and write what is new to the folder."""
    signer = signer_of(settings)
    if signer is None:
        log.warning("no signing key", path=str(settings.signing_key_path()))
        return None
    with database.writing() as tx:
        made = sign_end(tx, signer)
    write_out(database, settings.checkpoint_path())
    return made


def sign_end(tx: Session, signer: Signer) -> Checkpoint | None:
    """Sign size, head and root of the whole chain; None when the newest checkpoint says the same."""
    if tx.get_bind().dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(CHECKPOINT_LOCK)))
    head = tx.scalar(select(Seal).order_by(Seal.sequence.desc()).limit(1))
    last = tx.scalar(select(Checkpoint).order_by(Checkpoint.size.desc()).limit(1))
    if head is None or (last is not None and head.sequence == last.size):
        return None
    tree = tree_of(tx)
    if last is not None:
        _must_extend(tx, tree, last)
    introduce(tx, signer)
    _keep_nodes(tx, tree, 0 if last is None else last.size, head.sequence)
    statement = {"type": CHECKPOINT, "size": head.sequence, "head": head.hash, "key": signer.id,
                 "root": tree.root(0, head.sequence).hex(), "at": now().isoformat()}  # fmt: skip
    signed = signer.sign(statement)
    made = Checkpoint(size=head.sequence, key_id=signer.id, statement=signed.statement, signature=signed.signature)
    tx.add(made)
    return made


def _must_extend(tx: Session, tree: merkle.Tree, last: Checkpoint) -> None:
    """Refuse to sign over a chain that was rewritten since the newest checkpoint."""
    known = Signed(last.statement, last.signature)
    says, ring = known.says(), Keyring(keys(tx))
    if not ring.vouches(known) or says["root"] != tree.root(0, last.size).hex():
        log.error("the record is not what was signed", size=last.size)
        raise RecordBroken(last.size)
    if tx.scalar(select(Seal.previous_hash).where(Seal.sequence == last.size + 1)) != says["head"]:
        log.error("the record does not follow what was signed", size=last.size)
        raise RecordBroken(last.size)


def introduce(tx: Session, signer: Signer) -> None:
    """Keep the public key at its first use; one that no other named stands for itself."""
    if tx.get(SigningKey, signer.id) is None:
        add_key(tx, signer, signer.introduce(signer, now()), "signing_key.added")


def add_key(tx: Session, signer: Signer, introduced: Signed, verb: str) -> None:
    """Keep a public key and what names it."""
    row = SigningKey(id=signer.id, statement=introduced.statement, signature=introduced.signature)
    tx.add(row)
    actions.record(tx, by=SYSTEM, verb=verb, subject=row, change={"key": signer.public_key})


def _keep_nodes(tx: Session, tree: merkle.Tree, old: int, new: int) -> None:
    """Keep the complete subtrees that the new leaves closed."""
    for level in range(merkle.TILE, new.bit_length()):
        made = [
            {"level": level, "position": at, "hash": tree.root(at << level, (at + 1) << level).hex()}
            for at in range(old >> level, new >> level)
        ]
        if made:
            tx.execute(insert(Node), made)


def tree_of(tx: Session) -> merkle.Tree:
    """The tree over the stored chain."""

    def leaves(start: int, end: int) -> list[bytes]:
        hashes = select(Seal.hash).where(Seal.sequence > start, Seal.sequence <= end).order_by(Seal.sequence)
        return [merkle.leaf(one) for one in tx.scalars(hashes)]

    def known(level: int, position: int) -> bytes | None:
        found = tx.scalar(select(Node.hash).where(Node.level == level, Node.position == position))
        return None if found is None else bytes.fromhex(found)

    return merkle.Tree(leaves, known)


def keys(tx: Session) -> list[Signed]:
    """The statements of every key, the oldest first."""
    rows = tx.scalars(select(SigningKey).order_by(SigningKey.created_at, SigningKey.id))
    return [Signed(row.statement, row.signature) for row in rows]


def rotate(database: Database, settings: Settings) -> Signer:
    """Sign the end with the old key, let it name a new one, and put that in its place; the old private key is gone."""
    path = settings.signing_key_path()
    old, following = signer_of(settings), path.with_name(f"{path.name}.next")
    if old is None:
        return signing.create(path)
    new = signing.load(following) or signing.create(following)  # one of a rotation that was cut short
    make(database, settings)
    with database.writing() as tx:
        introduce(tx, old)
        if tx.get(SigningKey, new.id) is None:
            add_key(tx, new, old.introduce(new, now()), "signing_key.rotated")
    following.replace(path)
    make(database, settings)
    return new


def write_out(database: Database, folder: Path) -> None:
    """Write every key and checkpoint that the folder does not hold; what it holds is never overwritten."""
    with database.reading() as tx:
        signed = keys(tx) + [Signed(row.statement, row.signature) for row in tx.scalars(select(Checkpoint))]
    held = {file.name for file in folder.glob("*.json")}
    for one in signed:
        if file_name(one) not in held:
            _write(folder / file_name(one), one)


def file_name(one: Signed) -> str:
    """The name of a statement's file; two different ones of the same size stand side by side."""
    says = one.says()
    if says.get("type") == CHECKPOINT:
        return f"checkpoint-{says['size']:012}-{says['root'][:8]}.json"
    return f"key-{says['id']}.json"


def _write(path: Path, one: Signed) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"statement": one.statement, "signature": one.signature}, indent=1) + "\n"
    with NamedTemporaryFile("w", dir=path.parent, prefix=".", delete=False, encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def read_folder(folder: Path) -> Iterable[Signed]:
    """Every statement of a folder; a file that is none is one that nobody signed."""
    for path in sorted(folder.glob("*.json")):
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            yield Signed(str(found["statement"]), str(found["signature"]))
        except (ValueError, TypeError, KeyError):
            yield Signed(json.dumps({"type": CHECKPOINT, "size": 0, "file": path.name}), "")
