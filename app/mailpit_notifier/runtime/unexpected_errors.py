"""Handle unexpected exceptions: each is logged, the first one is shown, and the program goes on.

One object handles those of tasks and callbacks (`tasks.report`, asyncio), of Qt slots and of threads. The text of an
exception may contain a message or a password, so it is logged at DEBUG only.
"""

import asyncio
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from .bridge import call_soon
from .threads import thread_errors_to

log = logging.getLogger(__name__)

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
