"""Admin pages of apps, shops and API tokens."""

from shops.admin import api_token, app, shop

__all__ = ["api_token", "app", "shop"]
