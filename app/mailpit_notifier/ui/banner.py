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
    """A sentence and its buttons. `about`: the base URL of the server it is about; `calm`: it is no trouble."""

    text: str
    choices: Choices
    about: str = ""
    calm: bool = False


class Banner(QWidget):
    """One sentence and its buttons; hidden until it has something to say. The keyboard gets there after `previous`."""

    left = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self, previous: QWidget | None = None) -> None:
        super().__init__()
        self._previous = previous
        self.setAutoFillBackground(True)
        self._look = LIGHT
        self._said: BannerMessage | None = None
        self._waiting: BannerMessage | None = None
        self._heard = ""
        self._standing: BannerMessage | None = None
        self._shown: BannerMessage | None = None
        self._label = PlainLabel(wrap=True)
        self._buttons: list[QPushButton] = []
        self._layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._layout.addWidget(self._label, 1)
        self._choices = QHBoxLayout()
        self._choices.setAlignment(Qt.AlignmentFlag.AlignTrailing)
        self._layout.addLayout(self._choices)
        self.hide()

    @property
    def said(self) -> BannerMessage | None:
        """What was said and not yet answered."""
        return self._said

    @property
    def has_keyboard(self) -> bool:
        """Whether the keyboard is on one of its buttons, or will be when the window has it again."""
        return self.window().focusWidget() in self._buttons

    def say(self, speech: BannerMessage, *, focused: bool) -> None:
        """Say something until one of its buttons is pressed; `focused`: with the keyboard on the first of them."""
        if self._said and self.has_keyboard and not focused:
            self._waiting = speech  # else a key would do what nobody meant
            return
        self._said = speech
        self._show(aloud=not focused)
        if focused:
            self.window().setAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)  # visible without a Tab before
            self._buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def stand(self, speech: BannerMessage | None) -> None:
        """Say this whenever there is nothing else; its buttons leave it there."""
        self._standing = speech
        self._show()

    def end(self) -> None:
        """Say no more what was said, but what waited for that."""
        self._said, self._waiting = self._waiting, None
        self._show()

    def take_back(self, untrue: Callable[[BannerMessage], bool]) -> None:
        """Say no more what is no longer true, be it said or still waiting for that."""
        if self._waiting and untrue(self._waiting):
            self._waiting = None
        if self._said and untrue(self._said):
            self.end()

    def dress(self, look: Style) -> None:
        """Take these colours."""
        self._look = look
        calm = self._shown is not None and self._shown.calm
        ground, ink = (look.chip, look.chip_text) if calm else (look.warn_base, look.warn)
        colors = QPalette(self.palette())
        for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Button):
            colors.setColor(role, QColor(ground))
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            colors.setColor(role, QColor(ink))
        self.setPalette(colors)

    def _show(self, *, aloud: bool = True) -> None:
        speech = self._said or self._standing
        if speech == self._shown:
            return
        self._shown = speech
        had_keyboard = self.has_keyboard
        self._clear()
        if speech:
            self._label.setText(speech.text)
            beside = len(speech.choices) == 1
            self._layout.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
            self._buttons = [self._button(label, flat=beside) for label in speech.choices]
            for before, after in pairwise(filter(None, (self._previous, *self._buttons))):
                self.setTabOrder(before, after)
        self.dress(self._look)
        self.setVisible(speech is not None)
        if aloud:
            self._speak()
        if had_keyboard:
            self.left.emit()

    def _speak(self) -> None:
        """Say it to the ear; what stands there only once, whatever is said meanwhile."""
        text = self._label.text() if self.isVisible() else ""
        if self._said or text != self._heard:
            speak(self._label, text)
        if not self._said:
            self._heard = text

    def _clear(self) -> None:
        self._label.clear()
        for button in self._buttons:
            self._choices.removeWidget(button)
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
        self._choices.addWidget(button)
        button.show()  # a layout would do so later, and what is hidden takes no focus
        return button

    def _on_chosen(self, label: str) -> None:
        if speech := self._shown:
            speech.choices[label]()
            if speech is self._said:
                self.end()
