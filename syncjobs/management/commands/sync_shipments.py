"""Pulls the parcels that changed, with their tracking."""

from shops.marketplaces.records import Resource
from syncjobs.management.sync_command import SyncCommand


class Command(SyncCommand):
    resource = Resource.SHIPMENTS
    help = (
        "Pull the parcels that changed in the last hours (24 unless told otherwise), with their tracking. "
        "Exit code 1 if any shop failed."
    )
