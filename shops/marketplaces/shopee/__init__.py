"""Shopee: the Open Platform API, version 2."""
