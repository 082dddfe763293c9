"""The arithmetic of the chain: a change as a JSON patch (RFC 6902), canonical JSON (RFC 8785), hashes (SHA-256)."""

import json
from collections.abc import Mapping
from hashlib import sha256
from json.encoder import c_make_encoder  # type: ignore[attr-defined]
from json.encoder import encode_basestring as _quoted
from typing import Any

import rfc8785

GENESIS = "0" * 64
WORDS = ("verb", "subject_type", "subject_id", "province_code", "reason", "request_id")


def patch(facts: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What changed, as operations on what may be told of the object (docs/decisions/0006).

    `from` and `to` together are a step of its state; a fact with a value `before` is tested, then replaced.
    """
    told, known = dict(facts), dict(before or {})
    if {"from", "to"} <= told.keys():
        known, told = {"state": told.pop("from"), **known}, {"state": told.pop("to"), **told}
    found: list[dict[str, Any]] = []
    for name, value in told.items():
        path = "/" + name.replace("~", "~0").replace("/", "~1")
        if name in known:
            found.append({"op": "test", "path": path, "value": known[name]})
        found.append({"op": "replace" if name in known else "add", "path": path, "value": value})
    return found


def facts(change: Any) -> list[tuple[str, Any]]:
    """A stored change as names and values; what was tested stands as `from` beside its `to`."""
    if isinstance(change, dict):  # the first revision's form
        return list(change.items())
    found, tested = list[tuple[str, Any]](), dict[str, Any]()
    for operation in change:
        path = operation["path"]
        name = path[1:].replace("~1", "/").replace("~0", "~")
        if operation["op"] == "test":
            tested[path] = operation["value"]
        elif path in tested:
            both = {"from": tested[path], "to": operation["value"]}
            found += both.items() if name == "state" else [(name, both)]
        else:
            found.append((name, operation["value"]))
    return found


def plain(value: Any) -> Any:
    """Numbers within 2**53 and text only: what canonical JSON can hold on every platform."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _SAFE:
        return int(value)
    return str(value)


def line(previous_hash: str, event: Mapping[str, Any]) -> bytes:
    """The very bytes whose SHA-256 is the event's hash: its columns and the hash before, as RFC 8785 JSON.

    What the first revision recorded carries its change as an object; it is hashed as it was then, with the hash before
    in front of the JSON, so that every head noted since the first day still holds.
    """
    change, first = event["change"], isinstance(event["change"], dict)
    person, organisation, behalf = (_named(event[name]) for name in ("person_id", "organisation_id", "on_behalf_of"))
    verb, kind, subject, province, reason, request = (event[name] for name in WORDS)
    return spelled(
        previous_hash, event["id"], event["transaction"], event["at"].isoformat(), person, organisation, behalf,
        verb, kind, subject, province, reason, request, canonical(change), first=first,
    )  # fmt: skip


def spelled(
    previous_hash: str, number: Any, transaction: Any, at: str, person: str, organisation: str,
    behalf: str, verb: str, kind: str, subject: str, province: str | None, reason: str, request: str, change: str,
    *, first: bool,
) -> bytes:  # fmt: skip
    """The line of an event whose moment, ids and change are JSON already; `first` is the first revision's form."""
    text = (
        f'{{"at":"{at}","change":{change},"id":"{number}","on_behalf_of":{behalf},"organisation":{organisation},'
        f'"person":{person},{"" if first else _PREVIOUS % previous_hash}'
        f'"province":{"null" if province is None else _quoted(province)},"reason":{_quoted(reason)},'
        f'"request":{_quoted(request)},"subject":[{_quoted(kind)},{_quoted(subject)}],'
        f'"transaction":"{transaction}","verb":{_quoted(verb)}}}'
    )
    return (previous_hash + text if first else text).encode()


def chained(previous_hash: str, event: Mapping[str, Any]) -> str:
    """The hash of an event that follows `previous_hash`."""
    return sha256(line(previous_hash, event)).hexdigest()


def canonical(value: Any) -> str:
    """RFC 8785 JSON.

    For text, whole numbers and ASCII names the standard library's C encoder writes the very bytes of RFC 8785, ten
    times as fast; a test compares the two. Anything else takes the long way.
    """
    return compact(value) if _is_plain(value) else rfc8785.dumps(value).decode()


def compact(value: Any) -> str:
    """RFC 8785 JSON of a value of which is known that it has no fractions, no large numbers, no rare letters."""
    return "".join(_encode(value, 0))


_SAFE = 2**53
_PREVIOUS = '"previous":"%s",'
_writer = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
# What `_writer.encode` makes anew for every value, which costs more than the writing.
_SORTED = {"sort_keys": True, "skipkeys": False, "allow_nan": False}
_encode = c_make_encoder(None, _writer.default, _quoted, None, ":", ",", **_SORTED)


def _named(value: Any) -> str:
    return "null" if value is None else _quoted(str(value))


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is int:
        return bool(-_SAFE < value < _SAFE)
    if kind is list:
        return all(type(item) is str or _is_plain(item) for item in value)
    if kind is dict:
        for name, item in value.items():
            if type(name) is not str or not name.isascii() or not (type(item) is str or _is_plain(item)):
                return False
        return True
    return kind is str or kind is bool or value is None
