"""Synced returns as the marketplaces describe them, and cases: what is done about a request, and by when."""

from aftersales.models.answer import OPEN_ANSWERS, SellerAnswer
from aftersales.models.case import DESCRIPTION_LENGTH, IMAGES_AT_MOST, MOST_AMENDMENTS, Case, CaseLine
from aftersales.models.children import (
    MOST_REFUND_RETRIES,
    Carrier,
    Exchange,
    Refund,
    ReturnAddress,
    ReturnParcel,
    find_live,
)
from aftersales.models.keyed_call import KeyedCall
from aftersales.models.log import CaseLog
from aftersales.models.settings import AftersalesSettings
from aftersales.models.sweep import SweepRun
from aftersales.models.synced_return import ReturnPayload, SyncedReturn, SyncedReturnLine

__all__ = [
    "DESCRIPTION_LENGTH",
    "IMAGES_AT_MOST",
    "MOST_AMENDMENTS",
    "MOST_REFUND_RETRIES",
    "OPEN_ANSWERS",
    "AftersalesSettings",
    "Carrier",
    "Case",
    "CaseLine",
    "CaseLog",
    "Exchange",
    "KeyedCall",
    "Refund",
    "ReturnAddress",
    "ReturnParcel",
    "ReturnPayload",
    "SellerAnswer",
    "SweepRun",
    "SyncedReturn",
    "SyncedReturnLine",
    "find_live",
]
