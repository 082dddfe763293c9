"""The channels behind one protocol: each sends one letter, or says why it failed. At least once: a letter that was
sent before the answer was lost is sent again, under the same id, so that the other side can tell.
"""

import json
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any, Protocol
from uuid import UUID

from standardwebhooks import Webhook as Signer

from service.kernel.clock import now
from service.kernel.i18n import N_, gettext, speaking
from service.kernel.settings import Settings
from service.notices.outside import Failed, must_be_done, post
from service.notices.vocabulary import Channel
from service.notices.wording import Said

HOPELESS = frozenset({400, 404, 405, 406, 410, 413, 415, 422})  # of providers: they will not take it another time
GONE = frozenset({410})
CHOOSE = N_("How we tell you: %(url)s")
LONGEST = 4_900  # characters of a LINE message


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: under which id, to where, what it says to people and to programs."""

    id: UUID  # of the delivery: every try has the same
    notice_id: UUID
    address: str
    kind: str
    language: str
    said: Said
    at: datetime
    facts: dict[str, Any]
    url: str
    choose_url: str  # empty: nothing can be chosen
    secret: str = ""  # of a webhook

    def short(self) -> str:
        """One text for a small screen."""
        return "\n".join(filter(None, (self.said.title, self.said.text, self.url)))


class Adapter(Protocol):
    """Sends a letter through one channel; raises `Failed` where it was not taken."""

    def __call__(self, settings: Settings, letter: Letter) -> None: ...


def email(settings: Settings, letter: Letter) -> None:
    """By SMTP; the message has one id for all tries."""
    try:
        with _mail_server(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(_message(settings, letter), to_addrs=[letter.address])
    except smtplib.SMTPRecipientsRefused as error:
        code = min(refused[0] for refused in error.recipients.values())
        raise Failed(code=f"SMTP {code}", final=code >= 500) from error
    except smtplib.SMTPAuthenticationError as error:
        raise Failed(code=f"SMTP {error.smtp_code}") from error  # the operator's to mend; the letter is not lost
    except smtplib.SMTPResponseException as error:
        raise Failed(code=f"SMTP {error.smtp_code}", final=error.smtp_code >= 500) from error
    except TimeoutError as error:
        raise Failed(code="timeout") from error
    except (OSError, smtplib.SMTPException) as error:
        raise Failed(code="connection") from error


def _mail_server(settings: Settings) -> smtplib.SMTP:
    host, port, limit = settings.smtp_host, settings.smtp_port, settings.notice_seconds
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=limit, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=limit)
    try:
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(letter.said.title.split())
    message["From"], message["To"] = settings.mail_from, letter.address
    message["Date"] = formatdate(letter.at.timestamp())
    message["Message-ID"] = f"<{letter.id}@{settings.mail_from.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    parts = [letter.said.title, letter.said.text, letter.url, _choose(letter)]
    message.set_content("\n\n".join(filter(None, parts)) + "\n")
    return message


def _choose(letter: Letter) -> str:
    if not letter.choose_url:
        return ""
    with speaking(letter.language):
        return gettext(CHOOSE) % {"url": letter.choose_url}


def line(settings: Settings, letter: Letter) -> None:
    """By LINE's push message; the retry key lets LINE know a letter that it has taken before."""
    body = {"to": letter.address, "messages": [{"type": "text", "text": letter.short()[:LONGEST]}]}
    answer = post(f"{settings.line_address}/v2/bot/message/push", body=_json(body), seconds=settings.notice_seconds,
                  headers={"authorization": f"Bearer {settings.line_token.get_secret_value()}",
                           "x-line-retry-key": str(letter.id)})  # fmt: skip
    if answer.status_code != 409:  # taken before
        must_be_done(answer, final=HOPELESS)


def sms(settings: Settings, letter: Letter) -> None:
    """By a gateway that takes JSON over HTTP (docs/notices.md)."""
    body = {"to": letter.address, "from": settings.sms_from, "text": letter.short()}
    answer = post(settings.sms_url, body=_json(body), seconds=settings.notice_seconds,
                  headers={"authorization": f"Bearer {settings.sms_token.get_secret_value()}",
                           "idempotency-key": str(letter.id)})  # fmt: skip
    if answer.status_code != 409:
        must_be_done(answer, final=HOPELESS)


def webhook(settings: Settings, letter: Letter) -> None:
    """To an organisation's program, signed as Standard Webhooks says; its id is the notice's for every try."""
    body = _json({"type": letter.kind, "timestamp": letter.at.isoformat(), "data": {**letter.facts, "url": letter.url}})
    moment, name = now(), str(letter.notice_id)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Signer(letter.secret).sign(name, moment, body.decode()),
    }
    guarded = not settings.webhooks_private
    must_be_done(
        post(letter.address, body=body, headers=headers, guarded=guarded, seconds=settings.notice_seconds), final=GONE
    )


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


ADAPTERS: dict[str, Adapter] = {
    Channel.EMAIL: email,
    Channel.LINE: line,
    Channel.SMS: sms,
    Channel.WEBHOOK: webhook,
}
_READY: dict[str, Callable[[Settings], bool]] = {
    Channel.EMAIL: lambda settings: bool(settings.smtp_host and settings.mail_from),
    Channel.LINE: lambda settings: bool(settings.line_token.get_secret_value()),
    Channel.SMS: lambda settings: bool(settings.sms_url),
    Channel.WEBHOOK: lambda _: True,
}


def is_ready(settings: Settings, channel: str) -> bool:
    """Whether the operator has set a channel up."""
    return _READY[channel](settings)
