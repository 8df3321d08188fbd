"""Servers for tests, each in its own process: the stand-in, and a real Mailpit if MAILPIT_BIN names one.

Both have the same interface. `with StandIn() as server:` gives a new, empty server on free ports of 127.0.0.1.
"""

import base64
import contextlib
import http.client
import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import pytest
import websocket

import smtp
from forked import PIPE, Forked, start

SECONDS = 20.0
"""Seconds that anything here may take before the test fails."""

MAILPIT_BIN = os.environ.get("MAILPIT_BIN", "")

real = pytest.mark.real, pytest.mark.skipif(not MAILPIT_BIN, reason="MAILPIT_BIN names no Mailpit")


class Server:
    """The interface of the stand-in and a real Mailpit."""

    def __init__(self, *, webroot: str = "", auth: str = "", limit: int = 500) -> None:
        self.auth = auth
        self.webroot = f"/{webroot.strip('/')}/" if webroot else "/"
        self.limit = limit
        self.http_port = self.smtp_port = 0
        self._kept = contextlib.ExitStack()
        self._folder = Path(self._kept.enter_context(tempfile.TemporaryDirectory()))
        self.database = self._folder / "mails.db"
        self._process: subprocess.Popen[Any] | Forked | None = None

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as undone:
            undone.push(self)
            self.start()
            undone.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        self._kept.close()

    @property
    def url(self) -> str:
        """The base URL, without credentials."""
        return f"http://127.0.0.1:{self.http_port}{self.webroot}"

    @property
    def url_with_password(self) -> str:
        """The base URL as a user enters it, with credentials."""
        return self.url.replace("//", f"//{self.auth}@") if self.auth else self.url

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of a request."""
        return {"Authorization": "Basic " + base64.b64encode(self.auth.encode()).decode()} if self.auth else {}

    def start(self) -> None:
        """Start it on its ports; on free ones the first time."""
        raise NotImplementedError

    def burst(self, count: int) -> list[str]:
        """Store messages at full rate; return their IDs, oldest first."""
        raise NotImplementedError

    def fill(self, count: int) -> None:
        """Add this many messages, dated half a second apart up to now. May restart the server on its ports."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop it and wait."""
        if sys.platform == "win32" and self._process and self._process.stdin:
            self._process.stdin.close()  # Windows has no signal that a program could handle
            self._process.wait(SECONDS)
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it."""
        self._end(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)

    def restart(self, *, keep: bool = False) -> None:
        """Restart it on the same ports, with the same messages or none."""
        self.stop()
        if not keep:
            for path in self.database.parent.iterdir():
                path.unlink()
        self.start()

    def send(
        self,
        subject: str = "Hello",
        to: str | Sequence[str] = "ann@example.test",
        text: str = "Hello.\n",
        html: str = "",
        attachments: Sequence[tuple[str, bytes]] = (),
        **headers: str,
    ) -> str:
        """Send a message by SMTP; return its ID."""
        source = smtp.compose(subject, to, text=text, html=html, attachments=attachments, **headers)
        return self.send_source(source, [to] if isinstance(to, str) else to)

    def send_source(self, source: bytes, recipients: Sequence[str] = ("ann@example.test",)) -> str:
        """Send the source of a message; return its ID."""
        return smtp.send(self.smtp_port, source, recipients)

    def rest(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Make a call. `path` is below the webroot, or starts with a slash; `body` is bytes or a value for JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=SECONDS)
        with contextlib.closing(connection):
            content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            target = path if path.startswith("/") else self.webroot + path
            connection.request(method, target, content, self.headers if headers is None else headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def get(self, path: str) -> Any:
        """Return the JSON of a GET below api/v1/."""
        status, _, body = self.rest("GET", f"api/v1/{path}")
        assert status == 200, body
        return json.loads(body)

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        """Return the messages that the server lists or finds, newest first."""
        path = f"search?query={quote(query)}&limit=100000" if query else "messages?limit=100000"
        rows: list[dict[str, Any]] = self.get(path)["messages"]
        return rows

    def clear(self) -> None:
        """Delete all messages."""
        assert self.rest("DELETE", "api/v1/messages")[0] == 200

    def stream(self, *, receive_buffer: int = 0) -> "Stream":
        """Connect to the events of the server."""
        return Stream(self.url, self.headers, receive_buffer)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None


class StandIn(Server):
    """The stand-in. `options` are added to its command line, with _ for -: `ping_seconds=0.1`, `flag=True`."""

    def __init__(self, *, webroot: str = "", auth: str = "", limit: int = 500, **options: object) -> None:
        super().__init__(webroot=webroot, auth=auth, limit=limit)
        named = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
        self._options = [name if value is True else f"{name}={value}" for name, value in named.items()]

    def start(self) -> None:
        options = [
            *(f"--http=127.0.0.1:{self.http_port}", f"--smtp=127.0.0.1:{self.smtp_port}"),
            *(f"--webroot={self.webroot}", f"--auth={self.auth}", f"--max={self.limit}"),
            *(f"--database={self.database}", *self._options),
        ]
        self._process = start("mailpit_notifier.demo.__main__", *options, stdin=PIPE, stdout=PIPE)
        assert self._process.stdout
        address = json.loads(self._process.stdout.readline())
        self.http_port, self.smtp_port = urlsplit(address["http"]).port, address["smtp"]

    def burst(self, count: int) -> list[str]:
        status, _, body = self.rest("POST", f"demo/burst?count={count}")
        assert status == 200, body
        ids: list[str] = json.loads(body)["IDs"]
        return ids

    def fill(self, count: int) -> None:
        assert self.rest("POST", f"demo/fill?count={count}")[0] == 200


class RealMailpit(Server):
    """The Mailpit of MAILPIT_BIN. `options` are added to its command line, as for the stand-in."""

    def __init__(self, *, webroot: str = "", auth: str = "", limit: int = 500, **options: object) -> None:
        super().__init__(webroot=webroot, auth=auth, limit=limit)
        self._options = [f"--{name.replace('_', '-')}={str(value).lower()}" for name, value in options.items()]

    def start(self) -> None:
        if not self.http_port:
            self.http_port, self.smtp_port = (self._kept.enter_context(held_port()) for _ in range(2))
        command = [
            *(MAILPIT_BIN, "--quiet", "--disable-version-check", "--smtp-disable-rdns"),
            *("--listen", f"127.0.0.1:{self.http_port}", "--smtp", f"127.0.0.1:{self.smtp_port}"),
            *("--database", str(self.database), "--max", str(self.limit), "--webroot", self.webroot),
            *self._options,
        ]
        if self.auth:
            command += ["--ui-auth-file", str(self._password_file())]
        # Its errors about invalid input of the tests do not belong in the output of the run.
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for port in (self.http_port, self.smtp_port):
            _wait_for(port, self._process)

    def burst(self, count: int) -> list[str]:
        return smtp.send_many(self.smtp_port, [smtp.compose(f"Burst {number}") for number in range(count)])

    def fill(self, count: int) -> None:
        """Add messages directly to the database: 200,000 take 15 s. By SMTP they would take two minutes."""
        self.send("Your order has been shipped", text="It will arrive between Tuesday and Thursday. " * 4)
        self.stop()
        with contextlib.closing(sqlite3.connect(self.database)) as database, database:
            database.row_factory = sqlite3.Row
            row = dict(database.execute("SELECT * FROM mailbox ORDER BY Created DESC").fetchone())
            source = dict(database.execute("SELECT * FROM mailbox_data WHERE ID = ?", [row["ID"]]).fetchone())
            names = [secrets.token_hex(11) for _ in range(count - 1)]
            times = range(row["Created"] - 500, row["Created"] - 500 * count, -500)
            copies = (row | {"ID": name, "Created": time} for name, time in zip(names, times, strict=True))
            for table, first, rows in (
                ("mailbox", row, copies),
                ("mailbox_data", source, (source | {"ID": name} for name in names)),
            ):
                places = ", ".join(f":{column}" for column in first)
                database.executemany(f"INSERT INTO {table} ({', '.join(first)}) VALUES ({places})", rows)
        self.start()

    def _password_file(self) -> Path:
        path = self._folder / "passwords"
        path.write_text(f"{self.auth}\n")
        return path


class Stream:
    """A client of the events. Frames are `(type, data)`. A small `receive_buffer` makes it a slow client."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, receive_buffer: int = 0) -> None:
        self._connection = socket.socket()
        if receive_buffer:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._connection.settimeout(SECONDS)
        self._connection.connect(("127.0.0.1", urlsplit(url).port))
        address = url.replace("http://", "ws://") + "api/events"
        options = {"socket": self._connection, "timeout": SECONDS, "suppress_origin": True}
        self.socket = websocket.create_connection(address, header=headers or {}, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def frame(self) -> tuple[str, Any]:
        """Return the next frame. Raises ConnectionError if the server closed the connection."""
        try:
            opcode, content = self.socket.recv_data()
        except websocket.WebSocketConnectionClosedException:
            raise ConnectionResetError("cut off") from None
        if opcode != websocket.ABNF.OPCODE_TEXT:
            raise ConnectionResetError("closed")
        envelope = json.loads(content)
        return envelope["Type"], envelope["Data"]

    def until(self, kind: str, **fields: object) -> list[tuple[str, Any]]:
        """Return the frames up to the first of this type whose data has these fields, inclusive."""
        frames = []
        while True:
            frames.append(self.frame())
            found, data = frames[-1]
            if found == kind and all(data[name] == value for name, value in fields.items()):
                return frames

    def until_closed(self) -> list[tuple[str, Any]]:
        """Return all frames until the server closes the connection."""
        frames = []
        with contextlib.suppress(ConnectionError):
            while True:
                frames.append(self.frame())
        return frames


def until_refused(port: int) -> None:
    """Wait until nothing listens on the port any more."""
    deadline = time.monotonic() + SECONDS
    with contextlib.suppress(ConnectionRefusedError):
        while time.monotonic() < deadline:
            socket.create_connection(("127.0.0.1", port), SECONDS).close()
        raise AssertionError("somebody still listens")


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A free port for a program that cannot find one itself.

    It is bound and not listened on. So Linux gives it to no program that takes any free port, also not between two
    starts. A program that was given this port may listen on it, if both set SO_REUSEADDR, as Go's listeners do.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        if sys.platform != "linux":  # elsewhere the program could not listen on it
            held.close()
        yield port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        assert process.poll() is None, f"Mailpit ended with status {process.returncode}"
        try:
            with socket.create_connection(("127.0.0.1", port), SECONDS):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
