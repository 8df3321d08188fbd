"""What stands in the middle of the window while there is no mail to show: what is going on, and what to do."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from mailpit_notifier.core.status import ServerStatus

from . import words
from .plain_label import PlainLabel


class Placeholder(QWidget):
    """A title, a sentence, and buttons for what can help."""

    retry_requested = Signal()
    question_asked = Signal(str)
    """The base URL of a server that would be reached if somebody answered."""

    def __init__(self) -> None:
        super().__init__()
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._title, self._text = PlainLabel(wrap=True), PlainLabel(wrap=True)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        self._title.setFont(font)
        self._text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._retry = QPushButton(self.tr("Retry now"), autoDefault=True)
        self._retry.clicked.connect(self.retry_requested)
        self._question = QPushButton(autoDefault=True)
        self._question.clicked.connect(self._on_question)
        self._asking = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(32, 32, 32, 32)
        layout.addStretch(2)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(label)
        layout.addWidget(self._question, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._retry, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def set_statuses(self, statuses: tuple[ServerStatus, ...]) -> None:
        """Say why there is no mail, given these servers."""
        title, text = self._wording(statuses)
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._retry.setVisible(_are_all_in_trouble(statuses))
        self._offer(statuses)

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
        if any(status.total for status in reached) or all(status.total is None for status in reached):
            return self.tr("Getting the mail of {0}").format(names), ""
        return (
            self.tr("No mail yet"),
            self.tr("Send one to the SMTP port of Mailpit and it appears here."),
        )


def _are_all_in_trouble(statuses: tuple[ServerStatus, ...]) -> bool:
    return bool(statuses) and all(map(words.is_failing, statuses))
