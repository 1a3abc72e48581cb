"""Apps and shops that fit together: a shop's app is of the shop's marketplace, and it has a credential."""

import factory

from shops.models import MarketplaceApp, Shop, ShopCredential


class MarketplaceAppFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = MarketplaceApp

    marketplace = "tiktok"
    name = "Test app"
    app_key = factory.Sequence(lambda n: f"key{n}")
    app_secret = "app-secret"
    api_url = "http://127.0.0.1:9"
    auth_url = "http://127.0.0.1:9"
    shop_calls_per_minute = 0
    calls_per_hour = 0
    calls_per_day = 0
    page_spacing_seconds = 0


class ShopFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Shop
        skip_postgeneration_save = True

    app = factory.SubFactory(MarketplaceAppFactory)
    marketplace = factory.SelfAttribute("app.marketplace")
    region = "VN"
    external_id = factory.Sequence(lambda n: f"74950000000000{n:05}")
    name = factory.Sequence(lambda n: f"Sample shop {n}")
    currency = "VND"
    timezone = "Asia/Ho_Chi_Minh"
    credential = factory.RelatedFactory("tests.factories.shops.ShopCredentialFactory", factory_related_name="shop")


class ShopCredentialFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = ShopCredential

    access_token = "access-token"
    refresh_token = "refresh-token"
    cipher = "cipher"
