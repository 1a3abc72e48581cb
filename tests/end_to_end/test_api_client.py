"""A client that others would generate from our document works: it lists shops, reads all they have, starts a run."""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from shops.models import Shop
from syncjobs.api import views
from syncjobs.api.enrichment import views as enrichment_views
from tests.factories.api import Caller, make_caller
from tests.factories.enrichment import store_unnumbered
from tests.factories.orders import store
from tests.factories.records import make_order
from tests.factories.shops import make_shop
from tests.factories.synced import KINDS, store_record

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def caller(monkeypatch) -> Caller:
    monkeypatch.setattr(views, "wake_workers", lambda _: None)
    monkeypatch.setattr(enrichment_views, "wake_enrichers", lambda: None)
    shop = make_shop(name="Cửa hàng Mẫu")
    store(shop, *(make_order(str(number), later_by=number) for number in range(25)))
    for kind in KINDS:
        store_record(shop, kind, f"{kind}-1")
    return make_caller(shop)


@pytest.fixture
def client(caller, tmp_path, monkeypatch) -> Iterator[ModuleType]:
    """Generate the client into a folder and import it from there."""
    document = tmp_path / "document.json"
    document.write_text(json.dumps(caller.get("schema/").json()), encoding="utf-8")
    settings = tmp_path / "settings.json"
    settings.write_text('{"post_hooks": []}', encoding="utf-8")  # else it wants ruff on the path
    program = Path(sys.executable).with_name("openapi-python-client")
    made = subprocess.run(
        [program, "generate", "--path", document, "--meta", "none", "--config", settings, "--fail-on-warning",
         "--output-path", tmp_path / "shops_client"],
        capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("shops_client")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shops_client"]:
        del sys.modules[name]


@pytest.fixture
def connect(client, live_server):
    """Connect with a key; what is left open at the end would keep the server's thread, and its database, busy."""
    connected = []

    def open_client(key):
        connected.append(client.AuthenticatedClient(base_url=live_server.url, token=key))
        return connected[-1]

    yield open_client
    for each in connected:
        each.get_httpx_client().close()


def call(client, operation):
    return importlib.import_module(f"{client.__name__}.api.{operation}")


def test_the_generated_client_reads_and_starts(client, caller, connect):
    models = importlib.import_module(f"{client.__name__}.models")
    ours = connect(caller.key)

    shops = call(client, "shops.list_shops").sync(client=ours)
    assert [(shop.name, shop.state.value) for shop in shops.results] == [("Cửa hàng Mẫu", "active")]

    seen, cursor = [], client.types.UNSET
    while cursor is not None:
        page = call(client, "orders.list_orders").sync(
            client=ours, cursor=cursor, page_size=10, shop=[shops.results[0].id]
        )
        seen += [order.external_id for order in page.results]
        assert all(line.price == "146667" for order in page.results for line in order.lines)
        cursor = page.next_cursor
    assert sorted(seen, key=int) == [str(number) for number in range(25)]

    body = models.StartRunRequest(shop=shops.results[0].id, kind=models.RunKind.WINDOW, hours=3)
    run = call(client, "runs.start_run").sync(client=ours, body=body, idempotency_key="once")
    again = call(client, "runs.start_run").sync(client=ours, body=body, idempotency_key="once")
    assert (run.id, run.state, run.trigger.value) == (again.id, models.RunState.OPEN, "api")
    assert call(client, "runs.get_run").sync(run.id, client=ours).chunks[0].state.value == "due"


def test_the_generated_client_reads_all_that_a_shop_has(client, caller, connect):
    ours = connect(caller.key)
    read = {}
    for kind in KINDS:
        page = call(client, f"{kind}s.list_{kind}s").sync(client=ours, external_id=f"{kind}-1")
        (read[kind],) = page.results
        assert call(client, f"{kind}s.get_{kind}").sync(read[kind].id, client=ours) == read[kind]
        history = call(client, f"{kind}s.list_{kind}_history").sync(read[kind].id, client=ours)
        assert [entry.is_first for entry in history.results] == [True]
    (sku,) = call(client, "skus.list_skus").sync(client=ours, seller_sku="AT-DEN-M").results
    assert (sku.product, sku.price) == (read["product"].id, read["product"].skus[0].price)
    assert (read["shipment"].status.value, read["shipment"].events[0].place) == ("in_transit", "Hà Nội")
    assert (read["return"].money_state.value, read["return"].lines[0].refund_amount) == ("pending", "146667")
    assert (read["transaction"].fees.to_dict(), read["transaction"].order) == ({"commission": "-26667"}, None)
    assert (read["statement"].transactions.agrees, read["statement"].transactions.difference) == (True, "0")
    order = call(client, "orders.list_orders").sync(client=ours, page_size=1).results[0]
    links = call(client, "orders.get_order").sync(order.id, client=ours).links
    assert links.returns.endswith(f"/api/v1/returns/?shop={order.shop}&order_external_id={order.external_id}")


def test_the_generated_client_asks_for_package_numbers(client, caller, connect):
    models = importlib.import_module(f"{client.__name__}.models")
    ours, (shop,) = connect(caller.key), Shop.objects.all()
    store_unnumbered(shop, "without")
    body = models.EnrichNowRequest(order_sns=["without", "nobody's"])
    said = call(client, "enrichment.enrich_details").sync(shop.pk, client=ours, body=body)
    assert (said.created, list(said.refused.to_dict())) == (1, ["nobody's"])
    assert (
        call(client, "enrichment.enrich_details")
        .sync(shop.pk, client=ours, body=models.EnrichNowRequest(all_=True))
        .is_finished
    )
    (task,) = call(client, "enrichment.list_enrichment_tasks").sync(shop.pk, client=ours).results
    assert (task.parent_order_sn, task.status, task.packages) == ("without", models.EnrichmentStatus.PENDING, [])
    progress = call(client, "enrichment.get_enrichment_progress").sync(shop.pk, client=ours)
    assert (progress.shop.id, progress.by_status.pending, progress.percent) == (shop.pk, 1, 0)
    assert call(client, "enrichment.get_enrichment_stats").sync(client=ours).shops[0].shop_id == shop.pk
    health = call(client, "monitoring.get_health").sync(client=ours)
    alerts = call(client, "monitoring.list_alerts").sync(client=ours)
    assert health.status == models.HealthStatus.CRITICAL
    assert {alert.kind for alert in alerts.alerts} == {models.AlertKind.PULSE}


def test_the_generated_client_reads_errors(client, caller, connect):
    models = importlib.import_module(f"{client.__name__}.models")
    stranger = connect("bo_00000000_no")
    said = call(client, "shops.list_shops").sync(client=stranger)
    assert isinstance(said, models.Error)
    assert said.code == "authentication_failed"
    ours = connect(caller.key)
    assert call(client, "orders.get_order").sync(999_999_999, client=ours).code == "not_found"
    wrong = call(client, "shops.list_shops").sync(client=ours, page_size=501)
    assert wrong.fields["page_size"] == ["A whole number from 1 to 500."]
