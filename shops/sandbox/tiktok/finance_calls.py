"""Answers the lists of statements, of the transactions of a statement, and of payments."""

from collections.abc import Iterator, Sequence
from typing import Any

from shops.sandbox.listener import Request
from shops.sandbox.money import Settlement
from shops.sandbox.service import Call, Service
from shops.sandbox.tiktok import filters
from shops.sandbox.tiktok.filters import Check
from shops.sandbox.tiktok.lists import Breakages, ListKind, Lists, Row, Search, read_search
from shops.sandbox.tiktok.replies import RefusalError
from shops.sandbox.tiktok.routes import version_of
from shops.sandbox.tiktok.seller import Seller
from shops.sandbox.tiktok.statements import Statement, Statements
from shops.sandbox.tiktok.transactions import TransactionWriter

# Each list has one sort field, and it must be given.
_STATEMENTS = ListKind("statements", 100, default_page=20, sort_fields=("statement_time",), has_total=False)
_FLAT = ListKind("statement_transactions", 100, default_page=20, sort_fields=("order_create_time",), has_total=False)
_NESTED = ListKind("transactions", 100, default_page=20, sort_fields=("order_create_time",))
_PAYMENTS = ListKind("payments", 100, default_page=20, sort_fields=("create_time",), has_total=False)
_STATEMENT_CHECKS: dict[str, Check] = {
    **dict.fromkeys(("statement_time_ge", "statement_time_lt"), filters.moment_text),
    "payment_status": filters.word("PAID", "FAILED", "PROCESSING"),
}
_PAYMENT_CHECKS: dict[str, Check] = dict.fromkeys(("create_time_ge", "create_time_lt"), filters.moment_text)
_STATEMENT_BREAKAGES: Breakages = {
    "no id": lambda row: row.pop("id"),
    "statement_time is text": lambda row: row.update(statement_time="yesterday"),
    "settlement_amount is no number": lambda row: row.update(settlement_amount="abc"),
}
_ROW_BREAKAGES: Breakages = {
    "no id": lambda row: row.pop("id"),
    "settlement_amount is no number": lambda row: row.update(settlement_amount="abc"),
    # Without the number that makes it an adjustment: their words are an open list, so that one more would look right.
    "unknown type": lambda row: row.update(type="BEING_PONDERED", adjustment_id=""),
}
_PAYMENT_BREAKAGES: Breakages = {"no id": lambda row: row.pop("id")}
_FLAT_VERSION = "202309"


class FinanceCalls:
    """The finance endpoints of all shops."""

    def __init__(self, service: Service, sellers: list[Seller], lists: Lists) -> None:
        self._service = service
        self._sellers = sellers
        self._lists = lists
        self._statements = [Statements(service.stage.world, seller) for seller in sellers]
        self._writers = [
            TransactionWriter(seller, statements) for seller, statements in zip(sellers, self._statements, strict=True)
        ]

    def statements(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /finance/202309/statements."""
        statements, writer = self._statements[shop_number], self._writers[shop_number]
        search = read_search(request, _STATEMENTS, dict(request.query), _STATEMENT_CHECKS)

        def find(search: Search, as_of: int) -> list[int]:
            wanted = search.filters
            return _ordered(
                search,
                [
                    statement.drawn_at
                    for statement in statements.until(as_of)
                    if filters.between(statement.drawn_at, wanted, "statement_time")
                    and wanted.get("payment_status") in (None, writer.payment_status(statement, as_of))
                ],
            )

        def write(moment: int, now: int) -> Row | None:
            statement = statements.drawn_at(moment, now)
            return None if statement is None else writer.statement(statement, now)

        return self._lists.answer(search, _STATEMENTS, call, find, write, _STATEMENT_BREAKAGES)

    def transactions(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /finance/{version}/statements/{statement_id}/statement_transactions."""
        statement = self._statements[shop_number].find(request.path.split("/")[4], self._service.stage.clock.now())
        if statement is None:
            raise RefusalError("no_statement")
        writer, is_flat = self._writers[shop_number], version_of(request.path) == _FLAT_VERSION
        kind = _FLAT if is_flat else _NESTED
        search = read_search(request, kind, dict(request.query), {})

        def write(key: int, now: int) -> Row | None:
            if key & 1:
                return writer.adjustment(statement.adjustments[key >> 1], is_flat=is_flat)
            settlement = self._settlement(shop_number, key >> 1, now)
            if settlement is None:
                return None
            return writer.order_202309(settlement) if is_flat else writer.order_202501(settlement)

        rows = _keys(statement)
        page = self._lists.answer(
            search, kind, call, lambda search, _as_of: _ordered(search, rows), write, _ROW_BREAKAGES
        )
        return (writer.head_202309(statement) if is_flat else writer.head_202501(statement)) | page

    def payments(self, request: Request, shop_number: int, call: Call) -> Row:
        """GET /finance/{version}/payments: one for each statement that was paid."""
        statements, writer = self._statements[shop_number], self._writers[shop_number]
        is_old = version_of(request.path) == _FLAT_VERSION
        search = read_search(request, _PAYMENTS, dict(request.query), _PAYMENT_CHECKS)

        def find(search: Search, as_of: int) -> list[int]:
            paid = [statement for statement in statements.until(as_of) if statement.is_paid(as_of)]
            rows = [(statement, writer.payment(statement)["create_time"]) for statement in paid]
            wanted = search.filters
            moments = [one.drawn_at for one, created in rows if filters.between(created, wanted, "create_time")]
            return _ordered(search, moments)

        def write(moment: int, now: int) -> Row | None:
            statement = statements.drawn_at(moment, now)
            if statement is None:
                return None
            payment = writer.payment(statement)
            # The newer version knows no reserve.
            return payment if is_old else {name: payment[name] for name in payment if name != "reserve_amount"}

        return self._lists.answer(search, _PAYMENTS, call, find, write, _PAYMENT_BREAKAGES)

    def truth_of_transactions(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's transactions must agree with: all that stand on a statement."""
        writer = self._writers[shop_number]
        for statement in self._statements[shop_number].until(as_of):
            for position in statement.orders:
                settlement = self._settlement(shop_number, position, as_of)
                if settlement is not None:
                    yield writer.truth(settlement, statement)
            for adjustment in statement.adjustments:
                yield writer.truth(adjustment, statement)

    def truth_of_statements(self, shop_number: int, as_of: int) -> Iterator[dict[str, Any]]:
        """Return what a copy of a shop's statements must agree with."""
        writer, seller = self._writers[shop_number], self._sellers[shop_number]
        for statement in self._statements[shop_number].until(as_of):
            yield {
                "id": self._statements[shop_number].id_of(statement),
                "amount": seller.region.money(statement.sums.net),
                "currency": seller.region.currency,
                "time": statement.drawn_at,
                "status": writer.payment_status(statement, as_of),
            }

    def _settlement(self, shop_number: int, position: int, now: int) -> Settlement | None:
        seller = self._sellers[shop_number]
        state = seller.lives.state(position, now)
        return None if state is None else seller.settlements.of(state, now)


def _keys(statement: Statement) -> Sequence[int]:
    """Orders as they were created, then the rows without one, which have no such time."""
    orders = [position << 1 for position in statement.orders]
    return [*orders, *(at << 1 | 1 for at in range(len(statement.adjustments)))]


def _ordered(search: Search, rows: Sequence[int]) -> list[int]:
    return list(reversed(rows)) if search.is_descending else list(rows)
