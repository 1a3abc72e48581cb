"""What a list of shops can be narrowed by."""

import django_filters

from shops.choices import Marketplace, ShopState
from shops.models import Shop


class ShopFilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a shop list by name."""

    marketplace = django_filters.ChoiceFilter(choices=Marketplace.choices, label="Marketplace")
    state = django_filters.ChoiceFilter(choices=ShopState.choices, label="State")
    external_id = django_filters.CharFilter(label="The marketplace's id of the shop, exactly")

    class Meta:
        model = Shop
        fields: list[str] = []
