"""The command socket on Windows: a named pipe, by Qt, because asyncio serves none on qasync's loop.

The same interface as server.ControlServer, and the same lines. Apart so that nothing else loads QtNetwork (3 MiB).
"""

from functools import partial
from pathlib import Path

from PySide6.QtNetwork import QLocalServer, QLocalSocket
from shiboken6 import isValid

from mailpit_notifier.tasks import Tasks

from .instance import MAX_LINE, Handler, answer_to, pipe_name


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
        answer = await answer_to(line, self._handle)
        if isValid(connection):  # the client may have gone meanwhile
            connection.write(answer)
            connection.disconnectFromServer()
