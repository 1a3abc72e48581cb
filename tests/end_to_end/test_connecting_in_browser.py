"""Connecting a shop in a real browser: to the marketplace's page and back, and with a token that is pasted."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from shops.models import Shop, ShopCredential
from tests.end_to_end.browsing import PASSWORD, SCREENS, Complaints, in_browser, log_in
from tests.factories.sandboxes import Sandbox, sandbox, started_sandbox  # noqa: F401  fixtures

pytestmark = in_browser


@pytest.fixture
def page(browser: Any, live_server: Any, transactional_db: None, request: Any) -> Any:
    User.objects.create_superuser("chief", password=PASSWORD)
    page = browser.new_context(**SCREENS[request.param]).new_page()
    log_in(page, live_server.url)
    return page


def measure(page: Page) -> None:
    page.wait_for_load_state()  # a click has only begun to leave the page before
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} must be scrolled sideways"


def enter_app(page: Page, facts: dict[str, Any], label: str) -> None:
    """From the home page, which offers it while there is no shop."""
    page.get_by_role("link", name="Connect a shop").first.click()
    measure(page)
    page.get_by_role("link", name=label).click()
    measure(page)
    page.fill("[name=app_key]", facts["app_key"])
    page.fill("[name=app_secret]", facts["app_secret"])
    page.get_by_text("Other addresses than the usual ones").click()
    for name, fact in (("api_url", "api_url"), ("auth_url", "auth_url"), ("consent_url", "authorise_url")):
        page.fill(f"[name={name}]", "://".join(urlsplit(facts[fact])[:2]))


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_shop_is_connected_by_its_sellers_consent(page, live_server, sandbox: Sandbox):  # noqa: F811  the fixture
    facts = sandbox.control("GET", "/world")["marketplaces"]["lazada"]
    shop = facts["shops"][0]
    enter_app(page, facts, "Lazada")
    page.get_by_role("button", name="Go on to Lazada").click()
    page.get_by_role("link", name=shop["name"]).click()  # the marketplace's page
    page.wait_for_url(f"{live_server.url}/admin/shops/shop/connect/**")
    expect(page.locator("#content")).to_contain_text(shop["external_id"])
    expect(page.locator("#content")).to_contain_text("Asia/Ho_Chi_Minh")
    measure(page)
    complaints = Complaints(live_server.url)
    complaints.listen_to(page)
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("body")).to_contain_text("the test of its connection passed", timeout=30_000)
    measure(page)
    assert Shop.objects.get().external_id == shop["external_id"]
    assert complaints.seen == []


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_a_shop_is_connected_with_a_pasted_token_and_authorised_again_from_the_home_page(
    page,
    live_server,
    sandbox: Sandbox,  # noqa: F811  the fixture
):
    facts = sandbox.control("GET", "/world")["marketplaces"]["temu"]
    enter_app(page, facts, "Temu")
    page.get_by_text("Paste a token instead").click()
    page.fill("[name=access_token]", facts["shops"][0]["access_token"])
    measure(page)
    page.get_by_role("button", name="Go on with this token").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("body")).to_contain_text("the test of its connection passed", timeout=30_000)
    Shop.objects.update(state="needs_reauthorisation", state_reason="The seller took it back.")
    page.goto(f"{live_server.url}/admin/")
    measure(page)
    page.get_by_role("link", name="Re-authorise").first.click()
    expect(page.locator("#content")).to_contain_text("The seller took it back.")
    measure(page)
    page.get_by_text("Paste a token instead").click()
    page.fill("[name=access_token]", facts["shops"][0]["access_token"])
    page.get_by_role("button", name="Go on with this token").click()
    page.get_by_role("button", name="Connect", exact=True).click()
    expect(page.locator("body")).to_contain_text("is connected", timeout=30_000)
    assert Shop.objects.get().state == "active"
    assert ShopCredential.objects.get().version == 2
