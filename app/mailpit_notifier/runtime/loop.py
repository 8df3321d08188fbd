"""Qt's event loop for asyncio, by qasync, with a shorter way for what is to run soon.

Cyclic garbage is collected on the loop, when it is about to sleep.

Left to itself, Python collects in whichever thread happens to allocate, and a Qt object that is taken down outside Qt's
own thread crashes the process. It also keeps the pauses out of what people wait for.
"""

import asyncio
import contextlib
import gc
import socket
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtCore import QAbstractEventDispatcher, QSocketNotifier
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

ROUNDS = 2
"""What a call asks for runs at once, as the task that shows a mail does; then timers and the screen have their turn."""


class Loop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's loop, which is woken as asyncio's own: by a byte in a pair of sockets.

    For threads qasync emits a signal, whose receiver starts a timer: that is three times the way of a frame from its
    thread. What is to run soon gets a timer each, behind those of the screen: a notification would wait for the tray.
    """

    def __init__(self, app: QApplication) -> None:
        self._calls: deque[asyncio.Handle] = deque()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        super().__init__(app)
        self._rung = QSocketNotifier(self._bell.fileno(), QSocketNotifier.Type.Read)
        self._rung.activated.connect(self._run_calls)

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Call from any thread; returns what cancels it. Raises RuntimeError when the loop is closed."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        return self.call_soon(callback, *args, context=context)

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """Call when this is done; returns what cancels it."""
        handle = asyncio.Handle(callback, args, self, context)
        self._calls.append(handle)
        self._ring()
        return handle

    def close(self) -> None:
        """Close it, and what threads wake it by."""
        super().close()
        self._rung.setEnabled(False)
        self._bell.close()
        self._button.close()

    def _run_calls(self) -> None:
        """Run what is to run. Called anew by a loop of Qt's that runs within a call, such as a menu's or a dialog's.

        Then the task that runs such a loop is suspended: asyncio refuses to enter another, which would be lost.
        """
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        if len(self._calls) > 1:  # a loop of Qt's within the first would not hear of the others
            self._ring()
        task = asyncio.current_task(self)
        if task:
            asyncio._leave_task(self, task)  # noqa: SLF001 - documented for loops: "Extending asyncio"
        try:
            self._run_some()
        finally:
            if task:
                asyncio._enter_task(self, task)  # noqa: SLF001
            if self._calls:  # an exception that ends programs came in between
                self._ring()

    def _run_some(self) -> None:
        for _ in range(ROUNDS):
            for _ in range(len(self._calls)):
                if not self._calls:  # a loop within the last call has run them
                    return
                handle = self._calls.popleft()
                if not handle.cancelled():
                    handle._run()  # noqa: SLF001 - what loops call: an exception goes to the loop's handler

    def _ring(self) -> None:
        with contextlib.suppress(OSError):  # full: it rings already; closed: nobody is there
            self._button.send(b"\0")


def collect_on_loop() -> None:
    """From now on; to be called in Qt's thread."""
    gc.disable()
    QAbstractEventDispatcher.instance().aboutToBlock.connect(collect_some)


def collect_some() -> None:
    """Collect as much as Python would by now."""
    full = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(full):
        gc.collect(max(generation for generation, is_full in enumerate(full) if is_full))
