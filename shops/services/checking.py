"""Tests a shop's connection step by step, and says in plain words what is wrong."""

from dataclasses import dataclass

from backoffice.common.errors import BackofficeError
from shops.choices import ShopState
from shops.connections import NoCredential, ShopConnection, check_address
from shops.marketplaces.errors import MarketplaceError, UnknownShop
from shops.marketplaces.records import ShopRecord
from shops.models import Shop
from shops.tokens import open_connection


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One line of a connection test."""

    name: str
    ok: bool
    text: str


def check_shop(shop: Shop) -> list[CheckStep]:
    """Test a shop's connection: address, credential, one harmless call. Stops at the first fault."""
    steps: list[CheckStep] = []
    try:
        for url in (shop.app.api_url, shop.app.auth_url):
            check_address(url)
        steps.append(CheckStep("address", True, shop.app.api_url))
        connection = open_connection(shop)
        steps.append(CheckStep("credential", True, "stored and readable"))
        records = connection.call(lambda connector: connector.fetch_shops())
        steps.append(
            CheckStep("clock, signature, token, scope", True, f"accepted; the token reaches {len(records)} shop(s)")
        )
        steps.append(_check_reach(shop, records, connection))
    except NoCredential as error:
        steps.append(CheckStep("credential", False, str(error)))
    except MarketplaceError as error:
        steps.append(CheckStep("call", False, f"{error} {error.advice}"))
    except BackofficeError as error:
        steps.append(CheckStep("settings", False, str(error)))
    return steps


def _check_reach(shop: Shop, records: tuple[ShopRecord, ...], connection: ShopConnection) -> CheckStep:
    # The same number may stand for a shop in each of several regions.
    reached = next((found for found in records if _identity(found) == _identity(shop)), None)
    if reached is None:
        numbers = ", ".join(record.external_id for record in records) or "none"
        return CheckStep("shop", False, f"{UnknownShop.advice} It reaches: {numbers}.")
    if reached.cipher != shop.credential.cipher:
        return CheckStep("shop", False, "The stored cipher is not the shop's present one. Connect the shop again.")
    if shop.state != ShopState.ACTIVE:
        return CheckStep("shop", False, f"The connection works, but the shop is {shop.get_state_display().lower()}.")
    return CheckStep("shop", True, f"{reached.name}, {reached.region}")


def _identity(shop: Shop | ShopRecord) -> tuple[str, str]:
    return shop.region, shop.external_id
