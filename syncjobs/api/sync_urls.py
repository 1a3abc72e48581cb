"""Addresses under /api/sync/: older than the versions, so without one, and without a slash at the end."""

from django.urls import path

from syncjobs.api.enrichment.views import (
    EnrichmentProgressView,
    EnrichmentStatsView,
    EnrichmentTaskList,
    EnrichNowView,
)
from syncjobs.api.monitoring.views import AlertsView, HealthView

urlpatterns = [
    path("shops/<int:id>/orders/progress", EnrichmentProgressView.as_view(), name="api-enrichment-progress"),
    path("shops/<int:id>/orders/enrich-details", EnrichNowView.as_view(), name="api-enrich-details"),
    path("shops/<int:id>/orders/enrich-tasks", EnrichmentTaskList.as_view(), name="api-enrichment-tasks"),
    path("orders/enrich-tasks/stats", EnrichmentStatsView.as_view(), name="api-enrichment-stats"),
    path("monitoring/health", HealthView.as_view(), name="api-health"),
    path("monitoring/alerts", AlertsView.as_view(), name="api-alerts"),
]
