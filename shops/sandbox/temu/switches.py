"""The behaviours of Temu that can be switched, because the real service's are unsure or a setting of the app."""

from dataclasses import dataclass, field

# Types that a token has without any special permission.
USUAL_SCOPES = (
    "bg.open.accesstoken.info.get", "bg.open.accesstoken.info.get.global",
    "bg.order.list.v2.get", "bg.order.detail.v2.get", "bg.order.shippinginfo.v2.get",
    "bg.order.unshipped.package.get", "bg.logistics.shipment.v2.get", "bg.logistics.companies.get",
    "temu.track.trackinginfo.get",
    "bg.aftersales.parentaftersales.list.get", "bg.aftersales.aftersales.list.get", "bg.aftersales.cancel.list.get",
    "bg.aftersales.parentreturnorder.get", "temu.aftersales.parentaftersales.detail.get",
    "temu.aftersales.refund.issue",
    "bg.local.goods.list.query", "bg.local.goods.sku.list.query", "bg.local.goods.detail.query",
    "temu.local.goods.list.retrieve", "temu.local.sku.list.retrieve", "temu.local.goods.sku.stock.query",
)  # fmt: skip
# Sensitive: Temu grants it shop by shop on request [A].
AMOUNTS = "bg.order.amount.query"


@dataclass
class Switches:
    """Set with POST /switches."""

    # Where the seller's browser is sent after consent: registered with the app, not chosen by the link.
    callback_url: str = ""
    # For tokens issued from now on; a year on the hosts of the areas [A].
    token_seconds: int = 365 * 86_400
    # What the tokens allow. At the real service a wider scope needs a new token; here it holds at once.
    granted_scopes: list[str] = field(default_factory=lambda: [*USUAL_SCOPES, AMOUNTS])
    # Shops whose seller has taken the authorisation back.
    revoked_shops: list[str] = field(default_factory=list)
    # As if the caller's address were not registered for the app.
    is_ip_refused: bool = False
    # An unknown app key is 3000026 by the documentation and 4000000 on the live EU host [M].
    is_unknown_app_key_4000000: bool = True
    # Required by the guide, optional on some pages of types; a client that is in use never sends it [?].
    is_data_type_required: bool = False
    # Without fulfillmentTypeList only lines that the seller ships himself [?].
    are_seller_lines_default: bool = True
    # One complete pair of times by the table of parameters; the vendor's own collection of calls sends none [?].
    do_after_sales_need_times: bool = True
    # The list of variants shows those of unpublished and deleted products, by the numbers that the goods' list has [?].
    are_all_sku_types_known: bool = True
    # Rows really move while one pages; off, each page is cut from the list as it is at that moment.
    are_pages_stable: bool = True
    # The answer once more inside of an answer, captured once on the GLOBAL host [?].
    is_result_wrapped_twice: bool = False
    # The times of tracking are strings of an unknown unit [?]; seconds unless this is set.
    are_tracking_times_milliseconds: bool = False
    # Labels come back empty after an internal fault of the service [M].
    are_labels_empty: bool = False
    # A package gets its number hours after the shipment: so many looks at a child order that is sent show none [?].
    late_packages: int = 0
    # Fields come and go between areas and dates: everything that may be null is.
    are_fields_null: bool = False
    # Every so many detail and amount calls one is answered "being calculated" (140020009, 140020008); 0 never.
    calculating_every: int = 0
    # Throttling and server errors come from the edge in front of the API: HTTP 429 and 502 with HTML.
    do_errors_come_from_edge: bool = False
