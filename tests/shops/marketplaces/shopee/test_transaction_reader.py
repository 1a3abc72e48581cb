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
from tests.shops.marketplaces.shopee.calling import FROM, NOW, TO, WINDOW, asked, connector, query, wrapped
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


def test_the_split_of_another_order_is_not_taken(server: ScriptedServer) -> None:
    server.answer(wrapped({**response("escrow_detail"), "order_sn": "240118PQ7RS8TU"}))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_details(Resource.TRANSACTIONS, stubs()[:1])


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


def read_wallet(server: ScriptedServer, *pages: list[int]) -> list[list[str]]:
    """Read pages of equal charges, told apart by their seconds alone; give the ids on each."""
    shopee, token, found = connector(server), "", []
    for number, seconds in enumerate(pages, start=1):
        rows = [wallet_row() | {"create_time": NOW + second} for second in seconds]
        server.answer(wrapped({"more": number < len(pages), "transaction_list": rows}))
        page = shopee.fetch_page(WALLET, token)
        assert [shopee.map_payload(Resource.TRANSACTIONS, record.payload) for record in page.records] == [*page.records]
        found.append([record.external_id.removeprefix("wallet:") for record in page.records])
        token = page.next_token
    return found


def charge(second: int, nth: str = "") -> str:
    return f"{NOW + second}:PAID_ADS_CHARGE:-12.50:{nth and ':'}{nth}"


def test_equal_charges_in_one_second_are_as_many_movements(server: ScriptedServer) -> None:
    assert read_wallet(server, [2, 1, 1, 1]) == [[charge(2), charge(1), charge(1, "2"), charge(1, "3")]]


def test_equal_charges_are_counted_on_over_the_end_of_a_page(server: ScriptedServer) -> None:
    found = read_wallet(server, [2, 1, 1], [1], [1, 0])
    assert found == [[charge(2), charge(1), charge(1, "2")], [charge(1, "3")], [charge(1, "4"), charge(0)]]


def test_a_page_that_comes_twice_doubles_no_movement(server: ScriptedServer) -> None:
    """Pages may count from 0 or from 1; whoever begins at 0 then reads the first one twice."""
    first, again, _ = read_wallet(server, [3, 2, 1], [3, 2, 1], [0])
    assert first == again


@pytest.mark.parametrize("listed", [ESCROWS, WALLET], ids=["escrow", "wallet"])
def test_a_list_without_its_rows_is_no_empty_list(server: ScriptedServer, listed: object) -> None:
    server.answer(wrapped({"more": True}))
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_page(listed)  # type: ignore[arg-type]


def test_an_escrow_row_without_a_time_is_kept_apart(server: ScriptedServer) -> None:
    server.answer(wrapped({"more": False, "escrow_list": [{"order_sn": "A", "payout_amount": 1}]}))
    page = connector(server).fetch_page(ESCROWS)
    assert (page.stubs, page.unreadable[0].error) == ((), "escrow_release_time is missing.")
