"""The Temu connector."""
