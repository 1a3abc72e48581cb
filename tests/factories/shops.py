"""Apps and shops that fit together: a shop's app is of the shop's marketplace, and it has a credential."""

from typing import Any, cast

from factory.declarations import RelatedFactory, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from shops.models import MarketplaceApp, Shop, ShopCredential


class MarketplaceAppFactory(DjangoModelFactory):
    class Meta:
        model = MarketplaceApp

    marketplace = "tiktok"
    name = "Test app"
    app_key = Sequence(lambda n: f"key{n}")
    app_secret = "app-secret"
    api_url = "http://127.0.0.1:9"
    auth_url = "http://127.0.0.1:9"
    shop_calls_per_minute = 0
    calls_per_hour = 0
    calls_per_day = 0
    page_spacing_seconds = 0
    sync_spacing_seconds = 0


class ShopFactory(DjangoModelFactory):
    class Meta:
        model = Shop
        skip_postgeneration_save = True

    app = SubFactory(MarketplaceAppFactory)
    marketplace = SelfAttribute("app.marketplace")
    region = "VN"
    external_id = Sequence(lambda n: f"74950000000000{n:05}")
    name = Sequence(lambda n: f"Sample shop {n}")
    currency = "VND"
    timezone = "Asia/Ho_Chi_Minh"
    credential = RelatedFactory("tests.factories.shops.ShopCredentialFactory", factory_related_name="shop")


class ShopCredentialFactory(DjangoModelFactory):
    class Meta:
        model = ShopCredential

    access_token = "access-token"
    refresh_token = "refresh-token"
    cipher = "cipher"


def make_app(**facts: Any) -> MarketplaceApp:
    return cast(MarketplaceApp, MarketplaceAppFactory(**facts))


def make_shop(**facts: Any) -> Shop:
    return cast(Shop, ShopFactory(**facts))
