"""Which of the mails that are here a rule is about, told while it is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QListView, QSizePolicy, QVBoxLayout, QWidget

from mailpit_notifier.core.rules import Rule, Rules
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.ui import words
from mailpit_notifier.ui.theme import outline

from .fields import Heading, Remark

MOST = 50
"""Mails that are listed; all are counted."""

_SUBJECT = 100

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A mail that is here, and the names by which a rule means its server."""

    message: Message
    server: tuple[str, ...]


class _Lines(QAbstractListModel):
    """Lines of text."""

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


class RulePreview(QWidget):
    """A count and the newest mails that match."""

    def __init__(self) -> None:
        super().__init__()
        self._rule = self._before = Rules((), self._on_suspended)
        self._reason = ""
        self._count = Remark()
        self._lines = _Lines()
        self._view = QListView()
        outline(self._view)
        self._view.setModel(self._lines)
        self._view.setUniformItemSizes(True)
        self._view.setAccessibleName(self.tr("Mails that match"))
        self._view.setMinimumHeight(self._view.fontMetrics().height() * 5)
        self._view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Heading(self.tr("Of the mails that are here")))
        layout.addWidget(self._count)
        layout.addWidget(self._view, 1)

    def preview(self, rule: Rule, before: tuple[Rule, ...], samples: Sequence[Sample]) -> None:
        """Show what this rule is about; those `before` it decide first."""
        if (rule,) != self._rule.all:
            self._reason = ""
            self._rule = Rules([rule], self._on_suspended)
        if before != self._before.all:
            self._before = Rules(before, lambda _rule, _reason: None)
        found = [sample for sample in samples if self._rule.first_match(sample.message, sample.server)]
        taken = {id(sample): self._before.first_match(sample.message, sample.server) for sample in found}
        others = sum(1 for one in taken.values() if one)
        text = self.tr("It matches {0} of {1}.").format(len(found), len(samples))
        if others:
            text += " " + self.tr("An earlier rule decides about {0} of them.").format(others)
        if self._reason:
            reason = QCoreApplication.translate("Settings", self._reason)
            text = self.tr("It matches no message: its regular expression {0}.").format(reason)
        self._count.setText(text)
        self._lines.show([self._line(sample, taken[id(sample)]) for sample in found[:MOST]])

    def _on_suspended(self, _rule: Rule, reason: str) -> None:
        self._reason = reason

    def _line(self, sample: Sample, by: Rule | None) -> str:
        line = " · ".join(filter(None, (words.subject(sample.message, _SUBJECT), words.recipient(sample.message))))
        return self.tr("{0} (decided by «{1}»)").format(line, by.name) if by else line
