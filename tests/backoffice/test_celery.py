"""Queues: a message goes to the one it was sent to, and a worker without names serves all."""

from kombu import Connection

from backoffice.celery import app
from backoffice.common.queues import QUEUES


def test_a_message_reaches_only_the_queue_it_was_sent_to():
    with Connection("memory://") as connection:
        channel = connection.channel()
        queues = {queue.name: queue(channel) for queue in app.amqp.queues.values()}
        for queue in queues.values():
            queue.declare()
        for name in queues:
            route = app.amqp.router.route({"queue": name}, "any.task")["queue"]
            connection.Producer(channel).publish({"to": name}, exchange=route.exchange, routing_key=route.routing_key)
        for name, queue in queues.items():
            received = [message.payload for message in (queue.get(no_ack=True), queue.get(no_ack=True)) if message]
            assert received == [{"to": name}]


def test_a_worker_without_names_serves_all_queues():
    assert set(app.amqp.queues.consume_from) == set(QUEUES)


def test_a_worker_takes_one_task_at_a_time_and_acknowledges_it_when_done():
    assert (app.conf.worker_prefetch_multiplier, app.conf.task_acks_late) == (1, True)


def test_exports_wait_in_a_queue_of_their_own():
    route = app.amqp.router.route({}, "backoffice.common.lists.tasks.work_on_export")
    assert route["queue"].name == "export"
