"""Which language a request speaks: the `lang` cookie, else Accept-Language, else Thai."""

from http.cookies import SimpleCookie

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
    cookie: SimpleCookie = SimpleCookie()
    cookie.load(headers.get(b"cookie", b"").decode("latin-1"))
    if "lang" in cookie and cookie["lang"].value in LANGUAGES:
        return cookie["lang"].value
    for part in headers.get(b"accept-language", b"").decode("latin-1").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in LANGUAGES and path.startswith("/api/"):
            return code
    return "en" if path.startswith("/api/") else "th"
