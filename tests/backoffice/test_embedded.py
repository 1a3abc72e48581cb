"""The embedded servers live through everything that can happen to a development machine. Real servers, real kills."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from backoffice import embedded
from backoffice.embedded.places import find_places, make_private
from backoffice.embedded.postgres import Postgres
from backoffice.embedded.server import Server
from backoffice.embedded.valkey import Valkey
from backoffice.env import BASE_DIR

ENSURE = (
    "import sys; from pathlib import Path; from backoffice import embedded; "
    "print(*embedded.ensure(Path(sys.argv[1]), want_database=True, want_redis=True))"
)


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    """A folder that the servers' user can reach (pytest's own is closed to others); nothing in it lives on."""
    folder = Path(tempfile.mkdtemp(prefix="embedded-"))
    folder.chmod(0o755)
    yield folder
    for var_dir in folder.iterdir():
        embedded.stop(var_dir)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def var_dir(root: Path) -> Path:
    """One VAR_DIR whose servers most tests share; each test leaves them alive or dead as it likes."""
    return root / "shared"


@pytest.fixture
def alive(var_dir: Path) -> Path:
    ensure(var_dir)
    return var_dir


def ensure(var_dir: Path) -> tuple[str, ...]:
    return embedded.ensure(var_dir, want_database=True, want_redis=True)


def ensure_in_a_process(var_dir: Path, **environment: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ENSURE, str(var_dir)],
        cwd=BASE_DIR,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def connect(var_dir: Path) -> "psycopg.Connection[tuple[object, ...]]":
    settings = embedded.database_settings(var_dir)
    return psycopg.connect(
        host=str(settings["HOST"]),
        port=str(settings["PORT"]),
        user=str(settings["USER"]),
        dbname=str(settings["NAME"]),
        autocommit=True,
    )


def write_mark(var_dir: Path) -> str:
    mark = secrets.token_hex(8)
    with connect(var_dir) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS marks (mark text)")
        connection.execute("INSERT INTO marks VALUES (%s)", [mark])
    redis.Redis.from_url(embedded.redis_url(var_dir)).set(mark, "here")
    return mark


def has_mark(var_dir: Path, mark: str) -> bool:
    with connect(var_dir) as connection:
        row = connection.execute("SELECT true FROM marks WHERE mark = %s", [mark]).fetchone()
    return row is not None and redis.Redis.from_url(embedded.redis_url(var_dir)).get(mark) == b"here"


def servers(var_dir: Path) -> tuple[Server, Server]:
    places = find_places(var_dir)
    return Postgres(places), Valkey(places)


def main_pids(var_dir: Path) -> list[int]:
    """The servers themselves, without their children."""
    return [pid for server in embedded.status(var_dir) for pid in server.process_ids]


def wait_until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_starts_both_and_says_where_they_are(alive: Path):
    postgres, valkey = embedded.status(alive)
    assert postgres.answers and valkey.answers
    assert len(postgres.process_ids) == len(valkey.process_ids) == 1
    assert Path(postgres.address).is_socket() and Path(valkey.address).is_socket()
    assert postgres.data.is_relative_to(alive) and valkey.log.is_file()


def test_it_leaves_living_servers_alone_and_costs_little(alive: Path):
    before = main_pids(alive)
    begun = time.perf_counter()
    assert ensure(alive) == ()
    assert time.perf_counter() - begun < 0.5
    assert main_pids(alive) == before


def test_text_sorts_the_same_on_every_machine_and_commits_reach_the_disk(alive: Path):
    with connect(alive) as connection:
        row = connection.execute(
            "SELECT datlocale, pg_encoding_to_char(encoding), current_setting('fsync'),"
            " current_setting('listen_addresses'), current_setting('synchronous_commit')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    assert row == ("C.UTF-8", "UTF8", "on", "", "on")


def test_valkey_keeps_what_it_took_and_forgets_nothing_for_room(alive: Path):
    config = redis.Redis.from_url(embedded.redis_url(alive), decode_responses=True).config_get("*")
    assert (config["appendonly"], config["maxmemory-policy"], config["port"]) == ("yes", "noeviction", "0")


def test_nobody_else_gets_at_the_sockets(alive: Path):
    places = find_places(alive)
    assert places.sockets.stat().st_mode & 0o777 == 0o700
    assert places.sockets.stat().st_uid == places.user.uid != 0


def test_stop_ends_the_processes_and_start_brings_the_data_back(alive: Path):
    mark = write_mark(alive)
    assert embedded.stop(alive) == ("postgres", "valkey")
    assert not any(server.processes() for server in servers(alive))
    assert not any(server.answers for server in embedded.status(alive))
    assert embedded.stop(alive) == ()
    assert ensure(alive) == ("postgres", "valkey")
    assert has_mark(alive, mark)


def test_two_at_once_start_one_server_each_and_it_outlives_them(var_dir: Path):
    embedded.stop(var_dir)
    starters = [ensure_in_a_process(var_dir) for _ in range(3)]
    outputs = [starter.communicate(timeout=60)[0].split() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert sorted(name for names in outputs for name in names) == ["postgres", "valkey"]
    assert len(main_pids(var_dir)) == 2
    assert all(os.getsid(pid) != os.getsid(0) for pid in main_pids(var_dir))
    assert ensure(var_dir) == ()


def test_it_recovers_from_a_kill_of_everything_with_all_that_was_committed(alive: Path):
    mark = write_mark(alive)
    for pid in main_pids(alive):
        os.kill(pid, signal.SIGKILL)
    assert set(ensure(alive)) == {"postgres", "valkey"}
    assert has_mark(alive, mark)


def test_it_recovers_while_a_busy_session_of_the_killed_server_works_on(alive: Path):
    mark = write_mark(alive)
    connection = connect(alive)
    connection.execute("SET statement_timeout = 0")
    busy = "DO $$ BEGIN LOOP END LOOP; END $$"  # never looks whether its server is still there
    connection.pgconn.send_query(busy.encode())
    postgres, _ = servers(alive)
    os.kill(main_pids(alive)[0], signal.SIGKILL)
    assert "postgres" in ensure(alive)
    assert has_mark(alive, mark)
    assert len([process for process in postgres.processes() if postgres.is_main(process)]) == 1
    connection.close()


def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_it(alive: Path):
    postgres, _ = servers(alive)
    mark = write_mark(alive)
    pid_file = postgres.data / "postmaster.pid"
    socket_lock = Path(f"{postgres.address}.lock")
    lines, socket_lines = (path.read_text().splitlines()[1:] for path in (pid_file, socket_lock))
    os.kill(main_pids(alive)[0], signal.SIGKILL)
    wait_until(lambda: not postgres.processes())
    user = postgres.places.user
    identity = {} if user.is_me else {"user": user.uid, "group": user.gid}
    stranger = subprocess.Popen(["sleep", "60"], **identity)  # type: ignore[call-overload]
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines]) + "\n")
        socket_lock.write_text("\n".join([str(stranger.pid), *socket_lines]) + "\n")
        assert ensure(alive) == ("postgres",)
        assert has_mark(alive, mark)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_is_alive_but_unreachable_is_never_started_twice(alive: Path, monkeypatch: pytest.MonkeyPatch):
    postgres, valkey = servers(alive)
    before = main_pids(alive)
    for server in (postgres, valkey):
        Path(server.address).rename(f"{server.address}.hidden")
    monkeypatch.setattr("backoffice.embedded.server.START_SECONDS", 0.3)
    for names in ({"want_database": True, "want_redis": False}, {"want_database": False, "want_redis": True}):
        with pytest.raises(embedded.EmbeddedError, match=r"runs \(its data is in use\) but has not answered"):
            embedded.ensure(alive, **names)
    assert main_pids(alive) == before
    for server in (postgres, valkey):
        Path(f"{server.address}.hidden").rename(server.address)


def test_a_start_cut_short_at_any_moment_leaves_nothing_that_stops_the_next(root: Path):
    var_dir = root / "cut"
    places = find_places(var_dir)
    starter = ensure_in_a_process(var_dir)
    wait_until((places.home / "postgres.new" / "base").exists)  # initdb is at work
    starter.kill()
    starter.communicate()
    assert not (places.home / "postgres").exists()
    for seconds in (0.35, 0.55, 0.75):
        starter = ensure_in_a_process(var_dir)
        time.sleep(seconds)
        starter.kill()
        starter.communicate()
    ensure(var_dir)
    assert has_mark(var_dir, write_mark(var_dir))
    assert not (places.home / "postgres.new").exists()
    embedded.stop(var_dir)


def test_two_var_dirs_stand_side_by_side_also_with_a_long_path_and_foreign_locale(alive: Path, root: Path):
    here = write_mark(alive)
    long = root / ("a long name, with a comma " + "x" * 90)
    starter = ensure_in_a_process(long, LC_ALL="xx_YY.UTF-8", LANG="xx_YY", PGPORT="1", PGHOST="nowhere")
    assert starter.communicate(timeout=60)[0].split() == ["postgres", "valkey"], starter.stderr
    there = write_mark(long)
    assert has_mark(alive, here) and has_mark(long, there)
    assert not has_mark(alive, there) and not has_mark(long, here)
    sockets = find_places(long).sockets
    assert len(os.fsencode(sockets)) < 80 and sockets.stat().st_mode & 0o777 == 0o700
    embedded.stop(long)
    assert not sockets.exists()
    assert ensure(alive) == ()


def test_removing_the_folder_under_living_servers_starts_afresh_and_leaves_no_ghosts(root: Path):
    var_dir = root / "removed"
    ensure(var_dir)
    before = main_pids(var_dir)
    shutil.rmtree(var_dir)
    assert ensure(var_dir) == ("postgres", "valkey")
    assert not set(main_pids(var_dir)) & set(before)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in before))
    embedded.stop(var_dir)


def test_a_socket_folder_that_somebody_else_made_is_refused(root: Path):
    places = find_places(root / "foreign")
    target = root / "target"
    target.mkdir()
    (root / "link").symlink_to(target)
    with pytest.raises(embedded.EmbeddedError, match="somebody else made it"):
        make_private(root / "link", places.user)


def test_a_var_dir_that_cannot_be_made_is_explained(root: Path):
    (root / "file").write_text("")
    try:
        with pytest.raises(embedded.EmbeddedError, match="VAR_DIR"):
            ensure(root / "file" / "var")
    finally:
        (root / "file").unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that the servers' user cannot reach")
def test_under_a_folder_for_root_only_data_lies_aside_and_no_mode_changes(root: Path):
    closed = root / "closed"
    closed.mkdir(mode=0o700)
    var_dir = closed / "var"
    places = find_places(var_dir)
    try:
        assert places.home.parent == Path("/var/lib")
        ensure(var_dir)
        mark = write_mark(var_dir)
        assert embedded.stop(var_dir) == ("postgres", "valkey")
        ensure(var_dir)
        assert has_mark(var_dir, mark)
        assert closed.stat().st_mode & 0o777 == 0o700
        assert (var_dir / "embedded").resolve() == places.home
        shutil.rmtree(var_dir)  # a new clone in the same place must not find the old one's data
        assert ensure(var_dir) == ("postgres", "valkey")
        with connect(var_dir) as connection:
            assert connection.execute("SELECT to_regclass('marks')").fetchone() == (None,)
    finally:
        embedded.stop(var_dir)
        shutil.rmtree(closed)
        for leftover in places.home.parent.glob(f"{places.home.name}*"):
            shutil.rmtree(leftover)


@pytest.mark.parametrize("debug", ["true", "false"])
def test_importing_settings_starts_nothing_and_without_debug_nothing_is_started(root: Path, debug: str):
    var_dir = root / f"untouched-{debug}"
    code = "import backoffice.settings" if debug == "true" else "from backoffice import embedded; embedded.ensure()"
    secret = {"SECRET_KEY": "x" * 60, "CREDENTIAL_KEYS": "Kb1n8g2XbKq3l5m0pZ0y4h7wVt9uYc6sJd2fRa8eQxE="}
    environment = os.environ | secret | {"DEBUG": debug, "VAR_DIR": str(var_dir), "DATABASE_URL": "", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert not var_dir.exists()
    if debug == "true":
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 1 and done.stderr.startswith("DATABASE_URL is missing")
        assert "Traceback" not in done.stderr
