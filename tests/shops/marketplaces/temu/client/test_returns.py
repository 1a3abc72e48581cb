"""Cases with their details and parcels, and the list of cancellations."""

from datetime import UTC, datetime

import pytest

from shops.marketplaces import errors
from shops.marketplaces.contract import ListQuery
from shops.marketplaces.records import Resource, Stub, Token
from tests.shops.marketplaces import payloads
from tests.shops.marketplaces.scripted_server import ScriptedServer
from tests.shops.marketplaces.temu.client.connecting import TOKEN, WINDOW, connect, failure, sent, success
from tests.shops.marketplaces.temu.samples import result

CASES = ListQuery(Resource.RETURNS, WINDOW)
CASE = "PO-211-00000000000000005-D01"


def test_there_is_a_list_of_cases_in_the_window_and_one_of_all_cancellations(server: ScriptedServer) -> None:
    planned = connect(server).plan_lists(Resource.RETURNS, WINDOW)
    assert [(query.name, query.is_windowed) for query in planned] == [("", True), ("cancellations", False)]


def test_cases_are_listed_by_time_of_change_and_wait_for_their_details(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/aftersales_parent_list"))
    page = connect(server).fetch_page(CASES)
    expected = {"pageNo": 1, "pageSize": 200, "updateAtStart": 1766600000, "updateAtEnd": 1767225599}
    assert sent(server) == [("bg.aftersales.parentaftersales.list.get", expected)]
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [
        (CASE, "detail"),
        ("PO-211-00000000000000004-D01", "detail"),
    ]
    assert page.stubs[0].source_updated_at == datetime.fromtimestamp(1767000500, UTC)


def test_a_detail_completes_a_case_in_which_nothing_was_sent(server: ScriptedServer) -> None:
    connector = connect(server)
    server.answer(payloads.load("temu/aftersales_detail"))
    stub = Stub(CASE, "detail", {"case": result("aftersales_parent_list")["data"][0]})
    page = connector.fetch_details(Resource.RETURNS, [stub])
    number = {"parentOrderSn": "PO-211-00000000000000005", "parentAfterSalesSn": CASE}
    assert sent(server) == [("temu.aftersales.parentaftersales.detail.get", number)]
    assert (len(page.records), page.stubs) == (1, ())


def test_the_detail_of_another_case_is_not_taken(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/aftersales_detail"))
    stub = Stub("PO-211-00000000000000005-D02", "detail", {"case": {"parentOrderSn": "PO-211-00000000000000005"}})
    with pytest.raises(errors.UnreadableAnswer, match="another parentAfterSalesSn"):
        connect(server).fetch_details(Resource.RETURNS, [stub])


def test_a_return_that_was_sent_is_asked_for_its_parcel(server: ScriptedServer) -> None:
    connector = connect(server)
    case = {**result("aftersales_parent_list")["data"][0], "parentAfterSalesStatus": 2}
    server.answer(payloads.load("temu/aftersales_detail"))
    page = connector.fetch_details(Resource.RETURNS, [Stub(CASE, "detail", {"case": case})])
    assert [(stub.external_id, stub.step) for stub in page.stubs] == [(CASE, "logistics")]
    server.answer(payloads.load("temu/aftersales_return_logistics"))
    (record,) = connector.fetch_details(Resource.RETURNS, page.stubs).records
    assert sent(server)[1] == ("bg.aftersales.parentreturnorder.get", {"parentAfterSalesSn": CASE})
    assert record.tracking_number == "RET0000000051"
    assert set(record.payload) == {"case", "detail", "logistics"}


def test_a_case_is_kept_where_its_detail_may_not_be_read(server: ScriptedServer) -> None:
    connector = connect(server)
    server.answer(failure(3000032))
    stub = Stub(CASE, "detail", {"case": result("aftersales_parent_list")["data"][0]})
    (record,) = connector.fetch_details(Resource.RETURNS, [stub]).records
    assert (record.external_id, record.lines, record.is_valid) == (CASE, (), True)


def test_cancellations_are_records_as_listed(server: ScriptedServer) -> None:
    server.answer(payloads.load("temu/cancel_list"))
    query = ListQuery(Resource.RETURNS, WINDOW, name="cancellations")
    (record,) = connect(server).fetch_page(query).records
    assert sent(server) == [("bg.aftersales.cancel.list.get", {"pageNo": 1, "pageSize": 200})]
    assert record.external_id == "PO-211-00000000000000006-D01"


def test_a_number_that_is_no_case_may_be_a_cancellation(server: ScriptedServer) -> None:
    connector = connect(server, token=Token(TOKEN.access_token, scopes=("none of the optional ones",)))
    server.answer(success({"data": result("aftersales_parent_list")["data"][:1], "total": 1}))
    page = connector.fetch_by_ids(Resource.RETURNS, [CASE, "PO-211-00000000000000006-D01"])
    assert [record.external_id for record in page.records] == [CASE]
    assert sent(server)[0][1]["updateAtEnd"] == 1767225600
    server.answer(payloads.load("temu/cancel_list"))
    (record,) = connector.fetch_details(Resource.RETURNS, page.stubs).records
    assert sent(server)[1][1]["parentAfterSalesSnList"] == ["PO-211-00000000000000006-D01"]
    assert record.external_id == "PO-211-00000000000000006-D01"
