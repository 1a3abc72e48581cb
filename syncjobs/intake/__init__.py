"""Where every door ends: one batch is stored in one transaction, with all that must come with it."""

from syncjobs.intake.batches import LISTED_ONLY, Stored, as_listed_only, map_again, store_batch
from syncjobs.intake.enrichment import QUEUE, create_enrichment_tasks, name_item, name_order

__all__ = [
    "LISTED_ONLY",
    "QUEUE",
    "Stored",
    "as_listed_only",
    "create_enrichment_tasks",
    "map_again",
    "name_item",
    "name_order",
    "store_batch",
]
