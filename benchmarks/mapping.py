"""Mapping a page of orders against merely parsing its JSON, for each marketplace."""

import random
import re
from typing import Any

import orjson

from benchmarks.harness import Ratio, best_ratio
from shops.marketplaces.records import Payload, Resource
from tests.shops.marketplaces.building import build
from tests.shops.marketplaces.samples import SAMPLES

PAGE = 100
ORDERS = 1_000  # ten pages: long enough to time, short enough to stay in the processor's cache as one page does
_ID_ENDS = re.compile(rb'(?<=\d{6})\d{4}(?=")')


def run() -> list[Ratio]:
    """Measure, and return the ratios that the product promises."""
    return [
        Ratio(f"mapping, {code}: times orjson.loads of the same page", _measure(code), 6, at_least=False)
        for code in SAMPLES
    ]


def _measure(code: str) -> float:
    pages = [_make_page(SAMPLES[code]()[Resource.ORDERS][0], seed) for seed in range(ORDERS // PAGE)]
    parsed: list[list[Any]] = [orjson.loads(page) for page in pages]
    connector = build(code)
    return best_ratio(
        lambda: [[connector.map_payload(Resource.ORDERS, payload) for payload in page] for page in parsed],
        lambda: [orjson.loads(page) for page in pages],
    )


def _make_page(payload: Payload, seed: int) -> bytes:
    """Make many of one order: ids end in other digits, as in a real page, where hardly a text comes twice."""
    rng = random.Random(seed)
    written = orjson.dumps(payload)
    rows = (_ID_ENDS.sub(lambda _: b"%04d" % rng.randrange(10_000), written) for _ in range(PAGE))
    return b"[" + b",".join(rows) + b"]"
