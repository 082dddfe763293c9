"""Files that pages load: named by their contents, so that browsers keep them for ever, and compressed once.

A style sheet's `url(...)` of our own files gets the file's present name, so a changed font has a new address too.
"""

import gzip
import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from fastapi import Response
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse
from starlette.types import Scope

from service.web import assets

STATIC = Path(__file__).resolve().parents[1] / "static"
TEXTS = frozenset({"text/css", "text/javascript", "image/svg+xml", "text/plain"})
_ADDRESS = re.compile(r'url\("([^":]+)"\)')


@dataclass(frozen=True, slots=True)
class File:
    """A file's contents as they leave, plain and compressed."""

    media_type: str
    bodies: dict[str, bytes]  # by content coding
    stamp: str


def static_url(name: str) -> str:
    """Address of one of our own static files, with its content's hash: a changed file has a new address."""
    path = STATIC / name
    return f"/static/{name}?v={_read(str(path), path.stat().st_mtime_ns).stamp}"


class OwnFiles(StaticFiles):
    """Serves a folder from memory, in the smallest form that the browser reads."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """One file, or 304 where the browser has it."""
        file, headers = _read(str(full_path), stat_result.st_mtime_ns), Headers(scope=scope)
        coding = coding_of(headers, file.bodies)
        sent = {"etag": f'W/"{file.stamp}"', "vary": "accept-encoding"} | (
            {"content-encoding": coding} if coding else {}
        )
        answer = Response(file.bodies[coding], status_code, sent, media_type=file.media_type)
        return NotModifiedResponse(answer.headers) if self.is_not_modified(answer.headers, headers) else answer


def coding_of(headers: Headers, offered: Collection[str]) -> str:
    """The best content coding that the browser takes; none is the empty text."""
    wanted = {part.split(";")[0].strip() for part in headers.get("accept-encoding", "").lower().split(",")}
    return next((coding for coding in ("br", "gzip") if coding in wanted and coding in offered), "")


@lru_cache(maxsize=100)
def _read(name: str, changed: int) -> File:
    del changed  # a file that was written anew is read anew
    path = Path(name)
    media_type = guess_type(path.name)[0] or "application/octet-stream"
    body = path.read_bytes()
    if path.suffix == ".css":
        body = _ADDRESS.sub(_present, body.decode()).encode()
    bodies = {"": body}
    if media_type in TEXTS:
        bodies |= {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)}
    return File(media_type, bodies, sha256(body).hexdigest()[:16])


def _present(found: re.Match[str]) -> str:
    address = found[1]
    name = address.removeprefix("/assets/")
    return f'url("{assets.url(name) if name != address else static_url(address)}")'
