"""What is done to cases at their marketplaces: `act` is the door for people and other systems, for all cases.

A marketplace's case is moved by the marketplace alone. Here sellers' answers are passed on, and what it says is read.
"""

from aftersales.remote.again import find_in_doubt, get_in_doubt, read_one_again
from aftersales.remote.answering import InDoubt, act, list_reject_reasons
from aftersales.remote.reading import NotRead, Reread, read_again
from aftersales.remote.reviewing import review_marketplace_cases
from aftersales.remote.settling import SEND_AGAIN_AFTER, Settled, send_again, settle_answers

__all__ = [
    "SEND_AGAIN_AFTER",
    "InDoubt",
    "NotRead",
    "Reread",
    "Settled",
    "act",
    "find_in_doubt",
    "get_in_doubt",
    "list_reject_reasons",
    "read_again",
    "read_one_again",
    "review_marketplace_cases",
    "send_again",
    "settle_answers",
]
