"""Admin pages of apps and shops."""

from shops.admin import app, shop

__all__ = ["app", "shop"]
