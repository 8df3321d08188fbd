"""Shows a server's certificate to somebody who is to decide whether to trust it. It stops nothing meanwhile.

What stands in a certificate is a stranger's claim: shown as plain text, bounded; only the fingerprint tells anything.
"""

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from mailpit_notifier.core.text import plain
from mailpit_notifier.mailpit.certificate import Certificate

from . import theme
from .plain_label import PlainLabel

MAX_FIELD = 120
"""Characters of a name in a certificate."""

MIN_WIDTH = 460


class CertificateDialog(QDialog):
    """Gone once it was answered.

    `certificate` is None for one that cannot be read; `before` is the fingerprint that was trusted, "" without one.
    """

    trusted = Signal(str)
    """The fingerprint, as it was shown."""

    def __init__(
        self, name: str, fingerprint: str, certificate: Certificate | None, before: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Certificate of {0}").format(name))
        self.setMinimumWidth(MIN_WIDTH)
        self.setPalette(theme.palette(theme.look()))
        self._fingerprint = fingerprint
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._trust = self._buttons.addButton(
            self.tr("&Trust this certificate"), QDialogButtonBox.ButtonRole.AcceptRole
        )
        layout = QVBoxLayout(self)
        if before:
            layout.addWidget(self._warning(name))
        layout.addLayout(self._fields(certificate, before))
        layout.addWidget(self._meaning(name))
        layout.addStretch()
        layout.addWidget(self._buttons)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._be_careful()

    def _be_careful(self) -> None:
        """Enter cancels; who trusts must mean it."""
        self._trust.setAutoDefault(False)
        cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        cancel.setDefault(True)
        cancel.setFocus()

    def _warning(self, name: str) -> PlainLabel:
        label = PlainLabel(wrap=True)
        label.setText(
            self.tr(
                "Careful: this is NOT the certificate that was trusted for {0}. Either the server got a new one, or "
                "somebody is in between and would read your password and your mail."
            ).format(name)
        )
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        self.setAccessibleDescription(label.text())
        return label

    def _fields(self, certificate: Certificate | None, before: str) -> QFormLayout:
        form = QFormLayout()
        if certificate:
            form.addRow(self.tr("Issued to"), self._value(certificate.subject))
            form.addRow(self.tr("Issued by"), self._value(certificate.issuer))
            form.addRow(self.tr("Good from"), self._value(day(certificate.begins)))
            form.addRow(self.tr("Good until"), self._value(day(certificate.ends)))
        form.addRow(self.tr("SHA-256"), self._value(grouped(self._fingerprint)))
        if before:
            form.addRow(self.tr("Trusted before"), self._value(grouped(before)))
        return form

    def _value(self, text: str) -> PlainLabel:
        label = PlainLabel(wrap=True)
        label.setText(plain(text, MAX_FIELD) or self.tr("(nothing)"))
        keyboard, mouse = Qt.TextInteractionFlag.TextSelectableByKeyboard, Qt.TextInteractionFlag.TextSelectableByMouse
        label.setTextInteractionFlags(keyboard | mouse)
        return label

    def _meaning(self, name: str) -> PlainLabel:
        label = PlainLabel(wrap=True)
        label.setText(
            self.tr(
                "This computer cannot tell whether it is really {0} that shows it. To trust it means: from now on {0} "
                "is believed to be who it says if it shows exactly this certificate, and no other. Compare the "
                "fingerprint with the one on the server first."
            ).format(name)
        )
        return label

    def _on_accepted(self) -> None:
        self.trusted.emit(self._fingerprint)
        self.accept()


def grouped(fingerprint: str) -> str:
    """A fingerprint as people compare it: in fours."""
    digits = fingerprint.replace(":", "").lower()
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def day(moment: datetime) -> str:
    """A day as the desktop writes it."""
    local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.LongFormat)
