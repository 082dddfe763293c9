"""Papers: PDF documents set by Typst from the templates beside this file.

A template never sees text of ours as its own source: the facts travel as JSON in `sys.inputs`, and what people typed is
set as it stands. Dates and amounts arrive as words of the reader's language. Every paper names the digest of its facts,
so that two prints can be compared; the same facts give the same bytes.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import fontpkg_sarabun
import typst
from num2words import num2words

from service.kernel.i18n import N_, gettext, language
from service.kernel.money import SATANG

FOLDER = Path(__file__).resolve().parent
FONTS = fontpkg_sarabun.ROOT / "files"  # the whole font: the page's own is a subset in a form that Typst does not read
MADE_AT = 0  # seconds: a paper's bytes follow from its facts, its date is among them
_WORDS = {"page": N_("Page"), "of": N_("of"), "digest": N_("Digest of this document")}


def pdf(template: str, facts: Mapping[str, Any]) -> bytes:
    """The paper as PDF; `template` is a file's name in this folder without its ending."""
    return typeset(template, facts, "pdf")[0]


def typeset(template: str, facts: Mapping[str, Any], form: Literal["pdf", "png"]) -> list[bytes]:
    """The paper as one PDF, or as a picture a page."""
    made: Any = typst.compile(
        FOLDER / f"{template}.typ",
        root=FOLDER,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format=form,
        sys_inputs={"facts": _as_json(facts), "language": language(), "frame": _as_json(_frame(template, facts))},
        timestamp=MADE_AT,
    )
    return made if isinstance(made, list) else [made]


def digest(template: str, facts: Mapping[str, Any]) -> str:
    """SHA-256 of the template's name and the facts, as 64 hexadecimal digits."""
    return sha256(_as_json([template, language(), facts]).encode()).hexdigest()


def baht_words(satang: int) -> str:
    """An amount in words of the reader's language, as contracts ask for it."""
    if language() == "th":
        # The whole, not a fraction of it: a float would lose satang of large amounts.
        words: str = num2words(f"{satang // SATANG}.{satang % SATANG:02d}", lang="th", to="currency")
        return words
    whole, rest = divmod(satang, SATANG)
    end = gettext("and {count} satang").format(count=num2words(rest)) if rest else gettext("only")
    return f"{num2words(whole)} {gettext('baht')} {end}"


def _frame(template: str, facts: Mapping[str, Any]) -> dict[str, str]:
    return {"mark": digest(template, facts)} | {key: gettext(word) for key, word in _WORDS.items()}


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@lru_cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
