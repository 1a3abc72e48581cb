"""The page of an order: what is on it, for whom, and that it stays bounded."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.common import clock
from orders.models import Order, OrderLine, OrderPayload, Package
from orders.services import change_handling
from shops.marketplaces.records import OrderStatus, PackageRecord
from tests.factories.orders import store, store_order
from tests.factories.records import make_line, make_order
from tests.factories.shops import make_shop
from tests.factories.sync import make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(client, person):
    """The page of an order, as text."""
    client.force_login(person)

    def text(order):
        answer = client.get(reverse("admin:orders_order_change", args=[order.pk]))
        assert answer.status_code == 200
        return answer.content.decode()

    return text


def test_the_facts_are_on_top(look, shop):
    due_at = clock.now() - timedelta(hours=3, minutes=1)
    page = look(store_order(shop, "584001", ship_by_at=due_at))
    for fact in ("Awaiting shipment", "overdue by 3 h", "440,000 VND", shop.name, "584001", "Number at TikTok Shop"):
        assert fact in page, fact


def test_an_order_that_need_not_be_shipped_has_no_countdown(look, shop):
    order = store_order(shop, ship_by_at=clock.now() + timedelta(hours=1), status=OrderStatus.DELIVERED)
    assert 'class="deadline"' not in look(order)


def test_the_problems_of_an_invalid_order_stand_first(look, shop):
    page = look(store_order(shop, problems=("the total is “abc”",)))
    assert page.index("Not everything in this order could be read") < page.index("Number at TikTok")
    assert "the total is “abc”" in page
    assert "Not everything" not in look(store_order(shop, "good"))


def test_packages_name_the_lines_that_are_in_them(look, shop):
    line = make_line(1, product_name="Áo thun", sku_name="M, đen", quantity=3)
    contents = ({"line": "line-1", "quantity": 2}, {"line": "line-9", "quantity": 1})
    order = store_order(shop, lines=(line,), packages=(PackageRecord("p1", tracking_number="VN9", contents=contents),))
    page = look(order)
    for part in ("2 × Áo thun (M, đen)", "1 × line line-9", "VN9"):
        assert part in page, part


@pytest.mark.parametrize("contents", [[], [{}], ["line-1"], [{"line": None, "quantity": None}], [[1]]])
def test_contents_that_make_no_sense_are_survived(look, shop, contents):
    order = store_order(shop)
    Package.objects.filter(order=order).update(contents=contents)
    look(order)


def test_lines_show_what_they_cost_together_and_before(look, shop):
    page = look(store_order(shop, lines=(make_line(quantity=3, price=100, original_price=150),)))
    assert ("300 VND" in page, "<s>150 VND</s>" in page) == (True, True)


def test_a_line_without_a_price_says_so(look, shop):
    assert "–" in look(store_order(shop, lines=(make_line(price=None, original_price=None, seller_sku=""),)))


def test_images_are_not_fetched_from_other_hosts(look, shop):
    page = look(store_order(shop, lines=(make_line(image_url="https://elsewhere.example/a.jpg"),), payload={}))
    assert "elsewhere" not in page


def test_the_payload_history_names_source_time_and_what_changed(look, shop):
    store(shop, make_order(payload={"status": "UNPAID", "b": "<b>bold</b>"}))
    [order] = store(shop, make_order(later_by=60, payload={"status": "PAID"}))
    page = look(order)
    for part in (
        "<del>UNPAID</del>",
        "<ins>PAID</ins>",
        "The first that is kept.",
        "Sync",
        "&lt;b&gt;bold&lt;/b&gt;",
        "removed",
    ):
        assert part in page, part
    assert "<b>bold</b>" not in page
    assert page.index("<ins>PAID") < page.index("The first that is kept.")
    assert "The newest payload, whole" in page


def test_runs_are_linked_for_those_who_may_see_them(look, client, person, shop):
    run = make_run(shop=shop)
    [order] = store(shop, make_order(), run_id=run.pk)
    address = reverse("admin:syncjobs_run_change", args=[run.pk])
    page = look(order)
    assert (address in page, f"run {run.pk}" in page, "runs of this shop" in page) == (False, True, False)
    person.user_permissions.add(Permission.objects.get(codename="view_run"))
    page = look(order)
    assert (address in page, "runs of this shop" in page) == (True, True)
    runs = client.get(f"{reverse('admin:syncjobs_run_changelist')}?shop={shop.pk}", follow=True)
    assert [one.pk for one in runs.context["cl"].result_list] == [run.pk]


def test_a_run_that_was_pruned_is_named_and_leads_nowhere(look, person, shop):
    person.user_permissions.add(Permission.objects.get(codename="view_run"))
    run = make_run(shop=shop)
    [order] = store(shop, make_order(), run_id=run.pk)
    address = reverse("admin:syncjobs_run_change", args=[run.pk])
    assert look(order).count(address) == 2  # of the row, of the payload
    run.delete()
    page = look(order)
    assert f"run {order.last_run_id} (pruned)" in page
    assert address not in page


def test_what_staff_did_is_on_the_timeline(look, shop, editor):
    order = store_order(shop)
    change_handling(order, version=0, note="", tags=["vip"], assignee=None, person=editor)
    page = look(order)
    assert "Tags: +vip." in page
    assert "row-event-staff" in page


def test_html_in_what_others_wrote_is_shown_and_not_run(look, shop, editor):
    evil = "<script>alert(1)</script>"
    shop.name = evil
    shop.save()
    order = store_order(
        shop,
        "584001",
        lines=(make_line(product_name=evil, sku_name=evil, seller_sku=evil, raw_status=evil),),
        packages=(PackageRecord(evil, tracking_number=evil, carrier_name=evil, contents=({"line": evil},)),),
        buyer_message=evil,
        problems=(evil,),
        payload={evil: evil},
    )
    OrderPayload.objects.create(
        order=order, received_at=clock.now() + timedelta(hours=1), source="poll", payload={evil: "other"}
    )
    change_handling(order, version=0, note=evil, tags=[evil], assignee=None, person=editor)
    page = look(order)
    assert evil not in page
    assert page.count("&lt;script&gt;") > 12


def test_an_order_of_a_foreign_shop_is_not_there(client, person):
    foreign = store_order(make_shop(), "foreign")
    client.force_login(person)
    for name in ("change", "history"):
        answer = client.get(reverse(f"admin:orders_order_{name}", args=[foreign.pk]), follow=True)
        assert "overdue" not in answer.content.decode()
        assert answer.redirect_chain or answer.status_code == 404


def test_nothing_can_be_changed_by_sending_the_page_back(client, editor, shop):
    order = store_order(shop)
    client.force_login(editor)
    address = reverse("admin:orders_order_change", args=[order.pk])
    assert client.post(address, {"external_id": "other", "status": "unpaid"}).status_code == 403
    assert Order.objects.get().external_id == order.external_id


def test_the_number_of_queries_does_not_depend_on_what_the_order_holds(look, shop, editor):
    def queries(order):
        look(order)
        with CaptureQueriesContext(connection) as captured:
            look(order)
        return len(captured)

    order = store_order(shop, lines=(), packages=())
    few = queries(order)
    for number in range(20):
        OrderLine.objects.create(order=order, external_id=f"l{number}")
        Package.objects.create(order=order, external_id=f"p{number}", contents=[{"line": f"l{number}", "quantity": 1}])
        OrderPayload.objects.create(order=order, received_at=clock.now(), source="poll", payload={"n": number})
        change_handling(order, version=number, note=f"{number}", tags=[], assignee=editor, person=editor)
    assert queries(order) == few
