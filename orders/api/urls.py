"""Addresses of orders, products, parcels and money under /api/v1/."""

from django.urls import path

from orders.api.views.money import (
    StatementDetail,
    StatementHistory,
    StatementList,
    TransactionDetail,
    TransactionHistory,
    TransactionList,
)
from orders.api.views.orders import OrderDetail, OrderHistory, OrderList
from orders.api.views.products import ProductDetail, ProductHistory, ProductList, SkuDetail, SkuList
from orders.api.views.shipments import ShipmentDetail, ShipmentHistory, ShipmentList

urlpatterns = [
    path("orders/", OrderList.as_view()),
    path("orders/<int:id>/", OrderDetail.as_view(), name="api-order"),
    path("orders/<int:id>/history/", OrderHistory.as_view(), name="api-order-history"),
    path("products/", ProductList.as_view()),
    path("products/<int:id>/", ProductDetail.as_view()),
    path("products/<int:id>/history/", ProductHistory.as_view()),
    path("skus/", SkuList.as_view()),
    path("skus/<int:id>/", SkuDetail.as_view()),
    path("shipments/", ShipmentList.as_view(), name="api-shipments"),
    path("shipments/<int:id>/", ShipmentDetail.as_view()),
    path("shipments/<int:id>/history/", ShipmentHistory.as_view()),
    path("transactions/", TransactionList.as_view(), name="api-transactions"),
    path("transactions/<int:id>/", TransactionDetail.as_view()),
    path("transactions/<int:id>/history/", TransactionHistory.as_view()),
    path("statements/", StatementList.as_view()),
    path("statements/<int:id>/", StatementDetail.as_view()),
    path("statements/<int:id>/history/", StatementHistory.as_view()),
]
