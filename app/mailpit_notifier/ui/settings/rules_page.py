"""The rules in the order in which they are checked, the form for one, and a preview of the loaded messages that match.

Each field of the form is committed on its own. Conditions that few rules have (SMTP user, size, attachments) are set in
config.toml; the form names them.

The preview counts every matching message and lists the newest. Patterns are limited in time (core.rules): a rule that
takes too long is reported in the preview.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from mailpit_notifier.core.rules import Outcome, Rule, Rules
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import add_rule, change_rule, move_rule, remove_rule
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import words
from mailpit_notifier.ui.labels import labelled
from mailpit_notifier.ui.theme import outline

from .entry_list import EntriesPage
from .fields import CalmList, Choice, Heading, Remark, TextField, check_setting


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
        return TextField(label, partial(check_setting, "rule", key, label), hint=hint)

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
        signs = self.tr("* matches any characters, ? matches one, except in the subject. /…/ is a regular expression.")
        grid.addWidget(Remark(signs), 5, 1, 1, 3)
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
        """Return a description of each condition that has no field."""
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


MAX_LISTED = 50
"""Messages listed in the preview; all are counted."""

_SUBJECT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A loaded message, and the names by which a rule can refer to its server."""

    message: Message
    server: tuple[str, ...]


class RulePreview(QWidget):
    """The number of matching messages, and the newest of them."""

    def __init__(self) -> None:
        super().__init__()
        self._rule = self._before = Rules((), self._on_suspended)
        self._reason = ""
        self._count = Remark()
        self._view = CalmList()
        outline(self._view)
        self._view.setUniformItemSizes(True)
        self._view.setAccessibleName(self.tr("Matching messages"))
        self._view.setMinimumHeight(self._view.fontMetrics().height() * 5)
        self._view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Heading(self.tr("Matching recent messages")))
        layout.addWidget(self._count)
        layout.addWidget(self._view, 1)

    def preview(self, rule: Rule, before: tuple[Rule, ...], samples: Sequence[Sample]) -> None:
        """Show which samples match `rule`, and which of them an earlier rule in `before` already handles."""
        if (rule,) != self._rule.all:
            self._reason = ""
            self._rule = Rules([rule], self._on_suspended)
        if before != self._before.all:
            self._before = Rules(before, lambda _rule, _reason: None)
        found = [sample for sample in samples if self._rule.first_match(sample.message, sample.server)]
        taken = {id(sample): self._before.first_match(sample.message, sample.server) for sample in found}
        others = sum(1 for one in taken.values() if one)
        text = self.tr("Matches {0} of {1}.").format(len(found), len(samples))
        if others:
            text += " " + self.tr("An earlier rule applies to {0} of them.").format(others)
        if self._reason:
            reason = QCoreApplication.translate("Settings", self._reason)
            text = self.tr("Matches no message: the regular expression {0}.").format(reason)
        self._count.setText(text)
        lines = [self._line(sample, taken[id(sample)]) for sample in found[:MAX_LISTED]]
        if lines != [self._view.item(row).text() for row in range(self._view.count())]:
            self._view.clear()
            self._view.addItems(lines)

    def _on_suspended(self, _rule: Rule, reason: str) -> None:
        self._reason = reason

    def _line(self, sample: Sample, by: Rule | None) -> str:
        line = " · ".join(filter(None, (words.subject(sample.message, _SUBJECT), words.recipient(sample.message))))
        return self.tr('{0} (handled by "{1}")').format(line, by.name) if by else line


PREVIEW_DELAY_MS = 100
"""Delay before the preview follows new messages, which may arrive in bursts."""


class RulesPage(EntriesPage):
    """List, form and preview of rules. A new rule shows notifications, so it changes nothing until it is edited."""

    def __init__(self) -> None:
        super().__init__(self.tr("Rules"))
        self._rules: tuple[Rule, ...] = ()
        self._samples: Sequence[Sample] = ()
        self._place = 0
        self.form = RuleForm()
        self.preview = RulePreview()
        self._settle = QTimer(self, singleShot=True, interval=PREVIEW_DELAY_MS)
        self._settle.timeout.connect(self._show_preview)
        self.column.addWidget(Remark(self.tr("The first matching rule applies. Other messages show a notification.")))
        for part in (self.entries, self.form, self.preview):
            self.column.addWidget(part, int(part is self.preview))
        self.column.addStretch()
        self.entries.current_changed.connect(self._on_current_changed)
        self.entries.add_requested.connect(self._on_add)
        self.entries.remove_requested.connect(self._on_remove)
        self.entries.move_requested.connect(self._on_move)
        self.form.changed.connect(self._on_changed)
        self._show()

    def set_settings(self, settings: Settings) -> None:
        """Show these rules."""
        before, self._rules = self._rules, settings.rules
        if before != self._rules:
            self._show()

    def set_samples(self, samples: Sequence[Sample]) -> None:
        """Set the loaded messages, newest first, and update the preview soon."""
        self._samples = samples
        if not self._settle.isActive():
            self._settle.start()

    def _show(self) -> None:
        self._place = max(0, min(self._place, len(self._rules) - 1))
        self.entries.set_entries([(self._text(rule), QIcon()) for rule in self._rules], self._place)
        self.form.show_rule(self._rule())
        self._show_preview()

    def _show_preview(self) -> None:
        rule = self._rule()
        self.preview.setVisible(rule is not None)
        if rule:
            self.preview.preview(rule, self._rules[: self._place], self._samples)

    def _rule(self) -> Rule | None:
        return self._rules[self._place] if 0 <= self._place < len(self._rules) else None

    def _text(self, rule: Rule) -> str:
        texts = (rule.to, rule.sender, rule.subject, rule.tag, rule.server, rule.username)
        about = rule.given_name or ", ".join(filter(None, texts)) or self.tr("Every message")
        return f"{about}: {self._outcome_name(rule.outcome)}"

    def _outcome_name(self, outcome: Outcome) -> str:
        return {
            Outcome.NOTIFY: self.tr("notify"),
            Outcome.SILENT: self.tr("list only"),
            Outcome.HIDE: self.tr("hide"),
            Outcome.OPEN: self.tr("open"),
            Outcome.RUN: self.tr("run"),
        }[outcome]

    def _on_current_changed(self, place: int) -> None:
        if place >= 0:
            self._place = place
            self._show()

    def _on_add(self) -> None:
        self.form.start_new()  # first: Orca 43 does not read a field whose text changes before it gets the focus
        self._place = len(self._rules)
        self.edited.emit(add_rule(Rule(outcome=Outcome.NOTIFY, name=f"rule {self._place + 1}")))

    def _on_remove(self, place: int) -> None:
        rule = self._rules[place]
        self.edited.emit(remove_rule(rule))
        self.removed.emit(self.tr("Removed rule: {0}.").format(self._text(rule)), add_rule(rule, place))

    def _on_move(self, place: int, step: int) -> None:
        rule, self._place = self._rules[place], place + step
        self.edited.emit(move_rule(rule, step))

    def _on_changed(self, values: dict[str, object]) -> None:
        if rule := self._rule():
            self.edited.emit(change_rule(rule, replace(rule, **values)))  # type: ignore[arg-type]
