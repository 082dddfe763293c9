"""Numbers, money, days and logs as people and machines read them."""

import json
import logging
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import RFC_4122

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from service.kernel import logs
from service.kernel.clock import at_bangkok, now, week_of
from service.kernel.i18n import gettext, language, set_language, speaking
from service.kernel.ids import new_id
from service.kernel.money import MAX_SATANG, baht_text, parse_baht
from service.kernel.settings import Settings
from service.web.pages import day_text, moment_text, number_text, percent_text, remaining_text


@given(st.integers(0, MAX_SATANG))
def test_money_is_read_as_it_is_written(satang: int) -> None:
    assert parse_baht(baht_text(satang)) == satang


@pytest.mark.parametrize("text", ["", "x", "-1", "1.234", "1.2.3", "22,50", "1e5", "1000000000000", "²", "1.x", "NaN"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        parse_baht(text)


def test_days_are_buddhist_in_thai_and_gregorian_in_english() -> None:
    with speaking("th"):
        assert day_text(date(2026, 11, 22)).endswith("2569")
    with speaking("en"):
        assert day_text(date(2026, 11, 22)) == "Sun 22 Nov 2026"
        assert moment_text(datetime(2026, 11, 22, 18, 30, tzinfo=UTC)) == "Mon 23 Nov 2026 01:30"
        assert remaining_text(now() + timedelta(hours=30, minutes=1)) == "in 1 day"
        assert (number_text(1234567), percent_text(0.123), percent_text(None)) == ("1,234,567", "12.3 %", "–")


def test_a_language_that_nobody_speaks_is_thai() -> None:
    with speaking("en"):
        set_language("xx")
        assert language() == "th"
        assert gettext("") == ""


def test_a_week_is_named_by_its_monday_and_thai_days_begin_in_bangkok() -> None:
    assert week_of(date(2026, 11, 22)) == date(2026, 11, 16)
    assert at_bangkok(date(2026, 1, 1), datetime.min.time()) == datetime(2025, 12, 31, 17, tzinfo=UTC)


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert ids == sorted(ids)
    assert {(one.version, one.variant) for one in ids} == {(7, RFC_4122)}
    assert abs(int(ids[0].hex[:12], 16) - now().timestamp() * 1000) < 5_000


def test_ids_made_at_once_are_apart_and_grow_in_each_thread() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: [new_id() for _ in range(500)], range(8)))
    assert len({one for ids in made for one in ids}) == 4000
    assert all(ids == sorted(ids) for ids in made)


@pytest.fixture
def logged() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers, root.level)
    yield
    root.handlers, root.level = before
    structlog.reset_defaults()


@pytest.mark.usefixtures("logged")
def test_a_request_is_one_line_without_its_query(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_json=True))
    client.get("/health?token=secret", headers={"X-Request-Id": "request-1"})
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert "secret" not in json.dumps(lines)
    line = next(line for line in lines if line["event"] == "request")
    assert (line["method"], line["path"], line["status"], line["request_id"]) == ("GET", "/health", 200, "request-1")
    assert line["ms"] > 0
    assert line["level"] == "info"


@pytest.mark.usefixtures("logged")
def test_text_is_for_people_and_faults_keep_their_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(log_json=False))
    structlog.get_logger().info("hello", number=5)
    logging.getLogger("elsewhere").warning("from the standard library")
    written = capsys.readouterr().err
    assert "hello" in written
    assert "number=5" in written
    assert "from the standard library" in written
    logs.configure(Settings(log_json=True))
    try:
        divmod(1, 0)
    except ZeroDivisionError:
        structlog.get_logger().exception("unexpected")
    assert json.loads(capsys.readouterr().err)["exception"][0]["exc_type"] == "ZeroDivisionError"
