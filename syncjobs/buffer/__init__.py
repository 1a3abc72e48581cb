"""Batches that the database could not take wait here in files, and are stored when it is back."""
