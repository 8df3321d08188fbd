"""The tray icon: state of the servers, number of new messages, and the way to all other windows.

It imports neither window nor list view: both are created when they are first opened, so that the icon shows early. What
the first icon does not need is imported by the functions that need it; among it is Qt's namespace `Qt`, whose hundred
enums take 19 ms.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QSize, Signal
from PySide6.QtGui import QCursor, QPalette
from PySide6.QtWidgets import QSystemTrayIcon

from mailpit_notifier import APP_NAME
from mailpit_notifier.ui.icons import Face, Mood, TrayIcons, template_icon
from mailpit_notifier.ui.timing import Throttle, Timing

from . import panel
from .menu import TrayMenu

if TYPE_CHECKING:
    from mailpit_notifier.core.settings import Bar, Click, TrayChoices
    from mailpit_notifier.core.status import ServerStatus
    from mailpit_notifier.ui.window.list_model import Row


DARK = 128
"""Lightness below which a background is dark."""


class Tray(QObject):
    """A QSystemTrayIcon and its menu, redrawn at most four times a second and only after a change.

    `is_early`: make only what is needed to show the icon. Call `complete` before all methods but `show`.
    """

    window_toggled = Signal()
    window_requested = Signal()
    message_opened = Signal(object)
    """The chosen Row."""
    mailbox_opened = Signal(str)
    """The base URL of the chosen server."""
    retry_requested = Signal()
    """The menu is about to open: a reason to retry failing servers at once, and to search for new ones."""
    pause_requested = Signal(object)
    """Duration of the pause, or its end as an aware datetime; None to resume."""
    mute_requested = Signal(str, object)
    """The base URL of a server, and the duration or end of its mute; None to unmute it."""
    settings_requested = Signal()
    quit_requested = Signal()

    _choices: "TrayChoices"

    def __init__(
        self,
        parent: QObject | None = None,
        timing: Timing = Timing(),  # noqa: B008 - immutable
        *,
        is_early: bool = False,
    ) -> None:
        super().__init__(parent)
        self._statuses: tuple[ServerStatus, ...] = ()
        self._unseen = 0
        self._paused_until: datetime | None = None
        self._newest: tuple[Row, ...] = ()
        self._face: Face | None = None
        self._on_balloon_clicked: Callable[[], None] = lambda: None
        self._menu = TrayMenu(timing)
        self._menu.window_requested.connect(self.window_requested)
        self._menu.message_opened.connect(self.message_opened)
        self._menu.mailbox_opened.connect(self.mailbox_opened)
        self._menu.pause_requested.connect(self.pause_requested)
        self._menu.mute_requested.connect(self.mute_requested)
        self._menu.settings_requested.connect(self.settings_requested)
        self._menu.quit_requested.connect(self.quit_requested)
        self._menu.aboutToShow.connect(self.retry_requested)
        self._throttle = Throttle(self)
        self._throttle.due.connect(self._draw)
        self.was_available = False
        """Whether the desktop had a tray when the icon was shown."""
        self.over_bus = False
        """Whether a StatusNotifier host shows icon and menu, over D-Bus."""
        self._is_clicked = False
        self._icons = TrayIcons()
        self._icon = self._new_icon()
        if is_early:
            is_dark = QPalette().base().color().lightness() < DARK
            self._set_icon(Face(mood=Mood.WELL, unseen=0, dark_bar=panel.is_dark(windows_are=is_dark)))
            self._icon.setToolTip(APP_NAME)
        else:
            self.complete()

    def complete(self) -> None:
        """Make the rest of the menu, and draw the icon again if the first one was wrong."""
        from mailpit_notifier.core.settings import TrayChoices
        from mailpit_notifier.ui import theme

        self._choices = TrayChoices()
        self._menu.complete()
        theme.on_change(self._throttle.request)
        self._draw()

    def set_statuses(self, statuses: "tuple[ServerStatus, ...]") -> None:
        """Show the states of the servers."""
        self._statuses = statuses
        self._throttle.request()

    def set_unseen(self, count: int) -> None:
        """Show the number of messages that arrived since the window was last shown."""
        self._unseen = count
        self._throttle.request()

    def set_choices(self, choices: "TrayChoices") -> None:
        """Apply the settings of badge, colors and clicks."""
        self._choices = choices
        self._throttle.request()

    def set_newest(self, rows: "tuple[Row, ...]") -> None:
        """Offer these messages, newest first, in the menu."""
        self._newest = rows
        self._throttle.request()

    def set_paused(self, until: datetime | None) -> None:
        """Show that notifications are paused until this time; None: not paused."""
        self._paused_until = until
        self._menu.set_paused(until)
        self._throttle.request()

    def show_message(self, title: str, body: str, on_click: Callable[[], None] = lambda: None) -> None:
        """Show a balloon at the icon, for desktops without a notification service. `on_click`: not on Linux."""
        self._on_balloon_clicked = on_click
        self._icon.showMessage(title, body, self._icon.icon())

    def show(self) -> None:
        """Show the icon, now or, if the tray's protocol supports it, as soon as a tray appears."""
        self.was_available = QSystemTrayIcon.isSystemTrayAvailable()
        self._icon.show()

    def geometry(self) -> QRect:
        """Return the place of the icon on the screen, empty if it is not known.

        Over D-Bus, the desktop does not report it. During a click on the icon, it is where the pointer is.
        """
        place = self._icon.geometry()
        return QRect(QCursor.pos(), QSize(1, 1)) if place.isEmpty() and self._is_clicked else place

    def hide(self) -> None:
        """Remove the icon from the tray."""
        self._icon.hide()

    def set_over_bus(self, over_bus: bool) -> None:
        """Set whether a StatusNotifier host shows icon and menu: hosts interpret texts in their own way."""
        self.over_bus = over_bus
        self._menu.set_over_bus(over_bus)
        self._throttle.request()

    def replace_icon(self, *, over_bus: bool = False) -> None:
        """Replace the icon by a new one, because a StatusNotifier host that starts later never gets the old one.

        `over_bus`: such a host is running, so it shows icon and menu.
        """
        self.set_over_bus(over_bus)
        before, self._icon = self._icon, self._new_icon()
        self._icon.setIcon(before.icon())
        self._icon.setToolTip(before.toolTip())
        self._icon.setVisible(before.isVisible())
        before.hide()
        before.deleteLater()

    def _new_icon(self) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(self)
        icon.setContextMenu(self._menu)
        icon.activated.connect(self._on_activated)
        if not sys.platform.startswith("linux"):  # Qt also reports clicks on other programs' notifications there
            icon.messageClicked.connect(self._on_message_clicked)
        return icon

    def _on_message_clicked(self) -> None:
        self._on_balloon_clicked()

    def _draw(self) -> None:
        face = Face(
            mood=_mood(self._statuses, paused=self._paused_until is not None),
            unseen=self._badge_number(),
            dark_bar=_is_bar_dark(self._choices.bar),
        )
        if face != self._face:
            self._set_icon(face)
        tooltip = self._tooltip()
        if tooltip != self._icon.toolTip():
            self._icon.setToolTip(tooltip)
        self._menu.set_newest(self._newest)
        self._menu.set_statuses(self._statuses)

    def _set_icon(self, face: Face) -> None:
        self._face = face
        self._icon.setIcon(template_icon(face) if sys.platform == "darwin" else self._icons.icon(face))

    def _tooltip(self) -> str:
        """Return the tooltip, safe for server names with the form of markup.

        Qt decides by the first line whether a tooltip is markup, and that line is the program's name. Over D-Bus, Qt
        sends the text as the tooltip's title, which is plain text by the protocol. MATE's panel interprets markup in
        it nevertheless, and shows no tooltip if it contains a bare &.
        """
        lines = "\n".join(self._tooltip_lines())
        if not (self.over_bus and panel.is_desktop("MATE")):
            return lines
        from html import escape

        return escape(lines, quote=False)

    def _tooltip_lines(self) -> Iterator[str]:
        from mailpit_notifier.ui import pause_menu, words

        news = {0: "", 1: self.tr("1 new message")}.get(self._unseen, self.tr("{0} new messages").format(self._unseen))
        pause = pause_menu.pause_text(self._paused_until) if self._paused_until else ""
        muted = pause_menu.mute_text(self._statuses)
        return filter(None, (APP_NAME, pause, muted, news, *map(words.server_line, self._statuses)))

    def _badge_number(self) -> int:
        from mailpit_notifier.core.settings import Count

        if self._choices.count is Count.UNREAD:
            return sum(status.unread or 0 for status in self._statuses if not status.muted_until)
        return self._unseen if self._choices.count is Count.NEW else 0

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        self._is_clicked = True
        try:
            self._on_click(reason)
        finally:
            self._is_clicked = False

    def _on_click(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        passed, reasons = panel.supported_clicks(over_bus=self.over_bus), QSystemTrayIcon.ActivationReason
        if reason is reasons.Trigger and passed.left:
            self._do(self._choices.left_click)
        elif reason is reasons.MiddleClick and passed.middle:
            self._do(self._choices.middle_click)
        elif reason is reasons.DoubleClick and passed.double:
            self._do(self._choices.double_click)

    def _do(self, click: "Click") -> None:
        from mailpit_notifier.core.settings import Click

        match click:
            case Click.WINDOW:
                self.window_toggled.emit()
            case Click.MENU if panel.supported_clicks(over_bus=self.over_bus).menu:
                self._menu.popup(QCursor.pos())
            case Click.MAILPIT if self._statuses:
                self.mailbox_opened.emit(self._newest[0].server if self._newest else self._statuses[0].url)
            case Click.NEWEST if self._newest:
                self.message_opened.emit(self._newest[0])
            case Click.MENU | Click.MAILPIT | Click.NEWEST:
                self.window_requested.emit()


def _mood(statuses: "tuple[ServerStatus, ...]", *, paused: bool) -> Mood:
    from mailpit_notifier.protocol.faults import Retry
    from mailpit_notifier.ui import words

    if not statuses or not all(map(words.is_failing, statuses)):
        silent = paused or (bool(statuses) and all(status.muted_until for status in statuses))
        return Mood.PAUSED if silent else Mood.WELL
    hopeless = all(status.fault is not None and status.fault.retry is Retry.LATE for status in statuses)
    return Mood.WRONG if hopeless else Mood.OFF


def _is_bar_dark(bar: "Bar") -> bool:
    from mailpit_notifier.core.settings import Bar
    from mailpit_notifier.ui import theme

    if bar is not Bar.AUTOMATIC:
        return bar is Bar.DARK
    return panel.is_dark(windows_are=theme.is_dark())
