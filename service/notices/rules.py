"""Rules of notices: quiet hours, back-off, what a kind needs to be told, and where a webhook may lead."""

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from service.kernel.clock import BANGKOK, at_bangkok
from service.kernel.i18n import N_
from service.kernel.problems import FieldError, InvalidInput, Problem
from service.notices.vocabulary import KINDS, Kind

MOST_TRIES = 10  # over eight and a half hours
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
NAT64 = IPv6Network("64:ff9b::/96")
_BLANKS = re.compile(r"%\((\w+)\)s")


def kind_of(code: str, facts: dict[str, str | int]) -> Kind:
    """The kind; a fault of the calling code where it is unknown or lacks a fact that its text needs."""
    kind = KINDS[code]
    missing = set(_BLANKS.findall(kind.title_for(facts) + kind.text)) - facts.keys()
    if missing:
        msg = f"{code} needs {sorted(missing)}"
        raise ValueError(msg)
    return kind


def next_due(moment: datetime, quiet_from: time, quiet_until: time, *, facts: Mapping[str, object]) -> datetime:
    """When something may be sent: at the end of the quiet hours, unless that is too late for what it asks."""
    local = moment.astimezone(BANGKOK)
    if not _within(local.time(), quiet_from, quiet_until):
        return moment
    day = local.date() if local.time() < quiet_until else local.date() + timedelta(days=1)
    morning = at_bangkok(day, quiet_until)
    return moment if is_late(facts, morning) else morning


def _within(at: time, first: time, until: time) -> bool:
    """Whether a time of day lies in hours that may reach over midnight; none where they begin as they end."""
    return first <= at < until if first <= until else at >= first or at < until


def wait_after(tries: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many tries: doubling, and never less than the other side asked for."""
    own = min(FIRST_WAIT * (1 << max(tries - 1, 0)), LONGEST_WAIT)
    return max(own, min(asked or timedelta(0), LONGEST_WAIT))


def is_late(facts: Mapping[str, object], moment: datetime) -> bool:
    """Whether the time has passed until which a notice asks for something, or its code holds."""
    ends = (str(facts[name]) for name in ("respond_by", "until") if name in facts)
    return any(datetime.fromisoformat(end) < moment for end in ends)


class WrongNoticeCode(Problem):
    """A code of an address that does not hold (any more)."""

    title = N_("The code is not right")
    detail = N_("It may be mistyped, too old, or used already.")
    todo = N_("Look at the newest message, or have another code sent.")


class TooManyWebhooks(Problem):
    """More webhooks than an organisation needs."""

    title = N_("There are many webhooks already")
    detail = N_("An organisation may have {most}.")
    todo = N_("End one that is no longer used.")


def must_be_address(url: str, *, private: bool) -> None:
    """Refuse what no webhook may lead to; each call checks the address again that the name has by then."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"https", "http"} and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        good, parts = False, urlsplit("")
    if not good or parts.username is not None or not url.isascii() or any(sign.isspace() for sign in url):
        raise InvalidInput(errors=(FieldError("/url", N_("Write an address like https://example.org/hook.")),))
    if not private and (parts.scheme != "https" or is_inside(str(parts.hostname))):
        raise InvalidInput(errors=(FieldError("/url", N_("Use https:// and a name of the public internet.")),))


def is_inside(host: str) -> bool:
    """Whether a name or a number leads inside at first sight."""
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost", ".lan"))


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet; IPv4 inside IPv6 counts as what it is."""
    address = ip_address(text.split("%", maxsplit=1)[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if address in NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return address.is_global and not address.is_multicast and (inner is None or is_public(str(inner)))
