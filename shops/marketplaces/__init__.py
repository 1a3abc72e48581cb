"""Marketplace connectors: what the rest of the product knows of TikTok and its like, in one vocabulary."""
