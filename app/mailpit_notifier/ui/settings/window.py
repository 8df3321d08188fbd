"""The settings window: pages, and the strip that says what could not be written.

It shows settings and asks for edits; what is asked for is shown at once, and what the file says afterwards is shown
again. It blocks nothing, and is gone when it is closed.

The pages of the settings window, by name for whoever does what they ask for.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
)

from mailpit_notifier import APP_NAME
from mailpit_notifier.core.settings import Button, Settings
from mailpit_notifier.core.settings_edits import Edit, EditError
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.banner import Banner, BannerMessage, Choices
from mailpit_notifier.ui.clicks import Clicks
from mailpit_notifier.ui.icons import app_icon
from mailpit_notifier.ui.labels import speak

from .fields import CalmList, Page, TextField
from .general_pages import AppearancePage, DiagnosticsPage, NotificationsPage, StartUpPage
from .rules_page import RulesPage
from .servers_page import ServersPage

_GEOMETRY, _PAGE = "settings/geometry", "settings/page"


class SettingsWindow(QDialog):
    """Shows these pages. `state_file` keeps its geometry and which page was the last."""

    edited = Signal(object)
    """A core.edits.Edit, already shown here."""

    def __init__(self, pages: Sequence[Page], settings: Settings, state_file: Path) -> None:
        super().__init__()
        self._state = QSettings(str(state_file), QSettings.Format.IniFormat)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self.setWindowTitle(self.tr("Settings") + f" – {APP_NAME}")
        self.setWindowIcon(app_icon())
        self._settings = settings
        self._pages = pages
        self._banner = Banner()
        self._undo: BannerMessage | None = None
        self._titles = CalmList()
        self._banner.focus_lost.connect(self._titles.setFocus)
        self._titles.setAccessibleName(self.tr("Pages"))
        self._stack = QStackedWidget()
        for page in pages:
            self._titles.addItem(page.title)
            self._stack.addWidget(_scrolling(page))
            page.edited.connect(self._on_edited)
            page.removed.connect(self._on_removed)
        self._titles.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._lay_out()
        self._restore()
        self._dress()
        theme.on_change(self._dress)
        self.set_settings(settings)

    def _lay_out(self) -> None:
        widest = max(self._titles.sizeHintForColumn(0), self._titles.fontMetrics().averageCharWidth() * 16)
        self._titles.setFixedWidth(widest + 32)
        self._titles.setFrameShape(QFrame.Shape.NoFrame)
        self._titles.setSpacing(5)
        close = QPushButton(self.tr("Close"), autoDefault=False)  # Enter takes a text; it does not close
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves no field: closing does
        close.clicked.connect(self.reject)
        below = QHBoxLayout()
        below.setContentsMargins(12, 8, 12, 10)
        below.addStretch()
        below.addWidget(close)
        beside = QHBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self._titles)
        beside.addWidget(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._banner)
        layout.addLayout(beside, 1)
        layout.addLayout(below)

    def _restore(self) -> None:
        self.resize(760, 660)
        if geometry := self._state.value(_GEOMETRY):
            self.restoreGeometry(geometry)
        last = self._state.value(_PAGE)
        self.show_page(next((page for page in self._pages if type(page).__name__ == last), self._pages[0]))

    def set_settings(self, settings: Settings) -> None:
        """Show what the file says."""
        self._settings = settings
        for page in self._pages:
            page.set_settings(settings)

    def tell(self, sentence: str, choices: Choices) -> None:
        """Say what could not be done, and what to do about it."""
        speech = BannerMessage(text=sentence, choices={**choices, self.tr("Close"): self._banner.dismiss})
        self._banner.show_message(speech, focused=True)
        speak(self, sentence)

    def present(self) -> None:
        """Show it in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def done(self, result: int) -> None:
        """Close. What was typed is taken first; what is refused is said, and left behind the second time."""
        if self._take():
            self._close(result)

    def end(self) -> None:
        """Close whatever was typed; what can be taken is."""
        self._take()
        self._close(0)

    def show_page(self, page: Page) -> None:
        """Turn to this page."""
        self._titles.setCurrentRow(self._pages.index(page))

    def _on_edited(self, edit: Edit) -> None:
        self._banner.withdraw(lambda speech: speech is self._undo)
        try:
            self.set_settings(edit(self._settings))
        except EditError as error:
            self.tell(QCoreApplication.translate("Settings", str(error)), {})
            self.set_settings(self._settings)
        else:
            self.edited.emit(edit)

    def _on_removed(self, sentence: str, undo: Edit) -> None:
        """Offer to take it back, until the next edit."""
        choices = {self.tr("Undo"): partial(self._on_edited, undo)}
        self._undo = BannerMessage(text=sentence, choices=choices, info=True)
        self._banner.show_message(self._undo, focused=False)

    def _close(self, result: int) -> None:
        self._state.setValue(_GEOMETRY, self.saveGeometry())
        self._state.setValue(_PAGE, type(self._pages[self._titles.currentRow()]).__name__)
        super().done(result)

    def _take(self) -> bool:
        """Take what is being typed; False when it is refused, which was not said before."""
        line = self.focusWidget()
        field = line.parentWidget() if line else None
        return not isinstance(field, TextField) or field.take()

    def _dress(self) -> None:
        look = theme.current_style()
        colors = theme.palette(look)
        if theme.is_dark():  # where frames are darker than their ground, fields must be lighter to be seen
            colors.setColor(QPalette.ColorRole.Window, QColor(look.base))
            colors.setColor(QPalette.ColorRole.Base, QColor(look.chip))
        colors.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Base, colors.window().color())
        self.setPalette(colors)
        self._banner.set_style(look)
        self._titles.dress(look)
        for page in self._pages:
            page.dress(look)


def _scrolling(page: Page) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setBackgroundRole(QPalette.ColorRole.Window)
    return area


class Pages:
    """All of them. `buttons` are the labels of a notification's, `places` the paths of configuration and log."""

    def __init__(
        self, clicks: Clicks, buttons: Mapping[Button, str], places: Iterable[str], *, overridden: bool
    ) -> None:
        self.servers = ServersPage(overridden=overridden)
        self.notifications = NotificationsPage(buttons)
        self.rules = RulesPage()
        self.start_up = StartUpPage()
        self.appearance = AppearancePage(clicks)
        self.diagnostics = DiagnosticsPage(places)

    @property
    def all(self) -> tuple[Page, ...]:
        """In the order in which they are offered."""
        return (self.servers, self.notifications, self.rules, self.start_up, self.appearance, self.diagnostics)
