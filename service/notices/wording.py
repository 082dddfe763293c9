"""What a notice says, in its reader's language: facts are kept as they are and written for people only here."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from babel.dates import format_date

from service.kernel import i18n
from service.kernel.clock import BANGKOK, BUDDHIST_ERA
from service.kernel.money import baht_text
from service.notices.models import Notice
from service.notices.vocabulary import DAYS, KINDS, MOMENTS, MONEY, WORDS


@dataclass(frozen=True, slots=True)
class Said:
    """A notice in one language."""

    title: str
    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is stored of a notice."""

    facts: dict[str, Any]
    path: str


def content_of(row: Notice) -> Content | None:
    """The facts and the path; None where they were blanked."""
    return Content(**json.loads(row.secret_content)) if row.secret_content else None


def said(row: Notice, language: str) -> Said:
    """A notice for people; one that was blanked says its kind's title without facts."""
    found = content_of(row)
    return compose(row.kind, found.facts if found else None, found.path if found else "", language)


def compose(kind: str, facts: dict[str, Any] | None, path: str, language: str) -> Said:
    """Title and text of a kind in a language."""
    found = KINDS[kind]
    with i18n.speaking(language):
        if facts is None:
            return Said(i18n.gettext(found.title.split("%", maxsplit=1)[0].rstrip(" :")), "", "")
        written = {name: _written(name, facts, language) for name in facts}
        return Said(i18n.gettext(found.title_for(facts)) % written, i18n.gettext(found.text) % written, path)


def _written(name: str, facts: dict[str, Any], language: str) -> str:
    """A fact for people: money in baht, days and moments of Thailand, an English name where there is one."""
    value = facts[name]
    if name in MONEY:
        return baht_text(int(value))
    if name in MOMENTS:
        local = datetime.fromisoformat(str(value)).astimezone(BANGKOK)
        return f"{_day(local.date(), language)} {local:%H:%M}"
    if name in DAYS:
        return _day(date.fromisoformat(str(value)), language)
    if name in WORDS:
        return i18n.gettext(str(value))
    return str((facts.get(f"{name}_en") if language == "en" else "") or value)


def _day(day: date, language: str) -> str:
    year = day.year + BUDDHIST_ERA if language == "th" else day.year
    return f"{format_date(day, 'EEE d MMM', locale=language)} {year}"
