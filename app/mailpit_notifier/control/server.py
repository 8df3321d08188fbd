"""Listening for commands, on the loop. Apart from instance.py so that clients need no asyncio.

The command socket on Windows: a named pipe, by Qt, because asyncio serves none on qasync's loop.

The same interface as server.ControlServer, and the same lines. Apart so that nothing else loads QtNetwork (3 MiB).
"""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtNetwork import QLocalServer, QLocalSocket
from shiboken6 import isValid

from mailpit_notifier.runtime.tasks import Tasks, report

from .instance import MAX_LINE, REPLY_TIMEOUT, Answer, Handler, handle_line, pipe_name


class ControlServer:
    """Listens for commands. The caller holds the instance lock, so a socket that is still there is a leftover."""

    def __init__(self, path: Path, handle: Handler) -> None:
        self._path = path
        self._handle = handle
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MAX_LINE)
        self._path.chmod(0o600)

    def stop(self) -> None:
        """Listen no more."""
        if self._server:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(REPLY_TIMEOUT):
                line = await reader.readline()
            writer.write(await handle_line(line, self._handle))
            await writer.drain()
        writer.close()


def control_server(path: Path, handle: Handler) -> "ControlServer | PipeServer":
    """The way in which this platform listens for commands."""
    if sys.platform == "win32":
        return PipeServer(path, reporting_failures(handle))
    return ControlServer(path, reporting_failures(handle))


def reporting_failures(handle: Handler) -> Handler:
    """A handler whose failure is reported, and an answer all the same."""

    async def answer(command: str, args: Sequence[str], activation_token: str) -> Answer:
        try:
            return await handle(command, args, activation_token)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client waits
            report(error, f"The command {command!r}")
            return Answer(ok=False, text="Something unexpected happened. Details are in the log.")

    return answer


class PipeServer:
    """Listens for commands on the pipe named after the path. Only the user can open it."""

    def __init__(self, path: Path, handle: Handler) -> None:
        self._name = pipe_name(path)
        self._handle = handle
        self._tasks = Tasks()
        self._server = QLocalServer()
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    async def start(self) -> None:
        """Listen. Raises OSError."""
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            raise OSError(self._server.errorString())

    def stop(self) -> None:
        """Listen no more."""
        self._server.close()

    def _on_connection(self) -> None:
        while connection := self._server.nextPendingConnection():
            connection.readyRead.connect(partial(self._answer, connection))
            connection.disconnected.connect(connection.deleteLater)
            self._answer(connection)

    def _answer(self, connection: QLocalSocket) -> None:
        if connection.canReadLine():
            self._tasks.run(self._reply(connection, bytes(connection.readLine(MAX_LINE).data())))
        elif connection.bytesAvailable() > MAX_LINE:
            connection.abort()

    async def _reply(self, connection: QLocalSocket, line: bytes) -> None:
        answer = await handle_line(line, self._handle)
        if isValid(connection):  # the client may have gone meanwhile
            connection.write(answer)
            connection.disconnectFromServer()
