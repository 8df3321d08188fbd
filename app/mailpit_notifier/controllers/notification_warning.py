"""Warn in the window that the system hides notifications, once for each reason, with a link to its settings."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from mailpit_notifier.desktop.obstacles import IsTurnedOff, Obstacle, obstacle, settings_page
from mailpit_notifier.runtime.tasks import Tasks

if TYPE_CHECKING:
    from mailpit_notifier.ui.window.window import RecentWindow

log = logging.getLogger(__name__)


class NotificationWarning:
    """`was_asked` returns whether the user may have been asked already: macOS asks at the first notification.

    `is_turned_off` asks the notifier, see desktop.obstacles. `find` searches for the obstacle.
    """

    def __init__(
        self,
        tasks: Tasks,
        was_asked: Callable[[], bool],
        is_turned_off: IsTurnedOff | None = None,
        find: Callable[..., Awaitable[Obstacle | None]] = obstacle,
    ) -> None:
        self._find = find
        self._tasks = tasks
        self._was_asked = was_asked
        self._is_turned_off = is_turned_off
        self._checking = False
        self._shown: Obstacle | None = None
        """What the last check found. The warning about it is shown, or was closed."""

    def attach(self, window: "RecentWindow") -> None:
        """Check each time this window is opened or becomes active: the user may have been in the settings meanwhile."""
        for event in (window.shown, window.activated):
            event.connect(lambda: self._tasks.run(self._check(window)))

    async def _check(self, window: "RecentWindow") -> None:
        if self._checking:  # opening the window also makes it active
            return
        self._checking = True
        try:
            found = await self._find(is_turned_off=self._is_turned_off) if self._was_asked() else None
        finally:
            self._checking = False
        if found is None:
            window.set_warning("", {})
        before, self._shown = self._shown, found
        if found in {None, before}:
            return
        choices: dict[str, Callable[[], object]] = {}
        if page := settings_page():
            choices[QCoreApplication.translate("Obstacle", "Open settings")] = lambda: open_settings(page)
        window.set_warning(QCoreApplication.translate("Obstacle", found.value), choices)


def open_settings(page: str | tuple[str, ...]) -> None:
    """Open a page of the system's settings: a URL or a command."""
    if isinstance(page, str):
        opened = QDesktopServices.openUrl(QUrl(page))
    else:
        opened, _ = QProcess.startDetached(page[0], list(page[1:]))
    if not opened:
        log.warning("%s did not open", page)
