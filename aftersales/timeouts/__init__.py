"""The sweep: finds cases whose time ran out and does what the settings of their shops say, batch by batch.

Read them in this order: finding, outcomes, batches, marketplace, sweeping; preview is the dry run.
"""

from aftersales.timeouts.outcomes import Handled, Outcome
from aftersales.timeouts.preview import Planned, list_planned
from aftersales.timeouts.sweeping import AlreadySwept, sweep

__all__ = ["AlreadySwept", "Handled", "Outcome", "Planned", "list_planned", "sweep"]
