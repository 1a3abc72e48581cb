"""Watches over the sync: who is alive, and later what is wrong."""
