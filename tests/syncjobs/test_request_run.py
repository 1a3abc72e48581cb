"""Runs that somebody asks for: one at a time, and only where they can succeed."""

import pytest

from backoffice.common import clock
from backoffice.common.errors import NotPossible
from shops.models import Shop
from syncjobs.models import Chunk, Run, RunState, Watermark
from syncjobs.services import request_run
from tests.factories.races import at_once
from tests.factories.shops import make_shop

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", ["incremental", "full"])
def test_who_asks_twice_gets_the_open_run_again(shop, kind):
    first, is_new = request_run(shop, kind=kind)
    assert (is_new, first.kind, first.trigger, first.shop) == (True, kind, "person", shop)
    assert request_run(shop, kind=kind) == (first, False)
    Run.objects.update(state=RunState.DONE)
    assert request_run(shop, kind=kind)[1] is True


def test_a_full_run_does_not_wait_for_an_incremental_one(shop):
    assert request_run(shop, kind="incremental")[0] != request_run(shop, kind="full")[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["incremental", "full"])
def test_of_several_who_ask_at_once_all_get_one_run(kind):
    shop = make_shop()
    outcomes = at_once(lambda: request_run(shop, kind=kind))
    assert len({run.pk for run, _ in outcomes}) == 1
    assert [is_new for _, is_new in outcomes].count(True) == 1
    assert (Run.objects.count(), Chunk.objects.count()) == (1, 7)


@pytest.mark.parametrize("state", ["paused", "needs_reauthorisation", "disconnected"])
def test_a_shop_that_is_not_active_is_refused_with_its_reason(state):
    shop = make_shop(state=state, state_reason="Because.")
    with pytest.raises(NotPossible, match=r"so it is not synced\. Because\."):
        request_run(shop, kind="incremental")
    assert not Run.objects.exists()


def test_a_shop_without_credential_is_refused(shop):
    shop.credential.delete()
    with pytest.raises(NotPossible, match="has no credential"):
        request_run(Shop.objects.get(), kind="full")
    assert not Run.objects.exists()


def test_where_everything_is_read_it_says_so(shop):
    now = clock.now()
    Watermark.objects.create(shop=shop, resource="orders", position_at=now, moved_at=now)
    with pytest.raises(NotPossible, match="there is nothing to do"):
        request_run(shop, kind="incremental")
    assert not Run.objects.exists()
