"""What stands in the middle of the window while there is no mail to show: what is going on, and what to do.

There is none, or none that the search and the filter let through.
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton

from mailpit_notifier.core.status import ServerStatus

from . import words
from .middle_page import MiddlePage


class Placeholder(MiddlePage):
    """Its buttons are for what can help."""

    retry_requested = Signal()
    question_asked = Signal(str)
    """The base URL of a server that would be reached if somebody answered."""
    test_requested = Signal(str)
    """The base URL of a server that a test mail is to be sent into."""
    everywhere = Signal()
    """The search is to be made in all that Mailpit has."""
    all_requested = Signal()
    """Everything is to be shown again."""

    def __init__(self) -> None:
        super().__init__()
        self._retry = self.button(self.tr("Retry now"), self.retry_requested.emit)
        self._question = self.button("", self._on_question)
        self._everywhere = self.button(self.tr("Search in Mailpit"), self.everywhere.emit)
        self._all = self.button(self.tr("Show all mail"), self.all_requested.emit)
        self._test = self.button(self.tr("Send a test mail"), self._on_test)
        self._asking = self._empty = ""
        self.end_with(self._question, self._retry, self._test, self._everywhere, self._all)

    def set_statuses(self, statuses: tuple[ServerStatus, ...], nothing_for: str | None = None) -> None:
        """Say why there is no mail, given these servers; `nothing_for`: there is some, but none that this search finds,
        or none unread where it is "".
        """
        if nothing_for is not None:
            self._say_nothing_found(nothing_for)
            return
        self.say(*self._wording(statuses))
        self._retry.setVisible(_are_all_in_trouble(statuses))
        for button in (self._everywhere, self._all):
            button.hide()
        self._offer(statuses)
        reached = [status for status in statuses if words.is_reached(status)]
        self._empty = reached[0].url if reached and _are_empty(reached) else ""
        self._test.setVisible(bool(self._empty))

    def focus(self) -> bool:
        """Put the keyboard on the first of its buttons; False where it has none."""
        button = next((one for one in self.findChildren(QPushButton) if one.isVisibleTo(self)), None)
        if button:
            button.setFocus(Qt.FocusReason.OtherFocusReason)
        return button is not None

    def _say_nothing_found(self, query: str) -> None:
        if query:
            self.say(self.tr("Nothing found"), self.tr("None of the mail loaded here fits «{0}».").format(query))
        else:
            self.say(self.tr("No unread mail"), "")
        for button in (self._question, self._retry, self._test):
            button.hide()
        self._everywhere.setVisible(bool(query))
        self._all.show()

    def _offer(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Offer the first question there is, with the server's name where there are several."""
        asking = next(filter(words.question, statuses), None) if _are_all_in_trouble(statuses) else None
        self._question.setVisible(asking is not None)
        if asking:
            self._asking = asking.url
            question = words.question(asking)
            self._question.setText(words.menu_text(f"{asking.name}: {question}" if len(statuses) > 1 else question))

    def _on_question(self) -> None:
        self.question_asked.emit(self._asking)

    def _on_test(self) -> None:
        self.test_requested.emit(self._empty)

    def _wording(self, statuses: tuple[ServerStatus, ...]) -> tuple[str, str]:
        names = ", ".join(status.name for status in statuses)
        if _are_all_in_trouble(statuses):
            if len(statuses) > 1:
                return self.tr("No server is connected"), "\n".join(map(words.server_line, statuses))
            sentence = words.trouble(statuses[0])
            return self.tr("No connection to {0}").format(names), sentence[:1].upper() + sentence[1:]
        reached = [status for status in statuses if words.is_reached(status)]
        if not reached:
            return self.tr("Connecting to {0}").format(names), ""
        if not _are_empty(reached) and any(map(words.is_unreadable, reached)):
            return self.tr("The list of messages cannot be read"), ""  # the banner says why
        if not _are_empty(reached):
            return self.tr("Getting the mail of {0}").format(names), ""
        return (
            self.tr("No mail yet"),
            self.tr("Send one to the SMTP port of Mailpit and it appears here."),
        )


def _are_empty(reached: Sequence[ServerStatus]) -> bool:
    """Whether there is no mail, as far as it is known, and of at least one of them it is."""
    return not any(status.total for status in reached) and any(status.total is not None for status in reached)


def _are_all_in_trouble(statuses: tuple[ServerStatus, ...]) -> bool:
    return bool(statuses) and all(map(words.is_failing, statuses))
