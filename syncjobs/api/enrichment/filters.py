"""What a list of enrichment tasks can be narrowed by."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from backoffice.common.filters import AnyChoiceFilter
from syncjobs.models import EnrichmentStatus, EnrichmentTask


class EnrichmentTaskFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a task list by name."""

    status = AnyChoiceFilter(choices=EnrichmentStatus.choices, label="Status; may be given several times")
    parent_order_sn = django_filters.CharFilter(label="The marketplace's number of the order, exactly")
    cause = django_filters.CharFilter(method="narrow_cause", label="Failed ones of this cause, exactly")

    class Meta:
        model = EnrichmentTask
        fields: list[str] = []

    def narrow_cause(self, tasks: QuerySet[Any], _: str, cause: str) -> QuerySet[Any]:
        """Keep what failed for this cause: the index of causes holds no others."""
        return tasks.filter(status=EnrichmentStatus.FAILED, cause=cause)
