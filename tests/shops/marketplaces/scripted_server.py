"""A local HTTP server that answers exactly what a test tells it to, broken answers included."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Request:
    """What arrived. `query` is decoded, with the last value of each name; `pairs` has all; `body` is as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass
class ScriptedServer:
    """Gives the next answer of the script to each request, and remembers the request."""

    url: str = ""
    script: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    hold_seconds: float = 0.0

    def answer(self, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Add a well-formed answer; a body that is not bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), "Connection": "close"}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
        self.script.append(f"HTTP/1.1 {status} Scripted\r\n{head}\r\n".encode() + content)

    def answer_raw(self, wire: bytes) -> None:
        """Add bytes that are sent as they are, after which the connection is closed."""
        self.script.append(wire)


@contextmanager
def running() -> Iterator[ScriptedServer]:
    """Serve on a free port of the loopback address until the block ends."""
    scripted = ScriptedServer()
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def answer_next(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            scripted.requests.append(
                Request(
                    self.command,
                    parts.path,
                    dict(parse_qsl(parts.query, keep_blank_values=True)),
                    {name.lower(): value for name, value in self.headers.items()},
                    self.rfile.read(length),
                    tuple(parse_qsl(parts.query, keep_blank_values=True)),
                )
            )
            released.wait(scripted.hold_seconds)
            self.wfile.write(scripted.script.pop(0))
            self.close_connection = True

        do_GET = do_POST = answer_next

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield scripted
    finally:
        released.set()
        server.shutdown()
        server.server_close()
