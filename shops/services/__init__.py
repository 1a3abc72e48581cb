"""Connect, check, pause and disconnect shops; change their credentials; make and revoke API tokens."""

from shops.services.api_tokens import create_api_token, revoke_api_token, stamp_api_token
from shops.services.checking import CheckStep, check_shop
from shops.services.connecting import (
    connect_app_and_shop,
    connect_shop,
    list_sandbox_shops,
    rotate_credentials,
)
from shops.services.registering import AppSpec, register_app
from shops.services.renewing import Renewal, list_renewable_shops, renew_tokens
from shops.services.states import disconnect_shop, grant_shop, pause_shop, resume_shop

__all__ = [
    "AppSpec",
    "CheckStep",
    "Renewal",
    "check_shop",
    "connect_app_and_shop",
    "connect_shop",
    "create_api_token",
    "disconnect_shop",
    "grant_shop",
    "list_renewable_shops",
    "list_sandbox_shops",
    "pause_shop",
    "register_app",
    "renew_tokens",
    "resume_shop",
    "revoke_api_token",
    "rotate_credentials",
    "stamp_api_token",
]
