"""Check a proof of this market's event log, offline: `python verify_award.py PROOF.json [--key HEX ...]`.

A proof says: "this event stood in the log when the market signed its checkpoint", or "the later log begins with the
earlier one". The script needs Python 3.9 and nothing else: it computes every hash and signature itself. Give the public
key that you noted when you first met the market (it is on the page "Checkpoints and keys") with --key; without it the
proof's own first key is believed, which only shows that the proof agrees with itself. Exit code: 0 proven, 1 not.
"""

import argparse
import hashlib
import json
import pathlib
import sys

# Ed25519 (RFC 8032): points of the curve -x^2 + y^2 = 1 + d x^2 y^2 as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def plus(a, b):
    s, t = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    u, v = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = t - s, v - u, v + u, t + s
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = plus(found, point)
        point, number = plus(point, point), number >> 1
    return found


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def point_of(text):
    """The point of 32 bytes, or None."""
    y = int.from_bytes(text, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(key, message, signature):
    """Whether a public key (hex) signed a text."""
    try:
        key, signature = bytes.fromhex(key), bytes.fromhex(signature)
    except ValueError:
        return False
    if len(key) != 32 or len(signature) != 64:
        return False
    holder, given, scalar = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if holder is None or given is None or scalar >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message.encode()).digest()
    return same(times(scalar, BASE), plus(given, times(int.from_bytes(digest, "little") % ORDER, holder)))


# Keys: the first is believed or given; each later one is named by a statement that the one before it signed


def key_id(key):
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


def trusted_keys(stated, given=()):
    """Public keys by name: those given (else the first stated) and all that they vouch for."""
    known = {key_id(key): key for key in given}
    for one in sorted(stated, key=lambda one: json.loads(one["statement"])["at"]):
        says = json.loads(one["statement"])
        signer = says["key"] if says["previous"] is None else known.get(says["previous"])
        believed = says["previous"] in known or (says["previous"] is None and not known)
        if believed and says["id"] == key_id(says["key"]) and signed_by(signer, one["statement"], one["signature"]):
            known[says["id"]] = says["key"]
    return known


def checkpoint_of(one, keys):
    """What a checkpoint says, once a trusted key has signed it."""
    says = json.loads(one["statement"])
    key = keys.get(says["key"])
    must(says["type"] == "pracharat.checkpoint/1", "this is no checkpoint")
    must(key is not None, f"no trusted key signed the checkpoint of {says['size']} events")
    must(signed_by(key, one["statement"], one["signature"]), "the signature of the checkpoint is false")
    return says


# The Merkle tree (RFC 9162, section 2.1)


def leaf(digest):
    return hashlib.sha256(b"\x00" + bytes.fromhex(digest)).digest()


def parent(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(first, second, at, last, path):
    """Follow a path from a node at a place of a row; give both roots (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    for other in path:
        must(last > 0, "the path is too long")
        if at & 1 or at == last:
            first, second = parent(other, first), parent(other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = parent(second, other)
        at, last = at >> 1, last >> 1
    must(last == 0, "the path is too short")
    return first, second


def verify_inclusion(proof, keys):
    point, index = checkpoint_of(proof["checkpoint"], keys), proof["sequence"] - 1
    must(0 <= index < point["size"], "the event lies beyond the checkpoint")
    digest = hashlib.sha256(proof["line"].encode()).hexdigest()
    path = [bytes.fromhex(one) for one in proof["path"]]
    root = climb(leaf(digest), leaf(digest), index, point["size"] - 1, path)[1]
    must(
        root.hex() == point["root"], "the event does not lead to the signed root: it was changed, or never stood there"
    )
    event = json.loads(proof["line"][proof["line"].index("{") :])
    told = {one["path"]: one.get("value") for one in event["change"]} if isinstance(event["change"], list) else {}
    print(f"proven: event {proof['sequence']} of {point['size']} in the log signed at {point['at']}")
    print(f"  {event['at']}, {event['verb']} {event['subject'][1]}, {json.dumps(told, ensure_ascii=False)}")
    if "award" in proof:
        digest = hashlib.sha256(proof["award"].encode()).hexdigest()
        must(digest == told.get("/award_sha256"), "the award's text is not the one whose hash the event keeps")
        print("proven: the award read then, word for word:\n  " + proof["award"])


def verify_consistency(proof, keys):
    old, new = checkpoint_of(proof["old"], keys), checkpoint_of(proof["new"], keys)
    path, size = [bytes.fromhex(one) for one in proof["path"]], old["size"]
    must(0 < size <= new["size"], "the checkpoints stand in the wrong order")
    if size == new["size"]:
        must(not path and old["root"] == new["root"], "two checkpoints of one size differ")
    else:
        rest = path if size & (size - 1) else [bytes.fromhex(old["root"]), *path]
        must(bool(rest), "the path is too short")
        at, last = size - 1, new["size"] - 1
        while at & 1:
            at, last = at >> 1, last >> 1
        first, second = climb(rest[0], rest[0], at, last, rest[1:])
        must(
            first.hex() == old["root"] and second.hex() == new["root"], "the later log does not begin with the earlier"
        )
    print(f"proven: the log of {size} events ({old['at']}) only grew to {new['size']} ({new['at']})")


class NotProven(Exception):
    """Why a proof fails."""


def must(fact, otherwise):
    if not fact:
        raise NotProven(otherwise)


def main(arguments=None):
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("proof")
    options.add_argument("--key", action="append", default=[], help="a public key (64 hex digits) that you noted")
    given = options.parse_args(arguments)
    try:
        proof = json.loads(pathlib.Path(given.proof).read_text(encoding="utf-8"))
        keys = trusted_keys(proof["keys"], given.key)
        kinds = {"pracharat.proof/1": verify_inclusion, "pracharat.consistency/1": verify_consistency}
        must(proof.get("type") in kinds, "this is no proof of this market")
        kinds[proof["type"]](proof, keys)
    except NotProven as reason:
        print(f"NOT PROVEN: {reason}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as reason:
        print(f"NOT PROVEN: the file cannot be read as a proof ({type(reason).__name__}: {reason})")
        return 1
    if not given.key:
        print(f"The key was believed: {', '.join(keys.values())}. Compare it with the one you noted.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
