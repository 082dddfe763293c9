"""Which texts of the code and the templates have no Thai yet: extracted with Babel, compared with `locale/th/*.po`.

A text belongs to the capability that uses it first; its Thai may stand in any of the .po files.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import escape, read_po

from service.kernel.i18n import LOCALE, po_files

ROOT = LOCALE.parent
THAI = "th"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
BESIDE = "base"  # texts of the files that stand in no capability: base.html, macros.html, cli.py
FIRST = ("kernel", "web", BESIDE)
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: th\\n"\n'
Id = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """Texts without Thai by capability, Thai without a text, and Thai whose placeholders differ from its text's."""

    missing: dict[str, list[Id]]
    unused: list[Id]
    unlike: list[Id]


def look() -> Findings:
    """Compare every text with every translation."""
    texts, thai = extracted(), translated()
    missing: dict[str, list[Id]] = {}
    for message, capability in texts.items():
        if not _whole(thai.get(message)):
            missing.setdefault(capability, []).append(message)
    unlike = [message for message, words in thai.items() if _whole(words) and not _alike(message, words)]
    return Findings(missing, [message for message in thai if message not in texts], unlike)


def extracted() -> dict[Id, str]:
    """Every text with the capability that uses it, kernel and web before the others."""
    found: dict[Id, str] = {}
    for file, _, message, _, _ in sorted(_all(), key=lambda row: _order(row[0])):
        found.setdefault(message, capability_of(file))
    return found


def _all() -> Iterator[tuple[str, int, Id, list[str], str | None]]:
    yield from extract_from_dir(
        ROOT, METHODS, options_map=OPTIONS, keywords=KEYWORDS, directory_filter=lambda path: "__pycache__" not in path
    )


def capability_of(file: str) -> str:
    """`catalog/api.py` and `templates/catalog/x.html` belong to `catalog`."""
    parts = Path(file).parts
    inner = parts[1:] if parts[0] == "templates" else parts
    return inner[0] if len(inner) > 1 else BESIDE


def _order(file: str) -> tuple[int, str]:
    capability = capability_of(file)
    return (FIRST.index(capability) if capability in FIRST else len(FIRST), file)


def translated() -> dict[Id, Any]:
    """Every entry of the .po files; where several have a text, one that is not empty."""
    found: dict[Id, Any] = {}
    for path in po_files(THAI):
        with path.open("rb") as file:
            for message in read_po(file, locale=THAI):
                if message.id and not _whole(found.get(_key(message.id))):
                    found[_key(message.id)] = message.string
    return found


def _key(message: Any) -> Id:
    return tuple(message) if isinstance(message, list | tuple) else message


def _whole(words: Any) -> bool:
    return bool(words) and all(_parts(words))


def _parts(words: Any) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


def _alike(message: Id, words: Any) -> bool:
    """Whether the Thai fills the same blanks: no other names, and none left out of every form."""
    wanted = frozenset().union(*map(_blanks, _parts(message)))
    given = frozenset().union(*map(_blanks, _parts(words)))
    return given <= wanted if not isinstance(message, str) else given == wanted


def _blanks(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\{\w*\}|%\(\w+\)[sd]", text))


def write_missing(missing: dict[str, list[Id]]) -> list[Path]:
    """Append what is missing, with an empty translation, to the .po of the capability that uses it."""
    known = set(translated())
    written = []
    for capability, messages in missing.items():
        new = [message for message in messages if message not in known]
        path = LOCALE / THAI / f"{capability}.po"
        text = path.read_text(encoding="utf-8") if path.is_file() else HEADER
        if new:
            path.write_text(text.rstrip("\n") + "\n" + _entries(new), encoding="utf-8")
            written.append(path)
    return written


def _entries(messages: Iterable[Id]) -> str:
    return "".join(f"\n{_entry(message)}\n" for message in messages)


def _entry(message: Id) -> str:
    if isinstance(message, str):
        return f'msgid {escape(message)}\nmsgstr ""'
    return f'msgid {escape(message[0])}\nmsgid_plural {escape(message[1])}\nmsgstr[0] ""'
