"""Check a bundle of this market's event log, offline: `python verify_bundle.py FOLDER [--key HEX ...]`.

It needs Python 3.9 and verify_award.py beside it, nothing else. It recomputes the hash of every line, the chain, the
Merkle root of every checkpoint, every signature, and the hashes of the rounds' files that the log keeps. Every fault is
told with its place. Exit code: 0 whole, 1 not. The rounds' results themselves are checked by `python -m solver verify`.
"""

import argparse
import hashlib
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from verify_award import NotProven, checkpoint_of, leaf, parent, trusted_keys

FIRST = "0" * 64


class Peaks:
    """The roots of the tree's complete parts, one a level."""

    def __init__(self):
        self.size, self.held = 0, []

    def add(self, node):
        carried = self.size
        while carried & 1:
            node, carried = parent(self.held.pop(), node), carried >> 1
        self.held.append(node)
        self.size += 1

    def root(self):
        found = self.held[-1]
        for node in reversed(self.held[:-1]):
            found = parent(node, found)
        return found.hex()


class Auditor:
    """Reads a bundle and notes every fault with its place."""

    def __init__(self, folder, given):
        self.folder, self.faults = folder, []
        self.files = {}  # what the log says of rounds' files: name in the bundle -> hash
        self.keys = trusted_keys(self.read("keys.jsonl"), given)
        self.points = self.checkpoints()

    def read(self, name):
        with (self.folder / name).open("rb") as file:
            return [json.loads(line) for line in file]

    def fault(self, place, what):
        self.faults.append(f"{place}: {what}")

    def checkpoints(self):
        points = {}
        for number, one in enumerate(self.read("checkpoints.jsonl"), 1):
            try:
                says = checkpoint_of(one, self.keys)
                points[says["size"]] = says
            except (NotProven, ValueError, KeyError, TypeError) as reason:
                self.fault(f"checkpoints.jsonl line {number}", reason)
        return points

    def walk(self):
        tree, previous, good, number = Peaks(), FIRST, 0, 0
        with (self.folder / "log.jsonl").open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = raw.rstrip(b"\n")
                withheld = len(line) == 64
                digest = line.decode() if withheld else hashlib.sha256(line).hexdigest()
                if not withheld:
                    self.event(number, line.decode("utf-8", "replace"), previous)
                tree.add(leaf(digest))
                previous = digest
                good = self.meet(number, digest, tree, good)
        for size in sorted(self.points):
            if size > number:
                self.fault(f"event {number + 1}", f"the end was cut off: a checkpoint signed {size} events")
                break
        return number, previous

    def event(self, number, line, previous):
        start = line.find("{")
        try:
            event = json.loads(line[start:])
            named = event["previous"] if start == 0 else line[:start]
            if named != previous:
                self.fault(f"event {number}", "it does not follow the event before it: one of the two was changed")
            self.remember(event)
        except (ValueError, KeyError, TypeError):
            self.fault(f"event {number}", "it cannot be read")

    def remember(self, event):
        """What the log says of a run's files."""
        change = event["change"]
        told = change if isinstance(change, dict) else {one["path"][1:]: one.get("value") for one in change}
        base = f"rounds/{event['subject'][1]}"
        if event["verb"] == "run.queued":
            self.files[f"{base}/snapshot.json"] = told.get("snapshot_sha256")
        if event["verb"] == "run.solved":
            for name, both in (told.get("files") or {}).items():
                self.files[f"{base}/{name}/instance.npz"] = both["instance"]
                self.files[f"{base}/{name}/result.json"] = both["result"]

    def meet(self, number, digest, tree, good):
        says = self.points.get(number)
        if says is None:
            return good
        if (says["head"], says["root"]) == (digest, tree.root()):
            return number
        self.fault(f"events {good + 1} to {number}", "they are not what the checkpoint signed")
        return good

    def stored(self):
        """Files of rounds against the hashes in the log; one that the log does not name is told, not refused."""
        bound = 0
        for path in sorted((self.folder / "rounds").rglob("*.*")) if (self.folder / "rounds").is_dir() else ():
            name = path.relative_to(self.folder).as_posix()
            if name not in self.files:
                print(f"{name}: the log of this bundle keeps no hash of it")
            elif hashlib.sha256(path.read_bytes()).hexdigest() != self.files[name]:
                self.fault(name, "it is not the file whose hash the log keeps")
            else:
                bound += 1
        return bound


def main(arguments=None):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=pathlib.Path)
    options.add_argument("--key", action="append", default=[], help="a public key (64 hex digits) that you noted")
    given = options.parse_args(arguments)
    try:
        auditor = Auditor(given.folder, given.key)
        events, head = auditor.walk()
        bound = auditor.stored()
    except (OSError, ValueError, KeyError, TypeError) as reason:
        print(f"NOT WHOLE: the bundle cannot be read ({type(reason).__name__}: {reason})")
        return 1
    for fault in auditor.faults:
        print(fault)
    print(f"{events} events, head {events}:{head}")
    print(f"{len(auditor.points)} signed checkpoints, {bound} files of rounds bound to the log")
    print(f"{len(auditor.faults)} faults")
    if not given.key:
        print(f"The key was believed: {', '.join(auditor.keys.values())}. Compare it with the one you noted.")
    return 1 if auditor.faults else 0


if __name__ == "__main__":
    sys.exit(main())
