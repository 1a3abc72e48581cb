"""The page of the API's document in a real browser: it works without the network, and its calls do too."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from shops.models import Shop
from syncjobs.api import views
from tests.end_to_end.browsing import PASSWORD, Complaints, in_browser, log_in
from tests.factories.shops import make_shop

pytestmark = in_browser


@pytest.fixture
def shop(transactional_db, monkeypatch) -> Shop:
    """Made before the browser runs: what asks the database beside its event loop leaves a connection behind."""
    monkeypatch.setattr(views, "wake_workers", lambda _: None)
    User.objects.create_superuser("chief", password=PASSWORD)
    return make_shop()


def try_out(page: Page, operation: str, body: str = "") -> str:
    """Make a call as a person does who presses the buttons; return the status that the page shows."""
    block = page.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    if body:
        block.locator("textarea.body-param__text").fill(body)
    block.locator("button.execute").click()
    return block.locator(".live-responses-table tbody .response-col_status").first.inner_text().strip()


def test_calls_can_be_tried_and_no_other_host_is_asked(shop, browser, live_server):
    page = browser.new_page()
    log_in(page, live_server.url)
    complaints = Complaints(live_server.url)
    complaints.listen_to(page)
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.wait_for_selector("#operations-shops-list_shops")
    assert page.locator(".opblock").count() == 45
    assert try_out(page, "shops-list_shops").startswith("200")
    assert try_out(page, "runs-start_run", f'{{"shop": {shop.pk}, "kind": "full"}}').startswith("201")
    runs = page.request.get(f"{live_server.url}/api/v1/runs/").json()["results"]
    assert [(run["shop"], run["trigger"]) for run in runs] == [(shop.pk, "api")]
    assert complaints.seen == []
