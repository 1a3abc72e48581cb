"""Secrets at rest: unreadable in the database, readable with any key of the ring, rotated to the first."""

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from backoffice.common.encryption import UnreadableSecret, decrypt, encrypt
from shops.models import MarketplaceApp, ShopCredential
from shops.services import rotate_credentials
from tests.factories.shops import make_shop

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))
SECRETS = ("app-secret", "access-token", "refresh-token", "cipher")


@pytest.fixture(autouse=True)
def old_key(settings):
    settings.CREDENTIAL_KEYS = [OLD]


def columns():
    """What stands in the tables, as the database shows it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT app_secret, access_token, refresh_token, cipher FROM shops_shopcredential c"
            " JOIN shops_shop s ON s.id = c.shop_id JOIN shops_marketplaceapp a ON a.id = s.app_id"
        )
        return cursor.fetchone()


def secrets():
    credential = ShopCredential.objects.get()
    app = MarketplaceApp.objects.get()
    return app.app_secret, credential.access_token, credential.refresh_token, credential.cipher


def test_the_database_holds_no_clear_text(db):
    make_shop()
    assert secrets() == SECRETS
    for column, secret in zip(columns(), SECRETS, strict=True):
        assert secret not in column
        assert Fernet(OLD).decrypt(column.encode()).decode() == secret


def test_updates_encrypt_too(db):
    make_shop()
    ShopCredential.objects.update(access_token="another")
    assert "another" not in columns()[1]
    assert ShopCredential.objects.get().access_token == "another"


def test_an_empty_secret_stays_empty(db):
    shop = make_shop()
    ShopCredential.objects.filter(shop=shop).update(cipher="")
    assert columns()[3] == ""
    assert (encrypt(""), decrypt("")) == ("", "")


def test_the_same_secret_never_looks_the_same():
    assert encrypt("secret") != encrypt("secret")


def test_rotation_lets_the_old_key_be_dropped(db, settings):
    make_shop()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    assert secrets() == SECRETS
    assert rotate_credentials() == 2
    settings.CREDENTIAL_KEYS = [NEW]
    assert secrets() == SECRETS


def test_rotation_can_be_repeated_and_changes_no_version(db, settings):
    make_shop()
    settings.CREDENTIAL_KEYS = [NEW, OLD]
    rotate_credentials()
    rotate_credentials()
    assert (secrets(), ShopCredential.objects.get().version) == (SECRETS, 1)


def test_a_secret_that_fits_no_key_is_explained(db, settings):
    make_shop()
    settings.CREDENTIAL_KEYS = [OTHER]
    with pytest.raises(UnreadableSecret, match=r"keys in CREDENTIAL_KEYS\. Put the key it was written with back"):
        ShopCredential.objects.get()


def test_a_damaged_secret_is_explained():
    with pytest.raises(UnreadableSecret):
        decrypt("not what encrypt wrote")


@pytest.mark.parametrize("text", ["tiếng Việt 中文", "a" * 5000, " spaces ", "0"])
def test_any_text_comes_back_as_it_was(text):
    assert decrypt(encrypt(text)) == text
