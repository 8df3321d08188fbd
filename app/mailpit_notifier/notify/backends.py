"""Which ways of notifying this platform has, best first.

Several ways of showing notices as one: the best that works, for each notice anew.

Asked each time because a notification service may come later than we do, or go.

Notifications as lines of text, for where there is no desktop: containers and the demo.

The last resort on a desktop without a notification service: the tray icon's own balloon.

A click on it cannot be told from a click on another program's, so it does nothing. The balloon is passed in: it belongs
to the tray icon, and notify/ knows no ui/.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TextIO

from mailpit_notifier.runtime.resources import resource
from mailpit_notifier.runtime.tasks import report

from .notice import Activated, Key, Notice, Notifier
from .texts import default_label


class FallbackNotifier(Notifier):
    """Shows a notice in the first of `ways` that takes it, and besides that in every one of `also`.

    One that raises has not taken it.
    """

    def __init__(self, ways: Sequence[Notifier], also: Sequence[Notifier] = ()) -> None:
        self._ways = tuple(ways)
        self._also = tuple(also)

    async def start(self) -> bool:
        """Get all of them ready; False when none is to be had."""
        return any(await asyncio.gather(*(_tried(way.start()) for way in (*self._ways, *self._also))))

    async def show(self, notice: Notice) -> bool:
        """True when any way has taken it."""
        taken = [await _tried(way.show(notice)) for way in self._also]
        for way in self._ways:
            if await _tried(way.show(notice)):
                return True
        return any(taken)

    def shows(self, key: Key) -> bool:
        """Whether any of them does."""
        return any(way.shows(key) for way in (*self._ways, *self._also))

    async def withdraw(self, key: Key) -> None:
        """Withdraw it from all: which one showed it does not matter."""
        for way in (*self._ways, *self._also):
            await _tried(way.withdraw(key))

    async def stop(self) -> None:
        """Stop all at once."""
        await asyncio.gather(*(_tried(way.stop()) for way in (*self._ways, *self._also)))


async def _tried(work: Awaitable[bool | None]) -> bool:
    try:
        return bool(await work)
    except Exception as error:  # noqa: BLE001 - a way that fails must not take the others with it
        report(error, "A way of notifying")
        return False


class PrintedNotifier(Notifier):
    """Prints `Notification: TITLE | BODY LINE 1 | LINE 2` for every notice."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    async def show(self, notice: Notice) -> bool:
        """Print the notice; False when there is no stream (Windows without a console) or it is closed."""
        if self._stream is None:
            return False
        line = "Notification: " + " | ".join((notice.title, *notice.body.splitlines()))
        encoding = self._stream.encoding or "utf-8"
        try:
            print(line.encode(encoding, "replace").decode(encoding), file=self._stream, flush=True)
        except (OSError, ValueError):
            return False
        return True


ShowMessage = Callable[[str, str], bool]
"""Shows title and body as plain text; False when there is no tray to do it."""


class TrayMessageNotifier(Notifier):
    """Hands notices to the tray icon."""

    def __init__(self, show_message: ShowMessage) -> None:
        self._show_message = show_message

    async def show(self, notice: Notice) -> bool:
        """Show the notice's title and body."""
        return self._show_message(notice.title, notice.body)


ICON = "icons/mailpit-notifier.svg"


def desktop_notifier(activated: Activated, show_message: ShowMessage, *, printing: bool) -> Notifier:
    """The desktop's notifications, else the tray's balloon, else a printed line, which `printing` always adds."""
    printed = PrintedNotifier(sys.stdout)
    ways = (_native(activated, is_needed=not printing), TrayMessageNotifier(show_message))
    return FallbackNotifier(ways, also=[printed]) if printing else FallbackNotifier((*ways, printed))


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
