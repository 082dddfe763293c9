"""Which language a request speaks: the `lang` cookie, else Accept-Language, else Thai."""

import re

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from service.kernel.i18n import LANGUAGES, set_language


class LanguageOfRequest:
    """Sets the language before anything else runs."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose, then go on."""
        if scope["type"] == "http":
            set_language(chosen(dict(scope["headers"]), scope["path"]))
        await self.app(scope, receive, send)


def chosen(headers: dict[bytes, bytes], path: str) -> str:
    """The language of a request; programs without a wish get English, people Thai."""
    cookie = cookie_parser(headers.get(b"cookie", b"").decode("latin-1")).get("lang", "")
    if cookie in LANGUAGES:
        return cookie
    if not path.startswith("/api/"):
        return "th"
    wishes = _wishes(headers.get(b"accept-language", b"").decode("latin-1"))
    return next((code for code in wishes if code in LANGUAGES), "en")


def _wishes(header: str) -> list[str]:
    """The wished languages, the most wanted first (RFC 9110: `;q=` from 1 to 0)."""
    weighed = []
    for part in header.split(","):
        code, _, weight = part.partition(";q=")
        match = re.fullmatch(r"[01](\.[0-9]{0,3})?", weight.strip() or "1")
        weighed.append((-float(match[0]) if match else 0.0, code.strip()[:2].lower()))
    return [code for weight, code in sorted(weighed, key=lambda pair: pair[0]) if weight]
