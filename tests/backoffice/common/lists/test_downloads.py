"""Files that go away at the wrong moment: whoever asks for one is told, whatever happened to it since."""

import pytest
from django.urls import reverse

from backoffice.common.lists import exports, tasks
from backoffice.common.lists.models import Export
from tests.architecture.rows import make_superuser

pytestmark = pytest.mark.django_db


def test_a_file_that_is_deleted_while_it_is_asked_for_is_said_to_be_gone(client, settings, tmp_path, monkeypatch):
    settings.EXPORT_DIR = tmp_path
    chief = make_superuser()
    client.force_login(chief)
    export = exports.start_export(
        kind="orders.orders", person=chief, query="", columns=["external_id"], file_format="csv"
    )
    tasks.work_on_export(export.pk)
    find = exports.find_file

    def find_and_lose(found: Export):
        path = find(found)
        assert path is not None
        path.unlink()
        return path

    monkeypatch.setattr(exports, "find_file", find_and_lose)
    answer = client.get(reverse("admin:lists_export_download", args=[export.pk]))
    assert answer.status_code == 404
    assert "not on this server any more" in answer.content.decode()
