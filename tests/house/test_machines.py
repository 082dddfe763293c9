"""The machine gives what the other tests need: a PostgreSQL and a Chromium, both tried for real."""

import psycopg
import pytest
from playwright.sync_api import sync_playwright
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import machine
from tests.browser import launch
from tests.postgres import fresh_database, postgres_url


@pytest.mark.postgres
def test_postgresql_answers() -> None:
    engine = create_engine(postgres_url())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
    engine.dispose()


@pytest.mark.postgres
def test_a_fresh_database_is_empty_apart_and_gone_afterwards() -> None:
    with fresh_database() as url:
        assert url != postgres_url()
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")) == 0
        engine.dispose()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(plain)


@pytest.mark.browser
def test_chromium_draws_a_page() -> None:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.goto("about:blank")
        assert page.screenshot().startswith(b"\x89PNG")
        browser.close()


def test_a_missing_part_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="NO CHROMIUM"):
        machine.unavailable("Chromium", "none")


def test_a_missing_part_is_a_loud_skip_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NO CHROMIUM"):
        machine.unavailable("Chromium", "none")
