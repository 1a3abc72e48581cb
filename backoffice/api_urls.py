"""Every address of the API under /api/v1/."""

from django.urls import include, path

from backoffice.common.api.schema import DocumentPage, SchemaView

urlpatterns = [
    path("shops/", include("shops.api.urls")),
    path("", include("orders.api.urls")),
    path("returns/", include("aftersales.api.urls")),
    path("aftersales/", include("aftersales.api.cases.urls")),
    path("runs/", include("syncjobs.api.urls")),
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocumentPage.as_view(), name="api-docs"),
]
