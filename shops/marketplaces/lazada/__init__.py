"""Lazada: the connector and its parts."""
