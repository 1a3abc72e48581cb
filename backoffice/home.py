"""The home page: how every shop that the person may see is doing, the worst first, and what to do next."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from aftersales.choices import Due
from aftersales.models import Case
from aftersales.queries.figures import count_due
from backoffice.common import clock
from backoffice.common.admin import in_a_word
from backoffice.common.admin.times import describe_span, show_distance
from backoffice.common.counting import show_count
from backoffice.common.plurals import say_count
from orders.queries.to_ship import count_due_in_a_day, count_overdue_by_shop
from shops.choices import ShopState
from shops.models import Shop
from shops.queries import grade_authorisation_end, list_ending_authorisations
from syncjobs import queries
from syncjobs.admin.unknown_words import count_unknown
from syncjobs.models import EnrichmentStatus, Run, RunState
from syncjobs.monitoring.heartbeats import read_pulse

MOST_SHOPS = 50
MOST_RUNS = 8
SECONDS_BETWEEN_LOOKS = 15
SECONDS_WHILE_RUNS_ARE_OPEN = 3
DAY = timedelta(days=1)
ENDING = ("notice", "warning", "danger")
MOST_ENDING = 5
UNCONNECTED = (ShopState.NEEDS_REAUTHORISATION, ShopState.DISCONNECTED)


@dataclass(frozen=True)
class Card:
    """One number at the top, and the list behind it."""

    title: str
    number: str
    address: str
    note: str = ""
    colour: str = ""


@dataclass(frozen=True)
class ShopLine:
    """One shop of the table."""

    shop: Shop
    last_sync: str
    lag: str
    lag_colour: str
    token: SafeString | str
    token_colour: str
    failed_runs: int
    failed_records: int
    overdue: int
    is_syncable: bool
    reconnect: str
    renew: str


@dataclass(frozen=True)
class RunLine:
    """One run of the short list."""

    run: Run
    done: int
    total: int
    bar: str
    short_state: str
    inserted: str
    updated: str
    asked: str


def add_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the home page shows; the admin library calls this."""
    return {**context, **read_home(request)}


def live_view(request: HttpRequest) -> HttpResponse:
    """Answer with the part of the page that renews itself."""
    return TemplateResponse(request, "backoffice/home.html", read_home(request))


def read_home(request: HttpRequest) -> dict[str, Any]:
    """Read the page's numbers, with as many queries for one shop as for thousands."""
    user: Any = request.user
    context: dict[str, Any] = {"seconds": SECONDS_BETWEEN_LOOKS, "may_connect": user.has_perm("shops.add_shop")}
    if not user.has_perm("shops.view_shop"):
        return {**context, "gap": "no_permission"}
    counts = queries.count_shops_by_need(user)
    if not counts["all_count"]:
        return {**context, "gap": "not_granted" if Shop.objects.exists() else "no_shop"}
    overdue = count_overdue_by_shop(user) if user.has_perm("orders.view_order") else Counter()
    failed_records = queries.count_failed_records(user) if user.has_perm("syncjobs.view_failedrecord") else Counter()
    runs = list_run_lines(user, MOST_RUNS) if user.has_perm("syncjobs.view_run") else None
    if any(line.run.state == RunState.OPEN for line in runs or ()):
        context["seconds"] = SECONDS_WHILE_RUNS_ARE_OPEN
    return {
        **context,
        "ending": _list_ending(user),
        "silent": read_pulse().list_silent(clock.now()),
        "cards": _list_cards(user, counts, overdue, failed_records),
        "shops": _list_shops(user, overdue, failed_records),
        "hidden_count": max(0, counts["all_count"] - MOST_SHOPS),
        "runs": runs,
    }


def _list_ending(user: Any) -> list[tuple[Shop, str, SafeString, str]]:
    """List the authorisations that end soon: shop, colour, how soon, and where it is renewed."""
    may_connect = user.has_perm("shops.add_shop")
    return [
        (
            shop,
            grade_authorisation_end(shop.token_ends_at),
            show_distance(shop.token_ends_at),
            _reconnect_address(shop) if may_connect else "",
        )
        for shop in list_ending_authorisations(user)[:MOST_ENDING]
    ]


def _list_cards(user: Any, counts: dict[str, int], overdue: Counter[int], failed: Counter[int]) -> list[Card]:
    shops = reverse("admin:shops_shop_changelist")
    need = counts["attention_count"]
    noun = "shop" if need == 1 else "shops"
    of_all = f"of {say_count(counts['all_count'], 'shop')}"
    cards = [
        Card("Active", f"{counts['active_count']:,}", f"{shops}?state__exact=active", of_all),
        Card("Need attention", f"{need:,}", f"{shops}?need=attention", noun, "danger" if need else "success"),
    ]
    if user.has_perm("orders.view_order"):
        orders = reverse("admin:orders_order_changelist")
        cards += [
            _count_card("Orders overdue", overdue.total(), f"{orders}?ship_by=overdue", "to ship", "danger"),
            _count_card("Due in 24 h", count_due_in_a_day(user), f"{orders}?ship_by=due_24h", "to ship", "warning"),
        ]
    if user.has_perm("aftersales.view_case"):
        cases = f"{reverse('admin:aftersales_case_changelist')}?due=overdue"
        overdue_cases = count_due(Case.objects.visible_to(user), Due.OVERDUE)
        cards.append(_count_card("Cases overdue", overdue_cases, cases, "after-sales", "danger"))
    if user.has_perm("syncjobs.view_run"):
        runs = reverse("admin:syncjobs_run_changelist")
        failed_count = queries.count_runs_failed_since(user, clock.now() - DAY)
        cards.append(_count_card("Runs failed", failed_count, f"{runs}?state=failed", "in 24 h", "danger"))
    if user.has_perm("syncjobs.view_failedrecord"):
        records = reverse("admin:syncjobs_failedrecord_failures")
        cards.append(_count_card("Failed records", failed.total(), records, "open", "warning"))
    if unnumbered := _count_unnumbered(user):
        failures = f"{reverse('admin:syncjobs_failedrecord_failures')}#orders"
        cards.append(_count_card("Package numbers", unnumbered, failures, "not found", "danger"))
    if unknown := count_unknown(user):  # mostly there are none, which needs no card
        cards.append(_count_card("Unknown words", unknown, reverse("admin:unknown_words"), "rows", "warning"))
    return cards


def _count_unnumbered(user: Any) -> int:
    """Count the orders whose package numbers could not be found, for those who may see it."""
    if not user.has_perm("syncjobs.view_enrichmenttask"):
        return 0
    return queries.read_enrichment_stats(user).by_status[EnrichmentStatus.FAILED]


def _count_card(title: str, count: int, address: str, note: str, colour: str) -> Card:
    """Make a card of what should be none."""
    return Card(title, show_count(count), address, note, colour if count else "success")


def _list_shops(user: Any, overdue: Counter[int], failed_records: Counter[int]) -> list[ShopLine]:
    shops = list(queries.list_shops_by_need(user)[:MOST_SHOPS])
    failed_runs = Counter[int]()
    if user.has_perm("syncjobs.view_run"):
        failed_runs = queries.count_failed_runs_since_success(user, [shop.pk for shop in shops])
    may_sync, may_connect = user.has_perm("syncjobs.add_run"), user.has_perm("shops.add_shop")
    return [
        _line_of(shop, failed_runs, failed_records, overdue, may_sync=may_sync, may_connect=may_connect)
        for shop in shops
    ]


def read_shop(user: Any, shop: Any) -> ShopLine:
    """Read the line of one shop, for its own page."""
    nothing, only = Counter[int](), [shop.pk]
    return _line_of(
        shop,
        queries.count_failed_runs_since_success(user, only) if user.has_perm("syncjobs.view_run") else nothing,
        queries.count_failed_records(user, only) if user.has_perm("syncjobs.view_failedrecord") else nothing,
        count_overdue_by_shop(user, only) if user.has_perm("orders.view_order") else nothing,
        may_sync=False,  # its page has a button of its own
        may_connect=user.has_perm("shops.add_shop"),
    )


def _line_of(
    shop: Any,
    failed_runs: Counter[int],
    failed_records: Counter[int],
    overdue: Counter[int],
    *,
    may_sync: bool,
    may_connect: bool,
) -> ShopLine:
    lag_colour, lag = word_lag(shop)
    token_colour, token = word_authorisation(shop)
    return ShopLine(
        shop=shop,
        last_sync=show_distance(shop.last_sync_at) if shop.last_sync_at else "",
        lag=lag,
        lag_colour=lag_colour,
        token=token,
        token_colour=token_colour,
        failed_runs=failed_runs[shop.pk],
        failed_records=failed_records[shop.pk],
        overdue=overdue[shop.pk],
        is_syncable=may_sync and shop.state == ShopState.ACTIVE,
        reconnect=_reconnect_address(shop) if may_connect and shop.state in UNCONNECTED else "",
        renew=_reconnect_address(shop) if may_connect and token_colour in ENDING else "",
    )


def _reconnect_address(shop: Shop) -> str:
    return f"{reverse('admin:shops_shop_connect')}?shop={shop.pk}"


def word_authorisation(shop: Any) -> tuple[str, SafeString | str]:
    """Return the colour of a shop's authorisation, and its state in words: how far its end is, or who is needed."""
    if shop.state == ShopState.NEEDS_REAUTHORISATION:
        return "danger", "Needs the seller"
    if shop.state == ShopState.DISCONNECTED:
        return "", ""
    ends_at = shop.token_ends_at
    return grade_authorisation_end(ends_at), "Valid" if ends_at is None else show_distance(ends_at)


def word_lag(shop: Any) -> tuple[str, str]:
    """Return the colour of a shop's lag and the lag in words; nobody waits for a shop that is off the schedule."""
    if shop.position_at is None:
        return "", "–"
    lag = clock.now() - shop.position_at
    return queries.grade_lag(lag) if shop.state == ShopState.ACTIVE else "", describe_span(lag)


def list_run_lines(user: Any, limit: int, shop: Shop | None = None) -> list[RunLine]:
    """List the newest runs with how far they are."""
    runs = queries.list_recent_runs(user, limit, shop)
    # What is done is read whole; the row of such a run has its sums.
    progress = queries.read_progress(run for run in runs if run.state != RunState.DONE)
    bars = {RunState.DONE: "done", RunState.FAILED: "failed"}
    lines = []
    for run in runs:
        known = progress.get(run.pk)
        done, total = (known.done_count, known.chunk_count) if known else (1, 1)
        counts = known.counts if known else vars(run)
        lines.append(
            RunLine(
                run=run,
                done=done,
                total=total,
                bar=bars.get(RunState(run.state), ""),
                short_state=in_a_word(run.get_state_display()),
                inserted=f"{counts['inserted_count']:,}",
                updated=f"{counts['updated_count']:,}",
                asked=show_distance(run.created_at),
            )
        )
    return lines
