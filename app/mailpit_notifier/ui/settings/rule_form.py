"""The form for one rule. Each field is committed on its own.

Conditions that few rules have (SMTP user, size, attachments) are set in config.toml; the form names them.
"""

import shlex
from functools import partial

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings_file import checked
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.labels import labelled

from .fields import Choice, Heading, Remark, TextField


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
        }
        for key, field in self._texts.items():
            field.entered.connect(partial(self._on_text, key))
        self._others = Remark()
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
        for place, (label, field) in enumerate(zip(self._labels(), self._texts.values(), strict=True)):
            row, column = divmod(place, 2)
            grid.addWidget(labelled(label, field), row + 2, 2 * column)
            grid.addWidget(field, row + 2, 2 * column + 1)
        grid.addWidget(
            Remark(self.tr("* matches any characters, ? matches one. /…/ is a regular expression.")), 5, 1, 1, 3
        )
        grid.addWidget(self._others, 6, 1, 1, 3)
        self._put_wide(grid, 7, self.tr("&Do this"), self._outcome)
        self._command_label = self._put_wide(grid, 8, self.tr("&Command"), self._command)

    def _labels(self) -> tuple[str, ...]:
        return (self.tr("&To"), self.tr("&From"), self.tr("&Subject"), self.tr("Ta&g"), self.tr("Ser&ver"))

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
        others = self._other_conditions(rule)
        self._others.setText(self.tr("Also set in config.toml: {0}.").format(", ".join(others)))
        self._others.setVisible(bool(others))
        self._command.set_text(shlex.join(rule.command))
        self._show_outcome()

    def _other_conditions(self, rule: Rule) -> list[str]:
        """Return the conditions that have no field, as they are."""
        found = [self.tr("SMTP user {0}").format(plain(rule.username, words.SHORT))] if rule.username else []
        if rule.larger_than is not None:
            found.append(self.tr("larger than {0}").format(words.data_size(rule.larger_than)))
        if rule.smaller_than is not None:
            found.append(self.tr("smaller than {0}").format(words.data_size(rule.smaller_than)))
        if rule.attachment is not None:
            found.append(self.tr("with attachments") if rule.attachment else self.tr("without attachments"))
        return found

    def start_new(self) -> None:
        """Focus the first field, for a new rule."""
        self.show()  # it is hidden while there is no rule
        self._name.setFocus()

    def _show_command(self) -> None:
        runs = self._outcome.currentData() is Outcome.RUN
        self._command.setVisible(runs)
        self._command_label.setVisible(runs)

    def _on_text(self, key: str, text: str) -> None:
        self.changed.emit({key: text or None})

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
            parts = shlex.split(text)
        except ValueError:
            raise ValueError(self.tr("A closing quotation mark is missing.")) from None
        if not parts:
            raise ValueError(self.tr("Enter a program, or choose another action."))


def _check(key: str, label: str, text: str) -> None:
    """Check a condition; an empty text means there is none."""
    if not text:
        return
    try:
        checked("rule", key, text)
    except ValueError as error:
        raise ValueError(f"{label} {QCoreApplication.translate('Settings', str(error))}") from None
