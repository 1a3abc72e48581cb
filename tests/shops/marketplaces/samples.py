"""Payloads of records for the tests that every connector must pass: a table from marketplace and resource to them.

Each is what a record of the connector holds as its `payload` once all calls were made, so `map_payload` reads it as it
is. One for each shape that a resource has (a return and a cancellation, a transaction and its statement). A sample is
whole: a connector maps it without a problem.
"""

from collections.abc import Callable, Mapping, Sequence

from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces.lazada import samples as lazada
from tests.shops.marketplaces.shopee import samples as shopee
from tests.shops.marketplaces.temu import samples as temu
from tests.shops.marketplaces.tiktok import samples as tiktok

Samples = Mapping[Resource, Sequence[Payload]]

# Called afresh by every test, because tests change what they get.
SAMPLES: Mapping[str, Callable[[], Samples]] = {
    "tiktok": tiktok.samples,
    "shopee": shopee.samples,
    "lazada": lazada.samples,
    "temu": temu.samples,
}

# Names of fields that are worked out from several values of a payload: sums, and states that follow from others. A
# readable change of one of these values may bring any other amount or state there; an unreadable one empties them.
COMPUTED: Mapping[str, frozenset[str]] = {
    "tiktok": frozenset({"tax_amount", "money_state", "custody"}),
    # An escrow's parts are sums, a wallet row's sign is that of its flow; where the goods of a return are follows from
    # its kind and the way back.
    "shopee": frozenset(
        {"amount", "revenue_amount", "fee_amount", "shipping_amount", "tax_amount", "custody", "delivered_at"}
    ),
    # What a buyer pays is goods less vouchers with shipping; states of orders, parcels and reverse orders are made of
    # their lines', and amounts of reverse orders are sums of theirs. A fee's number says what moved, and as which part.
    "lazada": frozenset(
        {"kind", "status", "money_state", "custody", "total_amount", "subtotal_amount", "tax_amount", "refund_amount"}
        | {"revenue_amount", "fee_amount", "shipping_amount", "delivered_at"}
    ),
    # States are small numbers, which a change can hit; a price is a share of what is paid for all pieces; when a parcel
    # arrived is the time of the event whose word says so.
    "temu": frozenset({"status", "kind", "money_state", "custody", "price", "delivered_at"}),
}
