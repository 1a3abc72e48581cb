"""Planning the runs of 10,000 due shops against the same for 100: a shop must cost the same however many there are."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from backoffice.common import clock
from backoffice.common.schedules import Turn
from benchmarks.databases import Database
from benchmarks.harness import Ratio, median_seconds
from shops.models import MarketplaceApp, Shop, ShopCredential
from syncjobs.engine.planner import Selection
from syncjobs.models import Run, Watermark
from syncjobs.services import Started, dispatch, start_turn

# Two marketplaces that there are not stand for two sets of shops in one database.
SETS = {"few": 100, "many": 10_000}
RUNS_OF_A_SHOP = 20  # that ended; planning must find its way past them
AT_MOST = 1.5
WINDOW = Selection(kind="window", hours=24)


@override_settings(DEBUG=False)  # with it every statement is kept
def run() -> list[Ratio]:
    """Measure a dispatch, and a turn of the schedule with windows, which looks for what was read already."""
    database = Database("bench_planning")
    database.drop()
    database.migrate()
    with database:
        for name, count in SETS.items():
            _make_shops(name, count)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        ratios = [_compare("dispatch", _dispatch), _compare("turn of the schedule", _start_turn)]
    database.drop()
    return ratios


def _compare(title: str, start: Any) -> Ratio:
    ways = {name: lambda name=name: _check(start(name), name) for name in SETS}
    seconds = median_seconds(ways, prepare=_forget_open_runs, rounds=3)
    each = {name: seconds[name] / count for name, count in SETS.items()}
    _forget_open_runs()
    with CaptureQueriesContext(connection) as queries:
        start("many")
    print(f"  {title}: {1 / each['many']:,.0f} shops/s of {SETS['many']:,}, {len(queries)} queries in all")
    return Ratio(
        f"planning: {title}, cost of a shop among {SETS['many']:,} to one among {SETS['few']}",
        each["many"] / each["few"],
        AT_MOST,
        at_least=False,
    )


def _dispatch(name: str) -> Started:
    return dispatch(marketplace=name)


def _start_turn(name: str) -> Started:
    return start_turn(WINDOW, Turn("bench", timedelta(minutes=30)), marketplace=name)


def _check(started: Started, name: str) -> None:
    assert len(started.run_ids) == SETS[name], f"{len(started.run_ids)} runs for {SETS[name]} shops"


def _make_shops(name: str, count: int) -> None:
    """Fill one set of shops, each read up to ten minutes ago, with some runs behind it."""
    app = MarketplaceApp.objects.create(marketplace=name, app_key="bench", name=name, app_secret="none")
    shops = Shop.objects.bulk_create(
        Shop(app=app, marketplace=name, region="VN", external_id=str(number), name=f"Shop {number}")
        for number in range(count)
    )
    ShopCredential.objects.bulk_create(ShopCredential(shop=shop, access_token="none") for shop in shops)
    now = clock.now()
    read_at = now - timedelta(minutes=10)
    Watermark.objects.bulk_create(
        Watermark(shop=shop, resource="orders", position_at=read_at, moved_at=read_at) for shop in shops
    )
    for number in range(RUNS_OF_A_SHOP):
        ended_at = read_at - timedelta(minutes=10 * number)
        Run.objects.bulk_create(
            Run(
                shop=shop, kind="incremental", trigger="beat", identity="incremental", state="done",
                window_start=ended_at - timedelta(minutes=15), window_end=ended_at, created_at=ended_at,
                started_at=ended_at, finished_at=ended_at,
            )
            for shop in shops
        )  # fmt: skip


def _forget_open_runs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE syncjobs_chunk, syncjobs_runevent")
        cursor.execute("DELETE FROM syncjobs_run WHERE state = 'open'")
        cursor.execute("VACUUM syncjobs_run")
