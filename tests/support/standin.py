"""Servers for tests, each in its own process: the stand-in, and a real Mailpit where MAILPIT_BIN names one.

Both have the same interface. `with StandIn() as server:` gives a fresh, empty one on free ports of 127.0.0.1.
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
"""How long anything here may take before the test fails."""

MAILPIT_BIN = os.environ.get("MAILPIT_BIN", "")

real = pytest.mark.real, pytest.mark.skipif(not MAILPIT_BIN, reason="MAILPIT_BIN names no Mailpit")


class Server:
    """What the stand-in and a real Mailpit have in common."""

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
        """The base URL as a user would give it to the program."""
        return self.url.replace("//", f"//{self.auth}@") if self.auth else self.url

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs."""
        return {"Authorization": "Basic " + base64.b64encode(self.auth.encode()).decode()} if self.auth else {}

    def start(self) -> None:
        """Start it on its ports; free ones the first time."""
        raise NotImplementedError

    def burst(self, count: int) -> list[str]:
        """Store mails at full rate; returns their IDs, oldest first."""
        raise NotImplementedError

    def fill(self, count: int) -> None:
        """Have so many mails more, one each half a second until now. It may restart for it, on the same ports."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it as a user would, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self, *, keep: bool = False) -> None:
        """Stop and start on the same ports, with the same mails or none."""
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
        """Send a mail by SMTP; returns its ID."""
        source = smtp.mail(subject, to, text=text, html=html, attachments=attachments, **headers)
        return self.send_source(source, [to] if isinstance(to, str) else to)

    def send_source(self, source: bytes, recipients: Sequence[str] = ("ann@example.test",)) -> str:
        """Send a mail as it is; returns its ID."""
        return smtp.send(self.smtp_port, source, recipients)

    def rest(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Make a call: `path` is below the webroot, or starts with a slash; `body` is bytes or something for JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=SECONDS)
        with contextlib.closing(connection):
            content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            target = path if path.startswith("/") else self.webroot + path
            connection.request(method, target, content, self.headers if headers is None else headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def get(self, path: str) -> Any:
        """The JSON that a GET below api/v1/ answers with."""
        status, _, body = self.rest("GET", f"api/v1/{path}")
        assert status == 200, body
        return json.loads(body)

    def rows(self, query: str = "") -> list[dict[str, Any]]:
        """The messages that the server lists or finds, newest first."""
        path = f"search?query={quote(query)}&limit=100000" if query else "messages?limit=100000"
        rows: list[dict[str, Any]] = self.get(path)["messages"]
        return rows

    def clear(self) -> None:
        """Delete every mail."""
        assert self.rest("DELETE", "api/v1/messages")[0] == 200

    def stream(self, *, receive_buffer: int = 0) -> "Stream":
        """Listen to the server's events."""
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
    """The stand-in. `options` are further ones of its command line, with _ for -: `ping_seconds=0.1`, `flag=True`."""

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
    """A real Mailpit, that of MAILPIT_BIN. `options` are further ones of its command line, as the stand-in's."""

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
        # Its complaints about our bad input are none of the test run's.
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for port in (self.http_port, self.smtp_port):
            _wait_for(port, self._process)

    def burst(self, count: int) -> list[str]:
        return smtp.send_many(self.smtp_port, [smtp.mail(f"Burst {number}") for number in range(count)])

    def fill(self, count: int) -> None:
        """As said; 200,000 in 15 s, straight into the database. By SMTP it takes two minutes."""
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
    """A client of a server's events. Frames come as `(type, data)`. A small `receive_buffer` makes it a slow one."""

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
        """The next frame. Raises ConnectionError when the server closed."""
        try:
            opcode, content = self.socket.recv_data()
        except websocket.WebSocketConnectionClosedException:
            raise ConnectionResetError("cut off") from None
        if opcode != websocket.ABNF.OPCODE_TEXT:
            raise ConnectionResetError("closed")
        envelope = json.loads(content)
        return envelope["Type"], envelope["Data"]

    def until(self, kind: str, **fields: object) -> list[tuple[str, Any]]:
        """The frames up to and including the first of this type whose data has these fields."""
        frames = []
        while True:
            frames.append(self.frame())
            found, data = frames[-1]
            if found == kind and all(data[name] == value for name, value in fields.items()):
                return frames

    def until_closed(self) -> list[tuple[str, Any]]:
        """The frames that come until the server closes."""
        frames = []
        with contextlib.suppress(ConnectionError):
            while True:
                frames.append(self.frame())
        return frames


def until_refused(port: int) -> None:
    """Wait until nobody listens there any more."""
    deadline = time.monotonic() + SECONDS
    with contextlib.suppress(ConnectionRefusedError):
        while time.monotonic() < deadline:
            socket.create_connection(("127.0.0.1", port), SECONDS).close()
        raise AssertionError("somebody still listens")


@contextlib.contextmanager
def held_port() -> Iterator[int]:
    """A free port for a program that cannot be told to find one itself.

    It is bound and not listened on: Linux gives it to nobody who takes any port, also not between two starts, and one
    who wants this very port may listen on it, if both say SO_REUSEADDR, as Go's listeners do.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        if sys.platform != "linux":  # elsewhere it would be in the way of the one that it is for
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
