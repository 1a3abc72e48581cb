"""Recorded and published answers, trimmed and with invented people."""

import json
from pathlib import Path
from typing import Any


def load(name: str) -> Any:
    """Read a payload by its path below this folder, without the ending: a fresh copy each time."""
    return json.loads((Path(__file__).parent / f"{name}.json").read_text(encoding="utf-8"))
