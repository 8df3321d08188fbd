"""The report that goes into a bug report, and the way to the log and the configuration."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton

from mailpit_notifier.core.text import lines
from mailpit_notifier.ui import clipboard
from mailpit_notifier.ui.theme import outline

from .fields import Remark
from .page import Page


class DiagnosticsPage(Page):
    """The report is made by others, line by line."""

    report_wanted = Signal()
    log_wanted = Signal()
    file_wanted = Signal()

    def __init__(self, places: Iterable[str]) -> None:
        super().__init__()
        self.title = self.tr("Diagnostics")
        self._report = QPlainTextEdit(readOnly=True, tabChangesFocus=True)
        self._report.setAccessibleName(self.tr("Report"))
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._report.setMinimumHeight(200)
        outline(self._report)
        copy, again = QPushButton(self.tr("&Copy")), QPushButton(self.tr("&Look again"))
        log, file = QPushButton(self.tr("Open l&og")), QPushButton(self.tr("Open con&figuration file"))
        copy.clicked.connect(self._copy)
        again.clicked.connect(self.report_wanted)
        log.clicked.connect(self.log_wanted)
        file.clicked.connect(self.file_wanted)
        self.column.addWidget(
            Remark(self.tr("No passwords and no mail are in it; names and addresses of servers are."))
        )
        self.column.addWidget(self._report, 1)
        for buttons in ((copy, again), (log, file)):
            row = QHBoxLayout()
            for button in buttons:
                button.setAutoDefault(False)
                row.addWidget(button)
            row.addStretch()
            self.column.addLayout(row)
        paths = Remark("\n".join(places))
        paths.setTextInteractionFlags(self._report.textInteractionFlags())
        self.column.addWidget(paths)

    def start_report(self) -> None:
        """A report begins."""
        self._report.clear()

    def add_line(self, line: str) -> None:
        """One more line of the report."""
        self._report.appendPlainText(lines(line))

    def _copy(self) -> None:
        clipboard.put_lines(self._report.toPlainText())
