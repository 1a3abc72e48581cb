"""The page of the API's document in a real browser: it works without the network, and its calls do too."""

import pytest
from django.contrib.auth.models import User

from syncjobs.api import views
from syncjobs.models import Run
from tests.end_to_end.browsing import PASSWORD, Complaints, in_browser, log_in
from tests.factories.shops import make_shop

pytestmark = in_browser


@pytest.fixture
def page(browser, live_server, monkeypatch):
    monkeypatch.setattr(views, "wake_workers", lambda _: None)
    User.objects.create_superuser("chief", password=PASSWORD)
    page = browser.new_page()
    log_in(page, live_server.url)
    return page


def try_out(page, operation, body=None):
    block = page.locator(f"#operations-{operation}")
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    if body is not None:
        block.locator("textarea.body-param__text").fill(body)
    block.locator("button.execute").click()
    return block.locator(".live-responses-table tbody .response-col_status").first.inner_text().strip()


def test_calls_can_be_tried_and_no_other_host_is_asked(page, live_server):
    shop = make_shop()
    complaints = Complaints(live_server.url)
    complaints.listen_to(page)
    page.goto(f"{live_server.url}/api/v1/docs/")
    page.wait_for_selector("#operations-shops-list_shops")
    assert page.locator(".opblock").count() == 7
    assert try_out(page, "shops-list_shops").startswith("200")
    assert try_out(page, "runs-start_run", f'{{"shop": {shop.pk}, "kind": "full"}}').startswith("201")
    assert Run.objects.get().trigger == "api"
    assert complaints.seen == []
