"""Which back ends show notifications on this platform, and the simple ones among them.

- `FallbackNotifier` tries several back ends, best first, anew for each notice, because a notification service may start
  later than the program, or end.
- `PrintedNotifier` prints notices as lines of text, where there is no desktop: in containers, and for `--demo`.
- `TrayMessageNotifier` uses the tray icon's balloon, on a desktop without a notification service. A click on a balloon
  does nothing: Qt also reports clicks on other programs' balloons. The function that shows one is passed in, because it
  belongs to the tray icon, and this package does not import `ui`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO, TypeVar

from mailpit_notifier.runtime.files import resource
from mailpit_notifier.runtime.tasks import report

from .notice import Activated, Key, Notice, Notifier, Result
from .texts import default_label

Answer = TypeVar("Answer")


class FallbackNotifier(Notifier):
    """Show each notice in the first of `backends` that does not fail, and in every one of `also`.

    A back end that raises is reported and counts as failed.
    """

    def __init__(self, backends: Sequence[Notifier], also: Sequence[Notifier] = ()) -> None:
        self._backends = tuple(backends)
        self._also = tuple(also)
        self._current: Notifier | None = None  # which one worked last, or started first

    @property
    def can_update(self) -> bool:
        """Whether the back end that works now can update notices."""
        return self._current is not None and self._current.can_update

    async def start(self) -> bool:
        """Start all back ends; return False when none works."""
        backends = (*self._backends, *self._also)
        started = await asyncio.gather(*(_attempt(backend.start(), False) for backend in backends))
        if self._current is None:
            self._current = next((one for one, works in zip(backends, started, strict=True) if works), None)
        return any(started)

    async def show(self, notice: Notice) -> Result:
        """Show a notice; return SHOWN when any back end has accepted it, and FAILED when all failed."""
        results = {await _attempt(backend.show(notice), Result.FAILED) for backend in self._also}
        for backend in self._backends:
            result = await _attempt(backend.show(notice), Result.FAILED)
            results.add(result)
            if result is not Result.FAILED:
                self._current = backend
                break
        return next((result for result in (Result.SHOWN, Result.SKIPPED) if result in results), Result.FAILED)

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice from all back ends: which one showed it is not recorded."""
        for backend in (*self._backends, *self._also):
            await _attempt(backend.withdraw(key), None)

    async def stop(self) -> None:
        """Stop all back ends at the same time."""
        await asyncio.gather(*(_attempt(backend.stop(), None) for backend in (*self._backends, *self._also)))


async def _attempt(work: Awaitable[Answer], otherwise: Answer) -> Answer:
    """Return the answer of a back end, or `otherwise` if it raises."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001 - the other back ends must still be tried
        report(error, "A notification back end")
        return otherwise


class PrintedNotifier(Notifier):
    """Print `Notification: TITLE | BODY LINE 1 | LINE 2` for every notice."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    async def show(self, notice: Notice) -> Result:
        """Print a notice; FAILED when the stream is closed, or there is none (Windows without a console)."""
        if self._stream is None:
            return Result.FAILED
        if notice.update:
            return Result.SKIPPED
        line = "Notification: " + " | ".join((notice.title, *notice.body_without_buttons.splitlines()))
        encoding = self._stream.encoding or "utf-8"
        try:
            print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except (OSError, ValueError):
            return Result.FAILED
        return Result.SHOWN


ShowMessage = Callable[[str, str], bool]
"""Shows title and body as plain text; returns False when there is no tray icon."""


class TrayMessageNotifier(Notifier):
    """Show notices as balloons of the tray icon."""

    def __init__(self, show_message: ShowMessage) -> None:
        self._show_message = show_message

    async def show(self, notice: Notice) -> Result:
        """Show a notice's title and body."""
        if notice.update:
            return Result.SKIPPED
        shown = self._show_message(notice.title, notice.body_without_buttons)
        return Result.SHOWN if shown else Result.FAILED


ICON = "icons/mailpit-notifier.svg"


def desktop_notifier(activated: Activated, show_message: ShowMessage, *, printing: bool) -> Notifier:
    """Return the desktop's notifications, else the tray's balloon, else printed lines; `printing` always prints."""
    printed = PrintedNotifier(sys.stdout)
    backends = (_native(activated, is_needed=not printing), TrayMessageNotifier(show_message))
    return FallbackNotifier(backends, also=[printed]) if printing else FallbackNotifier((*backends, printed))


def _native(activated: Activated, *, is_needed: bool) -> Notifier:
    if sys.platform.startswith("linux"):
        from .freedesktop import FreedesktopNotifier

        native: Notifier = FreedesktopNotifier(
            activated, icon=resource(ICON).as_uri(), default_label=default_label(), is_needed=is_needed
        )
    else:
        from .desktop import DesktopNotifier

        native = DesktopNotifier(activated, icon=resource(ICON))
    return native
