"""Addresses of orders under /api/v1/orders/."""

from django.urls import path

from orders.api.views import OrderDetail, OrderHistory, OrderList

urlpatterns = [
    path("", OrderList.as_view()),
    path("<int:id>/", OrderDetail.as_view(), name="api-order"),
    path("<int:id>/history/", OrderHistory.as_view()),
]
