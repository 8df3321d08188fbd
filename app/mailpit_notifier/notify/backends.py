"""Which back ends show notifications on this platform, and the simple ones among them.

- `FallbackNotifier` tries several back ends, best first, anew for each notice, because a notification service may start
  later than the program, or end.
- `PrintedNotifier` prints notices as lines of text, where there is no desktop: in containers, and for `--demo`.
- `TrayMessageNotifier` uses the tray icon's balloon, on a desktop without a notification service. On Linux a click on a
  balloon does nothing: there, Qt also reports clicks on other programs' balloons. The function that shows one is passed
  in, because it belongs to the tray icon.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TextIO, TypeVar

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.runtime.files import resource
from mailpit_notifier.runtime.tasks import report
from mailpit_notifier.ui.icons import app_icon_file

from .notice import DEFAULT, Activated, Key, Notice, Notifier, Result
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
        results = set[Result]()
        for backend in self._also:
            results.add(await _attempt(backend.show(notice), Result.FAILED))
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

    async def is_turned_off(self) -> bool:
        """Return whether the user has turned the notifications off, as one of the back ends knows."""
        return any([await backend.is_turned_off() for backend in self._backends])

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


ShowMessage = Callable[[str, str, Callable[[], None]], bool]
"""Shows title and body as plain text, and calls the function after a click; returns False without a tray icon."""


class TrayMessageNotifier(Notifier):
    """Shows notices as balloons of the tray icon."""

    def __init__(self, show_message: ShowMessage, activated: Activated) -> None:
        self._show_message = show_message
        self._activated = activated

    async def show(self, notice: Notice) -> Result:
        """Show a notice's title and body."""
        if notice.update:
            return Result.SKIPPED
        on_click = partial(self._activated, notice.key, DEFAULT, "")
        shown = self._show_message(notice.title, notice.body_without_buttons, on_click)
        return Result.SHOWN if shown else Result.FAILED


ICON = "icons/mailpit-notifier.svg"


def desktop_notifier(activated: Activated, show_message: ShowMessage, *, printing: bool) -> Notifier:
    """Return the desktop's notifications, else the tray's balloon, else printed lines; `printing` always prints."""
    printed = PrintedNotifier(sys.stdout)
    backends = (_native(activated, is_needed=not printing), TrayMessageNotifier(show_message, activated))
    return FallbackNotifier(backends, also=[printed]) if printing else FallbackNotifier((*backends, printed))


def _native(activated: Activated, *, is_needed: bool) -> Notifier:
    if sys.platform.startswith("linux"):
        from .freedesktop import FreedesktopNotifier

        native: Notifier = FreedesktopNotifier(
            activated, icon=resource(ICON).as_uri(), default_label=default_label(), is_needed=is_needed
        )
    else:
        from .desktop import DesktopNotifier

        # Toasts show no SVG. Notification centers keep the path, so the file stays. macOS shows the application's icon.
        native = DesktopNotifier(activated, icon=app_icon_file(state_folder()) if sys.platform == "win32" else None)
    return native
