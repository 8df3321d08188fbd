"""The rules, in the order in which they decide, and what each would do to the mails that are here."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon

from mailpit_notifier.core.edits import add_rule, change_rule, move_rule, remove_rule
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.ui.theme import Look

from .entry_list import EntryList
from .fields import Remark
from .page import Page
from .rule_form import RuleForm
from .rule_preview import RulePreview, Sample

SETTLE_MS = 100
"""Mails come in bursts; what is shown of them need not."""


class RulesPage(Page):
    """A new rule is one that changes nothing until somebody says what it does."""

    def __init__(self) -> None:
        super().__init__()
        self.title = self.tr("Rules")
        self._rules: tuple[Rule, ...] = ()
        self._samples: Sequence[Sample] = ()
        self._place = 0
        self.entries = EntryList(self.tr("Rules"))
        self.form = RuleForm()
        self.preview = RulePreview()
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._show_preview)
        self.column.addWidget(Remark(self.tr("The first rule that matches decides. Without one you are notified.")))
        for part in (self.entries, self.form, self.preview):
            self.column.addWidget(part, int(part is self.preview))
        self.column.addStretch()
        self.entries.chosen.connect(self._on_chosen)
        self.entries.add_wanted.connect(self._on_add)
        self.entries.remove_wanted.connect(self._on_remove)
        self.entries.move_wanted.connect(self._on_move)
        self.form.changed.connect(self._on_changed)
        self._show()

    def dress(self, look: Look) -> None:
        """The list is a calm one."""
        self.entries.list.dress(look)

    def set_settings(self, settings: Settings) -> None:
        """Show these rules; the current one stays so, wherever it is now."""
        before, self._rules = self._rules, settings.rules
        if before != self._rules:
            self._show()

    def set_samples(self, samples: Sequence[Sample]) -> None:
        """The mails that are here."""
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
        about = rule.given_name or ", ".join(filter(None, texts)) or self.tr("Every mail")
        return f"{about}: {self._deed(rule.outcome)}"

    def _deed(self, outcome: Outcome) -> str:
        return {
            Outcome.NOTIFY: self.tr("notify"),
            Outcome.SILENT: self.tr("silent"),
            Outcome.HIDE: self.tr("hide"),
            Outcome.OPEN: self.tr("open"),
            Outcome.RUN: self.tr("run"),
        }[outcome]

    def _on_chosen(self, place: int) -> None:
        if place >= 0:
            self._place = place
            self._show()

    def _on_add(self) -> None:
        self._place = len(self._rules)
        self.edited.emit(add_rule(Rule(outcome=Outcome.NOTIFY, name=f"rule {self._place + 1}")))
        self.form.start_anew()

    def _on_remove(self, place: int) -> None:
        rule = self._rules[place]
        self.edited.emit(remove_rule(rule))
        self.removed.emit(self.tr("Removed a rule: {0}.").format(self._text(rule)), add_rule(rule, place))

    def _on_move(self, place: int, step: int) -> None:
        rule, self._place = self._rules[place], place + step
        self.edited.emit(move_rule(rule, step))

    def _on_changed(self, values: dict[str, object]) -> None:
        if rule := self._rule():
            self.edited.emit(change_rule(rule, replace(rule, **values)))  # type: ignore[arg-type]
