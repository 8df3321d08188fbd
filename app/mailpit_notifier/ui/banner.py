"""The strip in the window that says something and offers what to do about it.

It stands in for dialogs: nothing stops while somebody makes up their mind. There is one, so that the window never
argues with itself: what somebody is asked or answered comes before what stands there as long as it is true, and waits
while somebody has the keyboard on another answer. What takes no keyboard is said to the ear, too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QWidget

from .labels import PlainLabel, speak
from .theme import LIGHT, Style

Choices = Mapping[str, Callable[[], object]]
"""What each button does, by its label."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BannerMessage:
    """A sentence and its buttons. `about`: the base URL of the server it is about; `info`: it is no trouble."""

    text: str
    choices: Choices
    about: str = ""
    info: bool = False


class Banner(QWidget):
    """One sentence and its buttons; hidden until it has something to say. The keyboard gets there after `previous`."""

    focus_lost = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self, previous: QWidget | None = None) -> None:
        super().__init__()
        self._previous = previous
        self.setAutoFillBackground(True)
        self._style = LIGHT
        self._message: BannerMessage | None = None
        self._queued: BannerMessage | None = None
        self._last_spoken_default = ""
        self._default: BannerMessage | None = None
        self._shown: BannerMessage | None = None
        self._label = PlainLabel(wrap=True)
        self._buttons: list[QPushButton] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.addWidget(self._label, 1)
        self._button_row = QHBoxLayout()
        self._button_row.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self._layout.addLayout(self._button_row)
        self.hide()

    @property
    def message(self) -> BannerMessage | None:
        """What was said and not yet answered."""
        return self._message

    @property
    def has_focus(self) -> bool:
        """Whether the keyboard is on one of its buttons, or will be when the window has it again."""
        return self.window().focusWidget() in self._buttons

    def show_message(self, message: BannerMessage, *, focused: bool) -> None:
        """Say something until one of its buttons is pressed; `focused`: with the keyboard on the first of them."""
        if self._message and self.has_focus and not focused:
            self._queued = message  # else a key would do what nobody meant
            return
        self._message = message
        self._show(speak_text=not focused)
        if focused:
            self.window().setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)  # visible without a Tab before
            self._buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def set_default(self, message: BannerMessage | None) -> None:
        """Say this whenever there is nothing else; its buttons leave it there."""
        self._default = message
        self._show()

    def dismiss(self) -> None:
        """Say no more what was said, but what waited for that."""
        self._message, self._queued = self._queued, None
        self._show()

    def withdraw(self, is_outdated: Callable[[BannerMessage], bool]) -> None:
        """Say no more what is no longer true, be it said or still waiting for that."""
        if self._queued and is_outdated(self._queued):
            self._queued = None
        if self._message and is_outdated(self._message):
            self.dismiss()

    def set_style(self, style: Style) -> None:
        """Take these colours."""
        self._style = style
        info = self._shown is not None and self._shown.info
        ground, ink = (style.chip, style.chip_text) if info else (style.warn_base, style.warn)
        colors = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Button):
            colors.setColor(role, QColor(ground))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            colors.setColor(role, QColor(ink))
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
        if speak_text:
            self._speak()
        if had_keyboard:
            self.focus_lost.emit()

    def _speak(self) -> None:
        """Say it to the ear; what stands there only once, whatever is said meanwhile."""
        text = self._label.text() if self.isVisible() else ""
        if self._message or text != self._last_spoken_default:
            speak(self._label, text)
        if not self._message:
            self._last_spoken_default = text

    def _clear(self) -> None:
        self._label.clear()
        for button in self._buttons:
            self._button_row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = []

    def _button(self, label: str, *, flat: bool) -> QPushButton:
        button = QPushButton(label, self, flat=flat, autoDefault=True)
        button.setAccessibleDescription(self._label.text())
        font = button.font()
        font.setBold(flat)
        button.setFont(font)
        button.clicked.connect(partial(self._on_chosen, label))
        self._button_row.addWidget(button)
        button.show()  # a layout would do so later, and what is hidden takes no focus
        return button

    def _on_chosen(self, label: str) -> None:
        if message := self._shown:
            message.choices[label]()
            if message is self._message:
                self.dismiss()
