"""Pulls the movements of money and the statements that came about."""

from shops.marketplaces.records import Resource
from syncjobs.management.sync_command import SyncCommand


class Command(SyncCommand):
    resource = Resource.TRANSACTIONS
    help = (
        "Pull the movements of money and the statements that came about in the last hours (24 unless told otherwise). "
        "Exit code 1 if any shop failed."
    )
