"""Settings are read with their type; what makes no sense stops the start with one sentence."""

import os
import shutil
import subprocess
import sys

import pytest

from backoffice import env
from backoffice.env import BASE_DIR, SettingError

SERVERS = {"DATABASE_URL": "postgresql://user@localhost/name", "REDIS_URL": "redis://localhost:6379/0"}
PRODUCTION = {
    "DEBUG": "false",
    "ALLOW_SANDBOX": "false",
    "SECRET_KEY": "x" * 60,
    "CREDENTIAL_KEYS": "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=",
    **SERVERS,
}


@pytest.fixture
def given(monkeypatch):
    """Set what the environment says, and keep what is read here out of the registry."""
    monkeypatch.setattr(env, "REGISTRY", {})
    values: dict[str, str] = {}
    monkeypatch.setattr(env, "_values", values)
    return values


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("YES", True), ("on", True), ("false", False), ("0", False), ("", True)],
)
def test_yes_or_no(given, text, value):
    given["NAME"] = text
    assert env.boolean("NAME", True, "") is value


def test_neither_yes_nor_no_is_refused(given):
    given["NAME"] = "perhaps"
    with pytest.raises(SettingError, match="NAME='perhaps' is neither true nor false"):
        env.boolean("NAME", True, "")


def test_numbers_have_bounds_and_a_unit(given):
    given["NAME"] = " 20 "
    assert env.integer("NAME", 5, "", unit="seconds", minimum=1, maximum=20) == 20
    for text in ("0", "21", "-1", "soon", "1.5", "1e3"):
        given["NAME"] = text
        with pytest.raises(SettingError, match=r"NAME=.*seconds"):
            env.integer("NAME", 5, "", unit="seconds", minimum=1, maximum=20)


def test_what_is_not_given_is_the_default(given):
    assert env.integer("NAME", 5, "") == 5
    assert env.text("NAME", "default", "") == "default"
    assert env.secret("NAME", "", "") == ""
    assert env.names("NAME", "a, b,,c", "") == ["a", "b", "c"]


def test_only_choices_are_taken(given):
    given["NAME"] = "LOUD"
    with pytest.raises(SettingError, match="is not one of INFO, ERROR"):
        env.text("NAME", "INFO", "", choices=("INFO", "ERROR"))


def test_a_secret_may_stand_in_a_file(given, tmp_path):
    (tmp_path / "secret").write_text("hidden\n", encoding="utf-8")
    given |= {"NAME": "from the environment", "NAME_FILE": str(tmp_path / "secret")}
    assert env.secret("NAME", "", "") == "hidden"
    assert env.is_set("NAME_FILE")


def test_a_secret_file_that_cannot_be_read_is_named(given, tmp_path):
    given["NAME_FILE"] = str(tmp_path / "nowhere")
    with pytest.raises(SettingError, match=r"NAME_FILE points to .*nowhere, which cannot be read: No such file"):
        env.secret("NAME", "", "")


@pytest.mark.parametrize("zone", ["Mars/One", "../etc/passwd", "America", ""])
def test_only_real_zones_are_taken(given, zone):
    given["NAME"] = zone
    if not zone:
        assert env.time_zone("NAME", "UTC", "") == "UTC"
        return
    with pytest.raises(SettingError, match="is not a time zone"):
        env.time_zone("NAME", "UTC", "")


@pytest.mark.parametrize("address", ["nonsense", "https://host", "redis://host:port/0"])
def test_only_addresses_of_a_known_kind_are_taken(given, address):
    given["NAME"] = address
    with pytest.raises(SettingError, match=r"^NAME ") as refusal:
        env.url("NAME", ("redis",), "")
    assert address not in str(refusal.value), "an address may hold a password"


def test_what_is_read_is_described(given):
    env.topic("Topic")
    env.secret("NAME", "default of a secret", "What it does.")
    assert env.REGISTRY["NAME"].topic == "Topic"
    assert env.REGISTRY["NAME"].default == ""


def read_in_a_folder_with(tmp_path, dotenv, **environment):
    """Read a setting in a process whose .env is this one."""
    (tmp_path / "backoffice").mkdir()
    shutil.copy(BASE_DIR / "backoffice/env.py", tmp_path / "backoffice/env.py")
    (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
    code = "from backoffice import env; print(env.text('NAME', 'default', ''))"
    kept = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=kept | environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_dotenv_is_read(tmp_path):
    assert read_in_a_folder_with(tmp_path, "NAME='from .env'\n") == "from .env"


def test_the_environment_wins_over_dotenv(tmp_path):
    assert read_in_a_folder_with(tmp_path, "NAME=from .env\n", NAME="from the environment") == "from the environment"


def test_an_empty_variable_hides_dotenv(tmp_path):
    assert read_in_a_folder_with(tmp_path, "NAME=from .env\n", NAME="") == "default"


def start(**environment):
    """Import the settings in a process of its own; an empty value hides the one in .env."""
    return subprocess.run(
        [sys.executable, "-c", "import backoffice.settings"],
        cwd=BASE_DIR,
        env=os.environ | PRODUCTION | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_what_it_needs():
    assert (start().returncode, start().stderr) == (0, "")


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "CREDENTIAL_KEYS"])
def test_production_does_not_start_without(name):
    stopped = start(**{name: ""})
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(f"{name} is missing")
    assert len(stopped.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "nonsense",
    [
        {"DEBUG": "perhaps"},
        {"REQUEST_TIMEOUT": "0"},
        {"SYNC_CHUNK_DAYS": "1.5"},
        {"LOG_LEVEL": "LOUD"},
        {"OPERATOR_TIME_ZONE": "Mars/One"},
        {"DATABASE_URL": "localhost"},
        {"SECRET_KEY_FILE": "/nowhere/secret"},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_nonsense_stops_the_start_with_one_sentence(nonsense):
    stopped = start(**nonsense)
    assert stopped.returncode == 1
    assert stopped.stderr.startswith(next(iter(nonsense)))
    assert len(stopped.stderr.splitlines()) == 1


def test_a_program_that_needs_settings_ends_with_the_sentence_too():
    stopped = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=BASE_DIR,
        env=os.environ | PRODUCTION | {"REDIS_URL": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert stopped.returncode == 1
    assert stopped.stderr.startswith("REDIS_URL is missing.")
    assert "Traceback" not in stopped.stderr


@pytest.mark.parametrize(("redis_url", "broker_url"), [
    ("redis://h:6379/1", "redis://h:6379/1"),
    ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
    ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ("", ""),
])  # fmt: skip
def test_a_redis_socket_is_written_as_celery_wants_it(redis_url, broker_url):
    assert env.as_broker_url(redis_url) == broker_url
