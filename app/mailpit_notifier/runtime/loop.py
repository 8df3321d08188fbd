"""Qt's event loop for asyncio: qasync's, with a faster `call_soon`, and with garbage collection on the loop.

By default Python collects cyclic garbage in any thread that happens to allocate, and a Qt object that is destroyed
outside Qt's thread crashes the process. Here it is collected when the loop is about to sleep, which also keeps the
pauses out of what the user waits for.
"""

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from PySide6.QtCore import QAbstractEventDispatcher, QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from .threads import get_ident

ROUNDS = 2
"""Rounds of callbacks before timers and painting have their turn. With two, a callback that is scheduled by the first
one runs at once, such as the task that shows a notification."""


class Loop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's loop, woken like asyncio's own loop by a byte in a pair of sockets.

    For a call from a thread, qasync emits a signal whose receiver starts a timer; that way a frame takes three times as
    long from its thread to the loop. Its `call_soon` starts a timer, too, which runs after pending paint events: a
    notification would wait until the tray icon is painted.
    """

    def __init__(self, app: QApplication) -> None:
        self._calls: deque[asyncio.Handle] = deque()
        self._has_signals = False
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_receiver.setblocking(False)
        self._wake_sender.setblocking(False)
        super().__init__(app)
        self._wake_notifier = QSocketNotifier(self._wake_receiver.fileno(), QSocketNotifier.Type.Read)
        self._wake_notifier.activated.connect(self._run_calls)
        self._thread = get_ident()
        self._wake_timer: QTimer | None = None
        if sys.platform == "win32":
            self._wake_timer = QTimer(singleShot=True, interval=0)
            self._wake_timer.timeout.connect(self._run_calls)

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Schedule a callback from any thread. Raises RuntimeError if the loop is closed."""
        if self.is_closed():
            raise RuntimeError("Event loop is closed")
        return self.call_soon(callback, *args, context=context)

    def call_soon(self, callback: Callable[..., Any], *args: Any, context: Context | None = None) -> asyncio.Handle:
        """Schedule a callback for the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        self._calls.append(handle)
        self._wake()
        return handle

    def call_on_signal(self, number: int, callback: Callable[[], object]) -> None:
        """Call this on the loop after a signal, e.g. of Ctrl-C. For Windows, where `add_signal_handler` does not exist.

        Python handles signals only while it runs Python code. A byte in the pair of sockets ends the wait for events.
        Call in the main thread.
        """
        self._has_signals = True
        signal.signal(number, lambda _number, _frame: self.call_soon(callback))
        signal.set_wakeup_fd(self._wake_sender.fileno(), warn_on_full_buffer=False)

    def close(self) -> None:
        """Close the loop and its sockets."""
        super().close()
        if self._has_signals:
            signal.set_wakeup_fd(-1)
        self._wake_notifier.setEnabled(False)
        self._wake_receiver.close()
        self._wake_sender.close()

    def _run_calls(self) -> None:
        """Run the scheduled callbacks. May be re-entered by a nested Qt loop, such as that of a menu or dialog.

        The task that runs the nested loop is suspended meanwhile: asyncio refuses to enter a second task, whose step
        would be lost.
        """
        with contextlib.suppress(BlockingIOError):
            self._wake_receiver.recv(4096)
        if len(self._calls) > 1:  # so that a nested Qt loop in the first runs the others
            self._wake()
        task = asyncio.current_task(self)
        if task:
            asyncio._leave_task(self, task)  # noqa: SLF001 - documented for loops: "Extending asyncio"
        try:
            self._run_some()
        finally:
            if task:
                asyncio._enter_task(self, task)  # noqa: SLF001
            if self._calls:  # left by an exception such as SystemExit
                self._wake()

    def _run_some(self) -> None:
        for _ in range(ROUNDS):
            for _ in range(len(self._calls)):
                if not self._calls:  # a nested Qt loop has run them
                    return
                handle = self._calls.popleft()
                if not handle.cancelled():
                    handle._run()  # noqa: SLF001 - what loops call: an exception goes to the loop's handler

    def _wake(self) -> None:
        if self._wake_timer and get_ident() == self._thread:
            # On Windows, other timers and painting wait while a socket has something to read. A timer lets them in.
            self._wake_timer.start()
            return
        with contextlib.suppress(OSError):  # full: it is being woken already; or closed
            self._wake_sender.send(b"\0")


def collect_on_loop() -> None:
    """Collect garbage on this loop from now on. Call in Qt's thread."""
    gc.disable()
    QAbstractEventDispatcher.instance().aboutToBlock.connect(collect_some)


def collect_some() -> None:
    """Collect the generations that Python would have collected by now."""
    full = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(full):
        gc.collect(max(generation for generation, is_full in enumerate(full) if is_full))
