"""Qt's event loop for asyncio: qasync's, with a faster `call_soon`, and with garbage collection on the loop.

By default Python collects cyclic garbage in any thread that happens to allocate, and a Qt object that is destroyed
outside Qt's thread crashes the process. Here it is collected when the loop is about to sleep, which also keeps the
pauses out of what the user waits for.

`UnexpectedErrors` handles unexpected exceptions of the loop's tasks and callbacks (`tasks.report`, asyncio), of Qt
slots and of threads: each is logged, the first one is shown, and the program goes on. The text of an exception may
contain a message or a password, so it is logged at DEBUG only.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from heapq import heapify, heappop, heappush
from math import ceil
from time import monotonic
from types import TracebackType
from typing import Any

from PySide6.QtCore import QAbstractEventDispatcher, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from .bridge import call_soon
from .threads import get_ident, thread_errors_to

log = logging.getLogger(__name__)

ROUNDS = 2
"""Rounds of callbacks before timers and painting have their turn. With two, a callback that is scheduled by the first
one runs at once, such as the task that shows a notification."""

MOST_CANCELLED = 100
"""Cancelled times that may always wait for their time, so that a few are not worth the search."""


LATE = 0.005
"""Seconds. A callback that is later does not wait for Qt, which runs timers only while no socket has anything to read:
in a burst they were 50 ms late."""


class Loop(QEventLoop):  # type: ignore[misc]  # qasync has no types
    """qasync's loop, woken like asyncio's own loop by a byte in a pair of sockets.

    For a call from a thread, qasync emits a signal whose receiver starts a timer; that way a frame takes three times as
    long from its thread to the loop. Its `call_soon` starts a timer, too, which runs after pending paint events: a
    notification would wait until the tray icon is painted.

    Each `call_later` of qasync is a timer of Qt until its time comes, also if it was cancelled meanwhile: every call to
    the desktop or a server leaves its time-out behind. Here one timer of Qt waits for the next of all times, as in
    asyncio's own loop; cancelled ones are dropped when they are the most.
    """

    def __init__(self, app: QApplication) -> None:
        self._calls: deque[asyncio.Handle] = deque()
        self._has_signals = False
        self._is_woken = False  # a byte is on its way, so that no other is needed
        self._wake_receiver, self._wake_sender = socket.socketpair()
        self._wake_receiver.setblocking(False)
        self._wake_sender.setblocking(False)
        self._times: list[asyncio.TimerHandle] = []  # a heap
        self._cancelled = 0  # of these
        super().__init__(app)
        self._next_time = QTimer(singleShot=True, timerType=Qt.TimerType.PreciseTimer)  # a coarse one may be early
        self._next_time.timeout.connect(self._run_due)
        self._wake_notifier = QSocketNotifier(self._wake_receiver.fileno(), QSocketNotifier.Type.Read)
        self._wake_notifier.activated.connect(self._run_calls)
        self._thread = get_ident()
        self._wake_timer: QTimer | None = None
        if sys.platform == "win32":
            self._wake_timer = QTimer(singleShot=True, interval=0)
            self._wake_timer.timeout.connect(self._run_calls)

    def run_forever(self) -> Any:
        """Run until `stop`. Calls that were scheduled while it did not run are made now.

        qasync handles the events of Qt once more after its end. Calls are not made then, because no loop is running: a
        task that was cancelled by the end of the program would fail in its clean-up.
        """
        if self._calls:
            self._wake()
        self._wait_for_next()
        return super().run_forever()

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

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback for so many seconds from now. With 0, timers and painting have their turn before."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Schedule a callback for a time of the loop's clock."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        handle._scheduled = True  # type: ignore[attr-defined] # noqa: SLF001 - then `cancel` calls the method below
        heappush(self._times, handle)
        if self._times[0] is handle:
            self._wait_for_next()
        return handle

    def _timer_handle_cancelled(self, _handle: asyncio.TimerHandle) -> None:
        """Count a cancelled time; asyncio calls this."""
        self._cancelled += 1
        if self._cancelled > MOST_CANCELLED and self._cancelled > len(self._times) / 2:
            self._times = [handle for handle in self._times if not handle.cancelled()]
            heapify(self._times)
            self._cancelled = 0

    def _run_due(self) -> None:
        """Run callbacks whose time has come, for LATE at most. None waits for another that runs a Qt loop."""
        if not self.is_running():
            return
        now = self.time()
        while self._times and self.time() < now + LATE:
            if self._times[0].when() > now and not self._times[0].cancelled():
                break
            handle = heappop(self._times)
            handle._scheduled = False  # type: ignore[attr-defined] # noqa: SLF001
            if handle.cancelled():
                self._cancelled -= 1
                continue
            self._wait_for_next()
            handle._run()  # noqa: SLF001
        self._wait_for_next()

    def _wait_for_next(self) -> None:
        if self._times:
            self._next_time.start(max(0, ceil((self._times[0].when() - self.time()) * 1000)))

    def close(self) -> None:
        """Close the loop, its timer and its sockets."""
        super().close()
        if self._has_signals:
            signal.set_wakeup_fd(-1)
        self._next_time.stop()
        self._times.clear()
        self._wake_notifier.setEnabled(False)
        self._wake_receiver.close()
        self._wake_sender.close()

    def _run_calls(self) -> None:
        """Run the scheduled callbacks. May be re-entered by a nested Qt loop, such as that of a menu or dialog.

        The task that runs the nested loop is suspended meanwhile: asyncio refuses to enter a second task, whose step
        would be lost. The bytes that woke the loop are read last: reading gives other threads their turn, and what was
        read from a server would wait for them. Until then they wake a nested Qt loop, too, so no others are sent.
        """
        if not self.is_running():
            self._read_wake_bytes()  # else Qt would call this again and again
            return
        if self._times and self._times[0].when() < self.time() - LATE:
            self._run_due()
        if self._wake_timer:
            self._is_woken = False
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
            self._read_wake_bytes()
            if self._calls:  # a thread has added one, or an exception such as SystemExit has left it
                self._wake()

    def _read_wake_bytes(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_receiver.recv(4096)
        self._is_woken = False

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
        elif not self._is_woken:
            self._is_woken = True
            with contextlib.suppress(OSError):  # full: it is being woken already; or closed
                self._wake_sender.send(b"\0")


QUIET_MS = 1_000
"""How long a pause of the loop for a check of all objects is put off."""

LONGEST_BUSY = 60.0
"""Seconds after which all objects are checked although it was never quiet."""


class Collector(QObject):
    """Collects the generations that Python would have collected by now, when the loop is about to sleep.

    A check of all objects takes 30 ms while thousands of messages are queued, and would find no garbage among them. So
    it waits for a quiet moment: `quiet` milliseconds without many new objects.
    """

    def __init__(self, parent: QObject, quiet: int = QUIET_MS) -> None:
        super().__init__(parent)
        self._quiet = QTimer(self, singleShot=True, interval=quiet)
        self._quiet.timeout.connect(self._collect_all)
        self._due_since = 0.0

    def collect(self) -> None:
        """Collect what is due."""
        if collect_some(oldest=1) and gc.get_count()[2] > gc.get_threshold()[2]:
            self._due_since = self._due_since or monotonic()
            if monotonic() - self._due_since < LONGEST_BUSY:
                self._quiet.start()
            else:
                self._collect_all()

    def _collect_all(self) -> None:
        self._quiet.stop()
        self._due_since = 0.0
        gc.collect()


def collect_some(oldest: int = 2) -> bool:
    """Collect the generations up to the `oldest` that Python would have collected by now. Return whether any was."""
    counts, limits = gc.get_count()[: oldest + 1], gc.get_threshold()
    due = [generation for generation, count in enumerate(counts) if count > limits[generation]]
    if due:
        gc.collect(max(due))
    return bool(due)


def collect_on_loop() -> None:
    """Collect garbage on this loop from now on. Call in Qt's thread."""
    gc.disable()
    dispatcher = QAbstractEventDispatcher.instance()
    dispatcher.aboutToBlock.connect(Collector(dispatcher).collect)


MOST_PLACES = 100
"""Tracebacks remembered, so that a failure that repeats does not fill the log."""


class UnexpectedErrors:
    """`show` is called on the loop for the first exception of a run."""

    def __init__(self, show: Callable[[], None]) -> None:
        self._show = show
        self._shown = False
        self._places: set[str] = set()

    @contextmanager
    def watching(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Handle exceptions of this loop, of Qt slots and of threads in the `with` block."""
        slots = sys.excepthook

        def from_slot(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if isinstance(error, Exception):
                self._take("A slot", error)
            else:
                slots(kind, error, trace)

        loop.set_exception_handler(self._on_loop)
        sys.excepthook = from_slot
        try:
            with thread_errors_to(lambda name, error: call_soon(loop, self._take, f"The thread {name}", error)):
                yield
        finally:
            sys.excepthook = slots
            loop.set_exception_handler(None)

    def _on_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if error := context.get("exception"):
            self._take(context["message"], error)
        else:  # e.g. "Task was destroyed but it is pending!", not worth a notification
            log.warning("%s", context["message"])

    def _take(self, what: str, error: BaseException) -> None:
        where = "".join(traceback.format_tb(error.__traceback__))
        place = f"{type(error).__name__}\n{where}"
        is_new = place not in self._places and len(self._places) < MOST_PLACES
        self._places.add(place) if is_new else None
        log.log(
            logging.ERROR if is_new else logging.DEBUG,
            "%s failed: %s\nTraceback (most recent call last):\n%s",
            *(what, type(error).__name__, where),
        )
        log.debug("Text of the exception: %s", error)
        if not self._shown:
            self._shown = True
            self._show()
