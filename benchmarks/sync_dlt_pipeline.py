"""The same orders loaded by dlt: its REST source, its PostgreSQL destination, write disposition merge.

Runs in an environment of its own (requirements-dlt.txt) and so imports nothing of ours: `sync_dlt` starts it, writes
what it needs as JSON to its standard input, and reads the last line that it prints.
"""

# mypy: disable-error-code="import-not-found, misc, untyped-decorator"
# dlt is not in the environment that types are checked in.

import hashlib
import hmac
import json
import sys
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import dlt
from dlt.common.configuration import configspec
from dlt.sources.helpers.rest_client.auth import AuthConfigBase
from dlt.sources.helpers.rest_client.paginators import JSONResponseCursorPaginator
from dlt.sources.rest_api import rest_api_resources
from requests import PreparedRequest

PATH = "/order/202309/orders/search"


@configspec
class Signature(AuthConfigBase):
    """Signs each request as the marketplace wants it: app, time and shop in the query, then an HMAC over all of it."""

    app_key: str = ""
    app_secret: str = ""
    access_token: str = ""
    cipher: str = ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign one request."""
        parts = urlsplit(str(request.url))
        query = dict(parse_qsl(parts.query))
        query |= {"app_key": self.app_key, "timestamp": str(int(time.time()))}
        query["shop_cipher"] = self.cipher
        secret = self.app_secret.encode()
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        text = parts.path + "".join(name + query[name] for name in sorted(query))
        query["sign"] = hmac.new(secret, secret + text.encode() + body + secret, hashlib.sha256).hexdigest()
        request.url = urlunsplit(parts._replace(query=urlencode(query)))
        request.headers["x-tts-access-token"] = self.access_token
        return request


def make_orders(facts: dict[str, Any]) -> Any:
    """Describe the order search for dlt's REST source; lines and packages become tables of their own."""
    [orders] = rest_api_resources(
        {
            "client": {
                "base_url": facts["api_url"],
                "auth": Signature(**facts["keys"]),
                "paginator": JSONResponseCursorPaginator("data.next_page_token", cursor_param="page_token"),
            },
            "resources": [
                {
                    "name": "orders",
                    "primary_key": "id",
                    "write_disposition": {"disposition": "merge", "strategy": facts["strategy"]},
                    # What we keep as JSON is kept as JSON here too, not spread over a table of its own.
                    "columns": {
                        "recipient_address__district_info": {"data_type": "json"},
                        "payload": {"data_type": "json"},
                    },
                    "endpoint": {
                        "path": PATH,
                        "method": "POST",
                        "params": {"page_size": "100", "sort_field": "update_time", "sort_order": "ASC"},
                        "json": {"update_time_ge": facts["since"], "update_time_lt": facts["until"]},
                        "data_selector": "data.orders",
                    },
                }
            ],
        }
    )
    return orders.add_map(_with_payload) if facts["with_payload"] else orders


def _with_payload(order: dict[str, Any]) -> dict[str, Any]:
    return {**order, "payload": order}


def main() -> None:
    """Load one page, so that tables and imports are there; then load all, and say how long that took."""
    facts = json.load(sys.stdin)
    pipeline = dlt.pipeline(
        "orders",
        pipelines_dir=facts["folder"],
        destination=dlt.destinations.postgres(facts["database_url"]),
        dataset_name=facts["dataset"],
    )
    file_format = facts.get("file_format")
    pipeline.run(make_orders(facts).add_limit(1), loader_file_format=file_format)
    started = time.perf_counter()
    pipeline.run(make_orders(facts), loader_file_format=file_format)
    seconds = time.perf_counter() - started
    with pipeline.sql_client() as client:
        [[orders]] = client.execute_sql("SELECT count(*) FROM orders") or []
    if facts.get("show_trace"):
        print(pipeline.last_trace)
    print(json.dumps({"orders": orders, "seconds": seconds}))


if __name__ == "__main__":
    main()
