"""Admin pages of returns, and what other pages show of them."""

from aftersales.admin import synced_return

__all__ = ["synced_return"]
