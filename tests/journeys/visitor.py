"""A person at a screen: signs in, finds things by role and label in their language, and looks at every page critically.

Looking takes a screenshot and asserts what holds on every page: nothing scrolls sideways on a phone, no serious finding
of axe, nothing on the console, no request to another host. With MARKET_SCREENSHOTS=docs/screenshots the README's
pictures are taken anew.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response
from playwright.sync_api import TimeoutError as Late

from service.kernel.i18n import translations

DESK = (1280, 900)
PHONE = (360, 740)
GRAVE = {"serious", "critical"}
Roles = Literal["button", "link", "heading", "group", "row", "img", "table", "radio", "alert", "navigation", "listitem"]


@dataclass
class Studio:
    """Where the visitors of one served demonstration come from, and what was seen so far."""

    browser: Browser
    address: str
    folder: Path
    looked_at: set[str] = field(default_factory=set)  # shapes of pages that axe has read
    open: list["Visitor"] = field(default_factory=list)

    def visitor(
        self,
        username: str = "",
        *,
        password: str = "demo",
        language: str = "en",
        size: tuple[int, int] = DESK,
        scripts: bool = True,
    ) -> "Visitor":
        """Someone at a desk or with a phone, signed in where a name is given."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, has_touch=size == PHONE, is_mobile=size == PHONE,
            locale={"th": "th-TH", "en": "en-GB"}[language], java_script_enabled=scripts,
        )  # fmt: skip
        context.add_cookies([{"name": "lang", "value": language, "url": self.address}])
        visitor = Visitor(self, context, language, size, scripts)
        self.open.append(visitor)
        return visitor.signed_in(username, password) if username else visitor

    def leave(self) -> None:
        """Everyone goes home."""
        for visitor in self.open:
            visitor.context.close()
        self.open.clear()


class Visitor:
    """One person and one page."""

    def __init__(
        self, studio: Studio, context: BrowserContext, language: str, size: tuple[int, int], scripts: bool
    ) -> None:
        self.studio, self.context, self.language, self.size, self.scripts = studio, context, language, size, scripts
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused form answers 4xx and the browser says so on its console; that answer is meant.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if not response.url.startswith(self.studio.address):
            self.faults.append(f"another host: {response.url}")
        elif response.status >= 500 or (response.status >= 400 and not self._is_page(response)):
            self.faults.append(f"{response.status}: {response.url}")

    @staticmethod
    def _is_page(response: Response) -> bool:
        return response.request.is_navigation_request()

    def signed_in(self, username: str, password: str) -> "Visitor":
        """Sign in with the form, as anyone does."""
        self.goto("/sign-in")
        self.label("User name").fill(username)
        self.label("Password").fill(password)
        self.page.get_by_role("main").get_by_role("button", name=self.said("Sign in")).click()
        self.button("Sign out").wait_for()
        return self

    def said(self, message: str, **blanks: object) -> str:
        """A message in the visitor's language."""
        words = translations(self.language).gettext(message) if message else ""
        return words % blanks if blanks else words

    def goto(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.studio.address + path)

    @property
    def path(self) -> str:
        """Where the visitor is."""
        return urlsplit(self.page.url).path

    def find(self, role: Roles, message: str = "", within: Locator | None = None, **blanks: object) -> Locator:
        """An element by role and name."""
        name = self.said(message, **blanks)
        place: Any = within or self.page
        found: Locator = place.get_by_role(role, name=name, exact=True) if name else place.get_by_role(role)
        return found

    def button(self, message: str, within: Locator | None = None, **blanks: object) -> Locator:
        """A button."""
        return self.find("button", message, within, **blanks)

    def link(self, message: str, within: Locator | None = None, **blanks: object) -> Locator:
        """A link."""
        return self.find("link", message, within, **blanks)

    def label(self, message: str, within: Locator | None = None, **blanks: object) -> Locator:
        """A field by its label."""
        place: Any = within or self.page
        name = f"{re.escape(self.said(message, **blanks))}( {re.escape(self.said('(optional)'))})?"
        found: Locator = place.get_by_label(re.compile(f"^{name}$"))
        return found

    def go_by_menu(self, message: str) -> None:
        """Use the navigation."""
        self.link(message, self.find("navigation", "Main")).click()

    def sees(self, message: str, **blanks: object) -> bool:
        """Whether the words stand on the page, or soon do: a tap only starts the next page."""
        words = self.page.get_by_role("main").get_by_text(self.said(message, **blanks)).first
        try:
            words.wait_for()
        except Late:
            return False
        return True

    def look(self, name: str) -> None:
        """Keep a picture, and assert what holds everywhere."""
        name = f"{name}-{self.language}" + ("" if self.scripts else "-no-scripts")
        self.page.screenshot(path=self.studio.folder / f"{name}.png", full_page=True)
        sideways = self._sideways_on_a_phone()
        assert not sideways, f"{self.path} scrolls sideways on a phone: {sideways}"
        if self.scripts and name not in self.studio.looked_at:  # axe is a script itself: without scripts it never ends
            self.studio.looked_at.add(name)
            assert self._grave() == [], self.path
        assert self.faults == [], self.path

    def _sideways_on_a_phone(self) -> list[str]:
        self.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        found: list[str] = self.page.evaluate(WIDER)
        self.page.set_viewport_size({"width": self.size[0], "height": self.size[1]})
        return found

    def _grave(self) -> list[str]:
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
            for one in found
            if one["impact"] in GRAVE
            for node in one["nodes"]
        ]

    def picture(self, name: str, height: int = 0) -> None:
        """One of the README's pictures, taken where MARKET_SCREENSHOTS says; small, because it is kept."""
        folder = os.environ.get("MARKET_SCREENSHOTS")
        if not folder:
            return
        clip = {"x": 0, "y": 0, "width": self.size[0], "height": height or self.size[1]}
        self.page.evaluate("scrollTo(0, 0)")
        self.page.screenshot(path=Path(folder) / f"{name}.png", clip=clip, full_page=True, animations="disabled")  # type: ignore[arg-type]


# What sticks out to the right of a page that scrolls sideways: nothing where it does not.
WIDER = """() => {
  const width = window.innerWidth;
  if (document.scrollingElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1);
  return [document.scrollingElement.scrollWidth + ' px', ...wide.slice(-4).map(e => e.outerHTML.slice(0, 160))];
}"""
