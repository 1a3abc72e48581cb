"""Lazada's payloads into records."""
