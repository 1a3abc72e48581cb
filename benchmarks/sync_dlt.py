"""Starts dlt's side of the sync bench in an environment of its own, which is made where it is missing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from backoffice.common import clock
from benchmarks.sync_ways import DEPTH, Timed
from shops.models import Shop

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements-dlt.txt"
DATASET = "bench_dlt"
STRATEGY = "delete-insert"  # dlt's default; "upsert" took as long
FILE_FORMAT = "csv"  # copied; dlt's default, INSERT statements, took longer


class NoDlt(Exception):
    """dlt is not here and cannot be installed; the text says why."""


class Dlt:
    """dlt, with its folder under var/bench."""

    def __init__(self) -> None:
        self.folder = Path(settings.VAR_DIR) / "dlt"
        self._python = self.folder / "venv" / "bin" / "python"

    def install(self) -> None:
        """Make the environment from its requirements, once; raises NoDlt."""
        installed = self.folder / "venv" / "installed.txt"
        wanted = REQUIREMENTS.read_text(encoding="utf-8")
        if installed.exists() and installed.read_text(encoding="utf-8") == wanted:
            return
        print("  installing dlt (once)...", flush=True)
        pip = [str(self._python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(self.folder / "venv")],
            [*pip, "--retries", "1", "--require-hashes", "--requirement", str(REQUIREMENTS)],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise NoDlt(f"dlt cannot be installed: {(done.stderr or done.stdout).strip()[-500:]}")
        installed.write_text(wanted, encoding="utf-8")

    def load(self, shop: Shop, *, with_payload: bool = True) -> Timed:
        """Load the shop's orders into empty tables of dlt's own, in the same database."""
        shutil.rmtree(self.folder / "pipelines", ignore_errors=True)
        self.forget()
        facts = {**self._facts(shop), "with_payload": with_payload}
        done = subprocess.run(
            [self._python, HERE / "sync_dlt_pipeline.py"],
            input=json.dumps(facts), capture_output=True, text=True, check=False, cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "RUNTIME__DLTHUB_TELEMETRY": "false",
                 "RUNTIME__LOG_LEVEL": "ERROR"},
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"dlt failed:\n{done.stderr[-3_000:]}")
        said = json.loads(done.stdout.splitlines()[-1])
        return said["orders"], said["seconds"]

    def forget(self) -> None:
        """Drop dlt's tables."""
        with connection.cursor() as cursor:
            for schema in (DATASET, f"{DATASET}_staging"):
                cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

    def _facts(self, shop: Shop) -> dict[str, Any]:
        now = int(clock.unix_seconds())
        keys = {"app_key": shop.app.app_key, "app_secret": shop.app.app_secret, "cipher": shop.credential.cipher,
                "access_token": shop.credential.access_token}  # fmt: skip
        return {
            "api_url": shop.app.api_url, "keys": keys, "since": now - int(DEPTH.total_seconds()), "until": now,
            "database_url": _database_url(), "dataset": DATASET, "folder": str(self.folder / "pipelines"),
            "strategy": STRATEGY, "file_format": FILE_FORMAT,
        }  # fmt: skip


def _database_url() -> str:
    """Name the server in dlt's words; it asks for a host and a password even where a folder with sockets is enough."""
    place = connection.settings_dict
    login = f"{quote(place['USER'])}:{quote(place['PASSWORD'] or 'none')}"
    is_folder = place["HOST"].startswith("/")
    host, socket = ("localhost", f"?{urlencode({'host': place['HOST']})}") if is_folder else (place["HOST"], "")
    return f"postgresql://{login}@{host}:{place['PORT'] or 5432}/{place['NAME']}{socket}"
