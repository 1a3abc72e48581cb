"""Tests of the TikTok Shop connector."""
