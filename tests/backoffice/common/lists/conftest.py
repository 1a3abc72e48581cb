"""What tests of lists share: who exports one of two shops, a folder of the test's own, and the wake-ups of workers."""

import pytest

from backoffice.common.lists import tasks
from tests.factories.orders import make_staff
from tests.factories.shops import make_app, make_shop


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORT_DIR = tmp_path / "exports"
    return settings.EXPORT_DIR


@pytest.fixture
def own(db):
    return make_shop(app=make_app(), name="Cửa hàng Mẫu")


@pytest.fixture
def foreign(own):
    return make_shop(app=own.app, name="Next door")


@pytest.fixture
def person(own):
    return make_staff("packer", own)


@pytest.fixture
def woken(monkeypatch, django_capture_on_commit_callbacks):
    """The wake-ups that were sent; the test's transaction never commits, so callbacks run at once."""
    sent = []
    for task in (tasks.work_on_batch, tasks.work_on_export):
        monkeypatch.setattr(task, "delay", lambda job_id, task=task: sent.append((task.__name__, job_id)))
    monkeypatch.setattr("django.db.transaction.on_commit", lambda call, **_: call())
    return sent
