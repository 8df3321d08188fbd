"""Notifications on macOS and Windows, through the library desktop-notifier.

Thin on purpose: it cannot be run where this is developed, and is tested against the library's interface (version 6)
only. macOS shows notifications of signed application bundles alone; elsewhere there the library offers nothing. Both
platforms pop a notification up again when it is replaced: what only updates one is left out.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.settings import Button
from mailpit_notifier.runtime.bridge import call_soon

from .notice import DEFAULT, Action, Activated, Key, Notice, Notifier, Urgency

log = logging.getLogger(__name__)

SEND_TIMEOUT = 5.0
"""Seconds: the first notification on macOS waits for a person to allow it; that one is not worth waiting for."""

STOP_TIMEOUT = 0.3
"""Seconds for taking back what is shown when the program ends; a person waits for that."""

MAX_SHOWN = 200
"""Notifications kept on the desktop; the library keeps each until somebody touches it."""


COPY_LABEL = "Copy code" if sys.platform == "darwin" else ""
"""What `copy` says, "" for what the notice says: macOS registers each new set of labels, and keeps it."""


class DesktopNotifier(Notifier):
    """Shows notices through UNUserNotificationCenter or WinRT toasts.

    `icon` is an image file, `copy_label` what the button `copy` says instead of the notice's words, "" for those.
    """

    def __init__(self, activated: Activated, *, icon: Path | None = None, copy_label: str = COPY_LABEL) -> None:
        self._activated = activated
        self._icon = icon
        self._copy_label = copy_label
        self._shown: dict[str, Notice] = {}
        self._center: Any = None  # the library comes without types where it is not installed
        self._loop: asyncio.AbstractEventLoop

    async def start(self) -> bool:
        """Load the library; False when it, or the platform, offers nothing."""
        self._loop = asyncio.get_running_loop()
        center = None
        try:
            import desktop_notifier as library

            icon = library.Icon(path=self._icon) if self._icon else None
            center = library.DesktopNotifier(app_name=APP_NAME, app_icon=icon)
            if library.Capability.TITLE not in await center.get_capabilities():
                return False
        except Exception as error:  # noqa: BLE001 - whatever the platform's bindings raise; there are other ways
            log.warning("No desktop notifications: %s", error)
            return False
        center.on_clicked = self._on_clicked
        center.on_button_pressed = self._on_button_pressed
        center.on_dismissed = self._on_dismissed
        self._center = center
        return True

    async def show(self, notice: Notice) -> bool:
        """Show or replace; False when the platform has not taken it. One of low urgency counts as taken, see above."""
        if self._center is None:
            return False
        if notice.urgency is Urgency.LOW:
            return True
        identifier = _identifier(notice.key)
        self._shown.pop(identifier, None)
        self._shown[identifier] = notice
        taken = asyncio.Event()
        await _tried(self._center.send_notification(self._notification(notice, identifier, taken)), SEND_TIMEOUT)
        if len(self._shown) > MAX_SHOWN:
            await self.withdraw(next(iter(self._shown.values())).key)
        return taken.is_set()

    async def withdraw(self, key: Key) -> None:
        """Take a notice back, if it is still there."""
        identifier = _identifier(key)
        if self._shown.pop(identifier, None):
            await _tried(self._center.clear(identifier), SEND_TIMEOUT)

    async def stop(self) -> None:
        """Take back everything that is shown."""
        if self._center is not None:
            await _tried(self._center.clear_all(), STOP_TIMEOUT)

    # The library calls these on whatever thread the platform chose.

    def _on_clicked(self, identifier: str) -> None:
        call_soon(self._loop, self._act, identifier, DEFAULT)

    def _on_button_pressed(self, identifier: str, action: str) -> None:
        call_soon(self._loop, self._act, identifier, action)

    def _on_dismissed(self, identifier: str) -> None:
        call_soon(self._loop, self._shown.pop, identifier, None)

    def _act(self, identifier: str, action: str) -> None:
        # The platform takes a notification away when it is clicked.
        notice = self._shown.pop(identifier, None)
        if notice and notice.offers(action):
            self._activated(notice.key, action, "")

    def _notification(self, notice: Notice, identifier: str, taken: asyncio.Event) -> Any:
        import desktop_notifier as library

        urgent = notice.urgency is Urgency.CRITICAL
        buttons = [
            library.Button(title=self._label(action), identifier=action.key)
            for action in notice.actions
            if action.key != DEFAULT
        ]
        return library.Notification(
            title=notice.title,
            message=notice.body,
            urgency=library.Urgency.Critical if urgent else library.Urgency.Normal,
            buttons=tuple(buttons),
            sound=library.DEFAULT_SOUND if notice.sound else None,
            # The library logs failures and reports success only here.
            on_dispatched=taken.set,
            identifier=identifier,
        )

    def _label(self, action: Action) -> str:
        return (self._copy_label if action.key == Button.COPY else "") or action.label


def _identifier(key: Key) -> str:
    """A name of our notice that Windows takes: at most 16 characters before version 1703."""
    return blake2b("\n".join(key).encode(), digest_size=8).hexdigest()


async def _tried(call: Awaitable[object], seconds: float) -> None:
    """Wait for the library at most so long. Failing is logged: mail keeps coming."""
    try:
        async with asyncio.timeout(seconds):
            await call
    except Exception as error:  # noqa: BLE001 - whatever the platform's bindings raise
        log.warning("The desktop's notifications failed: %s", type(error).__name__)
