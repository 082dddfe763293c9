"""A real browser with a virtual device: a passkey is made on the account page and opens the account."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from service.kernel.db import Database
from tests.browser import launch
from tests.conftest import app_of
from tests.make import PASSWORD, making
from tests.server import here

pytestmark = pytest.mark.slow
DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


def test_a_browser_makes_a_passkey_and_comes_in_with_it(sqlite_database: Database, tmp_path: Path) -> None:
    with making(sqlite_database) as make:
        person = make.person(make.organisation(), "supplier_manager")
    with here(app_of(sqlite_database)) as address, sync_playwright() as playwright, launch(playwright) as browser:
        site = address.replace("127.0.0.1", "localhost")  # an address of numbers has no passkeys
        context = browser.new_context(locale="en-GB", viewport={"width": 360, "height": 740})
        page = context.new_page()
        protocol = context.new_cdp_session(page)
        protocol.send("WebAuthn.enable")
        protocol.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        context.add_cookies([{"name": "lang", "value": "en", "url": site}])
        page.goto(f"{site}/sign-in?next=/account/passkeys")
        page.get_by_label("User name").fill(person.username)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Present password").fill(PASSWORD)
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_text("Not used yet").wait_for()
        page.screenshot(path=tmp_path / "passkeys.png")
        context.clear_cookies(name="session")
        page.goto(f"{site}/sign-in/passkey?next=/account/passkeys")
        page.get_by_role("button", name="Use my passkey").click()
        page.get_by_text("Last used").wait_for()
        page.get_by_role("button", name="Remove").click()
        page.get_by_text("No passkey yet").wait_for()
        context.close()
