"""The line between the parts of the window, and its lower bar: state of the servers, feedback, and Undo."""

from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.labels import ElidedLabel
from mailpit_notifier.ui.speech import speak
from mailpit_notifier.ui.timing import Timing

_AFTER_ROWS = 500
"""Milliseconds after which a deleted row is gone: feedback about it would otherwise be lost with the row."""


class Separator(QWidget):
    """A line one pixel high."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Mid)
        self.setFixedHeight(1)


class ServerButton(PushButton):
    """A button for an action on a server. With several servers it opens a menu to choose one."""

    chosen = Signal(str)
    """The server's base URL."""

    def __init__(self, label: str) -> None:
        super().__init__(label, flat=True)
        self._servers: dict[str, str] = {}
        self.clicked.connect(self._on_clicked)

    def set_servers(self, servers: dict[str, str]) -> None:
        """Set the servers to choose from, as base URL -> menu text. The button is disabled without any."""
        self._servers = servers
        self.setEnabled(bool(servers))
        if (len(servers) > 1) != bool(self.menu()):
            self._set_menu(several=len(servers) > 1)

    def _set_menu(self, *, several: bool) -> None:
        menu = self.menu()
        self.setMenu(QMenu(self) if several else None)  # type: ignore[arg-type]
        if several:
            self.menu().aboutToShow.connect(self._fill)
        elif menu:
            menu.deleteLater()

    def _fill(self) -> None:
        self.menu().clear()
        for server, text in self._servers.items():
            self.menu().addAction(words.menu_text(text)).triggered.connect(partial(self.chosen.emit, server))

    def _on_clicked(self) -> None:
        if len(self._servers) == 1:
            self.chosen.emit(next(iter(self._servers)))


class UndoButton(PushButton):
    """Pauses the undo countdown while it has the focus."""

    focused = Signal(bool)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        super().focusInEvent(event)
        self.focused.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 Qt's name
        super().focusOutEvent(event)
        self.focused.emit(False)


class Footer(QWidget):
    """One line of text with buttons. Its height is fixed, so that the list above never moves."""

    all_read_requested = Signal(str)
    undo_requested = Signal()
    undo_focused = Signal(bool)
    """Whether the Undo button has the focus."""
    focus_lost = Signal()
    """The button that had the focus was hidden."""

    def __init__(self, timing: Timing) -> None:
        super().__init__()
        self._label = ElidedLabel()
        self._state = self._short_state = self._state_tip = self._status = self._spoken = self._deleted = ""
        self._deletions = 0
        self._status_timer = QTimer(self, interval=timing.status, singleShot=True)
        self._status_timer.timeout.connect(self._on_status_timeout)
        self._undo = UndoButton(self.tr("Undo"))
        self._undo.setToolTip(self.tr("Undo the last deletion (Ctrl+Z)"))
        self._undo.clicked.connect(self.undo_requested)
        self._undo.focused.connect(self.undo_focused)
        self._undo.hide()
        self._mark = ServerButton(self.tr("Mark all as read"))
        self._mark.chosen.connect(self.all_read_requested)
        self._is_bare = False
        line = QWidget()
        row = QHBoxLayout(line)
        row.addWidget(self._label, 1)
        row.addWidget(self._undo)
        row.addWidget(self._mark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(Separator())
        layout.addWidget(line)

    def set_state(self, statuses: tuple[ServerStatus, ...], unread: dict[str, tuple[str, ...]]) -> None:
        """Show the servers' states. `unread`: base URL -> IDs of the messages that can be marked as read."""
        link, counts = self._link(statuses), words.counts(statuses)
        self._state = " · ".join(filter(None, (link, counts)))
        self._short_state = counts if counts and all(map(words.is_reached, statuses)) else link
        self._state_tip = "\n".join(map(words.server_line, statuses))
        names = {status.url: status.name for status in statuses}
        self._mark.set_servers({url: f"{names[url]} ({len(ids)})" for url, ids in unread.items()})
        self._show()

    def set_bare(self, bare: bool) -> None:
        """Show only feedback and Undo, while there are no messages."""
        if bare != self._is_bare:
            self._is_bare = bare
            self._show()

    def show_status(self, text: str, spoken: str | None = None) -> None:
        """Show feedback about an action for a moment. `spoken`: the text for screen readers in its place."""
        self._status, self._spoken = text, spoken or ""
        self._status_timer.start()
        self._show()
        speak(self._label, text if spoken is None else spoken)

    def set_deleted(self, subjects: tuple[str, ...]) -> None:
        """Offer Undo for these deletions, the oldest one first; empty for none."""
        more = len(subjects) - 1
        if not subjects:
            text = ""
        elif more:
            text = self.tr("Deleted: {0} (and {1} more)").format(subjects[-1], more)
        else:
            text = self.tr("Deleted: {0}").format(subjects[-1])
        if len(subjects) > self._deletions:  # not after Undo, which leaves the older ones
            self._status = ""
            QTimer.singleShot(_AFTER_ROWS, self, self._say_deleted)
        self._deletions = len(subjects)
        had_keyboard = self._undo.hasFocus() and not text
        self._deleted = text
        if text:  # else Qt reports the tooltip as the description of the button, which may have the focus
            self._undo.setAccessibleDescription(text)
        self._undo.setVisible(bool(text))
        self._show()
        if had_keyboard:
            self.focus_lost.emit()

    def _say_deleted(self) -> None:
        speak(self._label, self._deleted)

    def _on_status_timeout(self) -> None:
        self._status = ""
        self._show()

    def _show(self) -> None:
        message = self._status or self._deleted
        self.setVisible(bool(message) or not self._is_bare)
        self._label.set_texts(message or self._state, "" if message else self._short_state)
        self._show_mark()
        self._label.setAccessibleName(self._spoken if self._status else "")
        self._label.setToolTip(words.tooltip_text(message or self._state_tip))
        self._label.setForegroundRole(QPalette.ColorRole.WindowText if message else QPalette.ColorRole.PlaceholderText)

    def _show_mark(self) -> None:
        """Show the button to mark messages, unless Undo or long feedback needs its room; the focused button stays."""
        width = self._mark.sizeHint().width()
        self._label.setMinimumHeight(self._mark.sizeHint().height())  # the bar keeps its height without the button
        is_long = not self._label.fits(self._status, beside=width if self._mark.isHidden() else 0)
        self._mark.setHidden(self._is_bare or bool(self._deleted) or (is_long and not self._mark.hasFocus()))

    def _link(self, statuses: tuple[ServerStatus, ...]) -> str:
        reached = sum(map(words.is_reached, statuses))
        if len(statuses) > 1:
            return self.tr("{0} of {1} connected").format(reached, len(statuses))
        if any(status.link is Link.POLLING for status in statuses):
            return self.tr("Connected without live updates")
        if any(map(words.is_failing, statuses)):
            return self.tr("Not connected")
        if any(map(words.is_unreadable, statuses)):
            return self.tr("Connected, but the message list cannot be read")
        return self.tr("Connected") if reached else self.tr("Connecting")
