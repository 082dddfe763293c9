"""Deliveries against servers that behave badly: at least once, in order, one worker at a time, given up in the end."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from pydantic import SecretStr
from sqlalchemy import select, update
from standardwebhooks import Webhook as Verifier
from time_machine import Traveller

from service.kernel.clock import now
from service.kernel.db import Database
from service.kernel.settings import Settings
from service.notices import actions, outside, rules, sending
from service.notices.models import Address, Delivery, Notice, Webhook
from tests.make import making
from tests.notices.providers import Answer, Provider, http_provider, mail_server

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
FACTS: dict[str, str | int] = {
    "buyer": "โรงพยาบาลหนองสูง", "total": 125_050, "respond_by": "2026-12-01T05:00:00+00:00",
    "code": "123456",
}  # fmt: skip
ADDRESSES = {"email": "kitchen@example.org", "line": "U" + "0" * 32, "sms": "+66810000000"}


def settings(**more: Any) -> Settings:
    given = {"public_address": "https://market.example", "notice_seconds": 10, "webhooks_private": True,
             "smtp_security": "none", "mail_from": "market@example.org"}  # fmt: skip
    return Settings().model_copy(update=given | more)


def told(database: Database, channel: str, number: int = 1, kind: str = "award.offered", url: str = "") -> None:
    """One recipient, and so many notices on their way through one channel."""
    facts: dict[str, str | int] = FACTS if kind == "award.offered" else {"week": "2026-11-30"}
    with making(database) as make:
        group = make.organisation()
        leader = make.person(group, "supplier_manager")
        if channel == "webhook":
            make.add(Webhook(organisation_id=group.id, url=url, secret=SECRET, kinds=[kind]))
        else:
            make.add(Address(person_id=leader.id, channel=channel, address=ADDRESSES[channel], address_hash="0",
                             confirmed_at=now()))  # fmt: skip
        for place in range(number):
            actions.tell(make.tx, kind=kind, organisation_id=group.id, facts=facts, path=f"/awards/{place}",
                         key=f"award-{place}")  # fmt: skip


def states(database: Database) -> list[tuple[str, int, str]]:
    with database.reading() as tx:
        rows = tx.scalars(select(Delivery).order_by(Delivery.id)).all()
        return [(row.state, row.tries, row.last_error) for row in rows]


def through(provider: Provider, channel: str) -> Settings:
    ways = {"line": {"line_address": provider.url, "line_token": SecretStr("line-token")},
            "sms": {"sms_url": f"{provider.url}/send", "sms_token": SecretStr("sms-token"), "sms_from": "MARKET"},
            "webhook": {}}  # fmt: skip
    return settings(**ways[channel])


def test_an_email_says_what_where_and_how_to_choose(database: Database) -> None:
    with time_machine.travel(NOON), mail_server("451 later") as box:
        told(database, "email")
        chosen = settings(smtp_host="127.0.0.1", smtp_port=box.port)
        assert sending.send_next(database, chosen)
        assert states(database) == [("waiting", 1, "SMTP 451")]
        assert not sending.send_next(database, chosen)
    with time_machine.travel(NOON + timedelta(minutes=2)), mail_server() as box:
        assert sending.send_next(database, chosen.model_copy(update={"smtp_port": box.port}))
    assert states(database) == [("delivered", 2, "")]
    message = message_from_bytes(box.taken[0].original_content or b"", policy=policy.default)
    assert box.taken[0].rcpt_tos == ["kitchen@example.org"]
    assert message["subject"] == "โรงพยาบาลหนองสูง ต้องการซื้อจากท่าน 1,250.50 บาท"
    text = message.get_content()
    assert "https://market.example/awards/0\n" in text
    assert "1 ธ.ค. 2569 12:00" in text
    assert "https://market.example/notices/choices" in text


def test_a_mailbox_that_does_not_exist_is_given_up_at_once(sqlite_database: Database) -> None:
    with time_machine.travel(NOON), mail_server("550 no such user") as box:
        told(sqlite_database, "email")
        sending.send_next(sqlite_database, settings(smtp_host="127.0.0.1", smtp_port=box.port))
    assert states(sqlite_database) == [("dead", 1, "SMTP 550")]


@pytest.mark.parametrize(("channel", "answer", "error", "minutes"), [
    ("webhook", 500, "HTTP 500", 1),
    ("webhook", (429, {"Retry-After": "600"}), "HTTP 429", 10),
    ("webhook", (307, {"Location": "http://127.0.0.1:1/"}), "HTTP 307", 1),
    ("webhook", "cut", "connection", 1),
    ("webhook", "drip", "timeout", 1),
    ("line", "slow", "timeout", 1),
    ("line", (429, {"Retry-After": "Mon, 23 Nov 2026 05:20:00 GMT"}), "HTTP 429", 20),
    ("line", 401, "HTTP 401", 1),
    ("sms", 503, "HTTP 503", 1),
    ("sms", "cut", "connection", 1),
])  # fmt: skip
def test_what_a_provider_did_not_take_is_sent_again_later_under_the_same_id(
    sqlite_database: Database, channel: str, answer: Answer, error: str, minutes: int
) -> None:
    """None of them follows a redirect, waits for ever, or knocks before the time that it was told."""
    with http_provider(answer) as provider, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, channel, url=provider.url)
        chosen, programs = through(provider, channel), channel == "webhook"
        impatient = chosen.model_copy(update={"notice_seconds": 0.2 if answer in ("slow", "drip") else 10})
        assert sending.send_next(sqlite_database, impatient, programs)
        assert states(sqlite_database) == [("waiting", 1, error)]
        clock.shift(timedelta(minutes=minutes) - timedelta(seconds=1))
        assert not sending.send_next(sqlite_database, chosen, programs)
        clock.shift(timedelta(seconds=1))
        assert sending.send_next(sqlite_database, chosen, programs)
    assert states(sqlite_database) == [("delivered", 2, "")]
    names = {"line": "x-line-retry-key", "sms": "idempotency-key", "webhook": "webhook-id"}
    assert len({heads[names[channel]] for heads, _ in provider.taken}) == 1
    assert len(provider.taken) == 2


def test_line_says_that_it_took_the_message_before_and_that_is_enough(sqlite_database: Database) -> None:
    """The answer to the first try was lost; LINE answers 409 to the second."""
    with http_provider("cut", 409) as provider, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, "line")
        sending.send_next(sqlite_database, through(provider, "line"))
        clock.shift(timedelta(minutes=1))
        sending.send_next(sqlite_database, through(provider, "line"))
    assert states(sqlite_database) == [("delivered", 2, "")]
    heads, body = provider.taken[1]
    assert heads["authorization"] == "Bearer line-token"
    assert body["to"] == ADDRESSES["line"]
    assert "https://market.example/awards/0" in body["messages"][0]["text"]


def test_a_letter_is_given_up_in_the_end_and_the_next_one_goes(sqlite_database: Database) -> None:
    failing: list[Answer] = [500] * rules.MOST_TRIES
    with http_provider(*failing) as provider, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, "sms", number=2)
        with sqlite_database.writing() as tx:  # they ask for nothing by a time
            for notice in tx.scalars(select(Notice)):
                notice.secret_content = notice.secret_content.replace("respond_by", "answered_by")
                notice.kind = "award.declined"
                notice.secret_content = notice.secret_content.replace('"buyer"', '"supplier": "x", "demand"')
        sent = 0
        for _ in range(rules.MOST_TRIES + 1):
            sent += sending.send_next(sqlite_database, through(provider, "sms"))
            clock.move_to(NOON + timedelta(days=sent))
    assert states(sqlite_database) == [("dead", rules.MOST_TRIES, "HTTP 500"), ("delivered", 1, "")]
    assert sum("/awards/1" in body["text"] for _, body in provider.taken) == 1  # never before the first was given up
    assert "/awards/1" in provider.taken[-1][1]["text"]


def test_two_workers_never_send_the_same_notice_nor_overtake_in_a_lane(database: Database) -> None:
    with http_provider("slow") as provider, time_machine.travel(NOON, tick=False):
        told(database, "line", number=2)
        chosen = through(provider, "line").model_copy(update={"notice_seconds": 20})
        first = threading.Thread(target=sending.send_next, args=(database, chosen))
        first.start()
        while not provider.taken:  # the first worker is in the middle of its request
            first.join(0.01)
        assert not sending.send_next(database, chosen)
        provider.released.set()
        first.join()
        assert states(database) == [("delivered", 1, ""), ("waiting", 0, "")]
        assert sending.send_next(database, chosen)
    texts = [body["messages"][0]["text"] for _, body in provider.taken]
    assert [text.rpartition("/")[2] for text in texts] == ["0", "1"]


def test_what_a_killed_worker_held_is_sent_by_the_next_one(database: Database) -> None:
    with http_provider() as provider, time_machine.travel(NOON, tick=False) as clock:
        told(database, "line", number=2)
        with database.writing() as tx:
            held = sending._claim(tx, through(provider, "line"), programs=False)
        assert held is not None
        assert not sending.send_next(database, through(provider, "line"))
        clock.shift(sending.HELD + timedelta(seconds=1))
        assert sending.send_next(database, through(provider, "line"))
        with database.writing() as tx:  # the dead one comes back and says that it failed: too late, it is not its own
            sending.settle(tx, held, outside.Failed(code="connection"))
    assert states(database) == [("delivered", 2, ""), ("waiting", 0, "")]


def at(day: int, hour: int, clock: Traveller) -> None:
    clock.move_to(datetime(2026, 11, day, hour, tzinfo=UTC))


def test_what_became_due_by_day_is_not_sent_at_night(sqlite_database: Database) -> None:
    with http_provider() as provider, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, "line", kind="round.published")
        at(23, 16, clock)  # the worker stood still until eleven at night
        assert sending.send_next(sqlite_database, through(provider, "line"))
        assert not sending.send_next(sqlite_database, through(provider, "line"))
        assert provider.taken == []
        at(23, 23, clock)
        assert sending.send_next(sqlite_database, through(provider, "line"))
    assert states(sqlite_database) == [("delivered", 1, "")]


def test_codes_are_sent_first_blanked_after_delivery_and_never_sent_late(sqlite_database: Database) -> None:
    facts: dict[str, str | int] = {"code": "ABCD-1234", "until": "2026-11-23T05:15:00+00:00"}
    with mail_server() as box, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, "email")
        chosen = settings(smtp_host="127.0.0.1", smtp_port=box.port)
        with sqlite_database.writing() as tx:
            for address in ("one@example.org", "two@example.org"):
                actions.tell_address(tx, kind="account.recovery_code", channel="email", address=address, facts=facts,
                                     path="/access", key="code", language="en")  # fmt: skip
        sending.send_next(sqlite_database, chosen)
        clock.shift(timedelta(minutes=20))
        sending.send_next(sqlite_database, chosen)
    message = message_from_bytes(box.taken[0].original_content or b"", policy=policy.default)
    assert message["subject"] == "Code to choose a new password: ABCD-1234"
    assert "/notices/choices" not in message.get_content()
    assert states(sqlite_database) == [("waiting", 0, ""), ("delivered", 1, ""), ("dropped", 0, "too late")]
    with sqlite_database.reading() as tx:
        rows = tx.execute(select(Notice.secret_content, Delivery.secret_address).join(Delivery)).all()
    assert [row for row in rows if row == ("", "")] == [("", "")] * 2


def test_a_notice_that_cannot_be_read_stops_no_other(sqlite_database: Database) -> None:
    with http_provider() as provider, time_machine.travel(NOON, tick=False):
        told(sqlite_database, "line")
        told(sqlite_database, "line")
        with sqlite_database.writing() as tx:
            first = tx.scalar(select(Notice.id).order_by(Notice.id).limit(1))
            tx.execute(update(Notice).where(Notice.id == first).values(secret_content="not JSON"))
        while sending.send_next(sqlite_database, through(provider, "line")):
            pass
    assert states(sqlite_database) == [("waiting", 1, "unreadable"), ("delivered", 1, "")]


def test_a_channel_that_nobody_set_up_holds_nothing_up(sqlite_database: Database) -> None:
    with time_machine.travel(NOON):
        told(sqlite_database, "sms")
        assert sending.send_next(sqlite_database, settings())
    assert states(sqlite_database) == [("dropped", 0, "channel not set up")]


def test_a_webhook_is_signed_as_standard_webhooks_says(sqlite_database: Database) -> None:
    with http_provider() as provider:
        told(sqlite_database, "webhook", url=provider.url)
        assert not sending.send_next(sqlite_database, settings())  # programs have a queue of their own
        sending.send_next(sqlite_database, settings(), programs=True)
    [(heads, body)] = provider.taken
    assert body["type"] == "award.offered"
    assert body["data"]["total"] == 125_050
    assert body["data"]["url"] == "https://market.example/awards/0"
    assert Verifier(SECRET).verify(provider.raw[0], heads) == body


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
    "100.64.0.1", "::1",
    "fe80::1%eth0", "fd00::1", "::ffff:127.0.0.1", "2002:7f00:1::", "224.0.0.1", "64:ff9b::a00:1",
])  # fmt: skip
def test_a_webhook_reaches_no_private_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert not rules.is_public(address)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, 443)) for where in ("93.184.215.14", address)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(outside.Forbidden):
        outside.post("https://rebinding.example/", body=b"{}", headers={}, guarded=True)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked a second time the name would lead elsewhere; it is not asked."""
    asked = []

    def resolve(*given: Any, **more: Any) -> Any:
        asked.append(given)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(outside, "is_public", lambda _: True)
    with http_provider() as provider:
        port = provider.url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        answer = outside.post(f"http://name.example:{port}/hook", body=b"{}", headers={}, guarded=True)
    assert answer.status_code == 200
    assert [given[0] for given in asked if given[0] == "name.example"] == ["name.example"]
    assert provider.taken[0][0]["host"] == f"name.example:{port}"


@pytest.mark.parametrize(("channel", "ends"), [
    ("sms", [("dropped", 1, "settled"), ("dropped", 0, "settled")]),
    ("webhook", [("delivered", 2, ""), ("delivered", 1, "")]),
])  # fmt: skip
def test_what_was_done_meanwhile_is_told_to_programs_alone(
    sqlite_database: Database, channel: str, ends: list[tuple[str, int, str]]
) -> None:
    """One is on its way and fails, one waits: no person hears of either once it was done."""
    with http_provider() as provider, time_machine.travel(NOON, tick=False) as clock:
        told(sqlite_database, channel, number=2, url=provider.url)
        chosen, programs = through(provider, channel), channel == "webhook"
        with sqlite_database.writing() as tx:
            claim = sending._claim(tx, chosen, programs=programs)
            assert claim is not None
        with sqlite_database.writing() as tx:
            actions.settled(tx, ["award-0", "award-1"])
        with sqlite_database.writing() as tx:
            sending.settle(tx, claim, outside.Failed("timeout"))
        clock.shift(timedelta(minutes=5))
        while sending.send_next(sqlite_database, chosen, programs):
            pass
    assert states(sqlite_database) == ends
