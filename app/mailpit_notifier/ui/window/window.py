"""The recent-mail window: the list, what is wrong, and how much is unread.

It shows and asks, and edits nothing: what somebody wants goes out as a signal, and what comes of it comes back from the
server through model and statuses. One server can be chosen; then everything here is about that one. All questions are
asked in the window; nothing here blocks the loop.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget, QSystemTrayIcon, QVBoxLayout, QWidget

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.ui import theme, words
from mailpit_notifier.ui.banner import Banner, BannerMessage, Choices
from mailpit_notifier.ui.icons import app_icon
from mailpit_notifier.ui.throttle import Throttle

from .bars import Footer, Rule
from .frame import Frame
from .header import Header
from .idle_work import IdleWork
from .list_model import MessageListModel, Role, Row
from .message_actions import MessageAction, SourceSaver
from .message_list import MessageList
from .placeholder import Placeholder
from .status_banner import ClosePrompt, MarkReadPrompt, StatusBanner

AGE_INTERVAL_MS = 20_000
"""Ages are shown in minutes: a third of one is close enough, and nothing runs while the window is hidden."""


class RecentWindow(Frame):
    """Shows the rows of a model and the servers' states. `state_file` keeps geometry and one answer; `has_tray` says
    whether a tray keeps the program reachable when this window is closed.
    """

    message_opened = Signal(object)
    """The Row chosen."""
    deed_asked = Signal(object, object)
    """Any other MessageAction, and the Row that it is to be done to."""
    save_requested = Signal(object, object)
    """A Row, and the Path of the file to save it in."""
    search_requested = Signal(str, str)
    """Base URL of a server, and what to search for in all that it has."""
    rows_seen = Signal(object)
    """The Rows in sight, a tuple, once they have stood still; none when the window is hidden."""
    more_requested = Signal(tuple)
    """The base URLs of servers that have more mail than is loaded."""
    undo_requested = Signal()
    undo_held = Signal(bool)
    """Whether somebody has the keyboard on what takes a delete back."""
    mailbox_opened = Signal(str)
    """The base URL of the server chosen."""
    retry_requested = Signal()
    test_requested = Signal(str)
    """The base URL of a server that a test mail is to be sent into."""
    marked_all_read = Signal(str, tuple)
    """Base URL of a server and the IDs of its loaded unread messages, never none."""
    question_asked = Signal(str)
    """The base URL of a server that would be reached if somebody answered a question: about a password, say."""
    pause_requested = Signal(object)
    """How long a pause lasts, or its end as an aware datetime; None for its end now."""
    settings_requested = Signal()
    quit_requested = Signal()

    def __init__(
        self,
        model: MessageListModel,
        state_file: Path,
        has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
    ) -> None:
        state = QSettings(str(state_file), QSettings.Format.IniFormat)
        super().__init__(state)
        self._model = model
        self._statuses: tuple[ServerStatus, ...] = ()
        self._beyond: Mapping[str, int] = {}
        self._paused_until: datetime | None = None
        self._pace = Throttle(self)
        self._ages = QTimer(self, interval=AGE_INTERVAL_MS)
        self._header = Header()  # the keyboard goes through the parts in this order
        self._banner = Banner(self._header.last)
        self._list, self._placeholder = MessageList(model), Placeholder()
        self._footer = Footer()
        self._lull = IdleWork(model, self._list)
        self._middle = QStackedWidget()
        self._welcome: QWidget | None = None
        self._standing = StatusBanner(self._banner)
        self._marking = MarkReadPrompt(model, self._banner)
        self._saving = SourceSaver(self)
        self._closing = ClosePrompt(self._banner, state, has_tray, self.hide, self.quit_requested.emit)
        self._build()
        self._connect()
        self._dress()
        self._refresh()

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show how the servers are doing. Their names in the rows are the model's."""
        self._statuses = statuses
        self._pace.ask()

    def set_paused(self, until: datetime | None) -> None:
        """Say that notifications are paused until then; None while they are not."""
        self._paused_until = until
        self._header.set_paused(until)
        self._pace.ask()

    def set_beyond(self, beyond: Mapping[str, int]) -> None:
        """How many mails each server has that could still be loaded, by its base URL."""
        self._beyond = beyond
        self._pace.ask()

    def set_deleted(self, subjects: tuple[str, ...]) -> None:
        """These deletes can be taken back, the last one first."""
        self._footer.set_deleted(subjects)

    def confirm(self, text: str) -> None:
        """Say for a moment that something was done."""
        self._footer.say(text)

    def tell(self, text: str) -> None:
        """Say that something asked for could not be done; it stands there until it is closed."""
        self._banner.say(BannerMessage(text=text, choices={self.tr("Close"): self._banner.end}), focused=False)

    def tell_no_more(self, text: str) -> None:
        """What was told is true no more."""
        self._banner.take_back(lambda speech: speech.text == text)

    def warn(self, text: str, choices: Choices) -> None:
        """Say this, and offer what helps, whenever there is nothing else to say, until it is closed; "" for nothing."""
        self._standing.warn(text, choices)

    def set_welcome(self, page: QWidget | None) -> None:
        """Show this in place of the mails; None: the mails again."""
        if before := self._welcome:
            self._middle.removeWidget(before)
            before.deleteLater()
        self._welcome = page
        if page:
            self._middle.addWidget(page)
        self._refresh()
        if page is None:
            self._focus_list()

    def open_row(self, row: Row) -> None:
        """Open a mail's page; while its server is not reached, say that instead."""
        status = next((one for one in self._statuses if one.url == row.server and words.is_failing(one)), None)
        if status is None:
            self.message_opened.emit(row)
            return
        choices = {self.tr("Retry now"): self.retry_requested.emit, self.tr("Close"): self._banner.end}
        self._banner.say(BannerMessage(text=words.unreachable(status), choices=choices, about=status.url), focused=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing hides. The program's own end closes windows too, and is not to be asked about it."""
        if event.spontaneous() and not self._closing.is_clear():
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back a question, else a search, leads to the list, else closes."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._banner.has_keyboard and self._banner.said:
            self._banner.end()
        elif self._header.query:
            self._header.search.clear()
        elif self._header.search.hasFocus() and self._list.isVisible():
            self._focus_list()
        elif self._closing.is_clear():
            self.hide()

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Recent messages") + f" – {APP_NAME}")
        self.setWindowIcon(app_icon())
        self._list.setAccessibleName(self.tr("Recent messages"))
        for page in (self._list.page, self._placeholder):
            self._middle.addWidget(page)
        middle = QWidget()
        self.setCentralWidget(middle)
        layout = QVBoxLayout(middle)
        layout.setSpacing(0)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._header, Rule(), self._banner, self._middle, Rule(), self._footer):
            layout.addWidget(part, int(part is self._middle))

    def _connect(self) -> None:
        self.shown.connect(self._on_shown)
        self.hidden.connect(self._on_hidden)
        self._connect_list()
        self._header.chosen.connect(self._on_chosen)
        self._header.mailbox_opened.connect(self.mailbox_opened)
        self._header.pause_requested.connect(self.pause_requested)
        self._header.settings_requested.connect(self.settings_requested)
        self._header.quit_requested.connect(self.quit_requested)
        for part in (self._header, self._placeholder, self._standing):
            part.retry_requested.connect(self.retry_requested)
        for part in (self._placeholder, self._standing):
            part.question_asked.connect(self.question_asked)
        self._standing.pause_requested.connect(self.pause_requested)
        self._marking.agreed.connect(self.marked_all_read)
        self._placeholder.test_requested.connect(self.test_requested)
        self._placeholder.all_requested.connect(self._on_all)
        for searching in (self._placeholder.everywhere, self._header.everywhere):
            searching.connect(self._on_everywhere)
        self._footer.undo_requested.connect(self.undo_requested)
        self._footer.undo_held.connect(self.undo_held)
        self._footer.all_read_requested.connect(self._on_marking)
        for left in (self._banner.left, self._header.left, self._footer.left):
            left.connect(self._focus_list)
        self._ages.timeout.connect(self._list.repaint_rows)
        self._pace.due.connect(self._refresh)
        for changed in (self._model.rowsInserted, self._model.rowsRemoved, self._model.dataChanged):
            changed.connect(self._pace.ask)
        theme.on_change(self._dress)

    def _connect_list(self) -> None:
        self._list.deed_asked.connect(self._on_deed)
        self._list.searched.connect(self._on_searched)
        self._list.more.clicked.connect(self._on_more)
        self._lull.came.connect(self.rows_seen)
        self._saving.chosen.connect(self.save_requested)
        QShortcut(QKeySequence.StandardKey.Find, self, self._on_searched)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo_requested.emit)

    def _on_shown(self) -> None:
        self._ages.start()
        self._lull.watch(shown=True)
        self._model.catch_up()
        self._refresh()
        self._focus_list()
        self._list.show_newest()

    def _on_hidden(self) -> None:
        self._ages.stop()
        self._lull.watch(shown=False)
        self._banner.end()
        self.rows_seen.emit(())

    def _dress(self) -> None:
        look = theme.look()
        self.setPalette(theme.palette(look))
        self._list.painter.set_look(look)
        self._header.dress(look)
        self._banner.dress(look)
        self._list.repaint_rows()
        self._pace.ask()

    def _refresh(self) -> None:
        self._header.set_statuses(self._statuses, theme.look())
        shown = tuple(status for status in self._statuses if self._header.server in {"", status.url})
        empty = self._model.rowCount() == 0
        narrowed = empty and any(self._model.count(status.url) for status in shown)
        self._footer.set_state(shown, self._marking.unread(shown))
        self._placeholder.set_statuses(shown, self._header.query if narrowed else None)
        self._middle.setCurrentWidget(self._welcome or (self._placeholder if empty else self._list.page))
        beyond = sum(self._beyond.get(status.url, 0) for status in shown)
        self._list.offer_more(self.tr("Load more ({0} older messages)").format(beyond) if beyond else "")
        alone = self._welcome or (empty and not narrowed and all(map(words.is_failing, shown)))
        self._standing.say(shown, self._paused_until, troubles=not alone)

    def _on_all(self) -> None:
        self._header.show_all()
        self._focus_list()

    def _on_chosen(self) -> None:
        self._model.show(self._header.filter)
        self._list.show_current()
        self._refresh()

    def _on_searched(self) -> None:
        self._header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._header.search.selectAll()

    def _on_everywhere(self) -> None:
        row: Row | None = self._list.currentIndex().data(Role.ROW)
        first = self._statuses[0].url if self._statuses else ""
        if server := self._header.server or (row.server if row else first):
            self.search_requested.emit(server, self._header.query)

    def _on_deed(self, deed: MessageAction, row: Row) -> None:
        match deed:
            case MessageAction.OPEN:
                self.open_row(row)
            case MessageAction.SAVE:
                self._saving.ask(row)
            case _:
                self.deed_asked.emit(deed, row)

    def _on_more(self) -> None:
        shown = (url for url, count in self._beyond.items() if count and self._header.server in {"", url})
        self.more_requested.emit(tuple(shown))

    def _focus_list(self) -> None:
        """Put the keyboard on the mails or what stands in their place, else on the first control: it is somewhere."""
        if self._middle.currentWidget() is self._list.page:
            self._list.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._welcome is None and not self._placeholder.focus():
            self._header.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_marking(self, server: str) -> None:
        for status in self._statuses:
            if status.url == server:
                self._marking.ask(status)
