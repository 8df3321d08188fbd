"""The Mailpit of the checks: a real one if MAILPIT_BIN names it, else the stand-in of the demo.

The program reaches it through a proxy that can delay message sources, as a slow server does.
"""

import contextlib
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from devtools.environment import LOCKED

from .session import wait_for

_SECONDS = 20.0


class Mailpit:
    """A running server. `url` is the address for the program; `source_delay` is in seconds."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.source_delay = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def send(self, subject: str, text: str, html: str = "", to: str = "ann@example.com") -> str:
        """Send a message; return its ID."""
        message = {
            "From": {"Name": "Acme", "Email": "no-reply@acme.test"},
            "To": [{"Email": to}],
            "Subject": subject,
            "Text": text,
            "HTML": html,
        }
        return str(self._call("POST", "send", message)["ID"])

    def mark_read(self, message: str) -> None:
        """Mark a message as read, as a click in the web UI does."""
        self._call("PUT", "messages", {"IDs": [message], "Read": True})

    def delete_all(self) -> None:
        """Delete all messages."""
        self._call("DELETE", "messages", {"IDs": []})

    def _call(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/api/v1/{path}", json.dumps(body).encode(), method=method
        )
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=_SECONDS) as response:  # noqa: S310 - http
            answer = response.read().decode()
        return json.loads(answer) if answer.startswith("{") else answer

    def _accept(self) -> None:
        while True:
            client, _ = self._listener.accept()
            server = socket.create_connection(("127.0.0.1", self._port))
            threading.Thread(target=self._pass_requests, args=(client, server), daemon=True).start()
            threading.Thread(target=_pass_on, args=(server, client), daemon=True).start()

    def _pass_requests(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the program sends, requests for sources late. It sends one request at a time."""
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                if self.source_delay and b"/raw " in data.partition(b"\r\n")[0]:
                    time.sleep(self.source_delay)
                server.sendall(data)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        one.close()


@contextmanager
def running() -> Iterator[Mailpit]:
    """Start a server for the time of the block."""
    ports = [_free_port(), _free_port()]
    http, smtp = (f"127.0.0.1:{port}" for port in ports)
    with tempfile.TemporaryDirectory() as folder:
        if real := os.environ.get("MAILPIT_BIN"):
            command = [real, "--listen", http, "--smtp", smtp, "--database", f"{folder}/messages.db", "--quiet"]
        else:
            command = [LOCKED.python, "-m", "mailpit_notifier.demo", "--http", http, "--smtp", smtp]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_for(lambda: _listens(ports[0]), "Mailpit")
            yield Mailpit(ports[0])
        finally:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
