"""Pulls the products that changed."""

from shops.marketplaces.records import Resource
from syncjobs.management.sync_command import SyncCommand


class Command(SyncCommand):
    resource = Resource.PRODUCTS
    help = (
        "Pull the products that changed in the last hours (24 unless told otherwise). Exit code 1 if any shop failed."
    )
