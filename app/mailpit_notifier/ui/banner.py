"""The strip at the top of a window that shows one message with buttons.

It replaces dialogs: the program keeps working while the user decides. One message is shown at a time. A message that
was requested (a question or an answer to the user) replaces the default one, which describes a lasting state such as a
failing server. While one of its buttons has the focus, the next message is queued, so that a key press cannot trigger
another button than the one that the user saw. Messages that do not take the focus are announced to screen readers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from .controls import PushButton
from .labels import PlainLabel
from .speech import Lasting, speak
from .theme import LIGHT, Style

Choices = Mapping[str, Callable[[], object]]
"""Label of each button -> what it calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerMessage:
    """A sentence and its buttons. `about`: base URL of the server concerned; `info`: it reports no problem."""

    text: str
    choices: Choices
    about: str = ""
    info: bool = False


_MAX_LINES = 4
"""Lines of a text that are shown at once, so that large text leaves room for the list and the buttons."""


class _TextArea(QScrollArea):
    """As high as its text, which scrolls if it is long."""

    def __init__(self, label: PlainLabel) -> None:
        super().__init__()
        self._label = label
        self.setWidget(label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text, at most _MAX_LINES."""
        return min(self._label.heightForWidth(width), _MAX_LINES * self.fontMetrics().lineSpacing())

    def sizeHint(self) -> QSize:
        """Return the size of the text."""
        width = self._label.sizeHint().width()
        return QSize(width, self.heightForWidth(width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show whole lines only, where there is less room than the text needs."""
        line, height = self.fontMetrics().lineSpacing(), event.size().height() + self.viewportMargins().bottom()
        is_cut = self._label.heightForWidth(event.size().width()) > height
        self.setViewportMargins(0, 0, 0, height % line if is_cut and height > line else 0)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return room for one line."""
        return QSize(12 * self.fontMetrics().averageCharWidth(), self.fontMetrics().lineSpacing())


class Banner(QWidget):
    """Shows a BannerMessage; hidden while there is none. `previous` precedes its buttons in the tab order."""

    focus_lost = Signal()
    """The button that had the focus was removed."""

    def __init__(self, previous: QWidget | None = None) -> None:
        super().__init__()
        self._previous = previous
        self.setAutoFillBackground(True)
        self._style = LIGHT
        self._message: BannerMessage | None = None
        self._queued: BannerMessage | None = None
        self._spoken_default = ""
        self._lasting = Lasting(self, self._say_default)
        self._default: BannerMessage | None = None
        self._shown: BannerMessage | None = None
        self._label = PlainLabel(wrap=True)
        self._buttons: list[PushButton] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.addWidget(_TextArea(self._label), 1)
        self._button_row = QHBoxLayout()
        self._button_row.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self._layout.addLayout(self._button_row)
        self.hide()

    @property
    def message(self) -> BannerMessage | None:
        """The requested message that is not answered yet."""
        return self._message

    @property
    def has_focus(self) -> bool:
        """Whether one of the buttons has the focus, or gets it when the window becomes active."""
        return self.window().focusWidget() in self._buttons

    def show_message(self, message: BannerMessage, *, focused: bool) -> None:
        """Show a message until one of its buttons is pressed. `focused`: focus the first button."""
        if self._message and self.has_focus and not focused:
            self._queued = message  # a key press would otherwise hit a button that the user has not seen
            return
        self._message = message
        self._show(speak_text=not focused)
        if focused:
            # Draws the focus frame, although Tab was not pressed.
            self.window().setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
            self._buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def set_default(self, message: BannerMessage | None) -> None:
        """Set the message to show while there is no other; pressing its buttons does not remove it."""
        self._default = message
        self._show()

    def dismiss(self) -> None:
        """Remove the requested message and show the queued one."""
        self._message, self._queued = self._queued, None
        self._show()

    def withdraw(self, is_outdated: Callable[[BannerMessage], bool]) -> None:
        """Remove the shown and the queued message if they are outdated."""
        if self._queued and is_outdated(self._queued):
            self._queued = None
        if self._message and is_outdated(self._message):
            self.dismiss()

    def set_style(self, style: Style) -> None:
        """Use these colors."""
        self._style = style
        info = self._shown is not None and self._shown.info
        ground, ink = (style.chip, style.chip_text) if info else (style.warn_base, style.warn)
        colors = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Button):
            colors.setColor(role, QColor(ground))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            colors.setColor(role, QColor(ink))
        colors.setColor(QPalette.ColorRole.Dark, QColor(ink))
        self.setPalette(colors)

    def _show(self, *, speak_text: bool = True) -> None:
        message = self._message or self._default
        if message == self._shown:
            return
        self._shown = message
        had_keyboard = self.has_focus
        self._clear()
        if message:
            self._label.setText(message.text)
            beside = len(message.choices) == 1
            self._layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
            self._buttons = [self._button(label, flat=beside) for label in message.choices]
            for before, after in pairwise(filter(None, (self._previous, *self._buttons))):
                self.setTabOrder(before, after)
        self.set_style(self._style)
        self.setVisible(message is not None)
        if not self._message:
            self._lasting.begin()
        elif speak_text:
            speak(self._label, self._label.text())
        if had_keyboard:
            self.focus_lost.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Let screen readers read what was shown while the window was hidden."""
        super().showEvent(event)
        self._lasting.begin()

    def repeat(self) -> None:
        """Let screen readers read the default message again, if it lasts: the user has tried to change that."""
        self._spoken_default = ""
        self._lasting.begin()

    def _say_default(self) -> None:
        """Announce the default message to screen readers; only once, even if others were shown since."""
        if self._message or (self._default and not self.isVisible()):
            return
        text = self._label.text()
        if text != self._spoken_default:
            speak(self._label, text)
        self._spoken_default = text

    def _clear(self) -> None:
        self._label.clear()
        for button in self._buttons:
            self._button_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []

    def _button(self, label: str, *, flat: bool) -> PushButton:
        button = PushButton(label, flat=flat)
        button.setAccessibleDescription(self._label.text())
        font = button.font()
        font.setBold(flat)
        button.setFont(font)
        button.clicked.connect(partial(self._on_chosen, label))
        self._button_row.addWidget(button)
        button.show()  # the layout would show it later, and a hidden widget cannot take the focus
        return button

    def _on_chosen(self, label: str) -> None:
        if message := self._shown:
            message.choices[label]()
            if message is self._message:
                self.dismiss()
