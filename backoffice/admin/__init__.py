"""Admin pages that only the roof can make: of libraries, and of apps and shops with what upper apps know about them."""

from backoffice.admin import app, libraries, schedule, shop

__all__ = ["app", "libraries", "schedule", "shop"]
