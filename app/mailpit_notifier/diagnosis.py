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

from . import APP_NAME, __version__
from .bridge import Channel, in_thread
from .bus_names import NOTIFICATIONS
from .cli import doctor
from .core.settings import Server
from .core.text import plain

BUS = 2.0
"""Seconds for the session bus and the service to answer."""


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
    from dbus_fast import Message, MessageFlag
    from dbus_fast.aio import MessageBus
    from dbus_fast.errors import DBusFastError

    from .bus_names import session_bus

    path = "/" + NOTIFICATIONS.replace(".", "/")
    call = Message(NOTIFICATIONS, path, NOTIFICATIONS, "GetServerInformation", flags=MessageFlag.NO_AUTOSTART)
    try:
        async with asyncio.timeout(BUS):
            bus = await MessageBus(bus_address=session_bus()).connect()
            reply = await bus.call(call)
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    except (OSError, EOFError, DBusFastError):  # a timeout is an OSError
        return ""
    return " ".join(map(str, reply.body[:3])) if reply and reply.signature == "ssss" else ""


async def examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    """Ask the desktop and these servers; a line for each finding."""
    if service := await notification_service():
        put(f"Notifications: {plain(service, 200)}")
    channel = Channel(asyncio.get_running_loop(), put)
    try:
        await in_thread("report", _examine, servers, channel.put)
    finally:
        channel.close()


def _examine(servers: Sequence[Server], put: Callable[[str], None]) -> None:
    for findings in (doctor.desktop(), *map(doctor.examine, servers)):
        for good, sentence in findings:
            put(doctor.line(good, sentence))
