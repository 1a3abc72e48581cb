"""Admin pages that only the roof can make: of libraries, and of shops with what upper apps know about them."""

from backoffice.admin import libraries, schedule, shop

__all__ = ["libraries", "schedule", "shop"]
