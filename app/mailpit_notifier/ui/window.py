"""The recent-mail window: the list, what is wrong, and how much is unread.

It shows and asks, and edits nothing: what somebody wants goes out as a signal, and what comes of it comes back from the
server through model and statuses. One server can be chosen; then everything here is about that one. All questions are
asked in the window; nothing here blocks the loop.
"""

from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.status import Link, ServerStatus

from . import pausing, theme, words
from .banner import Banner, Choices, Speech
from .bars import Footer, Header, Rule
from .delegate import MessageDelegate
from .icons import app_icon
from .list_model import MessageListModel, Row
from .mail_list import MailList
from .pace import Pace
from .placeholder import Placeholder

AGE_INTERVAL_MS = 20_000
"""Ages are shown in minutes: a third of one is close enough, and nothing runs while the window is hidden."""

CLICK_MS = 400
"""A click on the tray takes the focus from the window first; within this time it still means the window in front."""

_GEOMETRY, _ON_CLOSE = "window/geometry", "window/without_tray"
_KEEP, _QUIT = "keep", "quit"


class RecentWindow(QWidget):
    """Shows the rows of a model and the servers' states. `state_file` keeps geometry and one answer."""

    shown = Signal()
    hidden = Signal()
    message_opened = Signal(object)
    """The Row chosen."""
    mailbox_opened = Signal(str)
    """The base URL of the server chosen."""
    retry_requested = Signal()
    marked_all_read = Signal(str, tuple)
    """Base URL of a server and the IDs of its loaded unread messages, never none."""
    question_asked = Signal(str)
    """The base URL of a server that would be reached if somebody answered a question: about a password, say."""
    resume_requested = Signal()
    quit_requested = Signal()
    about_to_close = Signal()
    """Comes before it is decided what closing means: the moment to say whether there is a tray."""

    def __init__(self, model: MessageListModel, state_file: Path) -> None:
        super().__init__()
        self._model = model
        self._state = QSettings(str(state_file), QSettings.Format.IniFormat)
        self._statuses: tuple[ServerStatus, ...] = ()
        self._chosen = ""
        self._asking = ""
        self._paused_until: datetime | None = None
        self._polling_known: frozenset[str] = frozenset()
        self._has_tray = True
        self._since_active = QElapsedTimer()
        self._pace = Pace(self)
        self._ages = QTimer(self, interval=AGE_INTERVAL_MS)
        self._delegate = MessageDelegate(self)
        self._list = MailList(model)
        self._placeholder = Placeholder()
        self._middle = QStackedWidget()
        self._header, self._footer = Header(), Footer()
        self._banner = Banner()
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
        self._pace.ask()

    def set_tray_available(self, available: bool) -> None:
        """Whether a tray keeps the program reachable when this window is closed."""
        self._has_tray = available

    def tell(self, text: str) -> None:
        """Say that something asked for could not be done; it stands there until it is closed."""
        self._banner.say(Speech(text=text, choices={self.tr("Close"): self._banner.end}), focused=False)

    def present(self) -> None:
        """Show the window in front, with the keyboard in it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def toggle(self) -> None:
        """Hide the window when it is in front, else present it."""
        recently = self._since_active.isValid() and not self._since_active.hasExpired(CLICK_MS)
        if self.isVisible() and (self.isActiveWindow() or recently):
            self.hide()
        else:
            self.present()

    def open_row(self, row: Row) -> None:
        """Open a mail's page; while its server is not reached, say that instead."""
        status = next((one for one in self._statuses if one.url == row.server and words.is_failing(one)), None)
        if status is None:
            self.message_opened.emit(row)
            return
        choices = {self.tr("Retry now"): self._retry, self.tr("Close"): self._banner.end}
        self._banner.say(Speech(text=words.unreachable(status), choices=choices, about=status.url), focused=True)

    def showEvent(self, event: QShowEvent) -> None:
        """The newest row is current and has the keyboard."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self._ages.start()
        self._model.catch_up()
        self._refresh()
        self._list.setFocus(Qt.FocusReason.ActiveWindowFocusReason)
        self._list.show_newest()
        self.shown.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        """No timer runs while nobody looks."""
        super().hideEvent(event)
        if event.spontaneous():
            return
        self._ages.stop()
        self._banner.end()
        self._state.setValue(_GEOMETRY, self.saveGeometry())
        self.hidden.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing hides. The program's own end closes windows too, and is not to be asked about it."""
        if event.spontaneous() and not self._may_close():
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape takes back a question, else closes."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._banner.said:
            self._banner.end()
        elif self._may_close():
            self.hide()

    def changeEvent(self, event: QEvent) -> None:
        """Remember when the window was last in front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._since_active.start()

    def _build(self) -> None:
        self.setWindowTitle(self.tr("Recent mail") + f" – {APP_NAME}")
        self.setWindowIcon(app_icon())
        self._list.setAccessibleName(self.tr("Recent mail"))
        self._list.setItemDelegate(self._delegate)
        for page in (self._list, self._placeholder):
            self._middle.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        parts = (self._header, Rule(), self._banner, self._middle, Rule(), self._footer)
        for part in parts:
            layout.addWidget(part, int(part is self._middle))
        self.resize(420, 640)
        if geometry := self._state.value(_GEOMETRY):
            self.restoreGeometry(geometry)

    def _connect(self) -> None:
        self._list.row_opened.connect(self.open_row)
        self._header.server_chosen.connect(self._on_server_chosen)
        self._header.mailbox_opened.connect(self.mailbox_opened)
        self._placeholder.retry_requested.connect(self.retry_requested)
        self._placeholder.question_asked.connect(self.question_asked)
        self._footer.all_read_requested.connect(self._ask_about_marking)
        self._banner.left.connect(self._list.setFocus)
        self._ages.timeout.connect(self._list.viewport().update)
        self._pace.due.connect(self._refresh)
        for changed in (self._model.rowsInserted, self._model.rowsRemoved, self._model.dataChanged):
            changed.connect(self._pace.ask)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._dress)

    def _dress(self) -> None:
        look = theme.look()
        self.setPalette(theme.palette(look))
        self._delegate.set_look(look)
        self._banner.dress(look)
        self._list.viewport().update()
        self._pace.ask()

    def _refresh(self) -> None:
        self._header.set_statuses(self._statuses, theme.look())
        shown = tuple(status for status in self._statuses if self._chosen in {"", status.url})
        empty = self._model.rowCount() == 0
        self._footer.set_state(shown, self._unread(shown))
        self._placeholder.set_statuses(shown)
        self._middle.setCurrentWidget(self._placeholder if empty else self._list)
        wrong = {status.url for status in shown if words.is_failing(status)}
        if self._banner.said and self._banner.said.about not in {"", *wrong}:
            self._banner.end()
        self._banner.stand(None if empty and len(wrong) == len(shown) else self._standing(shown))

    def _standing(self, shown: tuple[ServerStatus, ...]) -> Speech | None:
        """What is to be said of these servers as long as it is true; how polling works only until it is known."""
        if wrong := words.failing(shown):
            self._asking = wrong[0].url
            question = words.question(wrong[0])
            choices: Choices = {question: self._on_question} if question else {}
            return Speech(text=words.standing(shown), choices={**choices, self.tr("Retry now"): self._retry})
        if self._paused_until:
            return Speech(text=pausing.paused(self._paused_until), choices={self.tr("Resume"): self._resume}, calm=True)
        if polling := words.polling(tuple(status for status in shown if status.url not in self._polling_known)):
            return Speech(text=polling, choices={self.tr("Close"): self._on_polling_known}, calm=True)
        return None

    def _unread(self, statuses: tuple[ServerStatus, ...]) -> dict[str, tuple[str, ...]]:
        """The IDs of the loaded unread messages by server, only of servers that have some."""
        rows = {status.url: self._model.rows_of(status.url) for status in statuses}
        ids = {url: tuple(row.message.id for row in of_one if not row.message.read) for url, of_one in rows.items()}
        return {url: unread for url, unread in ids.items() if unread}

    def _retry(self) -> None:
        self.retry_requested.emit()

    def _resume(self) -> None:
        self.resume_requested.emit()

    def _on_question(self) -> None:
        self.question_asked.emit(self._asking)

    def _on_polling_known(self) -> None:
        self._polling_known |= {status.url for status in self._statuses if status.link is Link.POLLING}
        self._refresh()

    def _on_server_chosen(self, server: str) -> None:
        self._chosen = server
        self._model.show_only(server)
        self._list.scrollTo(self._list.currentIndex())
        self._refresh()

    def _ask_about_marking(self, server: str) -> None:
        status = next((one for one in self._statuses if one.url == server), None)
        ids = self._unread((status,) if status else ()).get(server)
        if not status or not ids:
            return
        one = self.tr("Mark 1 mail in {1} read?")
        question = (one if len(ids) == 1 else self.tr("Mark {0} mails in {1} read?")).format(len(ids), status.name)
        marking = partial(self.marked_all_read.emit, server, ids)
        choices: Choices = {self.tr("Mark read"): marking, self.tr("Cancel"): self._banner.end}
        self._banner.say(Speech(text=question, choices=choices), focused=True)

    def _may_close(self) -> bool:
        """Whether to hide now; where no tray would show that the program still runs, it asks once what is meant."""
        self.about_to_close.emit()
        answer = _KEEP if self._has_tray else self._state.value(_ON_CLOSE, "")
        if answer == _QUIT:
            self.quit_requested.emit()
        elif answer != _KEEP:
            self._ask_about_closing()
        return answer in {_KEEP, _QUIT}

    def _ask_about_closing(self) -> None:
        text = self.tr(
            "Keep notifying when this window is closed? Start the program again to get it back. "
            "This desktop shows no tray; on GNOME the AppIndicator extension adds one."
        )
        choices = {
            self.tr("Keep notifying"): partial(self._on_closing_answered, _KEEP),
            self.tr("Quit"): partial(self._on_closing_answered, _QUIT),
        }
        self._banner.say(Speech(text=text, choices=choices), focused=True)

    def _on_closing_answered(self, answer: str) -> None:
        self._state.setValue(_ON_CLOSE, answer)
        if self._may_close():
            self.hide()
