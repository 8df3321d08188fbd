"""The settings window: its pages, and a banner for errors and Undo.

The window applies an edit to its own copy of the settings at once and emits it. When the file has been written, the
controller sets the settings from the file. The window is not modal and is deleted when it is closed.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QColor, QKeyEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QListView,
    QMainWindow,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mailpit_notifier.core.settings import Button, Settings
from mailpit_notifier.core.settings_file import Edit, EditError
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.banner import Banner, BannerMessage, Choices
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.labels import window_title
from mailpit_notifier.ui.opening import ContentArea, ScrollingPages, fit_to_screen
from mailpit_notifier.ui.speech import speak
from mailpit_notifier.ui.tray.panel import Clicks

from .fields import CalmList, Page, SidebarDelegate, TextField
from .general_pages import DiagnosticsPage, GeneralPage, NotificationsPage
from .rules_page import RulesPage
from .servers_page import ServersPage

_GEOMETRY, _PAGE = "settings/geometry", "settings/page"

_ANY = 16_777_215
"""Qt's QWIDGETSIZE_MAX: no limit."""


_NARROW = 4
"""Widths of the longest title that a window needs to have the titles beside its pages."""


class Titles(CalmList):
    """The titles of the pages, below each other, or in lines above the pages."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(SidebarDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def lay_out(self, width: int) -> bool:
        """Use the room of a window of this width. Return whether the titles go above the pages."""
        longest = self.sizeHintForColumn(0) + 12
        above = width < _NARROW * longest
        self.setFlow(QListView.Flow.LeftToRight if above else QListView.Flow.TopToBottom)
        self.setWrapping(above)
        self.setMinimumSize(0 if above else longest, self._height(width) if above else 0)
        self.setMaximumSize(_ANY if above else longest, self.minimumHeight() if above else _ANY)
        return above

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move to the next page on Down, also where the titles are side by side."""
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if self.isWrapping() and event.key() in steps:
            self.setCurrentRow(max(0, min(self.currentRow() + steps[Qt.Key(event.key())], self.count() - 1)))
        else:
            super().keyPressEvent(event)

    def _height(self, width: int) -> int:
        """Return the height of the lines in which the titles fit."""
        lines, used = 1, 0
        for row in range(self.count()):
            used += self.sizeHintForIndex(self.model().index(row, 0)).width()
            if used > width:
                lines, used = lines + 1, self.sizeHintForIndex(self.model().index(row, 0)).width()
        return lines * self.sizeHintForRow(0) + 2


class SettingsWindow(QMainWindow):
    """A window with these pages. `state_file` keeps its geometry and the last page.

    Not a QDialog: screen readers read all labels of a dialog that have no control of their own as it opens.
    """

    finished = Signal()
    """The window was closed."""

    edited = Signal(object)
    """A core.settings_file.Edit to be written; the window shows its result already."""

    def __init__(self, pages: Sequence[Page], settings: Settings, state_file: Path) -> None:
        super().__init__()
        self._state = QSettings(str(state_file), QSettings.Format.IniFormat)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(window_title(self.tr("Settings")))
        self._settings = settings
        self._pages = pages
        self._banner = Banner()
        self._undo: BannerMessage | None = None
        self._is_text_entered = False
        self._titles = Titles()
        self._banner.focus_lost.connect(self._titles.setFocus)
        self._titles.setAccessibleName(self.tr("Pages"))
        self._pages_area = ScrollingPages()
        self._stack = QStackedLayout(self._pages_area)  # a QStackedWidget is a "layered pane" for screen readers
        for page in pages:
            self._titles.addItem(page.title)
            area = ContentArea(page)
            area.setBackgroundRole(QPalette.ColorRole.Window)
            self._stack.addWidget(area)
            page.edited.connect(self._on_edited)
            page.removed.connect(self._on_removed)
            for field in page.findChildren(TextField):
                field.entered.connect(self._on_text_entered)
        self._titles.currentRowChanged.connect(self._stack.setCurrentIndex)
        self._build_layout()
        self._restore()
        self._apply_style()
        theme.on_change(self._apply_style)
        self.set_settings(settings)

    def _build_layout(self) -> None:
        close = PushButton(self.tr("C&lose"), auto_default=False)  # Enter commits a text and does not close
        close.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # `done` commits the text, not the click
        close.clicked.connect(self.close)
        below = QHBoxLayout()
        below.setContentsMargins(12, 8, 12, 10)
        below.addStretch()
        below.addWidget(close)
        self._beside = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._beside.setSpacing(0)
        self._beside.addWidget(self._titles)
        column = QVBoxLayout()
        column.addWidget(self._pages_area, 1)
        column.addLayout(below)
        self._beside.addLayout(column, 1)
        inside = QWidget()
        self.setCentralWidget(inside)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._banner)
        layout.addLayout(self._beside, 1)

    def _restore(self) -> None:
        self.resize(820, 660)
        if geometry := self._state.value(_GEOMETRY):
            self.restoreGeometry(geometry)
        fit_to_screen(self)
        last = self._state.value(_PAGE)
        self.show_page(next((page for page in self._pages if type(page).__name__ == last), self._pages[0]))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the titles above the pages where beside them a page would have too little width."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        above = self._titles.lay_out(event.size().width())
        self._beside.setDirection(direction.TopToBottom if above else direction.LeftToRight)

    def set_settings(self, settings: Settings) -> None:
        """Show these settings on every page."""
        self._settings = settings
        for page in self._pages:
            page.set_settings(settings)

    def show_error(self, sentence: str, choices: Choices) -> None:
        """Show an error with these choices in the banner, and announce it."""
        speech = BannerMessage(text=sentence, choices={**choices, self.tr("Close"): self._banner.dismiss})
        self._banner.show_message(speech, focused=True)

    def present(self) -> None:
        """Show the window in front of others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Commit the current text, then close. The first time, an invalid text keeps the window open."""
        if not self._commit():
            event.ignore()
            return
        self._state.setValue(_GEOMETRY, self.saveGeometry())
        self._state.setValue(_PAGE, type(self._pages[self._titles.currentRow()]).__name__)
        super().closeEvent(event)
        self.finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def end(self) -> None:
        """Commit the current text if it is valid, and close in any case."""
        self._commit()
        self.close()  # the same invalid text is not refused twice

    def show_page(self, page: Page) -> None:
        """Switch to this page."""
        self._titles.setCurrentRow(self._pages.index(page))

    def say_saved(self) -> None:
        """Let screen readers report that a text was saved. They read the new state of other controls themselves."""
        if self._is_text_entered:
            self._is_text_entered = False
            speak(self._pages_area, self.tr("Saved"))

    def _on_text_entered(self) -> None:
        self._is_text_entered = True

    def _on_edited(self, edit: Edit) -> None:
        self._is_text_entered = False
        self._banner.withdraw(lambda speech: speech is self._undo)
        try:
            self.set_settings(edit(self._settings))
        except EditError as error:
            self.show_error(QCoreApplication.translate("Settings", str(error)), {})
            self.set_settings(self._settings)
        else:
            self.edited.emit(edit)

    def _on_removed(self, sentence: str, undo: Edit) -> None:
        """Offer Undo until the next edit."""
        choices = {self.tr("Undo"): partial(self._on_undone, undo)}
        self._undo = BannerMessage(text=sentence, choices=choices, info=True)
        self._banner.show_message(self._undo, focused=False)

    def _on_undone(self, undo: Edit) -> None:
        self._on_edited(undo)
        self._pages[self._titles.currentRow()].focus_entries()

    def _commit(self) -> bool:
        """Commit the text in the focused field; return False after showing a new error."""
        line = self.focusWidget()
        field = line.parentWidget() if line else None
        return not isinstance(field, TextField) or field.commit()

    def _apply_style(self) -> None:
        style = theme.current_style()
        colors = theme.palette(style)
        if (
            theme.is_dark() and not style.inverts
        ):  # frames are darker than the background: only lighter fields are distinct
            colors.setColor(QPalette.ColorRole.Window, QColor(style.base))
            colors.setColor(QPalette.ColorRole.Base, QColor(style.chip))
        colors.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Base, colors.window().color())
        self.setPalette(colors)
        theme.style_bars_and_menus(self, style)
        self._banner.set_style(style)
        self._titles.set_style(style)
        for page in self._pages:
            page.set_style(style)


class Pages:
    """The pages by name. `buttons`: labels of notification buttons; `places`: paths of configuration and log."""

    def __init__(
        self, clicks: Clicks, buttons: Mapping[Button, str], places: Iterable[str], *, overridden: bool
    ) -> None:
        self.servers = ServersPage(overridden=overridden)
        self.notifications = NotificationsPage(buttons)
        self.rules = RulesPage()
        self.general = GeneralPage(clicks)
        self.diagnostics = DiagnosticsPage(places)

    @property
    def all(self) -> tuple[Page, ...]:
        """The pages in the order of their tabs."""
        return (self.servers, self.notifications, self.rules, self.general, self.diagnostics)
