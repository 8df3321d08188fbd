"""Daemon threads: a thread that hangs in DNS cannot be stopped, only abandoned, and an executor's are joined at exit.

Not in bridge.py because commands use threads without a loop, and importing asyncio takes 15 ms.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import get_ident as get_ident  # noqa: PLC0414 - for other modules
from typing import TypeVar, cast

Result = TypeVar("Result")


def start_thread(run: Callable[[], None], name: str) -> None:
    """Start a daemon thread."""
    threading.Thread(target=run, name=name, daemon=True).start()


def run_with_timeout(work: Callable[[], Result], name: str, seconds: float) -> Result:
    """Run a blocking call in a thread; return its result or raise its exception.

    Raises TimeoutError after so many seconds; the thread is abandoned then.
    """
    outcomes = SimpleQueue[tuple[BaseException | None, Result | None]]()

    def run() -> None:
        try:
            outcomes.put((None, work()))
        except BaseException as error:  # noqa: BLE001 - raised in the caller
            outcomes.put((error, None))

    start_thread(run, name)
    try:
        error, result = outcomes.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"{name}: no end within {seconds:g} s") from None
    if error:
        raise error
    return cast("Result", result)


@contextmanager
def thread_errors_to(failed: Callable[[str, BaseException], None]) -> Iterator[None]:
    """Call `failed` with name and exception of a thread that fails, in that thread, instead of printing a traceback."""
    before = threading.excepthook

    def hook(found: threading.ExceptHookArgs) -> None:
        if found.exc_value:
            failed(found.thread.name if found.thread else "", found.exc_value)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
