"""Drives the settings window by keyboard: Tab moves to a control by its accessible name, then keys are typed."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from mailpit_notifier.config.edits import revise_file
from mailpit_notifier.config.file import load
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import Edit
from mailpit_notifier.notify import texts
from mailpit_notifier.ui.settings.fields import Page
from mailpit_notifier.ui.settings.settings_window import Pages, SettingsWindow
from mailpit_notifier.ui.tray.panel import Clicks

EVERY_CLICK = Clicks(left=True, middle=True, double=True, menu=True)
ROUND = 60
"""More than the number of controls on a page."""


class Keyboard:
    """Presses keys in a window."""

    def __init__(self, window: QWidget) -> None:
        self.window = window

    @property
    def focused(self) -> QWidget:
        """The focused widget."""
        QApplication.processEvents()
        focused = self.window.focusWidget()
        assert focused
        return focused

    @property
    def here(self) -> str:
        """The accessible name of the focused widget."""
        return name_of(self.focused)

    def press(self, *keys: Qt.Key) -> None:
        """Press keys one after another."""
        for key in keys:
            QTest.keyClick(self.focused, key)

    def type(self, text: str) -> None:
        """Replace the text of the focused field, and press Enter."""
        QTest.keySequence(self.focused, "Ctrl+A")
        self.press(Qt.Key.Key_Delete)
        QTest.keyClicks(self.focused, text)
        self.press(Qt.Key.Key_Return)

    def go(self, name: str) -> None:
        """Press Tab until the control with this name has the focus."""
        for _ in range(ROUND):
            if self.here == name:
                return
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never reaches {name}")

    def round(self) -> list[QWidget]:
        """Return all widgets that Tab reaches."""
        first, found = self.focused, list[QWidget]()
        while not found or self.focused is not first:
            found.append(self.focused)
            assert len(found) < ROUND
            self.press(Qt.Key.Key_Tab)
        return found


class Desk(Keyboard):
    """The settings window of a file; edits are written at once."""

    def __init__(self, path: Path, *, clicks: Clicks = EVERY_CLICK, overridden: bool = False) -> None:
        self.path = path
        self.pages = Pages(clicks, texts.choices(), (str(path),), overridden=overridden)
        window = SettingsWindow(self.pages.all, self.settings, path.parent / "window.ini")
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
        window.edited.connect(self._write)
        super().__init__(window)
        self.window: SettingsWindow = window
        window.present()

    @property
    def settings(self) -> Settings:
        """The settings in the file."""
        return load(self.path)[0]

    @property
    def shown_text(self) -> str:
        """All visible label texts of the window."""
        labels = (label for label in self.window.findChildren(QLabel) if label.isVisible())
        return "\n".join(label.text() for label in labels)

    def turn_to(self, page: Page) -> None:
        """Switch to a page."""
        self.window.show_page(page)

    def _write(self, edit: Edit) -> None:
        self.window.set_settings(revise_file(self.path, edit).after)


def name_of(widget: QWidget) -> str:
    """Return the accessible name: the label, if there is one, as Linux screen readers need for combo boxes."""
    here = QAccessible.queryAccessibleInterface(widget)
    labels = [label.text(QAccessible.Text.Name) for label, _ in here.relations(QAccessible.RelationFlag.Label)]
    return (labels or [here.text(QAccessible.Text.Name)])[0].replace("&", "")
