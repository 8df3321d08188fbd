"""Qt's event loop for asyncio, by qasync, with a shorter way in for threads."""

import asyncio
import contextlib
import socket
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


class Loop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's loop, which a thread wakes as it does asyncio's own: by a byte in a pair of sockets.

    qasync emits a signal, whose receiver starts a timer: that is three times the way of a frame from its thread.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._calls: deque[asyncio.Handle] = deque()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        self._rung = QSocketNotifier(self._bell.fileno(), QSocketNotifier.Type.Read)
        self._rung.activated.connect(self._run_calls)

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call from any thread; returns what cancels it. Raises RuntimeError when the loop is closed."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context)
        self._calls.append(handle)
        with contextlib.suppress(OSError):  # full: it rings already; closed: nobody is there
            self._button.send(b"\0")
        return handle

    def close(self) -> None:
        """Close it, and what threads wake it by."""
        super().close()
        self._rung.setEnabled(False)
        self._bell.close()
        self._button.close()

    def _run_calls(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        for _ in range(len(self._calls)):  # not those that these ask for: timers and the screen have their turn first
            handle = self._calls.popleft()
            if not handle.cancelled():
                handle._run()  # noqa: SLF001 - what loops call: an exception goes to the loop's handler
