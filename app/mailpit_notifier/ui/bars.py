"""The window's upper and lower bar, and the line between them and the list."""

from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.core.text import plain

from . import words
from .icons import swatch
from .plain_label import PlainLabel
from .theme import Look, visible

_NAME = 12
"""Characters that the filter has room for at least: `localhost:80`."""


class Rule(QWidget):
    """A line one pixel high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Mid)
        self.setFixedHeight(1)


class ServerButton(QPushButton):
    """Does something to a server: at once when there is one, with a menu to choose from when there are several."""

    chosen = Signal(str)
    """The server's base URL."""

    def __init__(self, label: str, *, flat: bool = False) -> None:
        super().__init__(label, flat=flat, autoDefault=True)
        self._servers: dict[str, str] = {}
        self.clicked.connect(self._on_clicked)

    def set_servers(self, servers: dict[str, str]) -> None:
        """What to choose from: what the menu says by base URL. None: there is nothing to do."""
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


class ServerFilter(QComboBox):
    """Chooses between all servers and one of them."""

    chosen = Signal(str)
    """The server's base URL, "" for all."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[tuple[str, str, str]] = []
        purpose = self.tr("Servers shown")
        self.setAccessibleName(purpose)
        self.setAccessibleDescription(purpose)  # on Linux Qt gives what is chosen for the name
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_NAME)
        self.currentIndexChanged.connect(self._on_changed)

    @property
    def server(self) -> str:
        """The base URL of the one chosen, "" for all."""
        return self.currentData() or ""

    def set_servers(self, entries: list[tuple[str, str, str]]) -> None:
        """Offer these: base URL, name and colour. One that is no longer there is no longer chosen."""
        if entries == self._entries:
            return
        self._entries, before = entries, self.server
        with QSignalBlocker(self):
            self.clear()
            self.addItem(self.tr("All servers"), "")
            for url, name, color in entries:
                self.addItem(swatch(color), plain(name, words.SHORT), url)
            self.setCurrentIndex(max(0, self.findData(before)))
        if self.server != before:
            self._on_changed()

    def _on_changed(self) -> None:
        self.chosen.emit(self.server)


class Header(QWidget):
    """Which servers these are and which of them are shown, and the way into their web UI."""

    server_chosen = Signal(str)
    """The base URL of the only server to show, "" for all."""
    mailbox_opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._label = PlainLabel()
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._filter = ServerFilter()
        self._filter.hide()
        self._filter.chosen.connect(self.server_chosen)
        self._open = ServerButton(self.tr("Open Mailpit"))
        self._open.chosen.connect(self.mailbox_opened)
        layout = QHBoxLayout(self)
        layout.addWidget(self._filter)
        layout.addWidget(self._label, 1)
        layout.addStretch()
        layout.addWidget(self._open)

    def set_statuses(self, statuses: tuple[ServerStatus, ...], look: Look) -> None:
        """Show these servers; where there are several, one can be chosen."""
        several = len(statuses) > 1
        self._label.setText(statuses[0].name if statuses else "")
        self._label.setVisible(not several)
        self._filter.setVisible(several)
        entries = [(status.url, status.name, visible(status.color, look)) for status in statuses]
        self._filter.set_servers(entries if several else [])
        shown = [status for status in statuses if self._filter.server in {"", status.url}]
        self._open.set_servers({status.url: status.name for status in shown})


class Footer(QWidget):
    """How it goes, in words, and the way to mark what is loaded as read."""

    all_read_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._label = PlainLabel()
        self._label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._mark = ServerButton(self.tr("Mark all read"), flat=True)
        self._mark.chosen.connect(self.all_read_requested)
        layout = QHBoxLayout(self)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._mark)

    def set_state(self, statuses: tuple[ServerStatus, ...], unread: dict[str, tuple[str, ...]]) -> None:
        """Show the servers' states, and offer to mark the unread IDs, given by base URL."""
        self._label.setText(" · ".join(filter(None, (self._link(statuses), words.counts(statuses)))))
        self._label.setToolTip("\n".join(map(words.server_line, statuses)))
        names = {status.url: status.name for status in statuses}
        self._mark.set_servers({url: f"{names[url]} ({len(ids)})" for url, ids in unread.items()})

    def _link(self, statuses: tuple[ServerStatus, ...]) -> str:
        reached = sum(map(words.is_reached, statuses))
        if len(statuses) > 1:
            return self.tr("{0} of {1} connected").format(reached, len(statuses))
        if any(status.link is Link.POLLING for status in statuses):
            return self.tr("Connected without live updates")
        if any(map(words.is_failing, statuses)):
            return self.tr("Not connected")
        return self.tr("Connected") if reached else self.tr("Connecting")
