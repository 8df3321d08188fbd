"""The upper bar of the window: search, server filter, unread filter, and the menu."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLineEdit, QMenu, QWidget

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import ComboBox, PushButton
from mailpit_notifier.ui.icons import glyph, swatch
from mailpit_notifier.ui.labels import labelled
from mailpit_notifier.ui.line_edit import LineEdit
from mailpit_notifier.ui.pause_menu import MuteEntries, PauseEntries
from mailpit_notifier.ui.theme import LIGHT, Style, style_bars_and_menus, visible_color

from .entries import Filter, query_words

_MIN_SEARCH = 24
"""Characters of the search field beside the server filter."""

_MIN_NAME = 8
"""Minimum width of the server filter in characters."""

_ICON = 16
"""Pixels of an icon on a button or in a field."""

_RESERVED = 44
"""Pixels of the search field that its icon and frame take."""

MAX_QUERY = 200


class SearchField(LineEdit):
    """The search field. Esc clears it, a second Esc leaves it, as the down key does."""

    mailpit_search_requested = Signal()
    """Enter was pressed: search in the whole mailbox, in Mailpit."""
    list_focus_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Search"))
        self.setAccessibleDescription(self.tr("Searches the messages shown here. Press Enter to search in Mailpit."))
        self.setToolTip(self.tr("Press Enter to search in Mailpit"))
        self.setMaxLength(MAX_QUERY)
        self._mark = QAction(self.tr("Search"), self)
        self.addAction(self._mark, QLineEdit.ActionPosition.LeadingPosition)
        # Not Qt's own clear button, which has no accessible name.
        self._clear = QAction(self.tr("Clear search"), self, visible=False)
        self._clear.triggered.connect(self.clear)
        self.addAction(self._clear, QLineEdit.ActionPosition.TrailingPosition)
        self.textChanged.connect(self._on_changed)

    def set_style(self, style: Style) -> None:
        """Use these colors."""
        for action, name in ((self._mark, "search"), (self._clear, "clear")):
            action.setIcon(QIcon(glyph(name, style.dim, _ICON, self.devicePixelRatio())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the longest placeholder text that fits."""
        super().resizeEvent(event)
        texts = self.tr("Search messages, people, tags, codes"), self.tr("Search messages")
        room = self.width() - _RESERVED
        fits = (text for text in texts if self.fontMetrics().horizontalAdvance(text) <= room)
        self.set_hint(next(fits, self.tr("Search")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape if self.text():
                self.clear()
            case Qt.Key.Key_Escape:
                event.ignore()  # handled by the window
            case Qt.Key.Key_Down:
                self.list_focus_requested.emit()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.mailpit_search_requested.emit()
            case _:
                super().keyPressEvent(event)

    def _on_changed(self, text: str) -> None:
        self._clear.setVisible(bool(text))


class ServerFilter(ComboBox):
    """Selects all servers or one of them."""

    chosen = Signal(str)
    """The server's base URL, "" for all."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[tuple[str, str, str]] = []
        self.setAccessibleName(self.tr("Servers shown"))
        self.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_MIN_NAME)
        self.currentIndexChanged.connect(self._on_changed)

    @property
    def server(self) -> str:
        """Base URL of the selected server, "" for all."""
        return self.currentData() or ""

    def set_servers(self, entries: list[tuple[str, str, str]]) -> None:
        """Set the servers, as base URL, name and color. If the selected one is removed, all are selected."""
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
    """The search field, the filters, and the menu button."""

    filter_changed = Signal()
    """Server, search text or the unread filter changed."""
    mailpit_search_requested = Signal()
    """Search in the whole mailbox, in Mailpit."""
    list_focus_requested = Signal()
    """Move the focus to the list."""
    mailbox_opened = Signal(str)
    pause_requested = Signal(object)
    """Duration of the pause, or its end as an aware datetime; None to resume."""
    mute_requested = Signal(str, object)
    """The base URL of a server, and the duration or end of its mute; None to unmute it."""
    settings_requested = Signal()
    retry_requested = Signal()
    quit_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = SearchField()
        self._filter: ServerFilter | None = None  # built for several servers: it takes 0.5 MiB
        self._unread = PushButton(self.tr("Unread"))
        self._unread.setCheckable(True)
        self._unread.setToolTip(self.tr("Show unread messages only"))
        self._unread.setAccessibleName(self.tr("Unread only"))
        self._more = PushButton(glyph="more")
        for name in (self._more.setToolTip, self._more.setAccessibleName):
            name(self.tr("More"))
        self._menu = QMenu(self)
        self._menu.setAccessibleName(self.tr("More"))
        self._below = self._menu.addSeparator()
        self._pausing = PauseEntries(self._menu, self.pause_requested.emit)
        self._muting = MuteEntries(self._menu, self.mute_requested.emit)
        self._retry = self._add_entry(self.tr("Retry now"), "F5", self.retry_requested)
        self._add_entry(self.tr("Settings…"), "Ctrl+,", self.settings_requested)
        self._menu.addSeparator()
        self._add_entry(self.tr("Quit"), "Ctrl+Q", self.quit_requested)
        self._open_actions: list[QAction] = []
        self._style = LIGHT
        self._shown: tuple[ServerStatus, ...] = ()
        self._is_bare = self._is_filter_below = False
        self.setAutoFillBackground(True)
        self._layout = QGridLayout(self)
        self._layout.setColumnStretch(0, 1)
        self._layout.addWidget(self.search, 0, 0)
        self._layout.addWidget(self._unread, 0, 2)
        self._layout.addWidget(self._more, 0, 3, Qt.AlignmentFlag.AlignTrailing)
        self._connect()

    @property
    def last_control(self) -> QWidget:
        """Last control in the tab order."""
        return self._more

    @property
    def server(self) -> str:
        """Base URL of the selected server, "" for all."""
        return self._filter.server if self._filter else ""

    @property
    def query(self) -> str:
        """The search text without surrounding spaces."""
        return self.search.text().strip()

    @property
    def filter(self) -> Filter:
        """The rows to show."""
        return Filter(server=self.server, words=query_words(self.query), unread=self._unread.isChecked())

    def show_all(self) -> None:
        """Clear the search and the unread filter."""
        self._unread.setChecked(False)
        self.search.clear()

    def set_statuses(self, statuses: tuple[ServerStatus, ...], style: Style) -> None:
        """Set the servers; the filter is visible if there are several."""
        several = len(statuses) > 1
        if several and self._filter is None:
            self._filter = self._add_filter(style)
        if self._filter:
            self._filter.setVisible(several and not self._is_bare)
            entries = [(status.url, status.name, visible_color(status.color, style)) for status in statuses]
            self._filter.set_servers(entries if several else [])
        self._shown = tuple(status for status in statuses if self.server in {"", status.url})
        self._retry.setVisible(any(map(words.is_failing, statuses)))
        self._muting.set_statuses(statuses)

    def _add_filter(self, style: Style) -> ServerFilter:
        servers = ServerFilter()
        servers.chosen.connect(self.filter_changed)
        # Not shown: on Linux, Qt reports the value of a combo box as its name, and a label only from here.
        label = labelled(servers.accessibleName(), servers)
        label.setParent(self)
        label.hide()
        self._layout.addWidget(servers, 0, 1)
        self.setTabOrder(self.search, servers)
        style_bars_and_menus(servers, style)
        return servers

    def set_bare(self, bare: bool) -> None:
        """Show only the menu, while there is nothing to search or filter."""
        self._is_bare = bare
        self.search.setHidden(bare)
        self._unread.setHidden(bare)
        self.setBackgroundRole(QPalette.ColorRole.Base if bare else QPalette.ColorRole.Window)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the server filter below the search where there is too little room for both."""
        super().resizeEvent(event)
        self._place_filter()

    def minimumSizeHint(self) -> QSize:
        """Return the size with the server filter below the search."""
        parts = (self.search, self._unread, self._more)
        width = sum(part.minimumSizeHint().width() for part in parts) + 4 * self._layout.horizontalSpacing()
        return QSize(width, super().minimumSizeHint().height())

    def _place_filter(self) -> None:
        if self._filter is None:
            return
        others = sum(part.sizeHint().width() for part in (self._filter, self._unread, self._more))
        below = self.width() - others < _MIN_SEARCH * self.fontMetrics().averageCharWidth()
        if below != self._is_filter_below:
            self._is_filter_below = below
            self._layout.addWidget(self._filter, int(below), 0 if below else 1, 1, 4 if below else 1)

    def set_paused(self, until: datetime | None) -> None:
        """Show Resume, or, for None, the submenu to pause."""
        self._pausing.set_paused(until)

    def event(self, event: QEvent) -> bool:
        """Render the icons again when the window moves to a screen of another scale."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self.set_style(self._style)
        return super().event(event)

    def set_style(self, style: Style) -> None:
        """Use these colors."""
        self._style = style
        self.search.set_style(style)

    def _connect(self) -> None:
        self.search.textChanged.connect(self.filter_changed)
        self.search.mailpit_search_requested.connect(self.mailpit_search_requested)
        self.search.list_focus_requested.connect(self.list_focus_requested)
        self._unread.toggled.connect(self.filter_changed)
        self._more.clicked.connect(self._show_menu)

    def _add_entry(self, text: str, keys: str, triggered: SignalInstance) -> QAction:
        """Add an entry whose shortcut works in the whole window."""
        action = self._menu.addAction(text)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(triggered)
        self.addAction(action)
        return action

    def _show_menu(self) -> None:
        for action in self._open_actions:
            self._menu.removeAction(action)  # else it is the first entry until it is deleted, and gets the focus
            action.deleteLater()
        self._open_actions = [self._open_action(status) for status in self._shown]
        self._menu.insertActions(self._below, self._open_actions)
        self._menu.popup(self._more.mapToGlobal(QPoint(0, self._more.height())))
        self._menu.setActiveAction(self._menu.actions()[0])

    def _open_action(self, status: ServerStatus) -> QAction:
        text = self.tr("Open Mailpit") if len(self._shown) == 1 else self.tr("Open {0}").format(status.name)
        action = QAction(words.menu_text(text), self._menu)
        action.triggered.connect(partial(self.mailbox_opened.emit, status.url))
        return action
