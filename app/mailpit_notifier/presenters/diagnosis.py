"""The report for a bug report: versions, desktop, and how each server does. Holds no password and no mail.

What is known at once comes first; what has to be asked comes from `doctor`, line by line, out of a thread.
"""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier import APP_NAME, __version__
from mailpit_notifier.bridge import Channel, in_thread
from mailpit_notifier.cli import doctor
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.text import plain
from mailpit_notifier.desktop.bus import notification_server


def facts(*, over_bus: bool, config: Path) -> Iterator[str]:
    """What is known without asking anybody."""
    yield f"{APP_NAME} {__version__}"
    yield f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    desktop, kind = os.environ.get("XDG_CURRENT_DESKTOP", ""), os.environ.get("XDG_SESSION_TYPE", "")
    screens = ", ".join(
        f"{screen.size().width()}x{screen.size().height()} at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    )
    yield f"Desktop: {desktop or platform.system()} {kind}".rstrip()
    yield f"Display: {QGuiApplication.platformName()}, {screens}"
    tray = "StatusNotifier" if over_bus else "there is one" if QSystemTrayIcon.isSystemTrayAvailable() else "none"
    yield f"Tray: {tray}"
    yield f"Configuration: {config if config.exists() else 'no file'}"


async def notification_service() -> str:
    """Who shows notifications, as it calls itself; "" where nobody does, or nobody says."""
    if not sys.platform.startswith("linux"):
        return ""
    return await notification_server()


async def examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    """Ask the desktop and these servers; a line for each finding."""
    if service := await notification_service():
        put(f"Notifications: {plain(service, 200)}")
    channel = Channel(asyncio.get_running_loop(), put)
    try:
        await in_thread("report", _examine, servers, channel.put)
    except Exception as error:
        put(doctor.line(False, f"The examination ended with an unexpected error: {type(error).__name__}."))
        raise
    finally:
        channel.close()


def _examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    for findings in (doctor.desktop(), *map(doctor.examine, servers)):
        for good, sentence in findings:
            put(doctor.line(good, sentence))
