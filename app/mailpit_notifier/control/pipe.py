"""Receives commands on Windows: a named pipe, by Qt, because asyncio offers none on qasync's event loop.

A module of its own so that only Windows loads QtNetwork: it takes 3 MiB, and frozen Linux packages do not contain it.
Same interface and same lines as `command_server.ControlServer`. Runs on the loop.
"""

from functools import partial
from pathlib import Path

from PySide6.QtNetwork import QLocalServer, QLocalSocket
from shiboken6 import isValid

from mailpit_notifier.runtime.tasks import Tasks

from .instance import MAX_LINE, Handler, handle_line, pipe_name


class PipeServer:
    """Listens on the pipe named after `path`. Only the user can open it."""

    def __init__(self, path: Path, handle: Handler) -> None:
        self._name = pipe_name(path)
        self._handle = handle
        self._tasks = Tasks()
        self._connections: set[QLocalSocket] = set()
        self._server = QLocalServer()
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    async def start(self) -> None:
        """Start listening. Raises OSError."""
        QLocalServer.removeServer(self._name)
        if not self._server.listen(self._name):
            raise OSError(self._server.errorString())

    async def stop(self) -> None:
        """Stop listening, and cancel the commands that are still running."""
        self._server.close()
        await self._tasks.stop()
        for connection in tuple(self._connections):
            self._drop(connection)

    def _on_connection(self) -> None:
        while connection := self._server.nextPendingConnection():
            connection.setParent(None)  # deleted together with the server, it ends the process: pure virtual call
            self._connections.add(connection)
            connection.readyRead.connect(partial(self._answer, connection))
            connection.disconnected.connect(partial(self._drop, connection))
            self._answer(connection)

    def _drop(self, connection: QLocalSocket) -> None:
        """Close and delete a connection."""
        self._connections.discard(connection)
        connection.blockSignals(True)  # closing it emits some, and must not be answered
        connection.deleteLater()

    def _answer(self, connection: QLocalSocket) -> None:
        if connection.canReadLine():
            self._tasks.run(self._reply(connection, bytes(connection.readLine(MAX_LINE).data())))
        elif connection.bytesAvailable() > MAX_LINE:
            connection.abort()

    async def _reply(self, connection: QLocalSocket, line: bytes) -> None:
        answer = await handle_line(line, self._handle)
        if isValid(connection):  # the client may have disconnected meanwhile, which deletes the socket
            connection.write(answer)
            connection.disconnectFromServer()
