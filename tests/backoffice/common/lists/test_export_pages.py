"""The export form and downloads, as a person at the screen has them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from backoffice.common import clock
from backoffice.common.lists import exports, tasks
from backoffice.common.lists.models import Export, SavedView
from orders.admin.order import OrderAdmin
from orders.models import Order
from shops.models import ShopGrant
from tests.architecture.rows import make_person, make_superuser
from tests.backoffice.common.lists.acting import find, make_shops
from tests.backoffice.common.lists.sheets import read_csv
from tests.factories.orders import make_staff, store, store_order
from tests.factories.records import make_order

pytestmark = pytest.mark.django_db
ORDERS = reverse("admin:orders_order_changelist")
EXPORT = reverse("admin:orders_order_export")
DOWNLOADS = reverse("admin:lists_export_changelist")


@pytest.fixture
def shops(db):
    return make_shops("own", "foreign")


@pytest.fixture
def person(client, shops):
    person = make_staff("packer", shops[0])
    client.force_login(person)
    return person


def send(client, **values):
    return client.post(
        EXPORT, {"format": "csv", "columns": ["external_id", "shop"], "query": "", **values}, follow=True
    )


def fetch(client, export):
    return client.get(reverse("admin:lists_export_download", args=[export.pk]))


def test_from_the_list_over_the_form_to_the_file(client, person, shops, woken, tmp_path):
    store(shops[0], make_order("1111"), make_order("2222"))
    page = client.get(ORDERS, {"q": "1111"}).content.decode()
    link = find(r'href="(/admin/orders/order/export/[^"]*)"', page)
    form = client.get(link.replace("&amp;", "&"))
    assert (form.context["rows"], form.context["filters"]) == ("1", [("Search", "1111")])
    answer = send(client, query=form.context["query"])
    export = Export.objects.get()
    assert answer.redirect_chain == [(DOWNLOADS, 302)]
    assert woken == [("work_on_export", export.pk)]
    cell = find(r'data-live="([^"]*)"', answer.content.decode())
    tasks.work_on_export(export.pk)
    fresh = client.get(cell).content.decode()
    assert "data-live" not in fresh
    assert reverse("admin:lists_export_download", args=[export.pk]) in fresh
    file = fetch(client, export)
    assert file.streaming
    assert re.fullmatch(r'attachment; filename="orders-[0-9-]+\.csv"', file["Content-Disposition"])
    assert {"private", "no-store"} <= set(file["Cache-Control"].split(", "))
    (tmp_path / "fetched").write_bytes(b"".join(file.streaming_content))
    assert read_csv(tmp_path / "fetched")[1:] == [["1111", "own"]]


def test_the_form_offers_the_columns_of_the_present_view(client, person):
    chosen = [OrderAdmin.list_display[0], "show_status", "source_created_at"]
    view = SavedView.objects.create(user=person, list_label="orders.order", name="Mine", columns=chosen)
    shown = [column["name"] for column in client.get(EXPORT, {"view": view.pk}).context["columns"] if column["shown"]]
    assert [name for name in shown if name in ("status", "source_created_at")] == ["status", "source_created_at"]
    assert len(shown) <= 3
    everything = client.get(EXPORT).context["columns"]
    assert all(column["shown"] for column in everything)


def test_a_filter_that_makes_no_sense_is_told_on_the_form_and_starts_nothing(client, person, woken):
    assert "make no sense" in client.get(EXPORT, {"status": "gone"}).content.decode()
    answer = send(client, query="status=gone")
    assert "make no sense" in answer.content.decode()
    assert not Export.objects.exists()
    assert woken == []


@pytest.mark.parametrize("wrong", [{"columns": []}, {"columns": ["buyer_email"]}, {"format": "exe"}])
def test_a_form_that_makes_no_sense_is_shown_again_with_the_reason(client, person, wrong):
    answer = send(client, **wrong)
    assert answer.status_code == 200
    assert "list-problem" in answer.content.decode()
    assert not Export.objects.exists()


def test_without_the_permission_and_where_nothing_can_be_exported_there_is_no_form(client, person):
    assert client.get(reverse("admin:shops_shop_export")).status_code == 404
    person.user_permissions.clear()
    assert client.get(EXPORT).status_code == send(client).status_code == 403
    assert not Export.objects.exists()


@pytest.fixture
def export(person, shops):
    store_order(shops[0], "1")
    export = exports.start_export(kind="orders.orders", person=person, query="", columns=(), file_format="csv")
    exports.run_export(export.pk)
    return Export.objects.get()


def test_a_file_is_for_its_owner_and_for_superusers(client, export):
    assert fetch(client, export).status_code == 200
    client.force_login(make_superuser())
    assert fetch(client, export).status_code == 200
    client.force_login(make_person())
    assert fetch(client, export).status_code == 404
    client.logout()
    assert fetch(client, export).status_code == 302


def test_who_lost_a_shop_gets_a_reason_and_not_the_file(client, export):
    ShopGrant.objects.all().delete()
    answer = fetch(client, export)
    assert answer.status_code == 403
    assert "a shop that you may not see any more" in answer.content.decode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expires_at": clock.now() - timedelta(hours=1)}, "not on this server|time is over"),
        ({"state": "expired", "file_name": ""}, "time is over"),
        ({"state": "running", "file_name": ""}, "not finished yet"),
        ({"file_name": "gone.csv"}, "EXPORT_DIR must be shared"),
    ],
)
def test_a_file_that_is_not_there_is_said_to_be_gone_and_why(client, export, change, reason):
    Export.objects.update(**change)
    answer = fetch(client, export)
    assert answer.status_code == 404
    assert re.search(reason, answer.content.decode())


def test_deleting_an_export_deletes_its_file(client, export, folder):
    assert len(list(folder.iterdir())) == 1
    client.post(reverse("admin:lists_export_delete", args=[export.pk]), {"post": "yes"})
    assert (Export.objects.count(), list(folder.iterdir())) == (0, [])


def test_deleting_several_at_once_deletes_their_files(client, export, folder):
    chosen = {"action": "delete_selected", "index": "0", "_selected_action": [export.pk], "post": "yes"}
    client.post(DOWNLOADS, chosen)
    assert (Export.objects.count(), list(folder.iterdir())) == (0, [])


def test_an_export_of_a_kind_that_is_gone_can_still_be_read(client, export):
    Export.objects.update(kind="tests.gone")
    assert "tests.gone" in client.get(DOWNLOADS).content.decode()
    assert client.get(reverse("admin:lists_export_change", args=[export.pk])).status_code == 200
    assert fetch(client, export).status_code == 403


def test_people_without_permissions_see_their_empty_pages_and_lists_do_not_offer_to_delete(client, person):
    person.user_permissions.clear()
    client.force_login(User.objects.get(pk=person.pk))
    assert client.get(DOWNLOADS).status_code == client.get(reverse("admin:lists_batch_changelist")).status_code == 200
    client.force_login(make_superuser())
    assert Order.objects.count() == 0
    assert "delete_selected" not in client.get(ORDERS).content.decode()
    assert "delete_selected" not in client.get(reverse("admin:lists_batch_changelist")).content.decode()
