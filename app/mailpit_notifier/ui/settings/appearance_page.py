"""How the tray icon looks, what clicks on it do, and how the window behaves."""

from functools import partial

from PySide6.QtWidgets import QFormLayout

from mailpit_notifier.core.edits import choice
from mailpit_notifier.core.settings import Bar, Click, Count, Settings
from mailpit_notifier.ui.clicks import Clicks
from mailpit_notifier.ui.icons import bar_sample

from .fields import Choice, Heading, Remark, Switch, add_field, form
from .page import Page


class AppearancePage(Page):
    """`clicks`: which of them this desktop passes on, and what they can do here."""

    def __init__(self, clicks: Clicks) -> None:
        super().__init__()
        self.title = self.tr("Appearance")
        self._clicks = clicks
        self._choices = {
            "bar": Choice(
                self.tr("The bar is"),
                [
                    (Bar.AUTOMATIC, self.tr("As the desktop's windows")),
                    (Bar.LIGHT, self.tr("Light")),
                    (Bar.DARK, self.tr("Dark")),
                ],
            ),
            "count": Choice(
                self.tr("The number counts"),
                [
                    (Count.NEW, self.tr("New mails since you last looked")),
                    (Count.UNREAD, self.tr("All unread mails of the servers")),
                    (Count.OFF, self.tr("Nothing")),
                ],
            ),
            "left_click": Choice(self.tr("A left click"), self._deeds()),
            "middle_click": Choice(self.tr("A middle click"), self._deeds()),
            "double_click": Choice(self.tr("A double click"), self._deeds()),
        }
        self._switches = {
            "stay_on_top": Switch(self.tr("Keep it &above other windows")),
            "hide_on_focus_loss": Switch(self.tr("&Hide it when another window is used")),
        }
        for bar in (Bar.LIGHT, Bar.DARK):
            box = self._choices["bar"]
            box.setItemIcon(box.findData(bar), bar_sample(dark=bar is Bar.DARK))
        self._lay_out()
        for key, control in self._choices.items():
            control.picked.connect(partial(self._on_picked, key))
        for key, switch in self._switches.items():
            switch.switched.connect(partial(self._on_switched, key))

    def _deeds(self) -> list[tuple[Click, str]]:
        words = {
            Click.WINDOW: self.tr("Shows or hides recent mail"),
            Click.MENU: self.tr("Opens the menu"),
            Click.MAILPIT: self.tr("Opens Mailpit"),
            Click.NEWEST: self.tr("Opens the newest mail"),
            Click.NOTHING: self.tr("Does nothing"),
        }
        return [(click, text) for click, text in words.items() if click is not Click.MENU or self._clicks.menu]

    def _lay_out(self) -> None:
        self.column.addWidget(Heading(self.tr("Tray icon")))
        fields = form()
        add_field(fields, self.tr("The &bar is"), self._choices["bar"])
        add_field(fields, self.tr("The &number counts"), self._choices["count"])
        self._add_clicks(fields)
        self.column.addLayout(fields)
        if remark := self._remark():
            self.column.addWidget(Remark(remark))
        self.column.addSpacing(8)
        self.column.addWidget(Heading(self.tr("Window of recent mail")))
        for switch in self._switches.values():
            self.column.addWidget(switch)
        self.column.addStretch()

    def _add_clicks(self, fields: QFormLayout) -> None:
        if self._clicks.left:
            add_field(fields, self.tr("A &left click"), self._choices["left_click"])
        if self._clicks.middle:
            add_field(fields, self.tr("A &middle click"), self._choices["middle_click"])
        if self._clicks.double:
            add_field(fields, self.tr("A &double click"), self._choices["double_click"])

    def _remark(self) -> str:
        if not self._clicks.left:
            return self.tr("On this desktop every click on the icon opens the menu.")
        if self._clicks.left_by_double:
            return self.tr("On GNOME a single click opens the menu; click twice for what a left click does here.")
        if self._clicks.double:
            return self.tr("A double click begins with a left click, and does what that does, too.")
        return self.tr("This desktop passes no double clicks on to the icons in its bar.")

    def set_settings(self, settings: Settings) -> None:
        """Show what the file says."""
        for key, control in self._choices.items():
            control.set_value(getattr(settings.tray, key))
        for key, switch in self._switches.items():
            switch.setChecked(getattr(settings.window, key))

    def _on_picked(self, key: str, value: object) -> None:
        self.edited.emit(choice("tray", key, value))

    def _on_switched(self, key: str, on: bool) -> None:
        self.edited.emit(choice("window", key, on))
