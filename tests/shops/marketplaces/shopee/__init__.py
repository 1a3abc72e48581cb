"""Tests of the Shopee connector."""
