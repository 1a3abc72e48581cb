"""Shopee's connector."""
