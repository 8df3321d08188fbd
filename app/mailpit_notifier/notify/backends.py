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
from typing import TextIO

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.runtime.files import resource
from mailpit_notifier.runtime.tasks import report
from mailpit_notifier.ui.icons import app_icon_file

from .notice import DEFAULT, Activated, Key, Notice, Notifier
from .texts import default_label


class FallbackNotifier(Notifier):
    """Show each notice in the first of `backends` that accepts it, and in every one of `also`.

    A back end that raises is reported and skipped.
    """

    def __init__(self, backends: Sequence[Notifier], also: Sequence[Notifier] = ()) -> None:
        self._backends = tuple(backends)
        self._also = tuple(also)

    async def start(self) -> bool:
        """Start all back ends; return False when none works."""
        return any(await asyncio.gather(*(_attempt(backend.start()) for backend in (*self._backends, *self._also))))

    async def show(self, notice: Notice) -> bool:
        """Show a notice; return True when any back end has accepted it."""
        accepted = [await _attempt(backend.show(notice)) for backend in self._also]
        for backend in self._backends:
            if await _attempt(backend.show(notice)):
                return True
        return any(accepted)

    def shows(self, key: Key) -> bool:
        """Return whether any back end shows this notice."""
        return any(backend.shows(key) for backend in (*self._backends, *self._also))

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice from all back ends: which one showed it is not recorded."""
        for backend in (*self._backends, *self._also):
            await _attempt(backend.withdraw(key))

    async def is_turned_off(self) -> bool:
        """Return whether the user has turned the notifications off, as one of the back ends knows."""
        return any([await backend.is_turned_off() for backend in self._backends])

    async def stop(self) -> None:
        """Stop all back ends at the same time."""
        await asyncio.gather(*(_attempt(backend.stop()) for backend in (*self._backends, *self._also)))


async def _attempt(work: Awaitable[bool | None]) -> bool:
    try:
        return bool(await work)
    except Exception as error:  # noqa: BLE001 - the other back ends must still be tried
        report(error, "A notification back end")
        return False


class PrintedNotifier(Notifier):
    """Print `Notification: TITLE | BODY LINE 1 | LINE 2` for every notice."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    async def show(self, notice: Notice) -> bool:
        """Print a notice; return False when the stream is closed, or there is none (Windows without a console)."""
        if self._stream is None:
            return False
        line = "Notification: " + " | ".join((notice.title, *notice.body.splitlines()))
        encoding = self._stream.encoding or "utf-8"
        try:
            print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except (OSError, ValueError):
            return False
        return True


ShowMessage = Callable[[str, str, Callable[[], None]], bool]
"""Shows title and body as plain text, and calls the function after a click; returns False without a tray icon."""


class TrayMessageNotifier(Notifier):
    """Show notices as balloons of the tray icon."""

    def __init__(self, show_message: ShowMessage, activated: Activated) -> None:
        self._show_message = show_message
        self._activated = activated

    async def show(self, notice: Notice) -> bool:
        """Show a notice's title and body."""
        return self._show_message(notice.title, notice.body, partial(self._activated, notice.key, DEFAULT, ""))


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
