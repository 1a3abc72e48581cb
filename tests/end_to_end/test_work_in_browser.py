"""A day of work in a real browser, with a real worker and a marketplace that answers: no error, no other host asked."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from orders.models import Order, Package
from shops.models import Shop
from syncjobs import services
from syncjobs.engine.worker import work_on_run
from syncjobs.models import Run
from tests.end_to_end.browsing import PASSWORD, in_browser, page_without_complaints
from tests.factories.sandboxes import Sandbox, sandbox, started_sandbox  # noqa: F401  fixtures

pytestmark = in_browser
WORK_MILLISECONDS = 60_000  # a worker beside other tests on two cores


@pytest.fixture
def shops(transactional_db: None, sandbox: Sandbox) -> list[Shop]:  # noqa: F811  the fixture
    User.objects.create_superuser("chief", password=PASSWORD)
    return sandbox.connect()


@pytest.fixture
def orders(shops: list[Shop]) -> None:
    """The first shop is read already."""
    run = services.start_run(shops[0], kind="incremental", trigger="person")
    assert run
    work_on_run(run.pk, seconds=300)
    assert Order.objects.count() > 100


@pytest.fixture
def page(browser: Any, live_server: Any, shops: list[Shop]) -> Any:
    with page_without_complaints(browser, live_server.url) as page:
        yield page


def open_list(page: Page, live_server: Any, name: str, query: str = "") -> None:
    page.goto(f"{live_server.url}/admin/{name}/?{query}")


def list_numbers(page: Page) -> list[str]:
    return page.locator("#result_list tbody th").all_inner_texts()


@pytest.mark.usefixtures("worker")
def test_a_sync_is_started_on_the_home_page_and_its_progress_reaches_the_end(page, live_server, shops):
    page.locator("tr", has_text=shops[0].name).get_by_role("button", name="Sync now").click()
    expect(page.locator("body")).to_contain_text("Started run")
    run = Run.objects.get()
    page.goto(f"{live_server.url}/admin/syncjobs/run/{run.pk}/change/")
    page.evaluate("window.stillTheSamePage = true")
    expect(page.locator("#content")).to_contain_text("Every chunk is stored.", timeout=WORK_MILLISECONDS)
    expect(page.locator("#content")).to_contain_text("100%")
    assert page.evaluate("window.stillTheSamePage"), "the page was loaded again instead of renewing itself"
    run.refresh_from_db()
    assert run.inserted_count == Order.objects.filter(shop=shops[0]).count() > 0


@pytest.mark.usefixtures("orders")
def test_an_order_is_found_by_its_number_and_keeps_a_note(page, live_server):
    package = Package.objects.select_related("order").exclude(tracking_number="").earliest("pk")
    order = package.order
    for text in (order.external_id, package.tracking_number):
        open_list(page, live_server, "orders/order")
        page.fill("#searchbar", text)
        page.press("#searchbar", "Enter")
        page.wait_for_url("**q=*")
        assert list_numbers(page) == [order.external_id]
    page.get_by_role("link", name=order.external_id).click()
    page.fill("[name=note]", "Call back <b>today</b>")
    page.fill("[name=tags]", "Urgent, gift")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_load_state()
    page.goto(f"{live_server.url}/admin/orders/order/{order.pk}/change/")
    assert page.input_value("[name=note]") == "Call back <b>today</b>"
    open_list(page, live_server, "orders/order", "tag=urgent")
    assert list_numbers(page) == [order.external_id]


@pytest.mark.usefixtures("orders")
def test_filters_are_set_and_kept_as_a_view(page, live_server):
    open_list(page, live_server, "orders/order")
    page.locator("#changelist a", has_text="Filters").first.click()
    page.select_option("[name=ship_by]", "on_time")
    page.get_by_role("button", name="Apply Filters").click()
    page.wait_for_url("**ship_by=on_time*")
    found = list_numbers(page)
    assert found
    page.get_by_role("button", name="Save view").click()
    page.fill("dialog [name=name]", "To ship <later>")
    page.get_by_role("checkbox", name="Total").uncheck()
    page.locator("dialog").get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**view=*")
    open_list(page, live_server, "orders/order")
    expect(page.locator("#result_list thead")).to_contain_text("Total")
    page.get_by_role("link", name="To ship <later>").click()
    page.wait_for_url("**view=*")
    assert list_numbers(page) == found
    expect(page.locator("#result_list thead")).not_to_contain_text("Total")


@pytest.mark.usefixtures("orders", "worker")
def test_a_list_is_exported_and_fetched(page, live_server, tmp_path: Path):
    status = Order.objects.values_list("status", flat=True).first()
    open_list(page, live_server, "orders/order", f"status={status}")
    page.get_by_role("link", name="Export").click()
    page.get_by_label("CSV").check()
    page.get_by_role("button", name="Export").click()
    link = page.get_by_role("link", name="Download", exact=True)
    expect(link).to_be_visible(timeout=WORK_MILLISECONDS)
    with page.expect_download() as fetched:
        link.click()
    fetched.value.save_as(tmp_path / "orders.csv")
    lines = (tmp_path / "orders.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) - 1 == Order.objects.filter(status=status).count()


def test_many_rows_are_paused_with_a_result_for_each(page, live_server, shops):
    open_list(page, live_server, "shops/shop")
    page.locator("#action-toggle").check()
    page.select_option("select[name=action]", label="Pause")
    page.locator("#changelist-form [type=submit]", has_text="Run").first.click()
    page.wait_for_url("**/lists/batch/**")
    for shop in shops:
        expect(page.locator("#content")).to_contain_text(shop.name)
    assert set(Shop.objects.values_list("state", flat=True)) == {"paused"}
