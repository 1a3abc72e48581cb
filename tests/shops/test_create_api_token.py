"""The command that makes a token: what it prints, and what it refuses."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.common import clock
from shops.models import ApiToken
from shops.queries import find_api_token
from tests.factories.api import make_person
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


def make(*arguments):
    out, said = StringIO(), StringIO()
    call_command("create_api_token", *map(str, arguments), stdout=out, stderr=said)
    return out.getvalue(), said.getvalue()


def test_it_prints_a_key_that_opens_the_token_and_nothing_else_on_standard_output(shop):
    person = make_person(shop)
    out, said = make(person, "--name", "warehouse")
    token = find_api_token(out.strip())
    assert token
    assert (token.user, token.name, token.may_write, token.expires_at) == (person, "warehouse", False, None)
    assert not token.is_limited
    assert token.prefix in said
    assert out.strip() not in said


def test_shops_writing_and_an_end_are_taken_over(shop):
    other = make_shop()
    before = clock.now()
    make(
        make_person(), "--name", "x", "--shop", shop.pk, "--shop", f"tiktok:{other.external_id}",
        "--write", "--days", 30,
    )  # fmt: skip
    token = ApiToken.objects.get()
    assert set(token.shops.all()) == {shop, other}
    assert token.is_limited
    assert token.may_write
    assert token.expires_at
    assert before + timedelta(days=30) <= token.expires_at <= clock.now() + timedelta(days=30)


@pytest.mark.parametrize(("arguments", "said"), [
    (["nobody", "--name", "x"], "no person"), (["caller", "--name", "x", "--days", "0"], "--days"),
    (["caller", "--name", "x", "--shop", "999"], "no shop"), (["caller", "--name", "x" * 101], "--name"),
    (["caller", "--name", ""], "--name"), (["caller", "--name", "x", "--days", "99999999"], "--days"),
    (["caller"], "--name"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_with_the_reason(shop, django_user_model, arguments, said):
    django_user_model.objects.create(username="caller")
    with pytest.raises(CommandError, match=said):
        make(*arguments)
    assert not ApiToken.objects.exists()
