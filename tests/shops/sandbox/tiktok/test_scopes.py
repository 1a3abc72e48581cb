"""Each group of endpoints needs its scope."""

import pytest

from tests.shops.sandbox.calling import control
from tests.shops.sandbox.conftest import SCOPES
from tests.shops.sandbox.tiktok.reading import PACKAGES, PRODUCTS, RETURNS, get, post


@pytest.mark.parametrize(
    ("scope", "ask"),
    [
        ("seller.product.basic", lambda client: post(client, PRODUCTS, page_size="1")),
        ("seller.fulfillment.basic", lambda client: post(client, PACKAGES, page_size="1")),
        ("seller.return_refund.basic", lambda client: post(client, RETURNS, page_size="10")),
        ("seller.finance.info", lambda client: get(client, "/finance/202309/payments", sort_field="create_time")),
    ],
)
def test_a_scope_that_was_not_granted(sandbox, client, scope, ask):
    assert ask(client).code == 0
    granted = [one for one in SCOPES if one != scope]
    control(sandbox.control_url, "POST", "/switches", {"marketplace": "tiktok", "granted_scopes": granted})
    answer = ask(client)
    assert (answer.status, answer.code) == (403, 105005)


def test_paths_of_other_versions_do_not_exist(client):
    for path in ("/product/202401/products/search", "/finance/202501/statements", "/order/202507/orders/search"):
        assert post(client, path, page_size="10").code == 36009009
