"""Mapping a page of orders against merely parsing its JSON."""

import orjson

from benchmarks.harness import Ratio, median_seconds
from benchmarks.payloads import make_page
from shops.marketplaces.tiktok.mapping import map_order

ORDERS = 1_000  # ten pages: long enough to time, short enough to stay in the processor's cache as one page does


def run() -> list[Ratio]:
    """Measure, and return the ratio that the product promises."""
    pages = [make_page(first, 100) for first in range(0, ORDERS, 100)]
    parsed = [orjson.loads(page)["data"]["orders"] for page in pages]
    seconds = median_seconds(
        {
            "loads": lambda: [orjson.loads(page) for page in pages],
            "map": lambda: [[map_order(payload) for payload in page] for page in parsed],
        },
        rounds=15,
    )
    return [Ratio("mapping: times orjson.loads of the same page", seconds["map"] / seconds["loads"], 6, at_least=False)]
