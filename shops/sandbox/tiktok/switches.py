"""The behaviours that can be switched, because the real service's are unsure or a setting of the app."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from shops.sandbox.targets import ControlError, number, one_of

_LONGEST_SECONDS = 366 * 86_400


@dataclass
class Switches:
    """Set with POST /switches."""

    # Some clients sign nothing when the body they send is an empty object; the service is said to take it [C].
    accept_unsigned_empty_object: bool = True
    # Whether a refresh ends the old access token is not documented [?]; by default it lives on until it expires.
    refresh_ends_access_token: bool = False
    # Nor is how long the old refresh token is taken after a refresh [?]; a minute lets a lost answer be asked again.
    old_refresh_token_seconds: int = 60
    # For tokens issued from now on; 7 days [A].
    access_token_seconds: int = 7 * 86_400
    granted_scopes: list[str] = field(
        default_factory=lambda: [
            "seller.authorization.info",
            "seller.order.info",
            "seller.product.basic",
            "seller.return_refund.basic",
            "seller.finance.info",
        ]
    )
    # Shops whose seller has taken the authorisation back.
    revoked_shops: list[str] = field(default_factory=list)


def set_switches(switches: Switches, wanted: Mapping[str, Any]) -> None:
    """Set all wanted switches, or none if one of them is wrong."""
    known = [one.name for one in fields(switches)]
    checked = {one_of("switch", name, known): _checked(getattr(switches, name, None), name, wanted) for name in wanted}
    for name, value in checked.items():
        setattr(switches, name, value)


def _checked(current: object, name: str, wanted: Mapping[str, Any]) -> object:
    value = wanted[name]
    if isinstance(current, bool):
        if not isinstance(value, bool):
            raise ControlError(f"{name} must be true or false.")
        return value
    if isinstance(current, int):
        return int(number(wanted, name, None, 0, _LONGEST_SECONDS, whole=True))
    if isinstance(current, list) and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise ControlError(f"{name} must be a list of strings.")
    return value
