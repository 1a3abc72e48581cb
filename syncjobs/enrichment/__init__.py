"""Asks for the packages of orders whose lists left them out: claims tasks, asks in full calls, settles each task.

The order of things: taken from the queue in Redis, locked, claimed in the database, asked for, stored and settled in
one transaction, unlocked. Wherever a worker is killed, the task's lease runs out and somebody else goes on.
"""

from syncjobs.enrichment.queue import count_due, sweep
from syncjobs.enrichment.worker import EnrichmentWorker, Progress

__all__ = ["EnrichmentWorker", "Progress", "count_due", "sweep"]
