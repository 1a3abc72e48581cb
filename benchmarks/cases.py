"""The list of cases at a million against the same pages at a thousand, through the whole stack.

Both hold a full page of everything that is asked for, so that nothing but the size differs.
"""

import os
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import override_settings

from aftersales.models import Case, CaseLine, ReturnParcel, SyncedReturn
from backoffice.common import clock
from benchmarks.databases import Database
from benchmarks.harness import Ratio
from benchmarks.lists import Visitor, compare_pages, quiet
from benchmarks.many_orders import BOSS, TINY, insert_selected
from shops.models import MarketplaceApp, Shop, ShopGrant

FEW = 1_000
MANY = int(os.environ.get("BENCH_CASES", "1000000"))
ADMIN = "/admin/aftersales/case/"
PAGES = {
    "case list": {
        "first page": ADMIN,
        "second page": f"{ADMIN}?p=2",
        "to review": f"{ADMIN}?state=PENDING_APPROVAL",
        "overdue": f"{ADMIN}?due=overdue",
        "due in 24 h": f"{ADMIN}?due=due_24h",
        "on time": f"{ADMIN}?due=on_time",
        "escalated": f"{ADMIN}?state=CS_INTERVENTION",
        "two states": f"{ADMIN}?state=PENDING_REFUND&state=PENDING_EXCHANGE",
        "a stage": f"{ADMIN}?stage=audit",
        "unknown status": f"{ADMIN}?state=UNKNOWN",
        "completed": f"{ADMIN}?state=COMPLETED",
        "a rare type": f"{ADMIN}?type=resend",
        "a rare reason": f"{ADMIN}?reason=fake",
        "no such reason": f"{ADMIN}?reason=price_issue",
        "made here": f"{ADMIN}?origin=INTERNAL",
        "one shop": f"{ADMIN}?shop={{shop}}",
        "shop and state": f"{ADMIN}?shop={{shop}}&state=COMPLETED",
        "created long ago": f"{ADMIN}?created_from={{from}}&created_to={{to}}",
        "reviewed long ago": f"{ADMIN}?audited_from={{from}}&audited_to={{to}}",
        "ended long ago": f"{ADMIN}?completed_from={{from}}&completed_to={{to}}",
        "rare reason, long ago": f"{ADMIN}?reason=fake&created_from={{from}}&created_to={{to}}",
        "a case number": f"{ADMIN}?q={{number}}",
        "an order number": f"{ADMIN}?q={{order}}",
        "a tracking number": f"{ADMIN}?q={{tracking}}",
        "a marketplace's tracking number": f"{ADMIN}?q={{synced}}",
        "nothing found": f"{ADMIN}?q=NO-SUCH-THING",
    },
}
SHOPS = 10  # the last two are small: 100 cases each, however many there are in all
OPEN = "i > %(cases)s - greatest(600, %(cases)s / 100)"
RARE = "i %% (%(cases)s / 100)"  # each remainder of it: 100 cases, however many there are in all
SOURCE = f"""
    SELECT i, {OPEN} AS is_open, {RARE} AS rare, i %% 7 < 2 AS is_ours,
           (%(shops)s::bigint[])[CASE WHEN {RARE} = 1 THEN 9 WHEN {RARE} = 2 THEN 10 ELSE 1 + i %% 8 END] AS shop_id,
           %(now)s - interval '730 days' * (1 - i / %(cases)s::float8) AS created_at
    FROM generate_series(1::bigint, %(cases)s) AS i"""
STATES = f"""
    SELECT *, CASE WHEN rare = 3 THEN 'UNKNOWN'
                   WHEN is_open THEN (ARRAY['PENDING_APPROVAL', 'PENDING_RETURN', 'PENDING_RECEIVE', 'PENDING_REFUND',
                                            'PENDING_EXCHANGE', 'CS_INTERVENTION'])[1 + i %% 6]
                   WHEN i %% 100 < 80 THEN 'COMPLETED' WHEN i %% 100 < 95 THEN 'CANCELLED' ELSE 'REJECTED' END AS state,
           %(now)s + interval '1 hour' * (i * 7 %% 73 - 24) AS due
    FROM ({SOURCE}) AS numbered"""
ENDED = "state IN ('COMPLETED', 'CANCELLED')"
RETURN_COLUMNS = {
    "id": "i", "shop_id": "shop_id", "external_id": "'R' || i", "kind": "'return_refund'", "status": "'completed'",
    "money_state": "'refunded'", "custody": "'seller'", "payload_hash": "decode(md5(i::text), 'hex')",
    "synced_at": "%(now)s", "tracking_number": "'SPX' || i",
}  # fmt: skip
CASE_COLUMNS = {
    "id": "i", "shop_id": "shop_id", "number": "CASE WHEN is_ours THEN 'AS' ELSE 'R' END || i",
    "origin": "CASE WHEN is_ours THEN 'INTERNAL' ELSE 'MARKETPLACE' END", "state": "state",
    "type": "CASE WHEN rare = 4 THEN 'resend' ELSE 'return_refund' END",
    "reason": "CASE WHEN rare = 5 THEN 'fake' ELSE 'quality_issue' END",
    "synced_return_id": "CASE WHEN NOT is_ours THEN i END", "order_external_id": "'57600' || i", "currency": "'VND'",
    "requested_amount": "90000 + i %% 1000 * 500", "amount": "90000 + i %% 1000 * 500",
    "auto_process_time": "CASE WHEN state IN ('PENDING_APPROVAL', 'PENDING_RETURN', 'PENDING_RECEIVE') THEN due END",
    "state_entered_at": "created_at", "created_at": "created_at", "updated_at": "created_at",
    "audited_at": f"CASE WHEN {ENDED} THEN created_at + interval '1 hour' END",
    "completed_at": f"CASE WHEN {ENDED} THEN created_at + interval '4 days' END",
}  # fmt: skip
LINE_COLUMNS = {
    "case_id": "i", "external_id": "number::text", "quantity": "number", "requested_quantity": "number",
    "product_name": "'Áo thun cotton cổ tròn'", "seller_sku": "'SKU-' || i %% 5000", "amount": "90000",
}  # fmt: skip
LINES = """
    SELECT i, number
    FROM generate_series(1::bigint, %(cases)s) AS i, generate_series(1, 1 + (i %% 10 = 3)::int) AS number"""
PARCEL_COLUMNS = {
    "case_id": "id", "shop_id": "shop_id", "number": "'RT-' || id || '-1'", "state": "'RECEIVED'",
    "tracking_number": "'JT' || id", "created_at": "created_at", "updated_at": "created_at",
}  # fmt: skip
PARCELS = "SELECT id, shop_id, created_at FROM order_aftersales WHERE origin = 'INTERNAL'"


@override_settings(DEBUG=False)  # with it every statement is kept
def run() -> list[Ratio]:
    """Measure; return how much slower the list gets from few to many cases."""
    few, many = _prepare(FEW), _prepare(MANY)
    pairs = [(Visitor(few, name, _gather_facts), Visitor(many, name, _gather_facts)) for name in (BOSS, TINY)]
    with quiet():
        ratios = compare_pages(PAGES, pairs, "cases", f"{FEW:,}", f"{MANY:,} cases")
    for database in (few, many):
        database.drop()
    return ratios


def _prepare(cases: int) -> Database:
    """Fill a database of its own; it is removed at the end."""
    database = Database(f"bench_{cases}_cases")
    database.drop()
    database.migrate()
    with database:
        started = clock.monotonic_seconds()
        fill(cases)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        print(f"  filled {cases:,} cases in {clock.monotonic_seconds() - started:.0f} s", flush=True)
    return database


def fill(cases: int) -> None:
    """Store so many cases with lines, parcels and returns, and the two people who look at them."""
    app = MarketplaceApp.objects.create(marketplace="tiktok", app_key="bench", name="Bench", app_secret="none")
    shops = [
        Shop.objects.create(app=app, marketplace="tiktok", region="VN", external_id=f"bench-{n}", name=f"Shop {n}")
        for n in range(SHOPS)
    ]
    User.objects.create(username=BOSS, is_staff=True, is_superuser=True)
    person = User.objects.create(username=TINY, is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    ShopGrant.objects.bulk_create(ShopGrant(user=person, shop=shop) for shop in shops[-2:])
    facts: dict[str, Any] = {"cases": cases, "now": clock.now(), "shops": [shop.pk for shop in shops]}
    with connection.cursor() as cursor:
        if connection.in_atomic_block:  # indexes are not made while foreign keys wait to be checked
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SELECT setseed(0.5)")
        for model, columns, source in (
            (SyncedReturn, RETURN_COLUMNS, SOURCE),
            (Case, CASE_COLUMNS, STATES),
            (CaseLine, LINE_COLUMNS, LINES),
            (ReturnParcel, PARCEL_COLUMNS, PARCELS),
        ):
            insert_selected(cursor, model, columns, source, facts)


def _gather_facts(_: Client, person: User) -> dict[str, Any]:
    cases = Case.objects.visible_to(person)
    old, older = (cases.order_by("created_at")[cases.count() * tenth // 10].created_at for tenth in (6, 3))
    mine = cases.filter(origin="INTERNAL").earliest("pk")
    theirs = cases.filter(origin="MARKETPLACE").earliest("pk")
    return {
        "shop": mine.shop_id, "from": f"{older:%Y-%m-%d}", "to": f"{old:%Y-%m-%d}", "number": mine.number,
        "order": mine.order_external_id, "tracking": f"JT{mine.pk}", "synced": f"SPX{theirs.pk}",
    }  # fmt: skip
