"""What the calls of all types share: the shops, the moment, the lists that are being read, and what was needed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shops.sandbox.calls import Ledger
from shops.sandbox.clock import WorldClock
from shops.sandbox.faults import Fault
from shops.sandbox.service import Call
from shops.sandbox.temu.paging import Lists
from shops.sandbox.temu.seller import Seller
from shops.sandbox.temu.switches import Switches
from shops.sandbox.windows import OrderState

# More steps than any path has: an order at another step is another version of it.
_STEPS = 16


@dataclass(frozen=True)
class Shared:
    """Handed to the calls of every subject."""

    clock: WorldClock
    sellers: list[Seller]
    switches: Switches
    ledger: Ledger
    lists: Lists
    draw_page_fault: Callable[[Call], Callable[[set[str]], Fault | None]]

    def now(self) -> int:
        """World time."""
        return self.clock.now()

    def find_order(self, seller: Seller, parent: str) -> OrderState | None:
        """Return the order behind a parent order's number, if it is the shop's and exists."""
        index = seller.names.find_parent(parent)
        return None if index is None else self.state(seller, index)

    def state(self, seller: Seller, index: int) -> OrderState | None:
        """Return an order as it is now, if it exists. An index far in the future costs nothing to refuse."""
        return seller.lives.state(index, self.now()) if seller.lives.book.count else None

    def need_order(self, seller: Seller, endpoint: str, state: OrderState) -> None:
        """Note that this version of an order had to be asked for: one call each."""
        self.ledger.need_ids(str(seller.mall_id), endpoint, [state.position * _STEPS + state.step], 1)

    def need_version(self, seller: Seller, endpoint: str, name: str, updated: int, ids_each: int = 1) -> None:
        """Note the same of something else than an order."""
        self.ledger.need_versions(str(seller.mall_id), endpoint, [(name, updated)], ids_each)


def break_one(rows: list[dict[str, Any]], fault: Fault | None, id_field: str, number_field: str) -> None:
    """Make one record of the page impossible, if that fault has struck: without its id, or with text for a number."""
    if fault is None or fault.kind != "impossible_record" or not rows:
        return
    row = rows[fault.choose(len(rows))]
    field = (id_field, number_field)[(fault.rule.seed + fault.rule.number + fault.number) % 2]
    fault.note(f"{row[id_field]}: {field}")
    if field == id_field:
        del row[id_field]
    else:
        row[number_field] = "abc"
