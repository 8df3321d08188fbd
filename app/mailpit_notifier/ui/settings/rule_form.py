"""The form for one rule. Each field is committed on its own."""

import re
import shlex
from functools import partial

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings_file import checked

from .fields import Choice, Heading, Remark, TextField, labelled

_UNITS = {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000}


class RuleForm(QWidget):
    """Fields for the name, conditions and outcome of a rule."""

    changed = Signal(dict)
    """Changed fields of core.rules.Rule: name to value."""

    def __init__(self) -> None:
        super().__init__()
        self._rule: Rule | None = None
        self._name = TextField(self.tr("Name"), hint=self.tr("Shown in the list of rules"))
        self._name.entered.connect(lambda text: self.changed.emit({"name": text}))
        self._texts = {
            "to": self._condition("to", self.tr("To"), "*@shop.test"),
            "sender": self._condition("from", self.tr("From"), "noreply@*"),
            "subject": self._condition("subject", self.tr("Subject"), self.tr("Part of the subject")),
            "tag": self._condition("tag", self.tr("Tag")),
            "server": self._condition("server", self.tr("Server"), self.tr("Name or address")),
            "username": self._condition("username", self.tr("SMTP user")),
        }
        for key, field in self._texts.items():
            field.entered.connect(partial(self._on_text, key))
        self._attachment = Choice(
            self.tr("Attachments"),
            [(None, self.tr("With or without")), (True, self.tr("With")), (False, self.tr("Without"))],
        )
        self._attachment.picked.connect(lambda value: self.changed.emit({"attachment": value}))
        self._sizes = {
            "larger_than": TextField(self.tr("Larger than"), _check_size, hint="500 kB"),
            "smaller_than": TextField(self.tr("Smaller than"), _check_size, hint="2 MB"),
        }
        for key, field in self._sizes.items():
            field.entered.connect(partial(self._on_size, key))
        self._outcome = Choice(self.tr("Do this"), self._outcomes())
        self._outcome.picked.connect(self._on_outcome)
        self._command = TextField(
            self.tr("Command"),
            self._check_command,
            hint=self.tr("Program and arguments; reads the message as JSON"),
        )
        self._command.entered.connect(self._on_command)
        self._command.line.left.connect(self._on_command_left)
        self._build_layout()

    def _condition(self, key: str, label: str, hint: str = "") -> TextField:
        return TextField(label, partial(_check, key, label), hint=hint)

    def _outcomes(self) -> list[tuple[Outcome, str]]:
        return [
            (Outcome.NOTIFY, self.tr("Show a notification")),
            (Outcome.SILENT, self.tr("Show in list only")),
            (Outcome.HIDE, self.tr("Hide completely")),
            (Outcome.OPEN, self.tr("Open in the browser")),
            (Outcome.RUN, self.tr("Run a command")),
        ]

    def _build_layout(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        self._put_wide(grid, 0, self.tr("&Name"), self._name)
        grid.addWidget(Heading(self.tr("If all of these match")), 1, 0, 1, 4)
        for place, (label, field) in enumerate(zip(self._labels(), self._conditions(), strict=True)):
            row, column = divmod(place, 2)
            grid.addWidget(labelled(label, field), row + 2, 2 * column)
            grid.addWidget(field, row + 2, 2 * column + 1)
        grid.addWidget(
            Remark(self.tr("* matches any characters, ? matches one. /…/ is a regular expression.")), 7, 1, 1, 3
        )
        self._put_wide(grid, 8, self.tr("&Do this"), self._outcome)
        self._command_label = self._put_wide(grid, 9, self.tr("&Command"), self._command)

    def _labels(self) -> tuple[str, ...]:
        texts = (self.tr("&To"), self.tr("&From"), self.tr("&Subject"), self.tr("Ta&g"), self.tr("Ser&ver"))
        others = (self.tr("SMTP &user"), self.tr("&Larger than"), self.tr("S&maller than"), self.tr("Attac&hments"))
        return texts + others

    def _conditions(self) -> tuple[QWidget, ...]:
        return (*self._texts.values(), *self._sizes.values(), self._attachment)

    def _put_wide(self, grid: QGridLayout, row: int, label: str, field: QWidget) -> QLabel:
        title = labelled(label, field)
        grid.addWidget(title, row, 0)
        grid.addWidget(field, row, 1, 1, 3)
        return title

    def show_rule(self, rule: Rule | None) -> None:
        """Show this rule; hide the form for None."""
        self._rule = rule
        self.setVisible(rule is not None)
        if rule is None:
            return
        self._name.set_text(rule.given_name)
        for key, field in self._texts.items():
            field.set_text(getattr(rule, key) or "")
        for key, field in self._sizes.items():
            field.set_text(size_text(getattr(rule, key)))
        self._attachment.set_value(rule.attachment)
        self._command.set_text(shlex.join(rule.command))
        self._show_outcome()

    def start_new(self) -> None:
        """Focus the first field, for a new rule."""
        self._name.setFocus()

    def _show_command(self) -> None:
        runs = self._outcome.currentData() is Outcome.RUN
        self._command.setVisible(runs)
        self._command_label.setVisible(runs)

    def _on_text(self, key: str, text: str) -> None:
        self.changed.emit({key: text or None})

    def _on_size(self, key: str, text: str) -> None:
        self.changed.emit({key: size_from(text)})

    def _on_outcome(self, outcome: Outcome) -> None:
        self._show_command()
        if outcome is Outcome.RUN:  # "run" is only valid together with a command
            self._command.setFocus()
        else:
            self.changed.emit({"outcome": outcome, "command": ()})

    def _on_command(self, text: str) -> None:
        self.changed.emit({"outcome": Outcome.RUN, "command": tuple(shlex.split(text))})

    def _on_command_left(self) -> None:
        """Restore the previous outcome if no command was entered, after the focus has moved on."""
        if not self._command.line.text().strip() and self._rule and self._rule.outcome is not Outcome.RUN:
            QTimer.singleShot(0, self, self._show_outcome)

    def _show_outcome(self) -> None:
        if self._rule and not self._command.line.is_current:
            self._outcome.set_value(self._rule.outcome)
            self._show_command()

    def _check_command(self, text: str) -> None:
        try:
            words = shlex.split(text)
        except ValueError:
            raise ValueError(self.tr("A closing quotation mark is missing.")) from None
        if not words:
            raise ValueError(self.tr("Enter a program, or choose another action."))


def size_text(size: int | None) -> str:
    """Return a number of bytes with its unit, like 500 kB; "" for None."""
    if size is None:
        return ""
    for unit, name in ((1_000_000, "MB"), (1_000, "kB")):
        if size and size % unit == 0:
            return f"{size // unit} {name}"
    return str(size)


def size_from(text: str) -> int | None:
    """Parse a size like 500 kB into bytes; None for "". Raises ValueError with an error message."""
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,12})\s*([a-z]*)", text.lower())
    if found is None or found[2] not in _UNITS:
        raise ValueError(QCoreApplication.translate("RuleForm", "Enter a size such as 500 kB or 2 MB."))
    return int(found[1]) * _UNITS[found[2]]


def _check_size(text: str) -> None:
    size_from(text)


def _check(key: str, label: str, text: str) -> None:
    """Check a condition; an empty text means there is none."""
    if not text:
        return
    try:
        checked("rule", key, text)
    except ValueError as error:
        raise ValueError(f"{label} {QCoreApplication.translate('Settings', str(error))}") from None
