"""Languages: message ids are English, Thai lives in `locale/`; the language of the moment is a context variable."""

import gettext as std
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from service.kernel.clock import BUDDHIST_ERA

LANGUAGES = ("th", "en")
LOCALE = Path(__file__).resolve().parents[1] / "locale"
_language: ContextVar[str] = ContextVar("language", default="th")


def language() -> str:
    """The language of the present request: ``th`` or ``en``."""
    return _language.get()


def set_language(code: str) -> None:
    """Choose the language for the present context."""
    _language.set(code if code in LANGUAGES else LANGUAGES[0])


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak the language inside the block."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def in_every_language(message: str) -> tuple[str, ...]:
    """A message as readers of any language know it, in the present language first."""
    found = [gettext(message)]
    for code in LANGUAGES:
        with speaking(code):
            found.append(gettext(message))
    return tuple(dict.fromkeys(found))


def long_day(day: date) -> str:
    """A day as papers and refusals write it: 22 November 2026, in Thai with the Buddhist year."""
    text = format_date(day, "d MMMM", locale=language())
    return f"{text} {year_of(day)}"


def year_of(day: date) -> int:
    """The year of a day as the reader counts: Buddhist era in Thai."""
    return day.year + (BUDDHIST_ERA if language() == "th" else 0)


def po_files(code: str) -> list[Path]:
    """The message files of a language: one a capability."""
    return sorted((LOCALE / code).glob("*.po"))


@lru_cache
def translations(code: str) -> std.NullTranslations:
    """All messages of a language, read from its .po files once; English is the identity."""
    if code == "en":
        return std.NullTranslations()
    merged = Catalog(locale=code)
    for path in po_files(code):
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if message.id and message.string:
                    merged.add(message.id, message.string, context=message.context)
    buffer = BytesIO()
    write_mo(buffer, merged)
    buffer.seek(0)
    return std.GNUTranslations(buffer)


def named(thing: Any) -> str:
    """A thing's name in the present language (`name_th`, `name_en`), Thai where there is no English."""
    return str((thing.name_en if language() == "en" else "") or thing.name_th)


def gettext(message: str) -> str:
    """Translate a message into the language of the moment."""
    return translations(language()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a counted message."""
    return translations(language()).ngettext(singular, plural, count)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "extract, translate later"
    """Mark a message for extraction; it is translated where it is shown."""
    return message
