"""Addresses of shops under /api/v1/shops/."""

from django.urls import path

from shops.api.views import ShopDetail, ShopList

urlpatterns = [path("", ShopList.as_view()), path("<int:id>/", ShopDetail.as_view(), name="api-shop")]
