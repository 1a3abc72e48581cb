"""Money of a Shopee shop: released escrows with their split, and what else moved in the seller's wallet."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from shops.marketplaces import errors, values
from shops.marketplaces.base import ResourceReader, page_of
from shops.marketplaces.contract import Capability, ListQuery
from shops.marketplaces.records import Page, Payload, Resource, Stub, TransactionRecord, UnreadableRecord, Window
from shops.marketplaces.shopee.client.lists import look, page_number, window_of
from shops.marketplaces.shopee.client.orders import LONGEST_WINDOW
from shops.marketplaces.shopee.client.wallet import number_same
from shops.marketplaces.shopee.mapping.transactions import escrow_id, is_escrow_row, map_transaction, name_wallet_row

if TYPE_CHECKING:
    from shops.marketplaces.shopee.client import ShopeeConnector

# One order a call is sure. The call for several (20 is Shopee's advice, 50 its limit) takes a twentieth of the calls,
# but its method is in dispute: a subclass or this number switches it on.
ESCROWS_PER_CALL = 1


class TransactionReader(ResourceReader):
    """Reads two lists: escrows by the time of their release, wallet rows by the time of their creation."""

    _connector: "ShopeeConnector"
    resource: ClassVar[Resource] = Resource.TRANSACTIONS
    capability: ClassVar[Capability] = Capability(
        page_size=100,
        longest_window=LONGEST_WINDOW,
        details={"escrow": ESCROWS_PER_CALL},
        note="Released escrows, each with one call for its split into proceeds, fees, shipping and taxes; and the "
        "wallet's other rows, which exist for local shops only. Shopee has no statements.",
    )
    escrow_list_path: ClassVar[str] = "/payment/get_escrow_list"
    escrow_path: ClassVar[str] = "/payment/get_escrow_detail"
    batch_path: ClassVar[str] = "/payment/get_escrow_detail_batch"
    wallet_path: ClassVar[str] = "/payment/get_wallet_transaction_list"
    # The documents say GET, one client in use sends POST with a JSON body.
    is_batch_posted: ClassVar[bool] = False
    # Shops that sell across borders have no wallet: without it, escrows alone are read.
    reads_wallet: ClassVar[bool] = True
    first_escrow_page: ClassVar[int] = 1
    first_wallet_page: ClassVar[int] = 0

    def plan_lists(self, window: Window, status: str = "") -> tuple[ListQuery, ...]:
        """Name the lists."""
        names = ("escrow", "wallet") if self.reads_wallet else ("escrow",)
        return tuple(ListQuery(self.resource, window, name) for name in names)

    def fetch_page(self, query: ListQuery, page_token: str = "") -> Page[TransactionRecord]:
        """Read one page of the list that the query names."""
        if query.name == "wallet":
            return self._fetch_wallet_page(query.window, page_token)
        return self._fetch_escrow_page(query.window, page_token)

    def fetch_details(self, stubs: Sequence[Stub]) -> Page[TransactionRecord]:
        """Read the split of one escrow, or of several where the capability says so."""
        if self.capability.details["escrow"] == 1:
            order_sn = _order_of(stubs[0])
            detail = self._connector.fetch(self.escrow_path, (("order_sn", order_sn),))
            if values.identifier(detail.get("order_sn")) not in (None, order_sn):
                raise errors.UnreadableAnswer("The answer is not about the order that was asked for.")
            if not isinstance(detail.get("order_income"), dict):
                raise errors.UnreadableAnswer("The answer has no income of the order.")
            found = {order_sn: detail}
        else:
            found = self._fetch_batch([_order_of(stub) for stub in stubs])
        known = [(stub, found[_order_of(stub)]) for stub in stubs if _order_of(stub) in found]
        return page_of([self.map_payload({**stub.payload, "detail": detail}) for stub, detail in known])

    def map_payload(self, payload: Payload) -> TransactionRecord | UnreadableRecord:
        """Map one stored payload again; the currency is that of the shop's region."""
        return map_transaction(payload, self._connector.shop.region)

    def _fetch_escrow_page(self, window: Window, page_token: str) -> Page[TransactionRecord]:
        number = page_number(page_token, self.first_escrow_page)
        parameters = self._parameters(number, window, "release_time_from", "release_time_to")
        found = look(self._connector.fetch(self.escrow_list_path, parameters), "escrow_list")
        return page_of(map(_stub_of, found.rows), str(number + 1) if found.has_more else "")

    def _fetch_wallet_page(self, window: Window, page_token: str) -> Page[TransactionRecord]:
        """Read wallet rows, but none of a released escrow: the escrow list has it, and says more."""
        told_number, _, told_rows = page_token.partition(":")
        number = page_number(told_number, self.first_wallet_page)
        parameters = self._parameters(number, window, "create_time_from", "create_time_to")
        found = look(self._connector.fetch(self.wallet_path, parameters), "transaction_list")
        rows, last_rows = number_same(found.rows, told_rows)
        read = [
            name_wallet_row(one["wallet"]) if is_escrow_row(one["wallet"]) else self.map_payload(one) for one in rows
        ]
        return page_of(read, f"{number + 1}:{last_rows}" if found.has_more else "")

    def _parameters(self, number: int, window: Window, first: str, last: str) -> list[tuple[str, str]]:
        paging = [("page_no", str(number)), ("page_size", str(self.capability.page_size))]
        return [*paging, *window_of(window, first, last)]

    def _fetch_batch(self, order_sns: Sequence[str]) -> dict[str, Any]:
        """Read several escrows: the response is a bare list. Those that Shopee cannot give are missing."""
        if self.is_batch_posted:
            answer = self._connector.call(self.batch_path, method="POST", body={"order_sn_list": list(order_sns)})
        else:
            answer = self._connector.call(self.batch_path, (("order_sn_list", ",".join(order_sns)),))
        rows = answer.get("response")
        if not isinstance(rows, list):
            raise errors.UnreadableAnswer("The answer has no list of escrows.")
        details = [values.fields(values.fields(row).get("escrow_detail")) for row in rows]
        return {str(detail.get("order_sn")): detail for detail in details}


def _stub_of(row: Any) -> Stub | UnreadableRecord:
    external_id = escrow_id(row)
    if isinstance(external_id, UnreadableRecord):
        return external_id
    return Stub(external_id, "escrow", {"escrow": row}, values.seconds(row.get("escrow_release_time")))


def _order_of(stub: Stub) -> str:
    return values.identifier(values.fields(stub.payload.get("escrow")).get("order_sn")) or ""
