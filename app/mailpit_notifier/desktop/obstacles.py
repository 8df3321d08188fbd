"""Why notifications may not be visible: no service, one that hangs, or turned off by the user; where to change that.

Checked when the window is opened or used again, and by `doctor`, because there is no event for a change. Each desktop
has its own interface for it; if one does not answer, notifications are assumed to be visible. Programs are run in
threads.
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
"""Seconds for a program to print a setting."""

_GNOME_PROGRAM = f"org.gnome.desktop.notifications.application:/org/gnome/desktop/notifications/application/{APP_ID}/"
_WINDOWS = r"Software\Microsoft\Windows\CurrentVersion"


IsTurnedOff = Callable[[], Awaitable[bool]]
"""Returns whether the user has turned off the notifications of this program."""


class Obstacle(Enum):
    """Why notifications are not visible; the values are sentences in English, which the window translates."""

    NO_SERVICE = translatable("Obstacle", "No notification service is running. Install one, for example dunst or mako.")
    SILENT = translatable(
        "Obstacle", "The notification service does not answer. Restart it, or log out and log in again."
    )
    OFF = translatable("Obstacle", "Notifications from Mailpit Notifier are turned off in the system settings.")
    DO_NOT_DISTURB = translatable("Obstacle", '"Do not disturb" is on. The system does not show notifications.')


_SWITCHES = {
    "GNOME": (
        (("gsettings", "get", _GNOME_PROGRAM, "enable"), "false", Obstacle.OFF),
        (("gsettings", "get", "org.gnome.desktop.notifications", "show-banners"), "false", Obstacle.DO_NOT_DISTURB),
    ),
    "X-Cinnamon": (
        (("gsettings", "get", "org.cinnamon.desktop.notifications", "display-notifications"), "false", Obstacle.OFF),
    ),
    "MATE": ((("gsettings", "get", "org.mate.NotificationDaemon", "do-not-disturb"), "true", Obstacle.DO_NOT_DISTURB),),
    "XFCE": ((("xfconf-query", "-c", "xfce4-notifyd", "-p", "/do-not-disturb"), "true", Obstacle.DO_NOT_DISTURB),),
}
"""Name in XDG_CURRENT_DESKTOP -> commands that print a setting, the output that hides notifications, and the obstacle.
"""

_PROPERTIES = (
    (bus.NOTIFICATIONS_PATH, bus.NOTIFICATIONS, "Inhibited"),  # Plasma
    (bus.NOTIFICATIONS_PATH, "org.dunstproject.cmd0", "paused"),
    ("/fr/emersion/Mako", "fr.emersion.Mako", "Modes"),
)
"""Path, interface and name of properties of services that hide notifications while they are true."""

_MAKO_MODE = "do-not-disturb"
"""Mako's modes have the names that the user gives them; its manual uses this one."""


async def obstacle(within: float = bus.TIMEOUT, is_turned_off: IsTurnedOff | None = None) -> Obstacle | None:
    """Return why notifications are not visible; None if they are, or if it is not known `within` seconds.

    `is_turned_off` asks the running back end, the only one that knows on macOS: a second one there would get the clicks
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
        names = await bus.activatable_names(within)
    except TimeoutError:
        return None
    if names is None or bus.NOTIFICATIONS not in names:
        return Obstacle.NO_SERVICE
    try:
        await bus.ask_notifications(bus.NOTIFICATIONS, "GetServerInformation", within=within)
        if await _is_inhibited(within):
            return Obstacle.DO_NOT_DISTURB
    except TimeoutError:
        return Obstacle.SILENT
    return await in_thread("obstacles", _switched_off)


async def _is_inhibited(within: float) -> bool:
    for path, interface, name in _PROPERTIES:
        answer = await bus.ask_notifications(
            "org.freedesktop.DBus.Properties", "Get", interface, name, path=path, within=within
        )
        value = getattr(answer[0], "value", None) if answer else None
        if value is True or (isinstance(value, list) and _MAKO_MODE in value):
            return True
    return False


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


def _switched_off() -> Obstacle | None:
    switches = (switch for name, those in _SWITCHES.items() if _desktop(name) for switch in those)
    return next((found for command, hiding, found in switches if _output(command) == hiding), None)


def _output(command: tuple[str, ...]) -> str:
    program = shutil.which(command[0])
    if not program:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - constant arguments, no shell
            [program, *command[1:]], capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()


def on_windows(registry: Registry) -> Obstacle | None:
    """Check the switches of Windows for all notifications and for this program."""
    switches = (
        (rf"{_WINDOWS}\PushNotifications", "ToastEnabled"),
        (rf"{_WINDOWS}\Notifications\Settings\{APP_NAME}", "Enabled"),
    )
    try:
        off = any(registry.get(key, name) == 0 for key, name in switches)
    except OSError:
        return None
    return Obstacle.OFF if off else None
