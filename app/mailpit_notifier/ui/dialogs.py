"""Dialogs about one server: its certificate and its password. Neither is modal, so messages keep arriving.

Neither has a description for screen readers. They read the labels of a dialog as it opens, and would read the
description, too.

The fields of a certificate are claims of an unknown party: they are shown as plain text of limited length. Only the
fingerprint identifies it.
"""

from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from mailpit_notifier.client.certificates import Certificate
from mailpit_notifier.runtime.text import plain

from . import theme
from .controls import CheckBox, PushButton, paint_ring
from .labels import PlainLabel, labelled, window_title
from .line_edit import LineEdit
from .opening import ContentArea, fit_to_screen

MAX_FIELD = 120
"""Characters of a name in a certificate that are shown."""

MIN_WIDTH = 460
"""Pixels, where the screen has room for them."""


class _Dialog(QDialog):
    """A dialog in the program's colors that fits on the screen. Deletes itself when closed."""

    def __init__(self, title: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(window_title(title))
        theme.on_change(self._apply_style)
        self._buttons = QDialogButtonBox()
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)

    def showEvent(self, event: QShowEvent) -> None:
        """Keep the dialog within the screen."""
        fit_to_screen(self)
        super().showEvent(event)

    def _add_buttons(self, accept: PushButton, cancel: PushButton) -> None:
        self._buttons.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)

    def _add_content(self, width: int) -> QVBoxLayout:
        """Return the column for the content, above the buttons."""
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.addWidget(ContentArea(content, width), 1)
        layout.addWidget(self._buttons)
        self._apply_style()
        return column

    def _apply_style(self) -> None:
        style = theme.current_style()
        self.setPalette(theme.palette(style))
        theme.style_bars_and_menus(self, style)

    def _on_accepted(self) -> None:
        raise NotImplementedError


class _Value(PlainLabel):
    """A value that can be selected. Tab reaches it: Orca 48 reads no values with labels as a dialog opens."""

    def __init__(self, text: str) -> None:
        super().__init__(wrap=True)
        self.setContentsMargins(4, 5, 4, 5)
        self.setText(text)
        keyboard, mouse = Qt.TextInteractionFlag.TextSelectableByKeyboard, Qt.TextInteractionFlag.TextSelectableByMouse
        self.setTextInteractionFlags(keyboard | mouse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring around the value that has the focus."""
        super().paintEvent(event)
        if self.hasFocus():
            paint_ring(QPainter(self), self.rect(), self.palette())


class CertificateDialog(_Dialog):
    """Asks whether to trust a certificate.

    `certificate` is None if it cannot be parsed; `before` is the fingerprint trusted so far, "" for none.
    """

    trusted = Signal(str)
    """The fingerprint that was shown."""

    def __init__(
        self, name: str, fingerprint: str, certificate: Certificate | None, before: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(self.tr("Certificate of {0}").format(name), parent)
        self._fingerprint = fingerprint
        self._trust = PushButton(self.tr("&Trust this certificate"), auto_default=False)
        self._cancel = PushButton(self.tr("Cancel"), primary=True)
        self._add_buttons(self._trust, self._cancel)
        column = self._add_content(MIN_WIDTH)
        if before:
            column.addWidget(self._warning(name))
        column.addLayout(self._fields(certificate, before))
        column.addWidget(self._meaning(name))
        column.addStretch()
        self._be_careful()

    def _be_careful(self) -> None:
        """Make Cancel the default button, so that Enter never trusts a certificate by accident."""
        self._cancel.setDefault(True)
        self._cancel.setFocus()

    def _warning(self, name: str) -> PlainLabel:
        label = PlainLabel(wrap=True)
        label.setText(
            self.tr(
                "Warning: this is not the certificate that you trusted for {0}. Either the server has a new one, or "
                "another computer intercepts the connection and could read your password and your messages."
            ).format(name)
        )
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        return label

    def _fields(self, certificate: Certificate | None, before: str) -> QFormLayout:
        form = QFormLayout()
        if certificate:
            form.addRow(self.tr("Issued to"), self._value(certificate.subject))
            form.addRow(self.tr("Issued by"), self._value(certificate.issuer))
            form.addRow(self.tr("Valid from"), self._value(day(certificate.begins)))
            form.addRow(self.tr("Valid until"), self._value(day(certificate.ends)))
        fingerprints = {self.tr("SHA-256"): self._fingerprint, self.tr("Previously trusted"): before}
        for label, fingerprint in fingerprints.items():
            if fingerprint:
                form.addRow(label, _Value(grouped(fingerprint)))
        return form

    def _value(self, text: str) -> PlainLabel:
        return _Value(plain(text, MAX_FIELD) or self.tr("(empty)"))

    def _meaning(self, name: str) -> PlainLabel:
        label = PlainLabel(wrap=True)
        label.setText(
            self.tr(
                "This certificate is not signed by a trusted authority. Compare its fingerprint with the server's "
                "before you trust it. Only this certificate will be accepted for {0}."
            ).format(name)
        )
        return label

    def _on_accepted(self) -> None:
        self.trusted.emit(self._fingerprint)
        self.accept()


def grouped(fingerprint: str) -> str:
    """Return a fingerprint in groups of four digits, which are easier to compare."""
    digits = fingerprint.replace(":", "").lower()
    return " ".join(digits[place : place + 4] for place in range(0, len(digits), 4))


def day(moment: datetime) -> str:
    """Return a date in the long format of the user's locale."""
    local = QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.LongFormat)


MIN_PASSWORD_WIDTH = 380


class PasswordDialog(_Dialog):
    """Asks for user name and password.

    `user` is the configured user name, which cannot be edited then, or "". `can_keep`: offer the secret store."""

    entered = Signal(str, str, bool)
    """User name, password, and whether to save it in the secret store."""

    def __init__(self, name: str, address: str, user: str, *, can_keep: bool, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Password"), parent)
        self._user, self._password = LineEdit(user), LineEdit()
        self._user.setReadOnly(bool(user))
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._keep = CheckBox(self.tr("Save in the system's secret &store"))
        self._keep.setVisible(can_keep)
        self._keep.setChecked(can_keep)
        self._connect = PushButton(self.tr("&Connect"), primary=True)
        self._add_buttons(self._connect, PushButton(self.tr("Cancel")))
        self._lay_out(self.tr("{0} requires a user name and a password.\n{1}").format(name, address))
        for field in (self._user, self._password):
            field.textChanged.connect(self._on_edited)
        self._on_edited()
        (self._password if user else self._user).setFocus()

    def _lay_out(self, question: str) -> None:
        form = QFormLayout()
        for text, field in ((self.tr("&User"), self._user), (self.tr("&Password"), self._password)):
            form.addRow(labelled(text, field), field)
        column = self._add_content(MIN_PASSWORD_WIDTH)
        label = PlainLabel(wrap=True)
        label.setText(question)
        column.addWidget(label)
        column.addLayout(form)
        column.addWidget(self._keep)
        self._connect.setDefault(True)

    def _on_edited(self) -> None:
        self._connect.setEnabled(bool(self._user.text().strip() and self._password.text()))

    def _on_accepted(self) -> None:
        self.entered.emit(self._user.text().strip(), self._password.text(), self._keep.isChecked())
        self._password.clear()
        self.accept()
