"""The sandbox's command-line options, shared by the management command and by `python -m shops.sandbox`."""

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shops.sandbox import server
from shops.sandbox.server import Running, start


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--port", type=int, default=server.DEFAULT_PORT, help="control port; marketplaces follow it")
    parser.add_argument("--seed", type=int, default=server.DEFAULT_SEED, help="the world is computed from this")
    parser.add_argument("--orders", type=int, default=server.DEFAULT_ORDERS, help="orders per marketplace at --now")
    parser.add_argument("--shops", type=int, default=server.DEFAULT_SHOPS, help="shops per marketplace")
    parser.add_argument("--now", type=moment, default=None, help="the world's time: Unix seconds or ISO; default now")
    parser.add_argument("--days", type=int, default=server.DEFAULT_DAYS, help="days before --now with orders")


def moment(text: str) -> int:
    """Unix seconds from digits or an ISO time; without a zone it is UTC."""
    if text.isascii() and text.isdigit():
        return int(text)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither Unix seconds nor an ISO time.") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def start_from(options: Mapping[str, Any]) -> Running:
    """Start with the parsed options."""
    names = ("port", "seed", "orders", "shops", "now", "days")
    return start(**{name: options[name] for name in names})


def describe(running: Running) -> str:
    """Where everything answers, and how to stop it."""
    lines = [f"{'control':8} {running.control_url}"]
    lines += [f"{name:8} {url}" for name, url in running.urls.items()]
    lines.append(f"Try {running.control_url}/world. Ctrl-C or SIGTERM stops the sandbox.")
    return "\n".join(lines)
