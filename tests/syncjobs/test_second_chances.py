"""Whatever a marketplace sent can be stored later from its payload alone: from a file, and from a failed record."""

import pytest

from backoffice.common import clock
from backoffice.common.ingest import Origin
from orders.models import Statement
from shops.connections import build_mapper
from shops.marketplaces.records import Resource, UnreadableRecord
from syncjobs.buffer.replay import replay_waiting
from syncjobs.engine.closing import close_if_ended
from syncjobs.intake import store_batch
from syncjobs.models import FailedRecord, Run
from syncjobs.services import retry_record
from syncjobs.streams import STREAMS
from tests.factories.buffered import make_buffered_run, put_batch
from tests.factories.shops import make_app, make_shop
from tests.shops.marketplaces.samples import SAMPLES

pytestmark = pytest.mark.django_db
KINDS = [(marketplace, resource) for marketplace, samples in SAMPLES.items() for resource in samples()]


@pytest.fixture(autouse=True)
def buffer(settings, tmp_path):
    settings.SYNC_BUFFER_DIR = tmp_path / "buffer"


def read_samples(shop, resource):
    """The payloads, and the ids of what they describe."""
    payloads = SAMPLES[shop.marketplace]()[resource]
    # Some are of one thing at several moments.
    return payloads, {build_mapper(shop).map_payload(resource, payload).external_id for payload in payloads}


def list_stored(shop, resource):
    tables = [STREAMS[resource].rows()]
    if resource == Resource.TRANSACTIONS:
        tables.append(Statement.objects.all())
    return {row.external_id for rows in tables for row in rows.filter(shop=shop, is_valid=True)}


def test_every_resource_of_every_marketplace_has_samples():
    assert {resource for _, resource in KINDS} == set(Resource)
    assert len(KINDS) == 19


@pytest.mark.parametrize(("marketplace", "resource"), KINDS)
def test_a_batch_that_waited_in_a_file_is_stored(marketplace, resource):
    shop = make_shop(app=make_app(marketplace=marketplace))
    payloads, ids = read_samples(shop, resource)
    run = make_buffered_run(shop=shop, resource=resource.value)
    put_batch(run.chunks.get(), *payloads, buffered_at=clock.now())
    outcomes = replay_waiting(close_if_ended).outcomes
    assert [outcome.folder for outcome in outcomes] == [None], outcomes
    assert list_stored(shop, resource) == ids
    assert Run.objects.get().state == "done"


@pytest.mark.parametrize(("marketplace", "resource"), KINDS)
def test_a_failed_record_is_stored_when_its_payload_can_be_read_by_now(marketplace, resource):
    shop = make_shop(app=make_app(marketplace=marketplace))
    payloads, ids = read_samples(shop, resource)
    unreadable = [UnreadableRecord(payload, "nobody could read it") for payload in payloads]
    store_batch(resource.value, shop.pk, [], unreadable, Origin("poll", clock.now()))
    told = [retry_record(record, "lan") for record in FailedRecord.objects.all()]
    assert set(told) == list_stored(shop, resource) == ids
    assert set(FailedRecord.objects.values_list("state", "ended_by")) == {("fixed", "lan")}
