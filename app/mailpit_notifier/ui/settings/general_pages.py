"""The settings pages with simple controls: General, Notifications and Diagnostics."""

from collections.abc import Iterable, Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QGridLayout, QPlainTextEdit

from mailpit_notifier.core.settings import MOST_BUTTONS, Bar, Button, Click, Count, Settings
from mailpit_notifier.core.settings_file import choice
from mailpit_notifier.runtime.text import lines
from mailpit_notifier.ui import clipboard, theme
from mailpit_notifier.ui.controls import PushButton, paint_ring
from mailpit_notifier.ui.icons import bar_sample
from mailpit_notifier.ui.speech import describe, speak
from mailpit_notifier.ui.tray.panel import Clicks

from .fields import Buttons, Choice, Heading, Page, Remark, Switch, add_field, form


class GeneralPage(Page):
    """Start at login, tray icon and window. The desktop keeps the first, not config.toml: the controller writes it.

    `clicks`: what this desktop sends to tray icons, and whether they can open a menu.
    """

    autostart_changed = Signal(bool)

    def __init__(self, clicks: Clicks) -> None:
        super().__init__()
        self.title = self.tr("General")
        self._autostart = Switch(self.tr("&Start when I log in"))
        self._autostart.switched.connect(self.autostart_changed)
        self._clicks = clicks
        self._choices = {
            "bar": Choice(
                self.tr("Tray icon style"),
                [
                    (Bar.AUTOMATIC, self.tr("Match desktop")),
                    (Bar.LIGHT, self.tr("For light panels")),
                    (Bar.DARK, self.tr("For dark panels")),
                ],
            ),
            "count": Choice(
                self.tr("Badge shows"),
                [
                    (Count.NEW, self.tr("New messages since you last looked")),
                    (Count.UNREAD, self.tr("All unread messages")),
                    (Count.OFF, self.tr("Nothing")),
                ],
            ),
            "left_click": Choice(self.tr("Left click"), self._click_actions()),
            "middle_click": Choice(self.tr("Middle click"), self._click_actions()),
            "double_click": Choice(self.tr("Double click"), self._click_actions()),
        }
        self._switches = {
            "stay_on_top": Switch(self.tr("Keep &above other windows")),
            "hide_on_focus_loss": Switch(self.tr("&Hide when it loses focus")),
        }
        for bar in (Bar.LIGHT, Bar.DARK):
            box = self._choices["bar"]
            box.setItemIcon(box.findData(bar), bar_sample(dark=bar is Bar.DARK))
        self._build_layout()
        for key, control in self._choices.items():
            control.picked.connect(partial(self._on_picked, key))
        for key, switch in self._switches.items():
            switch.switched.connect(partial(self._on_switched, key))

    def _click_actions(self) -> list[tuple[Click, str]]:
        words = {
            Click.WINDOW: self.tr("Show or hide recent messages"),
            Click.MENU: self.tr("Open the menu"),
            Click.MAILPIT: self.tr("Open Mailpit"),
            Click.NEWEST: self.tr("Open the newest message"),
            Click.NOTHING: self.tr("Do nothing"),
        }
        return [(click, text) for click, text in words.items() if click is not Click.MENU or self._clicks.menu]

    def set_autostart(self, on: bool) -> None:
        """Show whether autostart is on."""
        self._autostart.setChecked(on)

    def _build_layout(self) -> None:
        self.column.addWidget(Heading(self.tr("Start-up")))
        self.column.addWidget(self._autostart)
        self.column.addWidget(
            Remark(self.tr("Starts in the tray with its window hidden. Start the program again to show the window."))
        )
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Tray icon")))
        fields = form()
        add_field(fields, self.tr("Tray icon st&yle"), self._choices["bar"])
        add_field(fields, self.tr("&Badge shows"), self._choices["count"])
        self._add_clicks(fields)
        self.column.addLayout(fields)
        if remark := self._remark():
            self.column.addWidget(Remark(remark))
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Recent messages window")))
        for switch in self._switches.values():
            self.column.addWidget(switch)
        self.column.addStretch()

    def _add_clicks(self, fields: QFormLayout) -> None:
        if self._clicks.left:
            add_field(fields, self.tr("Le&ft click"), self._choices["left_click"])
        if self._clicks.middle:
            add_field(fields, self.tr("&Middle click"), self._choices["middle_click"])
        if self._clicks.double:
            add_field(fields, self.tr("&Double click"), self._choices["double_click"])

    def _remark(self) -> str:
        if not self._clicks.left:
            return self.tr("On this desktop, every click on the icon opens the menu.")
        if self._clicks.left_by_double:
            return self.tr("On GNOME, a single click opens the menu. Double-click for the left-click action.")
        if self._clicks.double:
            return self.tr("A double click also triggers the left-click action.")
        return self.tr("This desktop does not send double clicks to tray icons.")

    def set_settings(self, settings: Settings) -> None:
        """Show these settings."""
        for key, control in self._choices.items():
            control.set_value(getattr(settings.tray, key))
        for key, switch in self._switches.items():
            switch.setChecked(getattr(settings.window, key))

    def _on_picked(self, key: str, value: object) -> None:
        self.edited.emit(choice("tray", key, value))

    def _on_switched(self, key: str, on: bool) -> None:
        self.edited.emit(choice("window", key, on))


class NotificationsPage(Page):
    """Content and buttons of notifications. `buttons` maps each button that can be chosen to its label."""

    sample_requested = Signal()

    def __init__(self, buttons: Mapping[Button, str]) -> None:
        super().__init__()
        self.title = self.tr("Notifications")
        self._switches = {
            "hide_content": Switch(self.tr("&Hide message content")),
            "snippet": Switch(self.tr("Show the &beginning of the message")),
            "sender": Switch(self.tr("Show the s&ender as well as the recipient")),
            "sound": Switch(self.tr("Play the desktop's notification s&ound")),
            "catch_up": Switch(self.tr("Summari&ze messages that arrived while disconnected")),
            "smtp_errors": Switch(self.tr("Notify when Mailpit re&jects a message")),
        }
        self._buttons = {key: Switch(text) for key, text in buttons.items()}
        self._full = Remark()
        self.example = PushButton(self.tr("&Send a sample notification"), auto_default=False)
        self.example.clicked.connect(self.sample_requested)
        self._build_layout()
        for key, switch in self._switches.items():
            switch.switched.connect(partial(self._on_switched, key))
        for key, switch in self._buttons.items():
            switch.switched.connect(partial(self._on_button, key))

    def _build_layout(self) -> None:
        self.column.addWidget(Heading(self.tr("Content")))
        for key in ("hide_content", "snippet", "sender", "sound"):
            self.column.addWidget(self._switches[key])
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Buttons")))
        self._full.setText(self.tr("Choose up to {0}.").format(MOST_BUTTONS))
        self.column.addWidget(self._full)
        grid = QGridLayout()
        for place, switch in enumerate(self._buttons.values()):
            grid.addWidget(switch, place // 2, place % 2)
        self.column.addLayout(grid)
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Other notifications")))
        for key in ("catch_up", "smtp_errors"):
            self.column.addWidget(self._switches[key])
        self.column.addSpacing(12)
        row = QGridLayout()
        row.addWidget(self.example, 0, 0)
        row.setColumnStretch(1, 1)
        self.column.addLayout(row)
        self.column.addStretch()

    def set_settings(self, settings: Settings) -> None:
        """Show these settings."""
        shown = settings.notifications
        for key, switch in self._switches.items():
            switch.setChecked(getattr(shown, key))
        for key, switch in self._buttons.items():
            switch.setChecked(key in shown.buttons)
        for key in ("snippet", "sender"):  # hidden content includes both
            self._switches[key].setEnabled(not shown.hide_content)

    def _on_switched(self, key: str, on: bool) -> None:
        self.edited.emit(choice("notifications", key, on))

    def _on_button(self, key: Button, _on: bool) -> None:
        wanted = tuple(one for one, switch in self._buttons.items() if switch.isChecked())
        if len(wanted) <= MOST_BUTTONS:
            self.edited.emit(choice("notifications", "buttons", wanted))
            return
        self._buttons[key].setChecked(False)
        self._buttons[key].setAccessibleDescription("")
        describe(self._buttons[key], self._full.text())


class _Report(QPlainTextEdit):
    """A read-only text with a ring while it has the focus."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring over the text."""
        super().paintEvent(event)
        if self.hasFocus():
            paint_ring(QPainter(self.viewport()), self.viewport().rect(), self.palette())


class DiagnosticsPage(Page):
    """The report that users add to bug reports, and buttons that open the log and the configuration.

    The controller adds the report line by line. `places` are the paths to show.
    """

    report_requested = Signal()
    log_requested = Signal()
    config_file_requested = Signal()

    def __init__(self, places: Iterable[str]) -> None:
        super().__init__()
        self.title = self.tr("Diagnostics")
        self._report = _Report(readOnly=True, tabChangesFocus=True)
        self._report.setAccessibleName(self.tr("Report"))
        self._report.setFont(theme.fixed_font())
        self._report.setMinimumHeight(200)
        theme.outline(self._report)
        self._is_refreshed = False
        """Whether the user has asked for the report that is being made."""
        self._copy_button = copy = PushButton(self.tr("&Copy report"))
        again = PushButton(self.tr("&Refresh"))
        log, file = PushButton(self.tr("Open l&og file")), PushButton(self.tr("Open con&figuration file"))
        copy.clicked.connect(self._copy)
        again.clicked.connect(self._on_refresh)
        log.clicked.connect(self.log_requested)
        file.clicked.connect(self.config_file_requested)
        self.column.addWidget(Remark(self.tr("Contains server names and addresses, but no passwords or messages.")))
        self.column.addWidget(self._report, 1)
        buttons = (copy, again, log, file)
        for button in buttons:
            button.setAutoDefault(False)
        self.column.addWidget(Buttons(*buttons))
        paths = Remark("\n".join(places))
        paths.setTextInteractionFlags(self._report.textInteractionFlags())
        self.column.addWidget(paths)

    def start_report(self) -> None:
        """Clear the report."""
        self._report.clear()

    def add_line(self, line: str) -> None:
        """Append a line to the report."""
        self._report.appendPlainText(lines(line))

    def end_report(self, problems: int) -> None:
        """Let screen readers say that the report is complete, if the user has pressed Refresh for it."""
        if self._is_refreshed:
            self._is_refreshed = False
            texts = {
                0: self.tr("Report updated: no problem found"),
                1: self.tr("Report updated: 1 problem found"),
            }
            speak(self._report, texts.get(problems, self.tr("Report updated: {0} problems found")).format(problems))

    def _on_refresh(self) -> None:
        self._is_refreshed = True
        self.report_requested.emit()

    def _copy(self) -> None:
        clipboard.put_lines(self._report.toPlainText())
        speak(self._copy_button, self.tr("Copied"))
