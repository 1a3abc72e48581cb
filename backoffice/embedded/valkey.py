"""The embedded Valkey (speaks Redis' protocol): how it is called, asked and stopped."""

import signal
import socket

from backoffice.embedded.binaries import find_valkey
from backoffice.embedded.places import VALKEY_SOCKET, is_private, make_private
from backoffice.embedded.processes import Process, send
from backoffice.embedded.server import Health, Server

ANSWER_SECONDS = 5


class Valkey(Server):
    """Valkey 9 on a Unix socket, every write logged to disk."""

    name = "valkey"
    title = "Embedded Valkey"
    process_name = "valkey"

    @property
    def address(self) -> str:
        """The socket."""
        return str(self.places.sockets / VALKEY_SOCKET)

    def health(self) -> Health:
        """Send PING."""
        if not is_private(self.places.sockets, self.places.user):
            return Health.SILENT
        answer = self._call(b"PING\r\n")
        if answer.startswith(b"+PONG"):
            return Health.ANSWERS
        return Health.STARTING if answer.startswith(b"-LOADING") else Health.SILENT

    def prepare(self, lock: int) -> None:
        """Make the data folder; Valkey clears its socket and unfinished files itself."""
        make_private(self.data, self.places.user)

    def command(self) -> list[str]:
        """`valkey-server` with all settings; a queue must refuse new work rather than forget old, hence noeviction."""
        options = {
            "port": "0",
            "unixsocket": self.address,
            "unixsocketperm": "700",
            "dir": str(self.data),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "proc-title-template": f"{{title}} {self.places.mark}",
        }
        settings = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [str(find_valkey(self.places)), *settings]

    def is_main(self, process: Process) -> bool:
        """Children that rewrite the log are called valkey-aof-rewrite or the like."""
        return "valkey-server" in process.command.partition(self.places.mark)[0]

    def ask_to_stop(self) -> None:
        """SIGTERM writes everything and ends; while data is still being read a SHUTDOWN command would be refused."""
        send([process for process in self.processes() if self.is_main(process)], signal.SIGTERM)

    def _call(self, request: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.connect(self.address)
                connection.sendall(request)
                return connection.recv(100)
            except OSError:
                return b""
