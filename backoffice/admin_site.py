"""The admin site: its title and its navigation by subject."""

from typing import Any

from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse_lazy
from unfold.sites import UnfoldAdminSite

APP_ORDER = ("orders", "aftersales", "shops", "syncjobs", "django_celery_beat", "lists", "auth")


class BackofficeAdminSite(UnfoldAdminSite):  # type: ignore[misc]
    """The one admin site; every app registers on it."""

    enable_nav_sidebar = True
    index_title = "Home"
    empty_value_display = "–"

    def extra_urls(self) -> list[URLPattern]:
        """Serve the part of the home page that renews itself, and pages that belong to no model."""
        from aftersales.admin.figures import figures_view
        from backoffice import home  # this module is read before there are models
        from syncjobs.admin.unknown_words import unknown_words_view

        return [
            path("home/", self.admin_view(home.live_view), name="home_live"),
            path("after-sales-figures/", self.admin_view(figures_view), name="aftersales_figures"),
            path("unknown-words/", self.admin_view(unknown_words_view), name="unknown_words"),
        ]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Search the pages for the library's palette; a page of results that is not there is a 404."""
        try:
            found: HttpResponse = super().search(request, extra_context)
        except InvalidPage as error:
            raise Http404(str(error)) from error
        return found

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """List the apps in the order people work."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: (*APP_ORDER, app["app_label"]).index(app["app_label"]))


def _item(
    title: str, icon: str, model: str, *, page: str = "changelist", is_everybodys: bool = False
) -> dict[str, Any]:
    app, _, name = model.lower().partition(".")

    def allowed(request: HttpRequest) -> bool:
        return is_everybodys or request.user.has_perm(f"{app}.view_{name}")

    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{app}_{name}_{page}"), "permission": allowed}


def _may_see_unknown_words(request: HttpRequest) -> bool:
    from syncjobs.admin.unknown_words import may_look  # this module is read before there are models

    return may_look(request)


def _shows_failed_records(request: HttpRequest) -> bool:
    """Whether it is their list or one of them, and not the page below that address which has an item of its own."""
    return "/syncjobs/failedrecord/" in request.path and "/failures/" not in request.path


def _sync_items() -> list[dict[str, Any]]:
    """Return what the pages of the sync are, in the order in which a fault is looked for."""
    unknown_words = {
        "title": "Unknown words", "icon": "help", "link": reverse_lazy("admin:unknown_words"),
        "permission": _may_see_unknown_words,
    }  # fmt: skip
    return [
        _item("Runs", "sync", "syncjobs.Run"),
        _item("Backfills", "calendar_month", "syncjobs.Backfill"),
        _item("Gap reports", "troubleshoot", "syncjobs.GapReport"),
        _item("Watermarks", "water", "syncjobs.Watermark"),
        _item("Failures by cause", "report", "syncjobs.FailedRecord", page="failures"),
        _item("Failed records", "contract_delete", "syncjobs.FailedRecord") | {"active": _shows_failed_records},
        unknown_words,
        _item("Buffered batches", "inbox", "syncjobs.BufferedBatch"),
        _item("Periodic tasks", "schedule", "django_celery_beat.PeriodicTask"),
    ]


def _aftersales_items() -> list[dict[str, Any]]:
    """Return what the pages of after-sales are: what waits for people first, what is set up once last."""
    return [
        _item("Cases", "support_agent", "aftersales.Case"),
        _item("Figures", "monitoring", "aftersales.Case") | {"link": reverse_lazy("admin:aftersales_figures")},
        _item("Refunds", "currency_exchange", "aftersales.Refund"),
        _item("Goods coming back", "assignment_return", "aftersales.ReturnParcel"),
        _item("Exchanges", "swap_horiz", "aftersales.Exchange"),
        _item("Synced returns", "move_to_inbox", "aftersales.SyncedReturn"),
        _item("Answers to marketplaces", "forward_to_inbox", "aftersales.SellerAnswer"),
        _item("Case log", "history", "aftersales.CaseLog"),
        _item("Sweeps", "timer", "aftersales.SweepRun"),
        _item("Carriers", "delivery_truck_speed", "aftersales.Carrier"),
        _item("Return addresses", "location_on", "aftersales.ReturnAddress"),
        _item("After-sales settings", "tune", "aftersales.AftersalesSettings"),
    ]


def navigation(_: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups of the side bar, in the order people work."""
    home = {"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")}
    return [
        {"title": "", "items": [home]},
        {
            "title": "Sales",
            "items": [
                _item("Orders", "receipt_long", "orders.Order"),
                _item("Shipments", "local_shipping", "orders.Shipment"),
                _item("Package numbers", "package_2", "syncjobs.EnrichmentTask"),
            ],
        },
        {
            "title": "After-sales",
            "items": _aftersales_items(),
        },
        {
            "title": "Catalogue",
            "items": [
                _item("Products", "inventory_2", "orders.Product"),
                _item("SKUs", "barcode", "orders.Sku"),
            ],
        },
        {
            "title": "Money",
            "items": [
                _item("Transactions", "payments", "orders.Transaction"),
                _item("Statements", "account_balance", "orders.Statement"),
            ],
        },
        {
            "title": "Shops",
            "items": [
                _item("Shops", "storefront", "shops.Shop"),
                _item("Apps", "key", "shops.MarketplaceApp"),
            ],
        },
        {
            "title": "Sync",
            "items": _sync_items(),
        },
        {
            "title": "Yours",
            "items": [
                _item("Downloads", "download", "lists.Export", is_everybodys=True),
                _item("Bulk actions", "checklist", "lists.Batch", is_everybodys=True),
            ],
        },
        {
            "title": "People",
            "items": [
                _item("Staff", "person", "auth.User"),
                _item("Groups", "group", "auth.Group"),
                _item("API tokens", "vpn_key", "shops.ApiToken"),
            ],
        },
    ]
