"""What the banner says as long as it is true: what is wrong, that notifications are paused, how mail is got."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.core.status import Link, ServerStatus

from . import pausing, words
from .banner import Banner, Choices, Speech


class Standing(QObject):
    """Speaks in a banner. How polling works is said only until it is known."""

    retry_requested = Signal()
    question_asked = Signal(str)
    """The base URL of a server that would be reached if somebody answered a question."""
    pause_requested = Signal(object)
    """None: a pause is to end now."""

    def __init__(self, banner: Banner) -> None:
        super().__init__(banner)
        self._banner = banner
        self._asking = ""
        self._polling: frozenset[str] = frozenset()
        self._polling_known: frozenset[str] = frozenset()
        self._warning: Speech | None = None
        self._again: Callable[[], None] = lambda: None

    def say(self, shown: tuple[ServerStatus, ...], paused_until: datetime | None, *, troubles: bool) -> None:
        """Speak of these servers; without `troubles` somebody else says what is wrong."""
        self._again = lambda: self.say(shown, paused_until, troubles=troubles)
        wrong = {status.url for status in shown if words.is_failing(status)}
        self._banner.take_back(lambda speech: speech.about not in {"", *wrong})
        self._banner.stand(self._speech(shown, paused_until) if troubles else None)

    def warn(self, text: str, choices: Choices) -> None:
        """Say this after all else, until it is closed; "" when it is no longer true."""
        choices = {**choices, self.tr("Close"): self._on_warning_known}
        self._warning = Speech(text=text, choices=choices) if text else None
        self._again()

    def _speech(self, shown: tuple[ServerStatus, ...], paused_until: datetime | None) -> Speech | None:
        self._polling = frozenset(status.url for status in shown if status.link is Link.POLLING)
        if wrong := words.failing(shown):
            self._asking = wrong[0].url
            question = words.question(wrong[0])
            choices: Choices = {question: self._on_question} if question else {}
            return Speech(text=words.standing(shown), choices={**choices, self.tr("Retry now"): self._on_retry})
        if sentence := words.unreadable(shown):
            return Speech(text=sentence, choices={})
        if paused_until:
            return Speech(text=pausing.paused(paused_until), choices={self.tr("Resume"): self._on_resume}, calm=True)
        if polling := words.polling(tuple(status for status in shown if status.url not in self._polling_known)):
            return Speech(text=polling, choices={self.tr("Close"): self._on_polling_known}, calm=True)
        return self._warning

    def _on_retry(self) -> None:
        self.retry_requested.emit()

    def _on_resume(self) -> None:
        self.pause_requested.emit(None)

    def _on_question(self) -> None:
        self.question_asked.emit(self._asking)

    def _on_warning_known(self) -> None:
        self._warning = None
        self._again()

    def _on_polling_known(self) -> None:
        self._polling_known |= self._polling
        self._again()
