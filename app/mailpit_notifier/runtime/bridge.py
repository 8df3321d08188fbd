"""Pass data and results from threads to the event loop.

`Channel` delivers items from any thread on the loop, in order and in batches. `Worker` runs blocking calls one after
the other in a thread of its own.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from time import monotonic
from typing import Any, Generic, ParamSpec, TypeVar

from .tasks import report
from .threads import start_thread

Item = TypeVar("Item")
Params = ParamSpec("Params")
Result = TypeVar("Result")

SLICE = 0.004
"""Seconds that one batch may block the loop: a quarter of a frame at 60 Hz, so that the window stays smooth in a
burst."""


class ThreadError(Exception):
    """A call in a thread raised what would end the loop, such as SystemExit. The text is the name of its type."""


OVERHEAD = 100
"""Bytes that a short text takes besides its characters."""


class TooMuchWaitsError(Exception):
    """The loop delivers more slowly than a thread puts."""


class Channel(Generic[Item]):
    """A deque with at most one pending wake-up of the loop.

    One `call_soon_threadsafe` per item would cost 150 times as much, and qasync does not keep their order. `put` may be
    called in any thread; `deliver` is called on the loop with each item, in order. Texts of at most `most` bytes wait;
    other items are not counted.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, deliver: Callable[[Item], None], *, most: float = math.inf
    ) -> None:
        self._loop = loop
        self._deliver = deliver
        self._most = most
        self._items: deque[Item] = deque()
        self._sizes: deque[int] = deque()  # of the items, even if they are replaced
        self._taken = self._delivered = 0  # bytes; one is written by the thread that puts, one by the loop
        self._waking = False
        self._closed = False

    def put(self, item: Item) -> None:
        """Add an item. After `close` it is dropped. Raises TooMuchWaitsError, and does not add it then."""
        if self._closed:
            return
        size = len(item) + OVERHEAD if isinstance(item, str) else 0
        if size and self._taken - self._delivered + size > self._most:
            raise TooMuchWaitsError
        self._taken += size
        self._sizes.append(size)
        self._items.append(item)
        if not self._waking:
            self._waking = True
            call_soon(self._loop, self._drain)

    def replace(self, item: Item, make: Callable[[], Item]) -> None:
        """Put another item in the place of the one just put, if that alone waits for the loop.

        Making it takes no time then, because the loop wakes up meanwhile. Call in the thread that puts items.
        """
        with suppress(IndexError):  # delivered
            if len(self._items) == 1 and self._items[-1] is item:
                made = make()
                if self._items[-1] is item:
                    self._items[-1] = made

    def close(self) -> None:
        """Drop all items that were not delivered, and all later ones."""
        self._closed = True
        self._items.clear()
        self._sizes.clear()

    def _drain(self) -> None:
        end = monotonic() + SLICE
        while self._items and not self._closed and monotonic() < end:
            try:
                self._delivered += self._sizes.popleft()
                self._deliver(self._items.popleft())
            except Exception as error:  # noqa: BLE001 - the other items must still be delivered
                report(error, "A delivery")
        # Cleared only when all items are delivered, so that a backlog has one wake-up. Checked again afterwards: `put`
        # may have added an item just before, without a wake-up.
        if not self._items:
            self._waking = False
        if self._items and not self._closed:
            self._waking = True
            self._loop.call_later(0, self._drain)


class Worker:
    """A daemon thread that runs blocking calls in the order of `call`. It starts with the first one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._started = False

    async def call(self, function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
        """Run a function in the thread; return its result or raise its exception. Skipped if cancelled in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def run() -> None:
            if future.cancelled():
                return
            try:
                result = function(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised in the caller
                call_soon(loop, settle, future.set_exception, future, as_exception(error))
            else:
                call_soon(loop, settle, future.set_result, future, result)

        if not self._started:
            self._started = True
            start_thread(self._run, self._name)
        self._calls.put(run)
        return await future

    def stop(self, last: Callable[[], None] = lambda: None) -> None:
        """End the thread after the queued calls and `last`, without waiting for it."""
        self._calls.put(last)
        self._calls.put(None)

    def _run(self) -> None:
        while call := self._calls.get():
            call()


async def in_thread(
    name: str, function: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
) -> Result:
    """Run a blocking call in a thread of its own; return its result or raise its exception.

    If cancelled, the thread is abandoned.
    """
    worker = Worker(name)
    try:
        return await worker.call(function, *args, **kwargs)
    finally:
        worker.stop()


def call_soon(loop: asyncio.AbstractEventLoop, callback: Callable[..., Any], *args: Any) -> None:
    """Call on the loop from another thread. Does nothing if the loop is closed."""
    # qasync's loop does not check this, and crashes if it is used while the program ends.
    if loop.is_closed():
        return
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(callback, *args)


def as_exception(error: BaseException) -> Exception:
    """Return an exception that a future accepts and that does not end the loop.

    Futures reject StopIteration; SystemExit, or a panic of a Rust library, would end the loop.
    """
    if isinstance(error, Exception) and not isinstance(error, StopIteration):
        return error
    found = ThreadError(type(error).__name__)
    found.__cause__ = error
    return found


def settle(setter: Callable[[Any], None], future: asyncio.Future[Any], value: Any) -> None:
    """Set a future's result or exception, unless it was cancelled meanwhile."""
    if not future.done():
        setter(value)
