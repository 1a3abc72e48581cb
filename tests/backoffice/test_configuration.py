"""The page of all settings is generated, and a stale one is noticed."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from backoffice.env import BASE_DIR, REGISTRY
from backoffice.management.pages import PageCommand
from syncjobs.services.retention import KINDS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(PageCommand, "folder", tmp_path)
    return tmp_path


def test_the_page_in_the_tree_is_up_to_date():
    call_command("configuration", check=True)


def test_every_setting_is_on_the_page_with_a_unit_and_a_description():
    page = (BASE_DIR / "docs/configuration.md").read_text(encoding="utf-8")
    for setting in REGISTRY.values():
        assert f"| `{setting.name}` | {setting.kind} |" in page
        assert setting.description.endswith(".") or "; " in setting.description


def test_each_span_of_retention_names_all_that_it_ends():
    unnamed = [kind for kind in KINDS if kind.name.replace("_", " ") not in REGISTRY[kind.setting].description]
    assert [kind.name for kind in unnamed] == []


def test_it_writes_both_files(folder):
    out = StringIO()
    call_command("configuration", stdout=out)
    call_command("configuration", check=True)
    assert "| `SYNC_CHUNK_DAYS` | days | `1` |" in (folder / "docs/configuration.md").read_text(encoding="utf-8")
    assert "# SYNC_CHUNK_DAYS=1\n" in (folder / ".env.example").read_text(encoding="utf-8")
    assert out.getvalue() == "wrote configuration.md\nwrote .env.example\n"


@pytest.mark.parametrize("name", ["docs/configuration.md", ".env.example"])
def test_a_stale_page_is_noticed_and_left_alone(folder, name):
    call_command("configuration", stdout=StringIO())
    stale = (folder / name).read_text(encoding="utf-8").replace("SYNC_CHUNK_DAYS", "OLD_NAME")
    (folder / name).write_text(stale, encoding="utf-8")
    with pytest.raises(CommandError, match=r"is out of date\. Run: python manage.py configuration"):
        call_command("configuration", check=True)
    assert (folder / name).read_text(encoding="utf-8") == stale


def test_a_missing_page_is_noticed(folder):
    with pytest.raises(CommandError):
        call_command("configuration", check=True)


def test_no_secret_has_a_default_on_the_page():
    assert [setting.name for setting in REGISTRY.values() if setting.kind == "secret" and setting.default] == []
