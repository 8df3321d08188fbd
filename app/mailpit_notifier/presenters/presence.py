"""Whether there is a tray to be present in: one may come late, another may take its place, and there may be none.

Then the window takes the icon's place, and closing it is a question. Runs on the loop.
"""

import asyncio

from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier.desktop.bus_watch import TRAY_HOST, OwnerWatch
from mailpit_notifier.ui.tray import Tray

from .recent import RecentMail

TRAY_WAIT = 1.0
"""Seconds to wait for a tray before the window is shown in its place: at login the panel may come after us."""


class Presence:
    """Keeps the icon of the kind that the desktop's tray wants."""

    def __init__(self, tray: Tray, recent: RecentMail) -> None:
        self._tray = tray
        self._recent = recent
        self._host = OwnerWatch(TRAY_HOST, self._on_host)

    async def start(self) -> None:
        """Find out which tray there is, and follow it."""
        present = await self._host.start()
        if present and not self._tray.found:  # it came after the icon was made
            self._on_host(present)
        self._tray.set_over_bus(present)

    async def stop(self) -> None:
        """Follow it no more."""
        await self._host.stop()

    def need_window(self) -> None:
        """Somebody is there to be shown something: where no tray comes, that is the window."""
        asyncio.get_running_loop().call_later(TRAY_WAIT, self._show_without)

    def show_balloon(self, title: str, body: str) -> bool:
        """Show a message at the icon; False where that is no way to show one."""
        # Over the bus, Qt would only ask the notification service that has just failed.
        if self._tray.over_bus or not QSystemTrayIcon.isSystemTrayAvailable():
            return False
        self._tray.show_message(title, body)
        return True

    def _on_host(self, present: bool) -> None:
        """The desktop's tray is another, or now known: an icon stays of the kind that was right when it was made."""
        self._tray.renew(over_bus=present)
        self._tray.show()

    def _show_without(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self._recent.show()
