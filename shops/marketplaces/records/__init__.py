"""What every connector delivers: normalised records, whatever the marketplace calls things.

Conventions: times are aware UTC datetimes; money is an exact Decimal beside a currency code; ids are text;
None means "the marketplace did not say", never zero and never a guess.
"""

from shops.marketplaces.records.answers import AnswerToReturn, Decision, RejectReason
from shops.marketplaces.records.basics import Page, Payload, ShopRecord, Stub, Token, UnreadableRecord, Window
from shops.marketplaces.records.money import StatementRecord, TransactionRecord
from shops.marketplaces.records.orders import LineRecord, OrderRecord, PackageRecord, Recipient
from shops.marketplaces.records.products import ProductRecord, SkuRecord
from shops.marketplaces.records.returns import ReturnLineRecord, ReturnRecord
from shops.marketplaces.records.shipments import ShipmentRecord, TrackingEventRecord
from shops.marketplaces.records.words import (
    Custody,
    MoneyState,
    OrderStatus,
    ProductStatus,
    RecipientClarity,
    Resource,
    ReturnKind,
    ReturnStatus,
    ShipmentStatus,
    TransactionKind,
)

__all__ = [
    "AnswerToReturn",
    "Custody",
    "Decision",
    "LineRecord",
    "MoneyState",
    "OrderRecord",
    "OrderStatus",
    "PackageRecord",
    "Page",
    "Payload",
    "ProductRecord",
    "ProductStatus",
    "Recipient",
    "RecipientClarity",
    "RejectReason",
    "Resource",
    "ReturnKind",
    "ReturnLineRecord",
    "ReturnRecord",
    "ReturnStatus",
    "ShipmentRecord",
    "ShipmentStatus",
    "ShopRecord",
    "SkuRecord",
    "StatementRecord",
    "Stub",
    "Token",
    "TrackingEventRecord",
    "TransactionKind",
    "TransactionRecord",
    "UnreadableRecord",
    "Window",
]
