"""Receives commands, on the loop. A module of its own because clients must not load asyncio (50 ms)."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mailpit_notifier.runtime.tasks import Tasks, report

from .instance import MAX_LINE, REPLY_TIMEOUT, Answer, Handler, handle_line

if TYPE_CHECKING:
    from .pipe import PipeServer


class ControlServer:
    """Listens on a Unix socket. The caller has the instance lock, so a socket that exists already is a leftover."""

    def __init__(self, path: Path, handle: Handler) -> None:
        self._path = path
        self._handle = handle
        self._tasks = Tasks()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Start listening. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._on_connection, self._path, limit=MAX_LINE)
        self._path.chmod(0o600)

    async def stop(self) -> None:
        """Stop listening, remove the socket, and end all connections."""
        if self._server:
            self._server.close()
            self._path.unlink(missing_ok=True)
        await self._tasks.stop()

    def _on_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Tasks of its own: asyncio's server keeps no list of its connections before Python 3.13, so nothing else could
        # end them, and a connection that outlives the loop is never closed properly.
        self._tasks.run(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, ValueError, TimeoutError):
                async with asyncio.timeout(REPLY_TIMEOUT):
                    line = await reader.readline()
                answer = await handle_line(line, self._handle)
                async with asyncio.timeout(REPLY_TIMEOUT):
                    await _send_last(writer, answer)
        finally:
            writer.transport.abort()  # a client that does not read would keep it open
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def _send_last(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send the last data of a connection and close it. Raises OSError."""
    writer.write(data)
    writer.close()
    await writer.wait_closed()


def control_server(path: Path, handle: Handler) -> "ControlServer | PipeServer":
    """Return the server for this platform; it does not listen yet."""
    if sys.platform == "win32":
        from .pipe import PipeServer

        return PipeServer(path, reporting_failures(handle))
    return ControlServer(path, reporting_failures(handle))


def reporting_failures(handle: Handler) -> Handler:
    """Return a handler that reports unexpected errors and answers all the same."""

    async def answer(command: str, args: Sequence[str], activation_token: str) -> Answer:
        try:
            return await handle(command, args, activation_token)
        except Exception as error:  # noqa: BLE001 - the client waits for an answer, also after an error
            report(error, f"The command {command!r}")
            return Answer(ok=False, text="Unexpected error. See the log for details.")

    return answer
