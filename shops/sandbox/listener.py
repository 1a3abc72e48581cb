"""Speaks HTTP/1.1 for the control server and the marketplaces: bytes in, bytes out, one write per answer."""

import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

HOST = "127.0.0.1"
POLL_SECONDS = 0.02  # how soon a stop is noticed
LARGEST_BODY = 1 << 20
IDLE_SECONDS = 300
JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Request:
    """A request as it came: path and body untouched, the query decoded but in its order."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Message
    body: bytes
    is_too_large: bool = False

    def parameter(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)


@dataclass(slots=True)
class Response:
    """An answer. With `chunks` it is streamed; with `is_cut_off` half of the body is held back and the line dropped."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    is_cut_off: bool = False
    chunks: Iterator[bytes] | None = None


Answer = Callable[[Request], Response]


class Listener(ThreadingHTTPServer):
    """One address with one answering function. Stopping it drops the open connections too."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, port: int, answer: Answer) -> None:
        self.answer = answer
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        self._thread: threading.Thread | None = None
        super().__init__((HOST, port), _Handler)

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name that the base class does, which can take seconds."""
        socket_server_bind(self)

    @property
    def url(self) -> str:
        """Where this listener answers."""
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._thread = threading.Thread(
            target=self.serve_forever, args=(POLL_SECONDS,), name=f"sandbox {self.url}", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering, close every connection and give the port back."""
        if self._thread is not None:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._open_lock:
            open_now = list(self._open)
        for connection in open_now:
            _drop(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that stop() finds it."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about clients that went away; they may."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError | ValueError):
            super().handle_error(request, client_address)


def socket_server_bind(server: ThreadingHTTPServer) -> None:
    """Bind the socket and note the port that it got."""
    if server.allow_reuse_address:
        server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.socket.bind(server.server_address)
    server.server_address = server.socket.getsockname()
    server.server_name, server.server_port = HOST, int(server.server_address[1])


def _drop(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # Already gone.
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: Listener

    def _serve(self) -> None:
        request = self._read()
        try:
            response = self.server.answer(request)
        except Exception:  # noqa: BLE001 - a fault of the sandbox itself must be seen on both sides
            traceback.print_exc()
            response = Response(500, b'{"error": "The sandbox itself failed; its own output says where."}')
        if request.is_too_large:
            self.close_connection = True
        if response.chunks is None:
            self._write(response)
        else:
            self._stream(response, response.chunks)

    # The base class finds the method by name.
    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815

    def _read(self) -> Request:
        path, _, query = self.path.partition("?")
        length_text = self.headers.get("Content-Length", "0")
        length = int(length_text) if length_text.isascii() and length_text.isdigit() else LARGEST_BODY + 1
        # A body without a length would have to be read piece by piece; no client of these services sends one.
        is_too_large = length > LARGEST_BODY or "Transfer-Encoding" in self.headers
        body = b"" if is_too_large or not length else self.rfile.read(length)
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=1000)
        return Request(self.command, path, pairs, self.headers, body, is_too_large)

    def _head(self, response: Response, framing: str) -> bytes:
        lines = [
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            f"Content-Type: {response.content_type}",
            framing,
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _write(self, response: Response) -> None:
        # One write: the head alone in a packet of its own would cost a round trip on some clients.
        head = self._head(response, f"Content-Length: {len(response.body)}")
        if response.is_cut_off:
            self.close_connection = True
            self.wfile.write(head + response.body[: len(response.body) // 2])
            return
        self.wfile.write(head + response.body)

    def _stream(self, response: Response, chunks: Iterator[bytes]) -> None:
        self.wfile.write(self._head(response, "Transfer-Encoding: chunked"))
        for chunk in chunks:
            if chunk:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: thousands of calls a minute, counted by the ledger."""
