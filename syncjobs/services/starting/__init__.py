"""Starts runs: one that somebody asks for, those of a schedule's turn, those of all shops that are due.

What is to be read becomes a plan in syncjobs.engine.planner; here its facts are gathered, and what it says is written.
"""

from syncjobs.services.starting.asking import request_run, start_run
from syncjobs.services.starting.facts import list_windows, plan_rules
from syncjobs.services.starting.quotas import QuotaFit, find_too_dear, read_quota_fits
from syncjobs.services.starting.scheduling import Started, dispatch, start_turn

__all__ = [
    "QuotaFit",
    "Started",
    "dispatch",
    "find_too_dear",
    "list_windows",
    "plan_rules",
    "read_quota_fits",
    "request_run",
    "start_run",
    "start_turn",
]
