"""Transactions: statements by their time, then the transactions of each; the statement itself comes last."""

import copy
from datetime import UTC, datetime

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Resource, StatementRecord, TransactionRecord, Window
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.tiktok.client.connecting import connector

WINDOW = Window(datetime(2026, 8, 15, tzinfo=UTC), datetime(2026, 8, 17, tzinfo=UTC))
QUERY = ListQuery(Resource.TRANSACTIONS, WINDOW)


def test_statements_are_listed_by_their_time_and_are_stubs(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/statements"))
    page = connector(server).fetch_page(QUERY)
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("GET", "/finance/202309/statements")
    asked = ("page_size", "sort_field", "sort_order", "statement_time_ge", "statement_time_lt")
    assert [sent.query[name] for name in asked] == ["100", "statement_time", "ASC", "1786752000", "1786924800"]
    assert [stub.external_id for stub in page.stubs] == ["7673000000000000785", "7673000000000000786"]
    # The first was paid later than it was drawn up, so that it is read again; the second is not paid yet.
    assert [stub.source_updated_at for stub in page.stubs] == [
        datetime.fromtimestamp(1786760988, UTC),
        datetime.fromtimestamp(1786838400, UTC),
    ]


def test_the_statement_comes_with_the_last_page_of_its_transactions(server: ScriptedServer) -> None:
    whole = payloads.load("tiktok/statement_transactions_202501")
    first, last = copy.deepcopy(whole), copy.deepcopy(whole)
    first["data"] |= {"transactions": whole["data"]["transactions"][:1], "next_page_token": "aDV0"}
    last["data"] |= {"transactions": whole["data"]["transactions"][1:]}
    server.answer(payloads.load("tiktok/statements"))
    server.answer(first)
    server.answer(last)
    tiktok = connector(server)
    stub = tiktok.fetch_page(QUERY).stubs[0]
    page = tiktok.fetch_details(Resource.TRANSACTIONS, [stub])
    assert [record.external_id for record in page.records] == ["7669000000000000385"]
    assert [one.external_id for one in page.stubs] == [stub.external_id]
    page = tiktok.fetch_details(Resource.TRANSACTIONS, page.stubs)
    assert page.stubs == ()
    assert [type(record) for record in page.records] == [TransactionRecord, StatementRecord]
    assert page.records[1].external_id == stub.external_id
    for record in page.records:
        assert tiktok.map_payload(Resource.TRANSACTIONS, record.payload) == record
    path = "/finance/202501/statements/7673000000000000785/statement_transactions"
    assert [sent.path for sent in server.requests[1:]] == [path, path]
    assert "page_token" not in server.requests[1].query
    assert server.requests[2].query["page_token"] == "aDV0"
    assert server.requests[2].query["sort_field"] == "order_create_time"


def test_the_transactions_of_another_statement_are_no_answer(server: ScriptedServer) -> None:
    server.answer(payloads.load("tiktok/statements"))
    server.answer(payloads.load("tiktok/statement_transactions_202501"))
    tiktok = connector(server)
    other = tiktok.fetch_page(QUERY).stubs[1]
    with pytest.raises(errors.UnreadableAnswer):
        tiktok.fetch_details(Resource.TRANSACTIONS, [other])


def test_rows_without_a_word_on_how_the_list_goes_on_are_no_end(server: ScriptedServer) -> None:
    answer = payloads.load("tiktok/statements")
    del answer["data"]["next_page_token"]
    server.answer(answer)
    with pytest.raises(errors.UnreadableAnswer):
        connector(server).fetch_page(QUERY)
