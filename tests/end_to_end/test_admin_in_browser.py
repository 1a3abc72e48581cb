"""The admin in a real browser: every page of the navigation opens without an error and asks no other host."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

from backoffice import periodic_tasks
from backoffice.common import clock
from orders.ingest import Origin
from shops.marketplaces.records import UnreadableRecord
from syncjobs.intake import store_orders
from syncjobs.models import Watermark
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SCREENS = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}

pytestmark = [
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
        page.on("requestfailed", lambda request: self.seen.append(f"{request.url}: {request.failure}"))
        page.on("request", self._on_request)
        page.on("response", self._on_response)

    def _on_console(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.seen.append(f"{said.location} says {said.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.seen.append(f"asked another host: {request.url}")

    def _on_response(self, answer: Response) -> None:
        if answer.status >= 400:
            self.seen.append(f"{answer.url}: {answer.status}")


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread; Django would refuse the database there.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    assert CHROMIUM, "CI=true, but there is no Chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def some_of_everything() -> None:
    User.objects.create_superuser("chief", password="only for this test")
    periodic_tasks.install()
    shop = make_shop(name="Cửa hàng Mẫu")
    run = make_run(shop=shop)
    make_chunk(run=run)
    Watermark.objects.create(shop=shop, resource="orders", position_at=clock.now(), moved_at=clock.now(), run_id=run.pk)
    records = [make_order(f"order-{number}", later_by=number) for number in range(3)]
    with transaction.atomic():
        store_orders(shop.pk, records, [UnreadableRecord({"id": None}, "no id")], Origin("poll", clock.now(), run.pk))


def log_in(page: Page, home: str) -> None:
    page.goto(f"{home}/admin/login/")
    page.fill("[name=username]", "chief")
    page.fill("[name=password]", "only for this test")
    page.click("[type=submit]")
    page.wait_for_url(f"{home}/admin/")


def list_navigation(page: Page) -> list[str]:
    links = page.locator("#nav-sidebar-apps a[href^='/admin/']")
    return [str(link.get_attribute("href")) for link in links.all()]


def open_and_measure(page: Page, address: str) -> None:
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{address} must be scrolled sideways"


@pytest.mark.usefixtures("some_of_everything")
@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_of_the_navigation_and_its_first_row_open(browser, live_server, screen):
    page = browser.new_context(**SCREENS[screen]).new_page()
    complaints = Complaints(live_server.url)
    complaints.listen_to(page)
    log_in(page, live_server.url)
    addresses = list_navigation(page)
    assert len(addresses) >= 9
    for address in addresses:
        open_and_measure(page, live_server.url + address)
        row = page.locator("#result_list tbody a").first
        if row.count():
            open_and_measure(page, live_server.url + str(row.get_attribute("href")))
    assert complaints.seen == []


def test_errors_and_calls_to_other_hosts_are_noticed(browser, live_server):
    page = browser.new_page()
    complaints = Complaints(live_server.url)
    complaints.listen_to(page)
    page.goto(f"{live_server.url}/admin/login/")
    assert complaints.seen == []
    page.evaluate("fetch('/nowhere')")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => {})")
    page.evaluate("console.error('this is wrong')")
    assert {"asked another host: http://127.0.0.1:9/", f"{live_server.url}/nowhere: 404"} <= set(complaints.seen)
    assert [said for said in complaints.seen if said.endswith("says this is wrong")]
