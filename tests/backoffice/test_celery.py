"""Queues: a message goes to the one it was sent to, and a worker without names serves all."""

from types import SimpleNamespace

from backoffice.celery import app, every_host, serve_the_host_too
from backoffice.common.queues import EVERY_HOST, QUEUES
from tests.factories.brokers import empty_memory


def test_a_message_reaches_only_the_queue_it_was_sent_to():
    with empty_memory() as connection:
        channel = connection.default_channel
        queues = {queue.name: queue(channel) for queue in app.amqp.queues.values()}
        for name in queues:
            route = app.amqp.router.route({"queue": name}, "any.task")["queue"]
            connection.Producer(channel).publish({"to": name}, exchange=route.exchange, routing_key=route.routing_key)
        for name, queue in queues.items():
            received = [message.payload for message in (queue.get(no_ack=True), queue.get(no_ack=True)) if message]
            assert received == [{"to": name}]


def test_a_worker_without_names_serves_all_queues():
    assert set(app.amqp.queues.consume_from) == {*QUEUES, every_host.name}


def test_a_worker_of_some_queues_hears_what_every_host_must_do():
    queues = app.amqp.Queues(app.conf.task_queues)
    queues.select(["high", "sweeps"])
    worker = SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=queues)))
    serve_the_host_too(instance=worker)
    assert set(queues.consume_from) == {"high", "sweeps", every_host.name}


def test_what_every_host_must_do_is_sent_to_all_of_them():
    exchange = app.amqp.router.route({"queue": EVERY_HOST}, "any.task")["queue"].exchange
    assert (exchange.name, exchange.type) == (EVERY_HOST, "fanout")


def test_a_worker_takes_one_task_at_a_time_and_acknowledges_it_when_done():
    assert (app.conf.worker_prefetch_multiplier, app.conf.task_acks_late) == (1, True)


def test_the_visibility_timeout_is_longer_than_any_task():
    """Else Redis would give a message to a second worker while the first one is still at it."""
    assert app.conf.broker_transport_options["visibility_timeout"] > app.conf.task_time_limit > 0
    app.loader.import_default_modules()
    assert {task.time_limit for task in app.tasks.values() if task.time_limit} <= {app.conf.task_time_limit}


def test_exports_wait_in_a_queue_of_their_own():
    route = app.amqp.router.route({}, "backoffice.common.lists.tasks.work_on_export")
    assert route["queue"].name == "export"
