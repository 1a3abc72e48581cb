"""Rows for every page of the admin: one shop's share of each model, and people who may see some of it.

A model that is registered in the admin and missing here makes the page tests fail: add its rows to `make_shop_rows`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.db.models import Model
from django_celery_beat.models import ClockedSchedule, IntervalSchedule, PeriodicTask

from aftersales.models import (
    AftersalesSettings,
    Carrier,
    CaseLog,
    Exchange,
    ReturnAddress,
    ReturnParcel,
    SellerAnswer,
    SweepRun,
    SyncedReturnLine,
)
from aftersales.states import CaseState
from backoffice import periodic_tasks
from backoffice.common import clock
from backoffice.common.ingest import Origin
from backoffice.common.lists.models import Batch, BatchItem, Export, SavedView
from orders.ingest import ingest_orders
from orders.models import Order, OrderLine, Package, Sku, TrackingEvent
from shops.marketplaces.records import ReturnLineRecord, SkuRecord, TrackingEventRecord, UnreadableRecord
from shops.models import MarketplaceApp, Shop, ShopGrant
from shops.services import create_api_token
from syncjobs.intake import store_batch
from syncjobs.models import RunEvent, Watermark
from tests.factories.backfills import add_day, make_backfill
from tests.factories.buffered import make_batch_row
from tests.factories.cases import make_carrier, make_case
from tests.factories.enrichment import make_task
from tests.factories.gaps import make_report
from tests.factories.records import make_order
from tests.factories.shops import make_app, make_shop
from tests.factories.sync import make_chunk, make_run
from tests.factories.synced import store_record

# Models that belong to no shop; whoever may open their pages sees all rows.
UNSCOPED = ("auth", "django_celery_beat")
UNSCOPED_MODELS = ("aftersales.Carrier",)
# Models that belong to a person, whatever their shops and permissions: everybody sees their own, superusers all.
OWNED = ("lists",)
# Models that belong to a person and need a permission: tests/shops/admin/test_api_token.py says who sees them.
PERSONAL = ("shops.ApiToken",)

_numbers = count(1)


@dataclass(frozen=True)
class ShopRows:
    """A shop with a row of every kind. `mark` is in every text of it, so that a page that shows any of it is found."""

    shop: Shop
    mark: str


def list_registered() -> list[type[Model]]:
    return sorted(admin.site._registry, key=lambda model: model._meta.label)


def list_scoped() -> list[type[Model]]:
    others = [model for model in list_registered() if model._meta.app_label not in (*UNSCOPED, *OWNED)]
    return [model for model in others if model._meta.label not in (*UNSCOPED_MODELS, *PERSONAL)]


def list_owned() -> list[type[Model]]:
    return [model for model in list_registered() if model._meta.app_label in OWNED]


def make_shop_rows(mark: str, app: MarketplaceApp | None = None, *, orders: int = 2) -> ShopRows:
    app = app or make_app(name=f"{mark} app", app_key=f"{mark}key")
    shop = make_shop(app=app, name=f"{mark} shop", external_id=f"{mark}{next(_numbers)}")
    run = make_run(shop=shop, reason=f"{mark} reason")
    make_chunk(run=run, error=f"{mark} error")
    RunEvent.objects.create(run=run, at=clock.now(), level="warning", text=f"{mark} event")
    make_backfill("failed", "due", shops=[shop], reason=f"{mark} reason")
    make_batch_row(shop, mark)
    make_report(shop, state="done", missing_count=1, error=f"{mark} error", examples={"missing": [f"{mark}0"]})
    Watermark.objects.create(shop=shop, resource=mark, position_at=clock.now(), moved_at=clock.now(), run_id=run.pk)
    origin = Origin("poll", clock.now(), run.pk)
    records = [make_order(f"{mark}{number}", payload={"id": f"{mark}{number}"}) for number in range(orders)]
    unreadable = [UnreadableRecord({"mark": mark}, f"{mark} cannot be read")]
    with transaction.atomic():
        ingest_orders(shop.pk, records, origin)
        store_batch("orders", shop.pk, [], unreadable, origin)
    make_task(shop, f"{mark}unnumbered", error_message=f"{mark} error", package_sns=[f"{mark}package"])
    make_synced_rows(shop, mark, f"{mark}0")
    make_case_rows(shop, mark, shop.orders.get(external_id=f"{mark}0"))
    AftersalesSettings.objects.create(shop=shop, approval_timeout_hours=24)
    return ShopRows(shop, mark)


def make_synced_rows(shop: Shop, mark: str, order: str) -> None:
    """Make a row of every other kind that is synced, with the mark in every text and all naming the order."""
    sku = SkuRecord(f"{mark}sku", seller_sku=f"{mark}sku", name=mark, currency="VND", price=Decimal(1))
    store_record(shop, "product", mark, title=f"{mark} product", brand_name=mark, skus=(sku,))
    event = TrackingEventRecord(f"{mark}event", clock.now(), f"{mark} event", place=mark)
    contents = ({"order": order, "line": mark, "quantity": 1},)
    store_record(
        shop, "shipment", mark, tracking_number=mark, carrier_name=mark, order_external_ids=(order,), contents=contents,
        events=(event,),
    )  # fmt: skip
    line = ReturnLineRecord(f"{mark}line", product_name=mark, seller_sku=mark)
    store_record(shop, "return", mark, order_external_id=order, reason_text=mark, raw_status=mark, lines=(line,))
    statement = f"{mark}statement"
    named: dict[str, Any] = {"order_external_id": order, "statement_external_id": statement, "description": mark}
    store_record(shop, "transaction", mark, raw_kind=mark, fees={mark: "-1"}, **named)
    store_record(shop, "statement", statement, raw_status=mark)


def make_case_rows(shop: Shop, mark: str, order: Order) -> None:
    """Make a case with everything that belongs to one, with the mark in every text."""
    case = make_case(
        shop, state=CaseState.PENDING_REFUND, order=order, number=f"{mark}case", description=mark, raw_reason_text=mark
    )
    case.lines.update(product_name=f"{mark} product", seller_sku=f"{mark}sku")
    case.refunds.update(failure_reason=f"{mark} reason", number=f"{mark}refund", method=mark)
    address = ReturnAddress.objects.create(shop=shop, contact_name=mark, phone="1", address=f"{mark} street")
    ReturnParcel.objects.filter(case=case).update(
        number=f"{mark}parcel", tracking_number=mark, rejection_reason=mark, return_address=address
    )
    now = clock.now()
    carrier = make_carrier()
    Exchange.objects.create(
        shop=shop, case=case, number=f"{mark}exchange", new_items=[{"seller_sku": f"{mark}sku", "quantity": 1}],
        carrier=carrier, tracking_number=mark, delivery_address={"name": mark}, created_at=now, updated_at=now,
    )  # fmt: skip
    CaseLog.objects.create(
        case=case, action="ADD_REMARK", operator_kind="ADMIN", operator_name=f"{mark} staff", state=case.state,
        text=f"{mark} remark", at=now,
    )  # fmt: skip
    SellerAnswer.objects.create(
        case=case, decision="approve", state="in_doubt", comment=mark, message=f"{mark} message", sent_at=now
    )
    SweepRun.objects.create(started_at=now, batch_size=100, shop_id=shop.pk, message=f"{mark} message", slot=mark)


def make_more_rows(rows: ShopRows, number: int) -> None:
    """Add so many rows of every kind, and so many children to the rows that are there."""
    run = rows.shop.runs.earliest("pk")
    order = rows.shop.orders.earliest("pk")
    origin = Origin("poll", clock.now())
    for n in range(number):
        make_chunk(run=make_run(shop=rows.shop, kind="window"))
        make_chunk(run=run, error="more")
        RunEvent.objects.create(run=run, at=clock.now(), level="warning", text="more")
        backfill = make_backfill("failed", "due", shops=[rows.shop])
        add_day(backfill.runs.get(), 3, "done")
        make_report(rows.shop, state="done", extra_count=n)
        make_batch_row(rows.shop, f"more{n}")
        OrderLine.objects.create(order=order, external_id=f"more {n}")
        Package.objects.create(order=order, external_id=f"more {n}", contents=[{"line": f"more {n}", "quantity": 1}])
        Watermark.objects.create(shop=rows.shop, resource=f"r{n}", position_at=clock.now(), moved_at=clock.now())
        make_shop(app=make_app(name=f"more {n}"))
        ShopGrant.objects.create(shop=rows.shop, user=User.objects.create(username=f"more{next(_numbers)}"))
        Group.objects.create(name=f"more{next(_numbers)}")
        interval = IntervalSchedule.objects.create(every=next(_numbers), period="days")
        PeriodicTask.objects.create(name=f"more{next(_numbers)}", task="more", interval=interval)
        ClockedSchedule.objects.create(clocked_time=clock.now())
        create_api_token(User.objects.create(username=f"more{next(_numbers)}"), name="more", shops=[rows.shop])
        make_owned_rows(User.objects.latest("pk"), f"more {n}")
        with transaction.atomic():
            store_batch("orders", rows.shop.pk, [], [UnreadableRecord({"n": n}, "cannot be read")], origin)
            ingest_orders(rows.shop.pk, [make_order(f"more-{n}")], origin)
        make_task(rows.shop, f"more{n}unnumbered", status="failed", package_sns=[f"more{n}"])
        make_more_synced_rows(rows, n)
        make_case_rows(rows.shop, f"more{n}", rows.shop.orders.get(external_id=f"more-{n}"))
        Carrier.objects.create(code=f"more{next(_numbers)}", name="more")
        AftersalesSettings.objects.create(shop=make_shop(app=rows.shop.app, name=f"more {n}"))


def make_more_synced_rows(rows: ShopRows, number: int) -> None:
    """Add a row of every other kind that is synced, and a child to each that is there."""
    make_synced_rows(rows.shop, f"more{number}", f"{rows.mark}0")
    # Of the first statement as well, which then has many.
    statement = f"{rows.mark}statement"
    store_record(rows.shop, "transaction", f"more {number}", order_external_id="", statement_external_id=statement)
    Sku.objects.create(product=rows.shop.products.earliest("pk"), external_id=f"more {number}")
    shipment = rows.shop.shipments.earliest("pk")
    TrackingEvent.objects.create(shipment=shipment, external_id=f"more {number}", happened_at=clock.now())
    SyncedReturnLine.objects.create(synced_return=rows.shop.returns.earliest("pk"), external_id=f"more {number}")


def make_owned_rows(person: User, mark: str) -> None:
    """Make a person's own rows of every kind, with the mark in every text."""
    batch = Batch.objects.create(user=person, action="syncjobs.sync_now", reason=f"{mark} reason", total_count=1)
    BatchItem.objects.create(batch=batch, row_id=1, row_name=f"{mark} row", result=f"{mark} result")
    filters = [["Search", mark]]
    Export.objects.create(
        user=person, kind="orders.orders", format="csv", query=f"q={mark}", filters_in_words=filters, reason=mark
    )
    SavedView.objects.create(user=person, list_label="orders.order", name=mark, query=f"q={mark}")


def make_unscoped_rows() -> None:
    periodic_tasks.install()
    IntervalSchedule.objects.create(every=1, period="hours")
    ClockedSchedule.objects.create(clocked_time=clock.now())
    Group.objects.create(name="packers")
    make_owned_rows(make_superuser(), "first")
    create_api_token(make_superuser(), name="first")


def make_superuser() -> User:
    return User.objects.create(username=f"chief{next(_numbers)}", is_staff=True, is_superuser=True)


def make_person(shops: Sequence[Shop] = ()) -> User:
    """A person with every permission on what belongs to shops, who was granted these."""
    person = User.objects.create(username=f"person{next(_numbers)}", is_staff=True)
    apps = {model._meta.app_label for model in list_scoped()}
    person.user_permissions.set(Permission.objects.filter(content_type__app_label__in=apps))
    ShopGrant.objects.bulk_create(ShopGrant(shop=shop, user=person) for shop in shops)
    return person
