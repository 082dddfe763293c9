"""Pages: one Jinja environment, the words and numbers of people, and `render`."""

import re
from datetime import date, datetime, time
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from babel.dates import format_date, format_timedelta
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.kernel import i18n
from service.kernel.clock import BANGKOK, now
from service.kernel.money import baht_text
from service.kernel.problems import Problem
from service.kernel.suppression import shown_or_none
from service.web import assets, charts, refusals
from service.web.files import static_url
from service.web.forms import Posted

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
FEW = i18n.N_("fewer than 5")
named = i18n.named
_WORDS: dict[str, str] = {}
_GOOD = ("qualified", "active", "complete", "approved", "published", "accepted", "solved", "applied", "verified")
_WAIT = ("draft", "submitted", "pending", "planned", "open", "closed", "solving", "proposed", "under_review", "queued",
         "evaluation", "scheduled", "partially_accepted")  # fmt: skip
_BAD = ("refused", "suspended", "declined", "expired", "failed", "cancelled", "withdrawn", "unsuccessful", "terminated")
TONES = {**dict.fromkeys(_GOOD, "good"), **dict.fromkeys(_WAIT, "wait"), **dict.fromkeys(_BAD, "bad")}


@lru_cache
def environment() -> Environment:
    """The templates' environment; language is read at every call, so requests do not race."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.filters |= {
        "baht": baht_text,
        "day": day_text,
        "short_day": short_day_text,
        "month": month_text,
        "moment": moment_text,
        "remaining": remaining_text,
    }
    env.filters |= {"few": few_text}
    env.filters |= {"hour": hour_text, "number": number_text, "percent": percent_text, "said": i18n.gettext}
    env.globals |= {"language": i18n.language, "asset": assets.url, "one_time_key": lambda: uuid4().hex}
    env.globals |= {"drawn_map": partial(charts.draw, name=named), "spot": charts.Spot, "link": charts.Link}
    env.globals |= {"named": named, "static": static_url, "words_of_market": _WORDS, "tones_of_states": TONES}
    return env


def add_words(words: dict[str, str]) -> None:
    """Teach the templates the labels of a capability's closed words (word -> message id)."""
    _WORDS.update(words)


def day_text(day: date | None) -> str:
    """A calendar day for people: Buddhist era in Thai, Gregorian in English."""
    if day is None:
        return "–"
    return f"{short_day_text(day)} {i18n.year_of(day)}"


def short_day_text(day: date | None) -> str:
    """A calendar day without its year."""
    return "–" if day is None else format_date(day, "EEE d MMM", locale=i18n.language())


def month_text(day: date, *, year: bool = True) -> str:
    """The month of a day, with its year in the reader's calendar."""
    text = format_date(day, "LLL", locale=i18n.language())
    return f"{text} {i18n.year_of(day)}" if year else text


def moment_text(moment: datetime | None) -> str:
    """A moment in Thai local time."""
    if moment is None:
        return "–"
    local = moment.astimezone(BANGKOK)
    return f"{day_text(local.date())} {local:%H:%M}"


def remaining_text(moment: datetime) -> str:
    """How far a moment is from now, in words."""
    return format_timedelta(moment - now(), add_direction=True, locale=i18n.language())


def hour_text(at: time | None) -> str:
    """A wall-clock time."""
    return "–" if at is None else f"{at:%H:%M}"


def number_text(value: float) -> str:
    """A number with thousands separators."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def few_text(count: int | None) -> str:
    """A count of households for people outside: one to four are not told."""
    shown = None if count is None else shown_or_none(count)
    return i18n.gettext(FEW) if shown is None else number_text(shown)


def percent_text(share: float | None, digits: int = 1) -> str:
    """A share (0..1) as per cent."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def render(request: Request, template: str, *, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """Answer with a page, or with one named block of it (the htmx fragment)."""
    context.setdefault("problem", getattr(request.state, "problem", None))
    context["posted"] = typed_before(request)
    context |= {"request": request, "actor": getattr(request.state, "actor", None)}
    context |= {"unread": _unread(request)}
    context |= {"path": request.url.path, "menu": request.app.state.menu(getattr(request.state, "actor", None))}
    context["here"] = _here(request)
    page = environment().get_template(template)
    text = page.render(context) if block is None else "".join(page.blocks[block](page.new_context(context)))
    if context["problem"] is not None and context["problem"].errors:
        text = refusals.named(text, request.url.path)
    return HTMLResponse(text, status)


def _here(request: Request) -> str:
    """The page's address; of a page that is shown again after a refused step, the one from which the step was sent."""
    address = str(request.url) if request.method == "GET" else request.headers.get("referer", "")
    place, _, rest = address.partition("://")[2].partition("/")
    return f"/{rest}" if place == request.url.netloc else "/"


def typed_before(request: Request) -> Posted:
    """What was sent to a page that is shown again; empty where it is shown first."""
    return getattr(request.state, "posted", None) or Posted([])


def _unread(request: Request) -> int:
    """How many notices the reader has not read."""
    actor, count = getattr(request.state, "actor", None), getattr(request.app.state, "unread", None)
    return 0 if actor is None or count is None else int(count(request.app.state.database, actor))


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of the page."""
    return "hx-request" in request.headers


def see(path: str) -> Response:
    """Go on to another page after a step (303)."""
    return RedirectResponse(path, status_code=303)


def download(content: bytes, mime: str, name: str) -> Response:
    """A file to keep, under a plain name."""
    return Response(content, media_type=mime, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def local(path: str) -> str:
    """A path on this site, or the first page."""
    # Browsers drop tabs and line ends and read a backslash as a slash: any of them could make it another site.
    return path if re.fullmatch(r"/(?![/\\])[^\\\x00-\x1f\x7f]*", path) else "/"


def problem_page(request: Request, problem: Problem) -> Response:
    """A refusal as a page."""
    answer = render(request, "problem.html", problem=problem, status=problem.status)
    answer.headers.update(problem.headers)
    return answer
