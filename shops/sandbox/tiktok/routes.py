"""Lists the endpoints: which path in which version, which method and scope."""

import re
from dataclasses import dataclass

_ORDERS, _SHOPS = "seller.order.info", "seller.authorization.info"
_PRODUCTS, _RETURNS, _FINANCE = "seller.product.basic", "seller.return_refund.basic", "seller.finance.info"
# The name of the scope for parcels is not in any source that was seen [?].
_FULFILLMENT = "seller.fulfillment.basic"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the gateway knows of an endpoint. `scope` None marks the token host, where nothing is signed."""

    name: str
    method: str
    scope: str | None
    takes_cipher: bool = True


CONSENT = Endpoint("consent", "GET", None, False)
TOKEN_GET = Endpoint("token_get", "GET", None, False)
TOKEN_REFRESH = Endpoint("token_refresh", "GET", None, False)
AUTHORIZED_SHOPS = Endpoint("authorized_shops", "GET", _SHOPS, False)
ORDER_SEARCH = Endpoint("order_search", "POST", _ORDERS)
ORDER_DETAIL = Endpoint("order_detail", "GET", _ORDERS)
PRODUCT_SEARCH = Endpoint("product_search", "POST", _PRODUCTS)
PRODUCT_DETAIL = Endpoint("product_detail", "GET", _PRODUCTS)
PACKAGE_SEARCH = Endpoint("package_search", "POST", _FULFILLMENT)
PACKAGE_DETAIL = Endpoint("package_detail", "GET", _FULFILLMENT)
TRACKING = Endpoint("tracking", "GET", _FULFILLMENT)
RETURN_SEARCH = Endpoint("return_search", "POST", _RETURNS)
RETURN_RECORDS = Endpoint("return_records", "GET", _RETURNS)
CANCELLATION_SEARCH = Endpoint("cancellation_search", "POST", _RETURNS)
REJECT_REASONS = Endpoint("reject_reasons", "GET", _RETURNS)
RETURN_APPROVE = Endpoint("return_approve", "POST", _RETURNS)
RETURN_REJECT = Endpoint("return_reject", "POST", _RETURNS)
CANCELLATION_APPROVE = Endpoint("cancellation_approve", "POST", _RETURNS)
CANCELLATION_REJECT = Endpoint("cancellation_reject", "POST", _RETURNS)
STATEMENTS = Endpoint("statements", "GET", _FINANCE)
STATEMENT_TRANSACTIONS = Endpoint("statement_transactions", "GET", _FINANCE)
PAYMENTS = Endpoint("payments", "GET", _FINANCE)

# The newer versions are served as aliases with their changed shapes.
_PATHS: tuple[tuple[str, tuple[str, ...], Endpoint], ...] = (
    ("/open/authorize", (), CONSENT),
    ("/oauth/authorize", (), CONSENT),
    ("/api/v2/token/get", (), TOKEN_GET),
    ("/api/v2/token/refresh", (), TOKEN_REFRESH),
    ("/authorization/{v}/shops", ("202309",), AUTHORIZED_SHOPS),
    ("/order/{v}/orders/search", ("202309",), ORDER_SEARCH),
    ("/order/{v}/orders", ("202309", "202507"), ORDER_DETAIL),
    ("/product/{v}/products/search", ("202309", "202312", "202502"), PRODUCT_SEARCH),
    ("/product/{v}/products/{id}", ("202309",), PRODUCT_DETAIL),
    ("/fulfillment/{v}/packages/search", ("202309",), PACKAGE_SEARCH),
    ("/fulfillment/{v}/packages/{id}", ("202309",), PACKAGE_DETAIL),
    ("/fulfillment/{v}/orders/{id}/tracking", ("202309",), TRACKING),
    ("/return_refund/{v}/returns/search", ("202309", "202602"), RETURN_SEARCH),
    ("/return_refund/{v}/returns/{id}/records", ("202309",), RETURN_RECORDS),
    ("/return_refund/{v}/cancellations/search", ("202309", "202602"), CANCELLATION_SEARCH),
    ("/return_refund/{v}/reject_reasons", ("202309",), REJECT_REASONS),
    ("/return_refund/{v}/returns/{id}/approve", ("202309",), RETURN_APPROVE),
    ("/return_refund/{v}/returns/{id}/reject", ("202309",), RETURN_REJECT),
    ("/return_refund/{v}/cancellations/{id}/approve", ("202309",), CANCELLATION_APPROVE),
    ("/return_refund/{v}/cancellations/{id}/reject", ("202309",), CANCELLATION_REJECT),
    ("/finance/{v}/statements", ("202309",), STATEMENTS),
    ("/finance/{v}/statements/{id}/statement_transactions", ("202309", "202501"), STATEMENT_TRANSACTIONS),
    ("/finance/{v}/payments", ("202309", "202605"), PAYMENTS),
)
ENDPOINT_NAMES = tuple(endpoint.name for _, _, endpoint in _PATHS)
_WHOLE: dict[str, Endpoint] = {}
_WITH_ID: list[tuple[re.Pattern[str], Endpoint]] = []
for _path, _versions, _endpoint in _PATHS:
    for _version in _versions or ("",):
        _written = _path.replace("{v}", _version)
        if "{id}" in _written:
            _WITH_ID.append((re.compile(_written.replace("{id}", r"[^/]+")), _endpoint))
        else:
            _WHOLE[_written] = _endpoint


def find_endpoint(path: str) -> Endpoint | None:
    """Return the endpoint of a path."""
    found = _WHOLE.get(path)
    if found is not None:
        return found
    return next((endpoint for pattern, endpoint in _WITH_ID if pattern.fullmatch(path)), None)


def version_of(path: str) -> str:
    """Return the version in the path of a business call."""
    return path.split("/")[2]
