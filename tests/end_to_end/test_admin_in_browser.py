"""The admin in a real browser: every page of the navigation opens without an error and asks no other host."""

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from playwright.sync_api import Page

from backoffice import periodic_tasks
from backoffice.common import clock
from backoffice.common.ingest import Origin
from shops.marketplaces.records import UnreadableRecord
from syncjobs.intake import store_batch
from syncjobs.models import Watermark
from tests.end_to_end.browsing import (
    PASSWORD,
    Complaints,
    check_every_screen,
    in_browser,
    list_navigation,
    page_without_complaints,
)
from tests.factories.enrichment import make_task
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_chunk, make_run

pytestmark = in_browser


@pytest.fixture
def some_of_everything() -> None:
    User.objects.create_superuser("chief", password=PASSWORD)
    periodic_tasks.install()
    shop = make_shop(name="Cửa hàng Mẫu")
    run = make_run(shop=shop)
    make_chunk(run=run)
    Watermark.objects.create(shop=shop, resource="orders", position_at=clock.now(), moved_at=clock.now(), run_id=run.pk)
    make_task(shop, status="failed", error_message="no package number")
    records = [make_order(f"order-{number}", later_by=number) for number in range(3)]
    with transaction.atomic():
        store_batch(
            "orders", shop.pk, records, [UnreadableRecord({"id": None}, "no id")], Origin("poll", clock.now(), run.pk)
        )


def open_and_measure(page: Page, address: str) -> None:
    """On every screen, without loading it again for each."""
    page.goto(address)
    check_every_screen(page, address)


@pytest.mark.usefixtures("some_of_everything")
@pytest.mark.long
def test_every_page_of_the_navigation_and_its_first_row_open(browser, live_server):
    with page_without_complaints(browser, live_server.url) as page:
        addresses = list_navigation(page)
        assert len(addresses) >= 9
        for address in addresses:
            open_and_measure(page, live_server.url + address)
            row = page.locator("#result_list tbody a").first
            if row.count():
                open_and_measure(page, live_server.url + str(row.get_attribute("href")))


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
