"""What the API and forms of notices read and write."""

import re
from datetime import datetime, time
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from service.kernel.i18n import N_
from service.kernel.shapes import In, Mistake, Out, Text
from service.notices.vocabulary import PUBLIC, Channel

Personal = Literal["email", "line", "sms"]
KIND_CODES = frozenset(kind.code for kind in PUBLIC)
SHAPES = {
    "email": (re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,64}@[a-zA-Z0-9-]{1,63}(\.[a-zA-Z0-9-]{1,63})+"),
              N_("Write it like name@example.org.")),
    "line": (re.compile(r"U[0-9a-f]{32}"), N_("A LINE user id begins with U and has 33 signs.")),
    "sms": (re.compile(r"\+[1-9]\d{7,14}"), N_("Write a mobile number like 081 234 5678.")),
}  # fmt: skip


def _known(kind: str) -> str:
    if kind not in KIND_CODES:
        raise Mistake(N_("There is no such kind of notice."))
    return kind


KindCode = Annotated[str, Field(max_length=60), AfterValidator(_known)]


class ChoicesIn(In):
    """How somebody wants to be told; kinds that are left out go by the usual channels."""

    language: Literal["th", "en"] = "th"
    quiet_from: time = time(21)
    quiet_until: time = time(6)
    channels: dict[KindCode, Annotated[list[Personal], Field(max_length=3)]] = Field(default_factory=dict)


class ChoicesOut(Out):
    """The same, and which channels are confirmed."""

    language: str
    quiet_from: time
    quiet_until: time
    channels: dict[str, list[str]]
    addresses: list["AddressOut"]


class AddressIn(In):
    """Where a channel is to reach somebody; a code is sent there."""

    channel: Personal
    address: Annotated[Text, Field(min_length=3)]

    @model_validator(mode="after")
    def _shaped(self) -> Self:
        if self.channel == "sms":
            digits = re.sub(r"[\s().-]", "", self.address)
            self.address = f"+66{digits[1:]}" if re.fullmatch(r"0\d{8,9}", digits) else digits
        shape, message = SHAPES[self.channel]
        if not shape.fullmatch(self.address):
            raise Mistake(message)
        return self


class AddressOut(Out):
    """A channel of somebody: where it leads is shown in part, also to its owner."""

    channel: str
    hint: str
    confirmed_at: datetime | None


class CodeIn(In):
    """The code that was sent to an address."""

    code: Annotated[Text, Field(min_length=4, max_length=20)]


class NoticeOut(Out):
    """A notice in the reader's language."""

    id: UUID
    kind: str
    title: str
    text: str
    path: str
    created_at: datetime
    read_at: datetime | None


class KindOut(Out):
    """A kind of notice as it reads in both languages, with made-up facts."""

    code: str
    urgent: bool
    channels: list[str]
    th: dict[str, str]
    en: dict[str, str]


class DeliveryOut(Out):
    """A delivery in the log: to whom, how, how it stands; never to which address."""

    id: UUID
    kind: str
    to: str
    channel: str
    state: str
    tries: int
    last_error: str
    due_at: datetime
    delivered_at: datetime | None
    created_at: datetime


class WebhookIn(In):
    """Where an organisation's program listens, and for what."""

    url: Annotated[str, Field(min_length=10, max_length=500)]
    kinds: Annotated[list[KindCode], Field(min_length=1, max_length=60)]


class WebhookOut(Out):
    """A webhook without its secret."""

    id: UUID
    host: str
    kinds: list[str]
    active: bool
    created_at: datetime


class FreshWebhookOut(WebhookOut):
    """A webhook with the secret that signs its calls, which is shown this once."""

    secret: str


def hint_of(channel: str, address: str) -> str:
    """Enough of an address for its owner to know it again."""
    if channel == Channel.EMAIL:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}…@{domain}"
    return f"{address[:1]}…{address[-3:]}"


def ways_of(chosen: dict[str, Any]) -> dict[str, list[str]]:
    """Chosen channels as stored: without repeats, in one order."""
    return {kind: sorted(set(ways)) for kind, ways in chosen.items()}
