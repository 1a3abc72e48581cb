"""Exports: the rows a person may see, in a file that is theirs, and that expires."""

import stat
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from backoffice.common.lists import exports, leases
from backoffice.common.lists.exports import delete_export, find_file, refusal_to_fetch, run_export
from backoffice.common.lists.models import Export
from orders.models import Order, OrderHandling
from orders.queries.export import COLUMNS
from shops.models import ShopGrant
from tests.backoffice.common.lists.exporting import file_of, numbers_of, rows_of, run, start
from tests.backoffice.common.lists.sheets import read_xlsx
from tests.factories.orders import make_staff, store, store_order
from tests.factories.records import make_order

pytestmark = pytest.mark.django_db


def test_it_holds_the_rows_that_the_person_may_see_as_their_list_shows_them(person, own, foreign):
    store(own, make_order("1"), make_order("2", later_by=5), make_order("3", later_by=9))
    store_order(foreign, "4")
    export = run(start(person, columns=["external_id", "shop"]))
    assert (export.state, export.reason, export.total_count, export.done_count) == ("done", "", 3, 3)
    assert rows_of(export) == [
        ["Order number", "Shop"], ["3", "Cửa hàng Mẫu"], ["2", "Cửa hàng Mẫu"], ["1", "Cửa hàng Mẫu"],
    ]  # fmt: skip
    assert export.shop_ids == [own.pk]
    assert export.size_bytes == file_of(export).stat().st_size > 0


def test_it_is_narrowed_by_the_filters_of_the_list_and_says_them_in_words(person, own):
    store(own, make_order("1111"), make_order("2222"))
    export = run(start(person, query=f"q=1111&shop={own.pk}&status=awaiting_shipment&is_valid=true"))
    assert numbers_of(export) == ["1111"]
    assert export.filters_in_words == [
        ["Search", "1111"], ["Shop", "Cửa hàng Mẫu"], ["Status", "Awaiting shipment"],
        ["Validity", "Valid"],
    ]  # fmt: skip


def test_days_are_those_of_the_operators_zone(person, own, settings):
    settings.OPERATOR_TIME_ZONE = "Asia/Ho_Chi_Minh"
    day = clock.now().replace(year=2026, month=8, day=1, hour=17, minute=0, second=0, microsecond=0)
    store(
        own, make_order("before", source_created_at=day - timedelta(seconds=1)), make_order("on", source_created_at=day)
    )
    export = run(start(person, query="ordered_from=2026-08-02&ordered_to=2026-08-02"))
    assert numbers_of(export) == ["on"]


@pytest.mark.parametrize("query", ["status=gone", "shop=x", "ordered_from=soon", "buyer=me", "shop={foreign}"])
def test_a_filter_that_makes_no_sense_is_refused_and_never_ignored(person, foreign, query):
    with pytest.raises(NotPossible, match="make no sense"):
        start(person, query=query.format(foreign=foreign.pk))
    assert not Export.objects.exists()


def test_every_column_can_be_read_without_a_query_for_each_row(person, own, django_assert_max_num_queries):
    orders = store(own, *(make_order(f"{n}") for n in range(5)))
    handled = {"changed_at": clock.now(), "changed_by": person, "note": "gọi lại", "tags": ["gấp", "vip"]}
    OrderHandling.objects.create(order=orders[0], assignee=person, **handled)
    OrderHandling.objects.create(order=orders[1], **handled)
    export = start(person)
    with django_assert_max_num_queries(30):
        run(export)
    header, *rows = rows_of(export)
    assert len(header) == len(COLUMNS)
    assert {row[header.index("Note")] for row in rows} == {"", "gọi lại"}
    assert sorted(row[header.index("Assignee")] for row in rows) == ["", "", "", "", "packer"]
    assert {row[header.index("Tags")] for row in rows} == {"", "gấp, vip"}
    assert len(rows) == 5


def test_nothing_of_the_buyer_is_in_it(person, own):
    Order.objects.filter(pk=store_order(own).pk).update(
        buyer_email="BUYER", buyer_message="BUYER", recipient_name="BUYER", recipient_phone="BUYER",
        recipient_full_address="BUYER", buyer_external_id="BUYER", recipient_postal_code="BUYER", seller_note="BUYER",
    )  # fmt: skip
    export = run(start(person))
    assert "BUYER" not in file_of(export).read_text(encoding="utf-8-sig")


def test_formulas_in_a_note_are_defused_and_vietnamese_text_is_kept(person, own):
    order = store_order(own, "584000000000000001", total_amount=Decimal("-440000.5"))
    note = '=HYPERLINK("http://x","Xem đơn")'
    OrderHandling.objects.create(order=order, changed_at=clock.now(), note=note)
    columns = ["external_id", "note", "total"]
    assert rows_of(run(start(person, columns=columns)))[1] == ["584000000000000001", f"'{note}", "-440000.5000"]
    (rows,) = read_xlsx(file_of(run(start(person, columns=columns, file_format="xlsx"))))
    assert rows[1] == {"A": ("text", "584000000000000001"), "B": ("text", note), "C": ("number", "-440000.5")}


def test_the_file_and_its_folder_are_for_their_owner_alone_and_its_name_cannot_be_guessed(person, own, folder):
    export = run(start(person))
    assert stat.S_IMODE(file_of(export).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(export.file_name) == len("0" * 32 + ".csv")
    assert [path.name for path in folder.iterdir()] == [export.file_name]


def test_who_may_not_see_orders_starts_nothing(own):
    with pytest.raises(PermissionDenied):
        start(make_staff("nobody", own, may=()))


def test_columns_and_formats_that_there_are_not_are_refused(person):
    for wrong in ({"columns": ["buyer_email"]}, {"file_format": "exe"}):
        with pytest.raises(NotPossible):
            start(person, **wrong)


def test_a_person_has_only_so_many_unfinished_ones(person):
    for _ in range(exports.AT_ONCE):
        start(person)
    with pytest.raises(NotPossible, match="not finished yet"):
        start(person)
    Export.objects.update(state="done")
    start(person)


@pytest.mark.parametrize("withdraw", ["permission", "account"])
def test_what_was_withdrawn_before_it_runs_fails_it(person, own, withdraw):
    store_order(own)
    export = start(person)
    if withdraw == "permission":
        person.user_permissions.clear()
    else:
        User.objects.filter(pk=person.pk).update(is_active=False)
    run(export)
    assert (export.state, export.file_name, export.done_count) == ("failed", "", 0)
    assert "may not see this list any more" in export.reason


def test_a_grant_that_was_withdrawn_before_it_runs_leaves_its_rows_out(person, own, foreign):
    ShopGrant.objects.create(shop=foreign, user=person)
    store_order(own, "1")
    store_order(foreign, "2")
    export = start(person)
    ShopGrant.objects.filter(shop=foreign).delete()
    assert numbers_of(run(export)) == ["1"]


def test_a_list_that_is_too_long_is_refused_with_a_sentence(person, own, settings):
    settings.EXPORT_MAX_ROWS = 2
    store(own, *(make_order(f"{n}") for n in range(3)))
    export = run(start(person))
    assert (export.state, "more than 2 rows" in export.reason) == ("failed", True)
    settings.EXPORT_MAX_ROWS = 3
    assert run(start(person)).state == "done"


def test_who_lost_a_shop_since_may_not_fetch_what_holds_its_rows(person, own, foreign):
    ShopGrant.objects.create(shop=foreign, user=person)
    store_order(own, "1")
    store_order(foreign, "2")
    export = run(start(person))
    assert refusal_to_fetch(export, person) == ""
    ShopGrant.objects.filter(shop=foreign).delete()
    assert "a shop that you may not see any more" in refusal_to_fetch(export, person)
    person.user_permissions.clear()
    assert "withdrawn" in refusal_to_fetch(export, User.objects.get(pk=person.pk))


def test_after_its_time_the_file_is_not_handed_out_and_the_sweep_deletes_it(person, own, folder, settings):
    settings.EXPORT_KEEP_HOURS = 2
    export = run(start(person))
    assert timedelta(hours=1) < export.expires_at - clock.now() <= timedelta(hours=2)
    exports.tidy_exports()
    assert find_file(export) is not None
    Export.objects.update(expires_at=clock.now())
    export.refresh_from_db()
    assert find_file(export) is None
    exports.tidy_exports()
    export.refresh_from_db()
    assert (export.state, export.file_name) == ("expired", "")
    assert list(folder.iterdir()) == []


def test_the_sweep_deletes_what_dead_workers_and_deleted_people_left_and_nothing_else(person, own, folder):
    kept, orphan = run(start(person)), run(start(person))
    Export.objects.filter(pk=orphan.pk).delete()
    at_work, dead = start(person), start(person)
    for export, owner in ((at_work, "works"), (dead, "died")):
        leases.claim(Export, export.pk, owner)
        (folder / f"work-{owner}").mkdir()
        (folder / f"work-{owner}" / "half.csv").touch()
    Export.objects.filter(pk=dead.pk).update(lease_expires_at=clock.now() - timedelta(minutes=1))
    run_export(dead.pk)
    exports.tidy_exports()
    left = {path.name for path in folder.iterdir()}
    dead.refresh_from_db()
    assert left == {kept.file_name, dead.file_name, "work-works"}


def test_a_deleted_export_takes_its_file_along(person, own, folder):
    export = run(start(person))
    delete_export(export)
    assert list(folder.iterdir()) == []
