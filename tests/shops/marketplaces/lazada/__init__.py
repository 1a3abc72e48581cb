"""The Lazada connector."""
