"""Money of a TikTok Shop: one statement a day, and the transactions that stand on it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.paging import TokenPaging
from shops.marketplaces.records import (
    Page,
    Payload,
    Resource,
    StatementRecord,
    Stub,
    TransactionRecord,
    UnreadableRecord,
)
from shops.marketplaces.tiktok.client.lists import look, page_parameters
from shops.marketplaces.tiktok.mapping.transactions import map_money, statement_changed_at

if TYPE_CHECKING:
    from shops.marketplaces.tiktok.client import TikTokConnector

_STATEMENTS = TokenPaging(rows_field="statements")
_TRANSACTIONS = TokenPaging(rows_field="transactions")


class TransactionReader(ResourceReader):
    """Reads statements by the time when they were drawn up, then the transactions of each, page by page."""

    _connector: "TikTokConnector"
    resource: ClassVar[Resource] = Resource.TRANSACTIONS
    capability: ClassVar[Capability] = Capability(
        page_size=100,  # the most that both lists allow
        details={"transactions": 1},
        has_statements=True,
        note="Statements (one a day, cut at 00:00 UTC, none before July 2023), then the transactions of each. What is "
        "not on a statement yet is not shown; that a statement was paid shows when its day is read again.",
    )
    statements_path: ClassVar[str] = "/finance/202309/statements"
    # 202309 of this call has other fields and is documented for two regions only.
    transactions_path: ClassVar[str] = "/finance/202501/statements/{statement_id}/statement_transactions"

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[TransactionRecord | StatementRecord]:
        """List statements by their time; a statement is complete with its transactions only."""
        parameters = {
            **page_parameters(_STATEMENTS, self.capability.page_size, page_token, "statement_time"),
            "statement_time_ge": str(int(query.window.start.timestamp())),
            "statement_time_lt": str(int(query.window.end.timestamp())),
        }
        found = look(_STATEMENTS, self._connector.call("GET", self.statements_path, parameters), page_token)
        return page_of(map(_stub_of, found.rows), found.next_token, found.total_count)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[TransactionRecord | StatementRecord]:
        """Read one page of a statement's transactions; the statement itself comes with the last."""
        (stub,) = stubs
        page_token = values.text(stub.payload.get("page_token")) or ""
        path = self.transactions_path.format(statement_id=stub.external_id)
        parameters = page_parameters(_TRANSACTIONS, self.capability.page_size, page_token, "order_create_time")
        answer = self._connector.call("GET", path, parameters)
        if values.identifier(answer.get("id")) != stub.external_id:
            raise errors.UnreadableAnswer("The answer is not about the statement that was asked for.")
        found = look(_TRANSACTIONS, answer, page_token)
        statement = stub.payload.get("statement")
        mapped = [map_money({"transaction": row, "statement": statement}) for row in found.rows]
        if found.next_token:
            payload: dict[str, Any] = {"statement": statement, "page_token": found.next_token}
            return page_of([*mapped, Stub(stub.external_id, stub.step, payload, stub.source_updated_at)])
        totals = {name: value for name, value in answer.items() if name not in ("transactions", "next_page_token")}
        return page_of([*mapped, map_money({"statement": statement, "totals": totals})])

    def map_payload(self, payload: Payload) -> TransactionRecord | StatementRecord | UnreadableRecord:
        """Map one stored payload again."""
        return map_money(payload)


def _stub_of(row: Any) -> Stub | UnreadableRecord:
    statement_id = values.identifier(values.fields(row).get("id"))
    if statement_id is None:
        return UnreadableRecord(row, "The statement has no id that can be read.")
    return Stub(statement_id, "transactions", {"statement": row}, statement_changed_at(row))
