"""Notifications on macOS and Windows, through the library desktop-notifier.

Thin on purpose: it cannot be run where this is developed, and is tested against the library's interface (version 6)
only. macOS shows notifications of signed application bundles alone; elsewhere there the library offers nothing.
"""

import asyncio
import logging
from hashlib import blake2b
from pathlib import Path
from typing import Any

from mailpit_notifier import APP_NAME

from .notice import DEFAULT, Activated, Key, Notice, Notifier, Urgency

log = logging.getLogger(__name__)

SEND_TIMEOUT = 5.0
"""Seconds: the first notification on macOS waits for a person to allow it; that one is not worth waiting for."""

STOP_TIMEOUT = 0.3
"""Seconds for taking back what is shown when the program ends; a person waits for that."""

MAX_SHOWN = 200
"""Notifications kept on the desktop; the library keeps each until somebody touches it."""


class DesktopNotifier(Notifier):
    """Shows notices through UNUserNotificationCenter or WinRT toasts. `icon` is an image file."""

    def __init__(self, activated: Activated, *, icon: Path | None = None) -> None:
        self._activated = activated
        self._icon = icon
        self._keys: dict[str, Key] = {}
        self._center: Any = None  # the library comes without types where it is not installed
        self._loop: asyncio.AbstractEventLoop

    async def start(self) -> bool:
        """Load the library; False when it, or the platform, offers nothing."""
        self._loop = asyncio.get_running_loop()
        try:
            import desktop_notifier as library

            icon = library.Icon(path=self._icon) if self._icon else None
            center = library.DesktopNotifier(app_name=APP_NAME, app_icon=icon)
            capabilities = await center.get_capabilities()
        except (ImportError, OSError, RuntimeError) as error:
            log.warning("No desktop notifications: %s", error)
            return False
        if library.Capability.TITLE not in capabilities:
            return False
        center.on_clicked = self._on_clicked
        center.on_button_pressed = self._on_button_pressed
        center.on_dismissed = self._on_dismissed
        self._center = center
        return True

    async def show(self, notice: Notice) -> bool:
        """Show or replace; False when the platform has not taken it."""
        if self._center is None:
            return False
        identifier = _identifier(notice.key)
        self._keys.pop(identifier, None)
        self._keys[identifier] = notice.key
        taken = asyncio.Event()
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await self._center.send_notification(_notification(notice, identifier, taken))
                if len(self._keys) > MAX_SHOWN:
                    await self.withdraw(next(iter(self._keys.values())))
        except TimeoutError:
            log.debug("The desktop did not take a notification in %g s", SEND_TIMEOUT)
        return taken.is_set()

    async def withdraw(self, key: Key) -> None:
        """Take a notice back, if it is still there."""
        identifier = _identifier(key)
        if self._keys.pop(identifier, None):
            await self._center.clear(identifier)

    async def stop(self) -> None:
        """Take back everything that is shown."""
        if self._center is None:
            return
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._center.clear_all()
        except TimeoutError:
            log.debug("Notifications may be left on the screen")

    # The library calls these on whatever thread the platform chose.

    def _on_clicked(self, identifier: str) -> None:
        self._loop.call_soon_threadsafe(self._act, identifier, DEFAULT)

    def _on_button_pressed(self, identifier: str, action: str) -> None:
        self._loop.call_soon_threadsafe(self._act, identifier, action)

    def _on_dismissed(self, identifier: str) -> None:
        self._loop.call_soon_threadsafe(self._keys.pop, identifier, None)

    def _act(self, identifier: str, action: str) -> None:
        # The platform takes a notification away when it is clicked.
        if key := self._keys.pop(identifier, None):
            self._activated(key, action, "")


def _identifier(key: Key) -> str:
    """A name of our notice that Windows takes: at most 16 characters before version 1703."""
    return blake2b("\n".join(key).encode(), digest_size=8).hexdigest()


def _notification(notice: Notice, identifier: str, taken: asyncio.Event) -> Any:
    import desktop_notifier as library

    urgencies = {
        Urgency.LOW: library.Urgency.Low,
        Urgency.NORMAL: library.Urgency.Normal,
        Urgency.CRITICAL: library.Urgency.Critical,
    }
    return library.Notification(
        title=notice.title,
        message=notice.body,
        urgency=urgencies[notice.urgency],
        buttons=tuple(
            library.Button(title=action.label, identifier=action.key)
            for action in notice.actions
            if action.key != DEFAULT
        ),
        # The library logs failures and reports success only here.
        on_dispatched=taken.set,
        identifier=identifier,
    )
