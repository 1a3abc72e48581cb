"""Lazada's payloads into records: pure, one module for each resource."""
