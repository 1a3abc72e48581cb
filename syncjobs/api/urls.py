"""Addresses of runs under /api/v1/runs/."""

from django.urls import path

from syncjobs.api.views import RunDetail, RunList

urlpatterns = [path("", RunList.as_view()), path("<int:id>/", RunDetail.as_view(), name="api-run")]
