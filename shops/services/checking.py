"""Tests a shop's connection step by step, and says in plain words what is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from backoffice.common import clock
from backoffice.common.encryption import UnreadableSecret
from backoffice.common.errors import BackofficeError
from backoffice.common.plurals import say_count
from shops.choices import ShopState
from shops.connections import NoCredential, Postponed, ShopConnection, check_address
from shops.marketplaces.errors import AccessDenied, BadRequest, MarketplaceError, Refused, ScopeMissing, UnknownShop
from shops.marketplaces.records import Resource, ShopRecord, Window
from shops.models import Shop
from shops.queries import add_authorisation_end, grade_authorisation_end
from shops.services.areas import find_area_fault
from shops.tokens import open_connection

# Short, so that a list has few rows, and a little back, where every marketplace knows what it has.
PROBED_WINDOW, PROBED_BEFORE = timedelta(minutes=5), timedelta(minutes=5)
# What one resource may suffer from while others can be read; anything else stands in the way of all.
_OF_ONE_RESOURCE = (ScopeMissing, AccessDenied, BadRequest, Refused)
_CALL = "clock, signature, token, scope"


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One line of a connection test."""

    name: str
    ok: bool
    text: str


def check_shop(shop: Shop) -> list[CheckStep]:
    """Test a shop's connection: addresses, credential, which shops it reaches, and one small page of each resource.

    Stops at a fault that stands in the way of everything after it.
    """
    steps: list[CheckStep] = []
    try:
        for step in _take_steps(shop):
            steps.append(step)
            if not step.ok and not step.name.startswith("read "):
                return steps
    except (NoCredential, UnreadableSecret) as error:
        steps.append(CheckStep("credential", False, str(error)))
    except MarketplaceError as error:
        steps.append(CheckStep("call", False, explain(error)))
    except Postponed as error:
        steps.append(CheckStep("call", False, f"Too many calls, so that this one has to wait. {error}"))
    except BackofficeError as error:
        steps.append(CheckStep("settings", False, str(error)))
    return steps


def explain(error: MarketplaceError) -> str:
    """Say what a marketplace said, and what to do."""
    return f"{error} {error.advice}"


def _take_steps(shop: Shop) -> Iterator[CheckStep]:
    for url in filter(None, (shop.app.api_url, shop.app.auth_url, shop.app.consent_url)):
        check_address(url)
    fault = find_area_fault(shop.marketplace, shop.app.api_url, shop.region)
    yield CheckStep("address", not fault, fault or shop.app.api_url)
    if shop.state == ShopState.DISCONNECTED:
        raise NoCredential(f"The shop is disconnected. {shop.state_reason} Connect it again.")
    connection = open_connection(shop)
    yield CheckStep("credential", True, "stored and readable")
    records = connection.call(lambda connector: connector.fetch_shops())
    yield CheckStep(_CALL, True, f"accepted; the token reaches {say_count(len(records), 'shop')}")
    yield _check_reach(shop, records)
    yield from _read_resources(connection)
    yield _check_end(shop)
    yield _check_schedule(shop)


def _check_end(shop: Shop) -> CheckStep:
    """Say when the seller is needed again; no fault, but worth a line."""
    ends_at = add_authorisation_end(Shop.objects.filter(pk=shop.pk)).values_list("token_ends_at", flat=True).get()
    if ends_at is None:
        return CheckStep("authorisation", True, "valid; no end is known")
    days = max(0, (ends_at - clock.now()).days)
    soon = " Let the seller authorise it again before that." if grade_authorisation_end(ends_at) != "success" else ""
    return CheckStep("authorisation", True, f"valid for {days} days, until {ends_at:%Y-%m-%d %H:%M} UTC.{soon}")


def _check_reach(shop: Shop, records: tuple[ShopRecord, ...]) -> CheckStep:
    # The same number may stand for a shop in each of several regions.
    reached = next((found for found in records if _identity(found) == _identity(shop)), None)
    if reached is None:
        numbers = ", ".join(record.external_id for record in records) or "none"
        return CheckStep("shop", False, f"{UnknownShop.advice} It reaches: {numbers}.")
    if reached.cipher != shop.credential.cipher:
        return CheckStep("shop", False, "The stored cipher is not the shop's present one. Connect the shop again.")
    return CheckStep("shop", True, f"{reached.name or reached.external_id}, {reached.region}")


def _read_resources(connection: ShopConnection) -> Iterator[CheckStep]:
    """Read the first page of each list of each resource, so that a permission that is missing has a name."""
    end = clock.now() - PROBED_BEFORE
    window = Window(end - PROBED_WINDOW, end)
    for resource in connection.connector.capabilities:
        yield _read(connection, resource, window)


def _read(connection: ShopConnection, resource: Resource, window: Window) -> CheckStep:
    name = f"read {resource}"
    try:
        for query in connection.connector.plan_lists(resource, window):
            connection.call(lambda connector, query=query: connector.fetch_page(query))  # type: ignore[misc]
    except _OF_ONE_RESOURCE as error:
        return CheckStep(name, False, f"The shop's {resource} cannot be read. {explain(error)}")
    return CheckStep(name, True, "can be read")


def _check_schedule(shop: Shop) -> CheckStep:
    if shop.state == ShopState.ACTIVE:
        return CheckStep("schedule", True, "active")
    text = f"The connection works, but the shop {shop.state_in_words}. {shop.state_reason}"
    return CheckStep("schedule", False, text.strip())


def _identity(shop: Shop | ShopRecord) -> tuple[str, str]:
    return shop.region, shop.external_id
