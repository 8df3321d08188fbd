"""The rules in the order in which they are checked, with a preview of the loaded messages that match.

The preview counts every matching message and lists the newest. Patterns are limited in time (core.rules): a rule that
takes too long is reported in the preview.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QIcon, QPaintEvent
from PySide6.QtWidgets import QListView, QSizePolicy, QVBoxLayout, QWidget

from mailpit_notifier.core.rules import Outcome, Rule, Rules
from mailpit_notifier.core.settings import Settings
from mailpit_notifier.core.settings_file import add_rule, change_rule, move_rule, remove_rule
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.ui import words
from mailpit_notifier.ui.controls import RingDelegate
from mailpit_notifier.ui.theme import Style, outline

from .entry_list import EntryList
from .fields import Heading, Page, Remark, ring_if_empty
from .rule_form import RuleForm

MAX_LISTED = 50
"""Messages listed in the preview; all are counted."""

_SUBJECT = 100

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A loaded message, and the names by which a rule can refer to its server."""

    message: Message
    server: tuple[str, ...]


class _Lines(QAbstractListModel):
    """A list model of text lines."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    def show(self, lines: list[str]) -> None:
        if lines != self._lines:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        shown = role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}
        return self._lines[index.row()] if shown else None


class _PreviewView(QListView):
    """The list of matching messages."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(RingDelegate(self))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring around the list if it has no row to draw it around."""
        super().paintEvent(event)
        ring_if_empty(self)


class RulePreview(QWidget):
    """The number of matching messages, and the newest of them."""

    def __init__(self) -> None:
        super().__init__()
        self._rule = self._before = Rules((), self._on_suspended)
        self._reason = ""
        self._count = Remark()
        self._lines = _Lines()
        self._view = _PreviewView()
        outline(self._view)
        self._view.setModel(self._lines)
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
        self._lines.show([self._line(sample, taken[id(sample)]) for sample in found[:MAX_LISTED]])

    def _on_suspended(self, _rule: Rule, reason: str) -> None:
        self._reason = reason

    def _line(self, sample: Sample, by: Rule | None) -> str:
        line = " · ".join(filter(None, (words.subject(sample.message, _SUBJECT), words.recipient(sample.message))))
        return self.tr('{0} (handled by "{1}")').format(line, by.name) if by else line


PREVIEW_DELAY_MS = 100
"""Delay before the preview follows new messages, which may arrive in bursts."""


class RulesPage(Page):
    """List, form and preview of rules. A new rule shows notifications, so it changes nothing until it is edited."""

    def __init__(self) -> None:
        super().__init__()
        self.title = self.tr("Rules")
        self._rules: tuple[Rule, ...] = ()
        self._samples: Sequence[Sample] = ()
        self._place = 0
        self.entries = EntryList(self.tr("Rules"))
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

    def focus_entries(self) -> None:
        """Focus the list in which a removed entry was restored."""
        self.entries.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_style(self, style: Style) -> None:
        """Use the colours of this theme for the list."""
        self.entries.list.set_style(style)

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
