"""What tests in a real browser share: a person logged in, and an ear for everything that goes wrong meanwhile."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCREENS: dict[str, Any] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
PASSWORD = "only for this test"

in_browser = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        CHROMIUM is None and os.environ.get("CI") != "true",
        reason="No Chromium found: the admin was not opened in a browser. On Debian: apt install chromium",
    ),
]


@dataclass
class Complaints:
    """What went wrong while pages were open; `home` is the only host that may be asked."""

    home: str
    seen: list[str] = field(default_factory=list)

    def listen_to(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.seen.append(f"{page.url} raised {error}"))
        page.on("requestfailed", self._on_failure)
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.seen.append(f"{said.location} says {said.text}")

    def _on_failure(self, request: Request) -> None:
        # What is still under way when the test goes on to the next page, or to a download, was aborted by that.
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"{request.url}: {request.failure}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.seen.append(f"asked another host: {request.url}")

    def _on_response(self, answer: Response) -> None:
        if answer.status >= 400:
            self.seen.append(f"{answer.url}: {answer.status}")


def log_in(page: Page, home: str, name: str = "chief", password: str = PASSWORD) -> None:
    page.goto(f"{home}/admin/login/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", password)
    page.click("[type=submit]")
    page.wait_for_url(f"{home}/admin/")


@contextmanager
def page_without_complaints(browser: Browser, home: str) -> Iterator[Page]:
    """A page with "chief" logged in, on which nothing may go wrong until the end."""
    page = browser.new_context(**SCREENS["light"]).new_page()
    complaints = Complaints(home)
    complaints.listen_to(page)
    log_in(page, home)
    yield page
    assert complaints.seen == []
    page.close()  # what it still asks would outlive the database


def check_every_screen(page: Page, name: str) -> None:
    """Nothing is wider than the screen on any, without loading the page again for each."""
    for screen, options in SCREENS.items():
        page.emulate_media(color_scheme=options["color_scheme"])
        page.set_viewport_size(options["viewport"])
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} must be scrolled sideways on {screen}"
    page.set_viewport_size(SCREENS["light"]["viewport"])


def list_navigation(page: Page) -> list[str]:
    """The addresses of the side bar."""
    links = page.locator("#nav-sidebar-apps a[href^='/admin/']")
    return [str(link.get_attribute("href")) for link in links.all()]
