"""Pages in the middle of the window while there are no rows: a title, a sentence, and buttons.

Placeholder explains why there are no messages: the servers have none or are not reached, or the filter matches none.
Welcome is shown at the first start: the servers found on this machine, or how to start Mailpit.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mailpit_notifier.core.status import ServerStatus
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import clipboard, theme, words
from mailpit_notifier.ui.controls import CheckBox, PushButton
from mailpit_notifier.ui.icons import swatch
from mailpit_notifier.ui.labels import CenteredLabel, PlainLabel
from mailpit_notifier.ui.speech import Lasting, speak

MIN_BUTTON = 120
"""Pixels of a button on a page; its text is cut where it does not fit, for large text in a small window."""


class CenteredPage(QScrollArea):
    """Title and text, centered; scrolls if the window is small. Add other widgets to `column`, then the buttons.

    Screen readers hear title and text when they have changed and last, and as the description of each button.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self._inside = QWidget()
        self._inside.setBackgroundRole(QPalette.ColorRole.Base)
        self._title, self._text = CenteredLabel(), CenteredLabel()
        self._enlarge_title()
        self._text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._buttons: tuple[PushButton, ...] = ()
        self.is_announced = True
        """Whether changes of title and text are announced."""
        self._is_repeated = False
        self._lasting = Lasting(self, self._say)
        self.column = QVBoxLayout(self._inside)
        self.column.setContentsMargins(32, 24, 32, 24)
        self.column.addStretch(2)
        for label in (self._title, self._text):
            self.column.addWidget(label)
        self.column.addSpacing(8)
        self.setWidget(self._inside)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the desktop's text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._enlarge_title()

    def _enlarge_title(self) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._title.setFont(font)

    def set_text(self, title: str, text: str) -> None:
        """Set title and text; an empty text is hidden."""
        if (title, text) == (self._title.text(), self._text.text()):
            return
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        for button in self._buttons:
            # The change is announced when it lasts. Orca 43 may read the focused button after that: with its new
            # description, it would read the text twice.
            button.setAccessibleDescription("" if button.hasFocus() else self._spoken)
        self._lasting.begin()

    def showEvent(self, event: QShowEvent) -> None:
        """Let screen readers read title and text."""
        super().showEvent(event)
        self._lasting.begin()

    def repeat(self) -> None:
        """Let screen readers read title and text again, if they last: the user has tried to change that."""
        self._is_repeated = True
        self._lasting.begin()

    def _say(self) -> None:
        """Announce title and text, unless the focused button is read with them."""
        repeated, self._is_repeated = self._is_repeated, False
        focused = next((button for button in self._buttons if button.hasFocus()), None)
        is_read = focused is not None and focused.accessibleDescription() == self._spoken
        if repeated or (self.isVisible() and not is_read and (focused or self.is_announced)):
            speak(self._title, self._spoken)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Describe a button again that has lost the focus."""
        if event.type() == QEvent.Type.FocusOut and isinstance(watched, PushButton):
            QTimer.singleShot(
                0, self, self._describe
            )  # later: screen readers first read the widget that gets the focus
        return super().eventFilter(watched, event)

    def _describe(self) -> None:
        for button in self._buttons:
            if not button.hasFocus():
                button.setAccessibleDescription(self._spoken)

    @property
    def _spoken(self) -> str:
        return "\n".join(filter(None, (self._title.text(), self._text.text())))

    def add_buttons(self, *buttons: PushButton) -> None:
        """Add the buttons at the end of the page."""
        self._buttons = buttons
        for button in buttons:
            button.setMinimumWidth(MIN_BUTTON)
            button.installEventFilter(self)
            self.column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addStretch(3)


class Placeholder(CenteredPage):
    """Explains why there are no messages, with buttons for what may help."""

    retry_requested = Signal()
    prompt_requested = Signal(str)
    """The base URL of a server that needs a password or a decision about its certificate."""
    test_requested = Signal(str)
    """The base URL of the server to send a test message to."""
    mailpit_search_requested = Signal()
    """Search in the whole mailbox, in Mailpit."""
    all_requested = Signal()
    """Clear the filters."""

    def __init__(self) -> None:
        super().__init__()
        self._retry = PushButton(self.tr("Retry now"), clicked=self._on_retry)
        self._prompt = PushButton("", clicked=self._on_prompt)
        self._search_mailpit = PushButton(self.tr("Search in Mailpit"), clicked=self.mailpit_search_requested.emit)
        self._all = PushButton(self.tr("Show all messages"), clicked=self.all_requested.emit)
        self._test = PushButton(self.tr("Send a test message"), clicked=self._on_test)
        self._prompt_server = self._empty_server = ""
        self.add_buttons(self._prompt, self._retry, self._test, self._search_mailpit, self._all)

    def set_statuses(self, statuses: tuple[ServerStatus, ...], nothing_for: str | None = None) -> None:
        """Explain why there are no rows.

        `nothing_for`: there are messages, but none matches this search, or, for "", none is unread.
        """
        if nothing_for is not None:
            self._show_nothing_found(nothing_for)
            return
        self.is_announced = True
        self.set_text(*self._texts(statuses))
        self._retry.setVisible(_are_all_failing(statuses))
        for button in (self._search_mailpit, self._all):
            button.hide()
        self._offer(statuses)
        reached = [status for status in statuses if words.is_reached(status)]
        self._empty_server = reached[0].url if reached and _are_empty(reached) else ""
        self._test.setVisible(bool(self._empty_server))

    def focus(self) -> bool:
        """Focus the first visible button. Return False if there is none."""
        button = next((one for one in self.findChildren(PushButton) if one.isVisibleTo(self)), None)
        if button:
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        return button is not None

    def _show_nothing_found(self, query: str) -> None:
        self.is_announced = not query  # the window announces the result of a search
        if query:
            self.set_text(self.tr("Nothing found"), self.tr('No recent message matches "{0}".').format(query))
        else:
            self.set_text(self.tr("No unread messages"), "")
        for button in (self._prompt, self._retry, self._test):
            button.hide()
        self._search_mailpit.setVisible(bool(query))
        self._all.show()

    def _offer(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Show the button for a password or certificate, with the server's name if there are several servers."""
        asking = next(filter(words.prompt_label, statuses), None) if _are_all_failing(statuses) else None
        self._prompt.setVisible(asking is not None)
        if asking:
            self._prompt_server = asking.url
            question = words.prompt_label(asking)
            self._prompt.setText(words.menu_text(f"{asking.name}: {question}" if len(statuses) > 1 else question))

    def _on_retry(self) -> None:
        self.retry_requested.emit()
        self.repeat()

    def _on_prompt(self) -> None:
        self.prompt_requested.emit(self._prompt_server)

    def _on_test(self) -> None:
        self.test_requested.emit(self._empty_server)

    def _texts(self, statuses: tuple[ServerStatus, ...]) -> tuple[str, str]:
        names = ", ".join(status.name for status in statuses)
        if _are_all_failing(statuses):
            if len(statuses) > 1:
                return self.tr("No server is connected"), "\n".join(map(words.server_line, statuses))
            sentence = words.problem(statuses[0])
            return self.tr("No connection to {0}").format(names), sentence[:1].upper() + sentence[1:]
        reached = [status for status in statuses if words.is_reached(status)]
        if not reached:
            return self.tr("Connecting to {0}").format(names), ""
        if not _are_empty(reached) and any(map(words.is_unreadable, reached)):
            return self.tr("Message list cannot be read"), ""  # the banner shows the reason
        if not _are_empty(reached):
            return self.tr("Loading messages from {0}").format(names), ""
        return (
            self.tr("No messages yet"),
            self.tr("Messages that you send to Mailpit's SMTP port appear here."),
        )


def _are_empty(reached: Sequence[ServerStatus]) -> bool:
    """Return whether no server reported messages, and at least one reported its total."""
    return not any(status.total for status in reached) and any(status.total is not None for status in reached)


def _are_all_failing(statuses: tuple[ServerStatus, ...]) -> bool:
    return bool(statuses) and all(map(words.is_failing, statuses))


_DOCKER, _BREW = "docker run -p 8025:8025 -p 1025:1025 axllent/mailpit", "brew install mailpit && mailpit"
COMMANDS = (_DOCKER,) if sys.platform == "win32" else (_DOCKER, _BREW)
"""Commands from Mailpit's documentation that start it on its default ports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundServer:
    """A server on this machine. `color` marks it, as #rrggbb; `address` is "" if the name contains it."""

    name: str
    address: str
    color: str
    running: bool


_IN_LIST = 36
"""Characters of a name or an address in the list of servers, which has room for no more."""


class CommandLine(QWidget):
    """A shell command with a button to copy it."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        label = PlainLabel(wrap=True)
        label.setText(command.replace("-p ", "-p\u00a0"))  # wrap between options only; the button copies the original
        label.setFont(theme.fixed_font())
        self._command = command
        self._copy = copy = PushButton(self.tr("Copy"), clicked=self._on_clicked)
        copy.setAccessibleDescription(command)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.addWidget(label, 1)
        layout.addWidget(copy)

    def _on_clicked(self) -> None:
        clipboard.put(self._command)
        speak(self._copy, self.tr("Copied"))


class Welcome(CenteredPage):
    """The page of the first start. Begins in the state of `set_searching`."""

    accepted = Signal(tuple)
    """Use these of the servers that were found: their places in the list."""
    declined = Signal()
    """Use the default server only."""
    search_again_requested = Signal()
    demo_requested = Signal()

    def __init__(self, usual: str, *, has_demo: bool) -> None:
        """`usual` is the address of the default server, which the program tries anyway."""
        super().__init__()
        self._usual = usual
        self._commands = [CommandLine(command) for command in COMMANDS]
        self._found: list[CheckBox] = []
        self._list = QVBoxLayout()
        self._accept = PushButton("", primary=True, clicked=self._on_accepted)
        self._decline = PushButton("", clicked=self.declined.emit)
        self._search_again = PushButton(self.tr("Search again"), clicked=self.search_again_requested.emit)
        self._demo = PushButton(self.tr("Start a demo"), clicked=self.demo_requested.emit)
        self._has_demo = has_demo
        self._build()
        self.set_searching()

    def set_searching(self) -> None:
        """Show that the search for servers is running."""
        text = self.tr("Checking {0} and, where installed, DDEV, Docker and Podman.")
        self._show(self.tr("Searching for Mailpit"), text.format(self._usual))

    def set_found(self, found: Sequence[FoundServer], *, with_usual: bool) -> None:
        """Show the servers found, at least one, to choose from. `with_usual`: the default server is among them."""
        self._accept.setText(self.tr("Use this server") if len(found) == 1 else self.tr("Use these servers"))
        only = words.menu_text(self.tr("Use only {0}").format(self._usual))
        self._decline.setText(only if with_usual else self.tr("Not now"))
        text = self.tr("You will be notified of new messages. Stopped servers connect when they start.")
        if all(one.running for one in found):
            text = self.tr("You will be notified of new messages.")
        self._list_servers(found)
        title = self.tr("Found a Mailpit server") if len(found) == 1 else self.tr("Found {0} Mailpit servers")
        self._show(title.format(len(found)), text, self._accept, self._decline)
        self._accept.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_not_found(self) -> None:
        """Show that none was found, and how to start one."""
        text = self.tr("Start Mailpit to see messages here. Checking {0} every few seconds.")
        buttons = (self._search_again, self._demo) if self._has_demo else (self._search_again,)
        self._show(self.tr("Mailpit not found"), text.format(self._usual), *self._commands, *buttons)
        self._search_again.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_demo_starting(self, starting: bool) -> None:
        """Disable the demo button while the demo starts."""
        self._demo.setEnabled(not starting)

    def _list_servers(self, found: Sequence[FoundServer]) -> None:
        for box in self._found:
            self._list.removeWidget(box)
            box.hide()
            box.deleteLater()
        self._found = [self._box(one) for one in found]
        for before, after in pairwise((*self._found, self._accept)):
            self.setTabOrder(before, after)

    def _box(self, one: FoundServer) -> CheckBox:
        """Return a check box with the server's color, its name, and its address in a second line."""
        state = "" if one.running else self.tr("stopped")
        name, address = plain(one.name, _IN_LIST), plain(one.address, _IN_LIST)
        lower = " · ".join(filter(None, (address, state)))
        box = CheckBox(words.menu_text(name) + (f"\n{words.menu_text(lower)}" if lower else ""))
        box.setIcon(swatch(one.color))
        box.setAccessibleName(", ".join(filter(None, (name, address, state))))
        box.setChecked(True)
        box.toggled.connect(self._on_toggled)
        self._list.addWidget(box, 0, Qt.AlignmentFlag.AlignHCenter)
        box.setMinimumWidth(260)
        return box

    def _on_toggled(self) -> None:
        self._accept.setEnabled(any(box.isChecked() for box in self._found))

    def _on_accepted(self) -> None:
        self.accepted.emit(tuple(place for place, box in enumerate(self._found) if box.isChecked()))

    def _build(self) -> None:
        self._list.setSpacing(8)
        self.column.addLayout(self._list)
        for line in self._commands:
            self.column.addWidget(line)
            self.column.addSpacing(4)
        self.column.addSpacing(8)
        self.add_buttons(self._accept, self._decline, self._search_again, self._demo)

    def _show(self, title: str, text: str, *shown: QWidget) -> None:
        self.set_text(title, text)
        for box in self._found:
            box.setVisible(self._accept in shown)
        for part in (*self._commands, self._accept, self._decline, self._search_again, self._demo):
            part.setVisible(part in shown)
