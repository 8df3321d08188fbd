"""Why notifications may not be visible: no service, or turned off by the user; and where to change that.

Checked when the window is opened, because there is no event for a change. Each desktop has its own interface for it; if
one does not answer, notifications are assumed to be visible. Programs are run in threads.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from enum import Enum

from mailpit_notifier import APP_ID, APP_NAME
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.translation import translatable

from . import bus
from .registry import Registry

TIMEOUT = 2.0
"""Seconds for `gsettings` to print a setting."""

_GNOME = "org.gnome.desktop.notifications"
_GNOME_PROGRAM = f"{_GNOME}.application:/org/gnome/desktop/notifications/application/{APP_ID}/"
_WINDOWS = r"Software\Microsoft\Windows\CurrentVersion"


IsTurnedOff = Callable[[], Awaitable[bool]]
"""Returns whether the user has turned the notifications of this program off."""


class Obstacle(Enum):
    """Why notifications are not visible; the values are sentences in English, which the window translates."""

    NO_SERVICE = translatable("Obstacle", "No notification service is running. Install one, for example dunst or mako.")
    OFF = translatable("Obstacle", "Notifications from Mailpit Notifier are turned off in the system settings.")
    DO_NOT_DISTURB = translatable("Obstacle", '"Do not disturb" is on. The system does not show notifications.')


async def obstacle(within: float = bus.TIMEOUT, is_turned_off: IsTurnedOff | None = None) -> Obstacle | None:
    """Return why notifications are not visible; None if they are, or if it is not known `within` seconds.

    `is_turned_off` asks the running back end, which alone can say it on macOS: a second one there would get the clicks
    of the first one, and remove its buttons.
    """
    if sys.platform == "win32":
        from .registry import CurrentUser

        return on_windows(CurrentUser())
    if sys.platform == "darwin":
        try:
            async with asyncio.timeout(within):
                return Obstacle.OFF if is_turned_off and await is_turned_off() else None
        except Exception:  # noqa: BLE001 - the bindings raise anything; then it is not known
            return None
    try:
        names = await bus.activatable_names(bus.session_bus(), within)
    except TimeoutError:
        return None
    if names is None or bus.NOTIFICATIONS not in names:
        return Obstacle.NO_SERVICE
    if _desktop("KDE") and await bus.notifications_property("Inhibited", bus.session_bus()) is True:
        return Obstacle.DO_NOT_DISTURB
    return await in_thread("obstacles", _on_gnome) if _desktop("GNOME") else None


def settings_page() -> str | tuple[str, ...]:
    """Return the system's settings page for notifications: a URL, or a command; "" if none is known."""
    if sys.platform == "win32":
        return "ms-settings:notifications"
    if sys.platform == "darwin":
        return "x-apple.systempreferences:com.apple.preference.notifications"
    pages = {
        "GNOME": ("gnome-control-center", "notifications"),
        "KDE": ("systemsettings", "kcm_notifications"),
    }
    page = next((page for name, page in pages.items() if _desktop(name)), ())
    return page if page and shutil.which(page[0]) else ""


def _desktop(name: str) -> bool:
    return name in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")


def _on_gnome() -> Obstacle | None:
    if _setting(_GNOME_PROGRAM, "enable") == "false":
        return Obstacle.OFF
    return Obstacle.DO_NOT_DISTURB if _setting(_GNOME, "show-banners") == "false" else None


def _setting(schema: str, key: str) -> str:
    program = shutil.which("gsettings")
    if not program:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments, no shell
            [program, "get", schema, key], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()


def on_windows(registry: Registry) -> Obstacle | None:
    """Check the switches of Windows for all notifications, and for those of this program."""
    switches = (
        (rf"{_WINDOWS}\PushNotifications", "ToastEnabled"),
        (rf"{_WINDOWS}\Notifications\Settings\{APP_NAME}", "Enabled"),
    )
    try:
        off = any(registry.get(key, name) == 0 for key, name in switches)
    except OSError:
        return None
    return Obstacle.OFF if off else None
