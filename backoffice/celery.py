"""The Celery app and its queues. No task lives here.

A worker that is started without queue names serves all of them.
"""

import os
import sys
from pathlib import Path
from typing import Any

from celery import Celery, signals
from kombu import Queue

from backoffice import embedded
from backoffice.common.queues import QUEUES
from backoffice.common.stopping import request_stop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

# manage.py and wsgi.py start the embedded servers themselves; here only the `celery` program must. Type checkers and
# documentation builders import this module too, and must start nothing.
if "celery" in Path(sys.argv[0]).parts[-2:]:
    embedded.ensure()

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Without a routing key of its own each queue gets the default one, and every message goes to all of them.
app.conf.task_queues = [Queue(name, routing_key=name) for name in QUEUES]
app.conf.task_default_queue = "default"
# Files of minutes must not stand in the way of what takes seconds.
app.conf.task_routes = {"backoffice.common.lists.tasks.work_on_export": {"queue": "export"}}
app.autodiscover_tasks()


@signals.worker_shutting_down.connect
def stop_between_pages(**_: Any) -> None:
    """Let the pool's processes give back what they hold, so that a restart takes seconds and costs no try."""
    request_stop()
