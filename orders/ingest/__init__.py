"""Records into rows, one module for each kind; all of them are shapes of backoffice.common.ingest."""

from orders.ingest.orders import ingest_orders
from orders.ingest.products import ingest_products
from orders.ingest.shipments import ingest_shipments
from orders.ingest.transactions import ingest_transactions

__all__ = ["ingest_orders", "ingest_products", "ingest_shipments", "ingest_transactions"]
