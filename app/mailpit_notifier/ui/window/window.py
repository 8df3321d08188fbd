"""The window of recent messages: the list, the problems, and the number of unread messages.

It only displays and asks. Requests of the user leave as signals, and their effect returns from the server through the
model and the statuses. If the user selects one server, the whole window shows only that server. Questions are asked
in the banner; nothing blocks the event loop.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedLayout, QSystemTrayIcon, QVBoxLayout, QWidget

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui import theme, words
from mailpit_notifier.ui.banner import Banner, BannerMessage, Choices
from mailpit_notifier.ui.labels import window_title
from mailpit_notifier.ui.opening import ScrollingPages
from mailpit_notifier.ui.speech import speak, speak_of_row
from mailpit_notifier.ui.timing import Throttle, Timing

from .bars import Footer, Separator
from .entries import Filter
from .frame import Frame, IdleWork
from .header import Header
from .list_model import MessageListModel, Role, Row
from .message_actions import MessageAction, SourceSaver
from .message_list import MessageList
from .placeholder import Placeholder
from .quick_look_host import QuickLookHost, load_quick_look
from .status_banner import ClosePrompt, MarkReadPrompt, StatusBanner

_MAX_SUBJECT = 28
"""Characters of a restored message's subject: as many as the lower bar has room for."""


class RecentWindow(Frame):
    """Shows the rows of a model and the servers' states.

    `state_file` saves the geometry and the answer about closing. `has_tray` returns whether a tray icon keeps the
    program reachable when this window is closed.
    """

    message_opened = Signal(object)
    """The chosen Row."""
    action_requested = Signal(object, object)
    """Any other MessageAction, and the Row to apply it to."""
    save_requested = Signal(object, object)
    """A Row and the Path of the file to save it in."""
    search_requested = Signal(str, str)
    """Base URL of a server, and the text to search for in its whole mailbox."""
    rows_seen = Signal(object)
    """The visible Rows as a tuple, once the list is idle; empty when the window is hidden."""
    more_requested = Signal(tuple)
    """The base URLs of the servers whose next messages to load."""
    undo_requested = Signal()
    undo_focused = Signal(bool)
    """Whether the Undo button has the focus."""
    mailbox_opened = Signal(str)
    """The base URL of the chosen server."""
    retry_requested = Signal()
    test_requested = Signal(str)
    """The base URL of the server to send a test message to."""
    marked_all_read = Signal(str, tuple)
    """Base URL of a server and the IDs of its loaded unread messages, never none."""
    prompt_requested = Signal(str)
    """The base URL of a server that needs a password or a decision about its certificate."""
    pause_requested = Signal(object)
    """Duration of the pause, or its end as an aware datetime; None to resume."""
    mute_requested = Signal(str, object)
    """The base URL of a server, and the duration or end of its mute; None to unmute it."""
    settings_requested = Signal()
    quit_requested = Signal()

    def __init__(
        self,
        model: MessageListModel,
        state_file: Path,
        has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable,
        timing: Timing = Timing(),  # noqa: B008 - immutable
    ) -> None:
        state = QSettings(str(state_file), QSettings.Format.IniFormat)
        super().__init__(state, timing)
        self._model = model
        self._statuses: tuple[ServerStatus, ...] = ()
        self._unloaded: Mapping[str, int] = {}
        self._paused_until: datetime | None = None
        self._has_fallback_focus = False
        """Whether the menu button got the focus only because there was no other control."""
        self._throttle = Throttle(self)
        self._age_timer = QTimer(self, interval=timing.ages)
        self._search_timer = QTimer(self, interval=timing.search, singleShot=True)
        self._header = Header()  # this order is the tab order
        self._header_line = Separator()
        self._banner = Banner(self._header.last_control)
        self._list, self._placeholder = MessageList(model), Placeholder()
        self._footer = Footer(timing)
        self._idle_work = IdleWork(model, self._list, timing)
        self._middle = QStackedLayout()  # a QStackedWidget is a "layered pane" for screen readers
        self.quick_look = QuickLookHost(self._middle, self._list)
        self._welcome: QWidget | None = None
        self._status_banner = StatusBanner(self._banner)
        self._mark_read_prompt = MarkReadPrompt(model, self._banner)
        self._source_saver = SourceSaver(self)
        self._close_prompt = ClosePrompt(self._banner, state, has_tray, self.hide, self.quit_requested.emit)
        self._build()
        self._connect()
        self._apply_style()
        self._refresh()

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show the states of the servers. The names in the rows come from the model."""
        self._statuses = statuses
        self._throttle.request()

    def set_paused(self, until: datetime | None) -> None:
        """Show that notifications are paused until this time; None: not paused."""
        self._paused_until = until
        self._header.set_paused(until)
        self._throttle.request()

    def set_unloaded(self, unloaded: Mapping[str, int]) -> None:
        """Set base URL -> number of messages that are not loaded yet."""
        self._unloaded = unloaded
        self._throttle.request()

    def set_deleted(self, subjects: tuple[str, ...]) -> None:
        """Offer Undo for the deletions of these subjects, the oldest one first; empty for none."""
        self._footer.set_deleted(subjects)

    def show_status(self, text: str, spoken: str | None = None) -> None:
        """Show feedback about an action for a few seconds. `spoken`: what screen readers say in its place."""
        self._footer.show_status(text, spoken)

    def show_restored(self, server: str, message: Message) -> None:
        """Make a message the current row again whose deletion was undone, and say so."""
        self._model.update_rows()
        self._list.make_current(self._model.index_of(server, message.id))
        text = self.tr("Restored: {0}").format(words.subject(message, _MAX_SUBJECT))
        self._footer.show_status(text, spoken="")
        speak_of_row(self._list, text)

    def show_error(self, text: str) -> None:
        """Show an error until the user closes it."""
        self._banner.show_message(
            BannerMessage(text=text, choices={self.tr("Close"): self._banner.dismiss}), focused=False
        )

    def withdraw_error(self, text: str) -> None:
        """Remove this error, which no longer applies."""
        self._banner.withdraw(lambda message: message.text == text)

    def set_warning(self, text: str, choices: Choices) -> None:
        """Show a warning while there is nothing more important, until the user closes it; "" removes it."""
        self._status_banner.set_warning(text, choices)

    def set_offer(self, text: str, choices: Choices) -> None:
        """Offer something before all lasting states, until it is withdrawn with ""."""
        self._status_banner.set_offer(text, choices)

    def ask(self, text: str, choices: Choices) -> None:
        """Ask a question; the first choice gets the focus."""
        self._banner.show_message(BannerMessage(text=text, choices=choices, info=True), focused=True)

    def set_welcome(self, page: QWidget | None) -> None:
        """Show this page in place of the list; None: show the list."""
        if before := self._welcome:
            self._middle.removeWidget(before)
            before.deleteLater()
        self._welcome = page
        if page:
            self._middle.addWidget(page)
            theme.style_bars_and_menus(page, theme.current_style())
        self._refresh()
        if page is None:
            self._focus_list()

    def open_row(self, row: Row) -> None:
        """Open a message; if its server is not reached, show why instead."""
        status = next((one for one in self._statuses if one.url == row.server and words.is_failing(one)), None)
        if status is None:
            self.message_opened.emit(row)
            return
        choices = {self.tr("Retry now"): self.retry_requested.emit, self.tr("Close"): self._banner.dismiss}
        self._banner.show_message(
            BannerMessage(text=words.unreachable_text(status), choices=choices, about=status.url), focused=True
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide the window, or ask, if the user closes it. Quitting the program closes it without a question."""
        if event.spontaneous() and not self._close_prompt.may_close():
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses a question, else clears the search, else focuses the list, else hides the window."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._banner.has_focus and self._banner.message:
            self._banner.dismiss()
        elif self.quick_look.is_open:
            self.quick_look.close()
        elif self._header.query:
            self._header.search.clear()
        elif self._header.search.hasFocus() and self._list.isVisible():
            self._focus_list()
        elif self._close_prompt.may_close():
            self.hide()

    def _build(self) -> None:
        self.setWindowTitle(window_title(self.tr("Recent messages")))
        self._list.setAccessibleName(self.tr("Recent messages"))
        middle, pages = QWidget(), ScrollingPages()
        pages.setLayout(self._middle)  # first: the layout shows its first page, which alone would be a window
        for page in (self._list.page, self._placeholder):
            self._middle.addWidget(page)
        self.setCentralWidget(middle)
        layout = QVBoxLayout(middle)
        layout.setSpacing(0)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._header, self._header_line, self._banner, pages, self._footer):
            layout.addWidget(part, int(part is pages))

    def _connect(self) -> None:
        self.shown.connect(self._on_shown)
        self.hidden.connect(self._on_hidden)
        self._connect_list()
        self._header.filter_changed.connect(self._on_filter_changed)
        self._header.mailbox_opened.connect(self.mailbox_opened)
        self._header.pause_requested.connect(self.pause_requested)
        self._header.settings_requested.connect(self.settings_requested)
        self._header.quit_requested.connect(self.quit_requested)
        for part in (self._header, self._placeholder, self._status_banner):
            part.retry_requested.connect(self.retry_requested)
        for part in (self._placeholder, self._status_banner):
            part.prompt_requested.connect(self.prompt_requested)
        self._status_banner.pause_requested.connect(self.pause_requested)
        self._status_banner.ended.connect(self.show_status)
        for part in (self._header, self._status_banner):
            part.mute_requested.connect(self.mute_requested)
        self._mark_read_prompt.agreed.connect(self.marked_all_read)
        self._placeholder.test_requested.connect(self.test_requested)
        self._placeholder.all_requested.connect(self._on_all_requested)
        for requested in (self._placeholder.mailpit_search_requested, self._header.mailpit_search_requested):
            requested.connect(self._on_mailpit_search_requested)
        self._footer.undo_requested.connect(self.undo_requested)
        self._footer.undo_focused.connect(self.undo_focused)
        self._footer.all_read_requested.connect(self._on_mark_all_read)
        for lost in (self._banner.focus_lost, self._header.list_focus_requested, self._footer.focus_lost):
            lost.connect(self._focus_list)
        self._age_timer.timeout.connect(self._list.repaint_rows)
        self._search_timer.timeout.connect(self._say_result)
        self._throttle.due.connect(self._refresh)
        for changed in (self._model.rowsInserted, self._model.rowsRemoved, self._model.dataChanged):
            changed.connect(self._throttle.request)
        theme.on_change(self._apply_style)

    def _connect_list(self) -> None:
        self._list.action_requested.connect(self._on_action_requested)
        self._list.search_requested.connect(self._on_search_requested)
        self._list.more_button.clicked.connect(self._on_more)
        self._idle_work.rows_settled.connect(self.rows_seen)
        self._idle_work.rows_settled.connect(load_quick_look)
        self.quick_look.action_requested.connect(self._on_action_requested)
        self.quick_look.closed.connect(self._focus_list)
        self._source_saver.chosen.connect(self.save_requested)
        QShortcut(QKeySequence.StandardKey.Find, self, self._on_search_requested)
        QShortcut(QKeySequence.StandardKey.Undo, self, self.undo_requested.emit)

    def _on_shown(self) -> None:
        self._age_timer.start()
        self._idle_work.set_shown(shown=True)
        self._model.update_rows()
        self._refresh()
        self._focus_list()
        self._list.show_newest()

    def _on_hidden(self) -> None:
        self._age_timer.stop()
        self._idle_work.set_shown(shown=False)
        self._banner.dismiss()
        self.quick_look.is_open = False
        self.rows_seen.emit(())

    def _apply_style(self) -> None:
        style = theme.current_style()
        self.setPalette(theme.palette(style))
        theme.style_bars_and_menus(self, style)
        self._list.delegate.set_style(style)
        self._header.set_style(style)
        self._banner.set_style(style)
        self.quick_look.set_style(style)
        self._list.repaint_rows()
        self._throttle.request()

    def _refresh(self) -> None:
        focused, page = self.focusWidget(), self._middle.currentWidget()
        self._show_state()
        are_new = page is self._placeholder and self._middle.currentWidget() is self._list.page
        if are_new and focused is not self._header.search and not self._banner.has_focus:
            self._focus_list()
            self._list.show_newest()
        elif self._has_fallback_focus and focused is self._header.last_control:
            self._focus_list()
        elif focused and not (focused.isVisibleTo(self) and focused.isEnabled()):
            self._focus_list()  # Qt would choose the next control, where a key press does what the user did not ask for

    def _show_state(self) -> None:
        bare = self._welcome is not None or not any(self._model.count(status.url) for status in self._statuses)
        self._header_line.setHidden(bare)
        for part in (self._header, self._footer):
            part.set_bare(bare)
        self._header.set_statuses(self._statuses, theme.current_style())
        shown = tuple(status for status in self._statuses if self._header.server in {"", status.url})
        empty = self._model.rowCount() == 0
        narrowed = empty and any(self._model.count(status.url) for status in shown)
        self._footer.set_state(shown, self._mark_read_prompt.unread(shown))
        self._placeholder.set_statuses(shown, self._header.query if narrowed else None)
        if empty:
            self.quick_look.is_open = False
        page = self._welcome or (self._placeholder if empty else self.quick_look.page)
        before, focused = self._middle.currentWidget(), self.focusWidget()
        if page is self._placeholder and before and focused and before.isAncestorOf(focused):
            self._focus_placeholder()  # Qt would focus the button used last, even a hidden one
        self._middle.setCurrentWidget(page)
        unloaded = sum(self._unloaded.get(status.url, 0) for status in shown)
        self._list.set_load_more(self.tr("Load more ({0} older messages)").format(unloaded) if unloaded else "")
        alone = self._welcome or (empty and not narrowed and all(map(words.is_failing, shown)))
        self._status_banner.set_state(shown, self._paused_until, show_problems=not alone)

    def _on_all_requested(self) -> None:
        self._header.show_all()
        self._focus_list()

    def _on_filter_changed(self) -> None:
        self.quick_look.is_open = False
        self._model.set_filter(self._header.filter)
        self._list.show_current()
        self._refresh()
        self._search_timer.start()

    def _say_result(self) -> None:
        """Let screen readers say how many messages match a search or another filter."""
        count = self._model.rowCount()
        if self._header.filter != Filter():
            texts = {0: self.tr("Nothing found"), 1: self.tr("1 message")}
            speak(self._header.search, texts.get(count, self.tr("{0} messages").format(count)))

    def _on_search_requested(self) -> None:
        if self._header.search.isHidden():
            return
        if self.quick_look.is_open:
            self.quick_look.close()
        self._header.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._header.search.selectAll()

    def _on_mailpit_search_requested(self) -> None:
        row: Row | None = self._list.currentIndex().data(Role.ROW)
        first = self._statuses[0].url if self._statuses else ""
        if server := self._header.server or (row.server if row else first):
            self.search_requested.emit(server, self._header.query)

    def _on_action_requested(self, action: MessageAction, row: Row) -> None:
        match action:
            case MessageAction.OPEN:
                self.open_row(row)
            case MessageAction.QUICK_LOOK:
                self.quick_look.open()
            case MessageAction.SAVE:
                self._source_saver.ask(row)
            case _:
                self.action_requested.emit(action, row)

    def _on_more(self) -> None:
        shown = (url for url, count in self._unloaded.items() if count and self._header.server in {"", url})
        self.more_requested.emit(tuple(shown))

    def _focus_list(self) -> None:
        """Focus the list or a button of the placeholder, else the menu button, so that some control has the focus."""
        self._has_fallback_focus = False
        if self._middle.currentWidget() is self.quick_look.page:
            self.quick_look.page.setFocus(Qt.FocusReason.OtherFocusReason)
        elif self._welcome is None:
            self._focus_placeholder()

    def _focus_placeholder(self) -> None:
        if not self._placeholder.focus():
            self._has_fallback_focus = True
            self._header.last_control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_mark_all_read(self, server: str) -> None:
        for status in self._statuses:
            if status.url == server:
                self._mark_read_prompt.ask(status)
