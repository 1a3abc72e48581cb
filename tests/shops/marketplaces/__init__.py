"""Tests of shops.marketplaces: plain Python, no Django, no database."""
