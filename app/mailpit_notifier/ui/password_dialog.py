"""Asks for the password of a server. It stops nothing: mail of other servers comes in while it stands there."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from . import theme
from .plain_label import PlainLabel

MIN_WIDTH = 380


class PasswordDialog(QDialog):
    """Gone once it was answered. `user` is the one that the configuration names, "" if it names none."""

    entered = Signal(str, str, bool)
    """User, password, and whether to keep it in the secret store."""

    def __init__(self, name: str, address: str, user: str, *, can_keep: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Password"))
        self.setMinimumWidth(MIN_WIDTH)
        self.setPalette(theme.palette(theme.look()))
        self._user, self._password = QLineEdit(user), QLineEdit()
        self._user.setReadOnly(bool(user))
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._keep = QCheckBox(self.tr("Keep it in the system's secret &store"))
        theme.outline(self._user, self._password, self._keep)
        self._keep.setVisible(can_keep)
        self._keep.setChecked(can_keep)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._connect = self._buttons.addButton(self.tr("&Connect"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._lay_out(self.tr("{0} wants a user name and a password.\n{1}").format(name, address))
        for field in (self._user, self._password):
            field.textChanged.connect(self._on_edited)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        self._on_edited()
        (self._password if user else self._user).setFocus()

    def _lay_out(self, question: str) -> None:
        form = QFormLayout()
        form.addRow(self.tr("&User"), self._user)
        form.addRow(self.tr("&Password"), self._password)
        layout = QVBoxLayout(self)
        label = PlainLabel(wrap=True)
        label.setText(question)
        layout.addWidget(label)
        layout.addLayout(form)
        layout.addWidget(self._keep)
        layout.addWidget(self._buttons)
        self._connect.setDefault(True)
        self.setAccessibleDescription(question)

    def _on_edited(self) -> None:
        self._connect.setEnabled(bool(self._user.text().strip() and self._password.text()))

    def _on_accepted(self) -> None:
        self.entered.emit(self._user.text().strip(), self._password.text(), self._keep.isChecked())
        self._password.clear()
        self.accept()
