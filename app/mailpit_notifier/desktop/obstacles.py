"""What keeps notifications from being seen: no service, or somebody switched them off; and where to change that.

Asked when the window is opened, as nothing tells of a change. Each desktop has its own way of being asked; where one
does not answer, notifications are taken to be shown. Knows nothing of Qt; the programs that are asked run in threads.
"""

import os
import shutil
import subprocess
import sys
from enum import Enum

from mailpit_notifier import APP_ID, APP_NAME
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.translation import translatable

from .bus import NOTIFICATIONS, activatable_names, notifications_property
from .registry import Registry

PATIENCE = 2.0
"""Seconds for a desktop's own tool to print a setting."""

_GNOME = "org.gnome.desktop.notifications"
_GNOME_OURS = f"{_GNOME}.application:/org/gnome/desktop/notifications/application/{APP_ID}/"
_WINDOWS = r"Software\Microsoft\Windows\CurrentVersion"


class Obstacle(Enum):
    """Why notifications are not seen; each with a sentence in English, which the window translates."""

    NO_SERVICE = translatable(
        "Obstacle", "This desktop has no service for notifications. dunst and mako are small ones."
    )
    OFF = translatable("Obstacle", "Notifications of this program are switched off in the system's settings.")
    DO_NOT_DISTURB = translatable("Obstacle", "«Do not disturb» is on: the system does not show notifications.")


async def obstacle() -> Obstacle | None:
    """What is in the way now, None when nothing is known to be."""
    if sys.platform == "win32":
        from .registry import CurrentUser

        return on_windows(CurrentUser())
    if sys.platform == "darwin":
        return await _on_macos()
    from .bus import session_bus

    try:
        names = await activatable_names(session_bus())
    except TimeoutError:
        return None
    if names is None or NOTIFICATIONS not in names:
        return Obstacle.NO_SERVICE
    if _desktop("KDE") and await notifications_property("Inhibited", session_bus()) is True:
        return Obstacle.DO_NOT_DISTURB
    return await in_thread("obstacles", _on_gnome) if _desktop("GNOME") else None


def settings_page() -> str | tuple[str, ...]:
    """The system's page for notifications: a URL, or a command; "" where there is none that is known."""
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
    if _setting(_GNOME_OURS, "enable") == "false":
        return Obstacle.OFF
    return Obstacle.DO_NOT_DISTURB if _setting(_GNOME, "show-banners") == "false" else None


def _setting(schema: str, key: str) -> str:
    program = shutil.which("gsettings")
    if not program:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - the names are ours, and there is no shell
            [program, "get", schema, key], capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()


def on_windows(registry: Registry) -> Obstacle | None:
    """What Windows notes of switches for all notifications, and for ours."""
    switches = (
        (rf"{_WINDOWS}\PushNotifications", "ToastEnabled"),
        (rf"{_WINDOWS}\Notifications\Settings\{APP_NAME}", "Enabled"),
    )
    try:
        off = any(registry.get(key, name) == 0 for key, name in switches)
    except OSError:
        return None
    return Obstacle.OFF if off else None


async def _on_macos() -> Obstacle | None:
    try:
        import desktop_notifier

        allowed = await desktop_notifier.DesktopNotifier(app_name=APP_NAME).has_authorisation()
    except Exception:  # noqa: BLE001 - whatever the platform's bindings raise; then it is not known
        return None
    return None if allowed else Obstacle.OFF
