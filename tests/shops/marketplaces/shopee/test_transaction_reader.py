"""How escrows and wallet rows are listed, and how escrows get their split: one by one, or many where switched on."""

import dataclasses
import json
from typing import ClassVar

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import Capability
from shops.marketplaces.records import Resource, Stub
from shops.marketplaces.shopee.client import ShopeeConnector
from shops.marketplaces.shopee.client.transactions import TransactionReader
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.shopee.calling import FROM, TO, WINDOW, asked, connector, query, wrapped
from tests.shops.marketplaces.shopee.samples import response, wallet_row

ESCROWS = query(Resource.TRANSACTIONS, "escrow")
WALLET = query(Resource.TRANSACTIONS, "wallet")


class ManyAtOnce(TransactionReader):
    capability: ClassVar[Capability] = dataclasses.replace(TransactionReader.capability, details={"escrow": 20})


class PostedManyAtOnce(ManyAtOnce):
    is_batch_posted: ClassVar[bool] = True


def with_reader(reader: type[TransactionReader]) -> type[ShopeeConnector]:
    class Switched(ShopeeConnector):
        capabilities = {**ShopeeConnector.capabilities, Resource.TRANSACTIONS: reader.capability}
        reader_classes = (reader,)

    return Switched


def stubs() -> list[Stub]:
    rows = response("escrow_list")["escrow_list"]
    return [Stub(f"{row['order_sn']}:{row['escrow_release_time']}", "escrow", {"escrow": row}) for row in rows]


def test_two_lists_are_planned_and_the_wallet_can_be_left_out(server: ScriptedServer) -> None:
    class NoWallet(TransactionReader):
        reads_wallet: ClassVar[bool] = False

    planned = connector(server).plan_lists(Resource.TRANSACTIONS, WINDOW)
    assert [one.name for one in planned] == ["escrow", "wallet"]
    without = connector(server, kind=with_reader(NoWallet)).plan_lists(Resource.TRANSACTIONS, WINDOW)
    assert [one.name for one in without] == ["escrow"]


def test_escrow_pages_count_from_one(server: ScriptedServer) -> None:
    answer = payloads.load("shopee/escrow_list")["response"]
    answer["response"]["more"] = True
    server.answer(answer)
    page = connector(server).fetch_page(ESCROWS)
    assert asked(server) == {"page_no": "1", "page_size": "100", "release_time_from": FROM, "release_time_to": TO}
    assert [(stub.external_id, stub.payload) for stub in page.stubs] == [
        (stub.external_id, stub.payload) for stub in stubs()
    ]
    assert page.next_token == "2"
    assert page.stubs[0].source_updated_at is not None


def test_an_escrow_gets_its_split_by_a_call_of_its_own(server: ScriptedServer) -> None:
    server.answer(payloads.load("shopee/escrow_detail")["response"])
    shopee = connector(server)
    assert shopee.capabilities[Resource.TRANSACTIONS].details == {"escrow": 1}
    (record,) = shopee.fetch_details(Resource.TRANSACTIONS, stubs()[:1]).records
    assert asked(server) == {"order_sn": "240115AB3CD4EF"}
    assert (record.external_id, record.currency) == ("240115AB3CD4EF:1705860000", "SGD")


@pytest.mark.parametrize("reader", [ManyAtOnce, PostedManyAtOnce])
def test_many_escrows_at_once_come_as_a_bare_list(server: ScriptedServer, reader: type[TransactionReader]) -> None:
    server.answer(payloads.load("shopee/escrow_detail_batch")["response"])
    page = connector(server, kind=with_reader(reader)).fetch_details(Resource.TRANSACTIONS, stubs())
    assert [record.external_id for record in page.records] == [stub.external_id for stub in stubs()]
    assert server.requests[0].path.endswith("/payment/get_escrow_detail_batch")
    numbers = ["240115AB3CD4EF", "240118PQ7RS8TU"]
    if reader is ManyAtOnce:
        assert (server.requests[0].method, asked(server)["order_sn_list"]) == ("GET", ",".join(numbers))
    else:
        assert (server.requests[0].method, json.loads(server.requests[0].body)) == ("POST", {"order_sn_list": numbers})


def test_an_escrow_that_shopee_cannot_give_is_missing_from_the_many(server: ScriptedServer) -> None:
    answer = payloads.load("shopee/escrow_detail_batch")["response"]
    del answer["response"][0]
    server.answer(answer)
    page = connector(server, kind=with_reader(ManyAtOnce)).fetch_details(Resource.TRANSACTIONS, stubs())
    assert [record.order_external_id for record in page.records] == ["240118PQ7RS8TU"]


def test_wallet_pages_count_from_zero_and_leave_escrows_out(server: ScriptedServer) -> None:
    answer = payloads.load("shopee/wallet_transaction_list")["response"]
    answer["response"]["transaction_list"].append(wallet_row())
    server.answer(answer)
    page = connector(server).fetch_page(WALLET)
    assert asked(server) == {"page_no": "0", "page_size": "100", "create_time_from": FROM, "create_time_to": TO}
    assert [record.raw_kind for record in page.records] == ["PAID_ADS_CHARGE"]
    assert page.next_token == ""


@pytest.mark.parametrize("listed", [ESCROWS, WALLET], ids=["escrow", "wallet"])
def test_a_list_without_its_rows_is_no_empty_list(server: ScriptedServer, listed: object) -> None:
    server.answer(wrapped({"more": True}))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_page(listed)  # type: ignore[arg-type]


def test_an_escrow_row_without_a_time_is_kept_apart(server: ScriptedServer) -> None:
    server.answer(wrapped({"more": False, "escrow_list": [{"order_sn": "A", "payout_amount": 1}]}))
    page = connector(server).fetch_page(ESCROWS)
    assert (page.stubs, page.unreadable[0].error) == ((), "escrow_release_time is missing.")
