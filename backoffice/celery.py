"""The Celery app and its queues. No task lives here.

A worker that is started without queue names serves all of them.
"""

import os
import socket
import sys
from pathlib import Path
from typing import Any

from celery import Celery, signals
from django.conf import settings
from kombu import Exchange, Queue

from backoffice import embedded
from backoffice.common.queues import EVERY_HOST, QUEUES
from backoffice.common.stopping import request_stop
from backoffice.worker_end import watch_the_end

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

# manage.py and wsgi.py start the embedded servers themselves; here only the `celery` program must. Type checkers and
# documentation builders import this module too, and must start nothing.
if "celery" in Path(sys.argv[0]).parts[-2:]:
    embedded.ensure()

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    # The row is the job and the message only a wake-up, so results are not kept and a lost message costs seconds.
    task_ignore_result=True,
    result_expires=None,  # else beat adds a periodic task that cleans up results
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    # Above the longest task, else a message whose worker is still at it would be given to another one as well.
    # Whoever presses a button must not wait for minutes where the broker's machine does not even refuse.
    broker_transport_options={"visibility_timeout": 7_200, "socket_connect_timeout": 5},
    # A chunk leaves its worker after SYNC_JOB_SECONDS at a page's end; a call, its retries and waits come on top. The
    # soft limit raises inside the task, which gives back what it holds; the hard one is for what does not even hear it.
    task_soft_time_limit=settings.SYNC_JOB_SECONDS + 1_200,
    task_time_limit=settings.SYNC_JOB_SECONDS + 1_500,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)
# Without a routing key of its own each queue gets the default one, and every message goes to all of them.
# No kombu Broadcast: who only sends would not declare its exchange, and the message would go to the own host alone.
every_host = Queue(f"{EVERY_HOST}.{socket.gethostname()}", Exchange(EVERY_HOST, type="fanout"), alias=EVERY_HOST)
app.conf.task_queues = [*(Queue(name, routing_key=name) for name in QUEUES), every_host]
app.conf.task_default_queue = "default"
# Files of minutes must not stand in the way of what takes seconds.
app.conf.task_routes = {"backoffice.common.lists.tasks.work_on_export": {"queue": "export"}}
app.autodiscover_tasks()


@signals.celeryd_after_setup.connect
def serve_the_host_too(instance: Any, **_: Any) -> None:
    """Let a worker that was started for some queues also hear what every host must do."""
    instance.app.amqp.queues.select_add(every_host)


@signals.worker_shutting_down.connect
def stop_between_pages(**_: Any) -> None:
    """Let the pool's processes give back what they hold, so that a restart takes seconds and costs no try."""
    request_stop()
    watch_the_end()
