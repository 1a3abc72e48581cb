"""Addresses of returns under /api/v1/returns/."""

from django.urls import path

from aftersales.api.views import ReturnDetail, ReturnHistory, ReturnList

urlpatterns = [
    path("", ReturnList.as_view(), name="api-returns"),
    path("<int:id>/", ReturnDetail.as_view()),
    path("<int:id>/history/", ReturnHistory.as_view()),
]
