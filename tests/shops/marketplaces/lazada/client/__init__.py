"""Calls to Lazada."""
