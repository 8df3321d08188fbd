"""Listening for commands, on the loop. Apart from instance.py so that clients need no asyncio."""

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mailpit_notifier.tasks import report

from .instance import MAX_LINE, REPLY_TIMEOUT, Answer, Handler, answer_to

if TYPE_CHECKING:
    from .pipe import PipeServer


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
            writer.write(await answer_to(line, self._handle))
            await writer.drain()
        writer.close()


def control_server(path: Path, handle: Handler) -> "ControlServer | PipeServer":
    """The way in which this platform listens for commands."""
    if sys.platform == "win32":
        from .pipe import PipeServer

        return PipeServer(path, answering(handle))
    return ControlServer(path, answering(handle))


def answering(handle: Handler) -> Handler:
    """A handler whose failure is reported, and an answer all the same."""

    async def answer(command: str, args: Sequence[str], activation_token: str) -> Answer:
        try:
            return await handle(command, args, activation_token)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client waits
            report(error, f"The command {command!r}")
            return Answer(ok=False, text="Something unexpected happened. Details are in the log.")

    return answer
