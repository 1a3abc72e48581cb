"""Admin pages that only the roof can make: of libraries, and of rows of lower apps with what upper ones know."""

from backoffice.admin import app, libraries, schedule, shop

__all__ = ["app", "libraries", "schedule", "shop"]
