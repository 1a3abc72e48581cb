"""Every address of the product: the admin, the API, whether it is alive, and its metrics."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from backoffice import health
from backoffice.common.api.errors import unknown_address
from syncjobs.monitoring.metrics import metrics_view

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("backoffice.api_urls")),
    path("api/sync/", include("syncjobs.api.sync_urls")),
    re_path(r"^api(?:/[\s\S]*)?$", unknown_address),
    path("shops/", include("shops.urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics_view),
]
