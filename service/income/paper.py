"""The statement on paper: what the group chose to show, its code and a picture of it that leads to the public page."""

from datetime import date
from typing import Any

import segno
from babel.dates import format_date

from service.income.models import Statement
from service.income.rules import spaced
from service.kernel.i18n import N_, gettext, language, long_day, year_of
from service.kernel.money import baht_text
from service.papers import typesetting
from service.papers.typesetting import baht_words

UNKNOWN = N_("not yet recorded")
WORDS = {
    "title": N_("Statement of confirmed orders"),
    "market": N_("Pracharat Market"),
    "group": N_("Group"),
    "registration": N_("Registration number"),
    "place": N_("Place"),
    "made_on": N_("Made on"),
    "valid_until": N_("Holds until"),
    "period": N_("Months"),
    "total": N_("Confirmed orders, total"),
    "ahead": N_("Of these still to deliver"),
    "buyers": N_("Buyers"),
    "orders": N_("Orders"),
    "baht": N_("Baht"),
    "month": N_("Month of first delivery"),
    "buyer": N_("Buyer"),
    "billed": N_("Billed"),
    "paid": N_("Paid"),
    "due": N_("Billed, not yet paid"),
    "unknown": UNKNOWN,
    "check": N_("To check this paper"),
    "how": N_("Scan the square, or type the code at the address. The page must show the same figures and digest."),
    "code": N_("Code"),
    "digest": N_("Digest of the figures"),
    "note": N_("The group made this statement itself from orders confirmed in the market. It may withdraw it at any "
               "time: the page then says so. It promises no payment, and it is not an offer of credit."),
    "signed": N_("Signed"),
    "leader": N_("For the group"),
    "shown": N_("Only what the group chose to show stands here."),
}  # fmt: skip

OTHERS = N_("{count} other buyers")
PLACE = N_("{district}, {province}")
AHEAD = N_("{sum} baht (orders: {count})")
MOST_BUYERS = 10


def pdf(row: Statement, address: str) -> bytes:
    """The statement as one page; `address` is where its code is checked."""
    return typesetting.pdf("income_statement", facts(row, address))


def facts(row: Statement, address: str) -> dict[str, Any]:
    """The words and numbers that the paper shows, in the reader's language."""
    told = row.facts
    return {
        "words": {key: gettext(text) for key, text in WORDS.items()},
        "group": name_text(told["group"]),
        "registration": told["group"]["registration"],
        "place": place_text(told["group"]),
        "made_on": long_day(date.fromisoformat(told["made_on"])),
        "valid_until": long_day(row.valid_until),
        "period": f"{month_text(told['first_month'])} – {month_text(told['last_month'])}",
        "orders": _count(told["total"]["orders"]),
        "total": baht_text(told["total"]["satang"]),
        "in_words": baht_words(told["total"]["satang"]),
        "ahead": ahead_text(told["ahead"]),
        "buyers": _count(told["total"]["buyers"]),
        "months": [[month_text(one["month"]), *_sum(one)] for one in told["months"] if one["orders"]],
        "by_buyer": _buyers(told.get("buyers", [])),
        "payments": _payments(told.get("payments")),
        "code": spaced(row.code),
        "sha256": row.sha256,
        "address": address,
        "square": segno.make(address, micro=False, error="m").svg_inline(omitsize=True, border=1),
    }


def _buyers(rows: list[dict[str, Any]]) -> list[list[str]]:
    """The largest buyers by name and the others together: the paper is one page."""
    named, others = rows[:MOST_BUYERS], rows[MOST_BUYERS:]
    rest = {key: sum(one[key] for one in others) for key in ("orders", "satang")}
    tail = [[gettext(OTHERS).format(count=len(others)), *_sum(rest)]] if others else []
    return [[name_text(one), *_sum(one)] for one in named] + tail


def _payments(told: dict[str, Any] | None) -> list[list[str]]:
    if told is None:
        return []
    unknown = gettext(UNKNOWN)
    sums = ((key, told[f"{key}_satang"]) for key in ("billed", "paid", "due"))
    return [[gettext(WORDS[key]), unknown if satang is None else baht_text(satang)] for key, satang in sums]


def name_text(thing: dict[str, str]) -> str:
    return (thing["name_en"] if language() == "en" else "") or thing["name_th"]


def place_text(group: dict[str, Any]) -> str:
    """District and province as people write them."""
    district, province = (name_text(group[key]) if group[key] else "" for key in ("district", "province"))
    both = gettext(PLACE).format(district=district, province=province)
    return both if district and province else district or province


def ahead_text(ahead: dict[str, int]) -> str:
    """What is still to deliver: how much, in how many orders."""
    return gettext(AHEAD).format(sum=baht_text(ahead["satang"]), count=_count(ahead["orders"]))


def _sum(one: dict[str, Any]) -> list[str]:
    return [_count(one["orders"]), baht_text(one["satang"])]


def _count(number: int) -> str:
    return f"{number:,}"


def month_text(day: str) -> str:
    """A month by its first day, as people write it."""
    first = date.fromisoformat(day)
    return f"{format_date(first, 'LLLL', locale=language())} {year_of(first)}"


# What pages that show a statement's facts write them with.
TEXTS: dict[str, Any] = {
    "month_text": month_text,
    "name_text": name_text,
    "place_text": place_text,
    "ahead_text": ahead_text,
}
