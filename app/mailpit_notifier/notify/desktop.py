"""Notifications on macOS and Windows, through the library desktop-notifier.

Thin on purpose: it is tested against the library's interface (version 6) only, because it is developed on Linux. macOS
shows notifications of signed application bundles only; for other programs the library reports no capabilities. Both
platforms pop a notification up again when it is replaced, so updates are skipped.
"""

import asyncio
import logging
import sys
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.settings import Button
from mailpit_notifier.runtime.bridge import call_soon
from mailpit_notifier.runtime.openssl import blake2b

from .notice import DEFAULT, Action, Activated, Key, Notice, Notifier, Result, Urgency

log = logging.getLogger(__name__)

MAX_SHOWN = 200
"""Notifications that stay on the desktop. The library keeps each in memory until the user clicks or closes it."""

COPY_LABEL = "Copy code" if sys.platform == "darwin" else ""
"""Label of the button `copy`, "" for the notice's own: macOS registers each new set of labels, and keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Timeouts in seconds.

    - `send`: on macOS, the first notification waits until the user allows notifications. It is not worth waiting for.
    - `stop`: for withdrawing everything at the end of the program; the user waits for that.
    """

    send: float = 5.0
    stop: float = 0.3


class DesktopNotifier(Notifier):
    """Show notices through UNUserNotificationCenter or WinRT toasts.

    `icon` is an image file; `copy_label` replaces the label of the button `copy`, which has the code, unless it is "".
    `max_shown`: see MAX_SHOWN.
    """

    def __init__(
        self,
        activated: Activated,
        *,
        icon: Path | None = None,
        copy_label: str = COPY_LABEL,
        max_shown: int = MAX_SHOWN,
        timing: Timing = Timing(),
    ) -> None:
        self._activated = activated
        self._icon = icon
        self._copy_label = copy_label
        self._max_shown = max_shown
        self._timing = timing
        self._shown: dict[str, Notice] = {}
        self._center: Any = None  # the library has no types where it is not installed
        self._loop: asyncio.AbstractEventLoop

    async def start(self) -> bool:
        """Load the library; return False when the library or the platform offers no notifications."""
        self._loop = asyncio.get_running_loop()
        center = None
        try:
            import desktop_notifier as library

            icon = library.Icon(path=self._icon) if self._icon else None
            center = library.DesktopNotifier(app_name=APP_NAME, app_icon=icon)
            if library.Capability.TITLE not in await center.get_capabilities():
                return False
        except Exception as error:  # noqa: BLE001 - the platform's bindings may raise anything; there are other back ends
            log.warning("No desktop notifications: %s", error)
            return False
        if _is_macos(center):
            from .macos import show_while_active

            show_while_active(center._backend)  # noqa: SLF001 - the library offers no other way
        center.on_clicked = self._on_clicked
        center.on_button_pressed = self._on_button_pressed
        center.on_dismissed = self._on_dismissed
        self._center = center
        return True

    async def show(self, notice: Notice) -> Result:
        """Show or replace a notice. Updates are skipped, see the top of this module."""
        if self._center is None:
            return Result.FAILED
        if notice.update:
            return Result.SKIPPED
        identifier = _identifier(notice.key)
        self._shown.pop(identifier, None)
        self._shown[identifier] = notice
        dispatched = asyncio.Event()
        notification = self._notification(notice, identifier, dispatched)
        await _attempt(self._center.send_notification(notification), self._timing.send)
        if len(self._shown) > self._max_shown:
            await self.withdraw(next(iter(self._shown.values())).key)
        return Result.SHOWN if dispatched.is_set() else Result.FAILED

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice, if it is still shown."""
        identifier = _identifier(key)
        if self._shown.pop(identifier, None):
            await _attempt(self._center.clear(identifier), self._timing.send)

    async def stop(self) -> None:
        """Withdraw everything."""
        if self._center is not None:
            await _attempt(self._center.clear_all(), self._timing.stop)

    async def is_turned_off(self) -> bool:
        """Return whether the user has turned the notifications off. Windows is asked by desktop.obstacles."""
        if self._center is None or not _is_macos(self._center):
            return False
        from .macos import is_denied

        return await is_denied(self._center._backend.nc)  # noqa: SLF001 - the library offers no other way

    # The library calls these on a thread of the platform's choice.

    def _on_clicked(self, identifier: str) -> None:
        call_soon(self._loop, self._act, identifier, DEFAULT)

    def _on_button_pressed(self, identifier: str, action: str) -> None:
        call_soon(self._loop, self._act, identifier, action)

    def _on_dismissed(self, identifier: str) -> None:
        call_soon(self._loop, self._shown.pop, identifier, None)

    def _act(self, identifier: str, action: str) -> None:
        # The platform removes a notification when it is clicked.
        notice = self._shown.pop(identifier, None)
        if notice and notice.offers(action):
            self._activated(notice.key, action, "")

    def _notification(self, notice: Notice, identifier: str, dispatched: asyncio.Event) -> Any:
        import desktop_notifier as library

        urgent = notice.urgency is Urgency.CRITICAL
        buttons = [
            library.Button(title=self._label(action), identifier=action.key)
            for action in notice.actions
            if action.key != DEFAULT
        ]
        return library.Notification(
            title=notice.title,
            message=notice.body_without_buttons if self._copy_label else notice.body,
            urgency=library.Urgency.Critical if urgent else library.Urgency.Normal,
            buttons=tuple(buttons),
            sound=library.DEFAULT_SOUND if notice.sound else None,
            # The library logs failures and reports success only here.
            on_dispatched=dispatched.set,
            identifier=identifier,
        )

    def _label(self, action: Action) -> str:
        return (self._copy_label if action.key == Button.COPY else "") or action.label


def _identifier(key: Key) -> str:
    """Return a name that Windows accepts: at most 16 characters before version 1703."""
    return blake2b("\n".join(key).encode(), digest_size=8).hexdigest()


def _is_macos(center: Any) -> bool:
    return type(center._backend).__module__.endswith(".macos")  # noqa: SLF001


def library_module() -> str:
    """Return the module of the library that talks to this platform."""
    return f"desktop_notifier.backends.{'macos' if sys.platform == 'darwin' else 'winrt'}"


def problem() -> str:
    """Return why notifications cannot be shown here, as a sentence; "" if nothing is known to be wrong.

    Creates no `DesktopNotifier`: on macOS that would remove the buttons of a running program.
    """
    try:
        import desktop_notifier.main as library

        module = library.get_backend_class().__module__
        if module.endswith(".dummy"):
            return "macOS shows notifications only of signed applications."
        if module.endswith(".winrt"):
            sys.modules[module].ToastNotificationManager.get_default()
    except Exception as error:  # noqa: BLE001 - the platform's bindings may raise anything
        return f"The library for notifications does not work: {type(error).__name__}: {error}."
    return ""


async def _attempt(call: Awaitable[object], seconds: float) -> None:
    """Await a call of the library for at most `seconds`. A failure is logged: the next notice may work."""
    try:
        async with asyncio.timeout(seconds):
            await call
    except Exception as error:  # noqa: BLE001 - the platform's bindings may raise anything
        log.warning("A call of the desktop's notifications failed: %s", type(error).__name__)
