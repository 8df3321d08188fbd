"""The page with the servers in their order, and the form for the current one.

Each field of the form is committed on its own, and a button tests the connection. core.settings_file checks the values,
so the form and config.toml report a problem in the same words.
"""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mailpit_notifier.core.settings import COLORS, DEFAULT_URL, Access, Server, Settings, colors_of
from mailpit_notifier.core.settings_file import add_server, change_server, move_server, remove_server
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.ui.controls import PushButton
from mailpit_notifier.ui.icons import swatch
from mailpit_notifier.ui.opening import fit_to_screen
from mailpit_notifier.ui.speech import describe

from .entry_list import EntriesPage
from .fields import Choice, Fold, Remark, Switch, TextField, add_field, check_setting, form


class ServerForm(QWidget):
    """Fields of a server, and the result of its connection test."""

    changed = Signal(str, object)
    """Name of a field of core.settings.Server, and its new value."""
    address_entered = Signal(object)
    """The new ServerUrl."""
    password_entered = Signal(str)
    test_requested = Signal()
    test_cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._others: frozenset[str] = frozenset()
        self._testing = False
        self._shown = "-"
        self._enabled = Switch(self.tr("Connect to this ser&ver"))
        self._enabled.switched.connect(partial(self.changed.emit, "enabled"))
        self.address = TextField(self.tr("Address"), self._check_address, hint=DEFAULT_URL)
        self.address.entered.connect(self._on_address)
        self._texts = {
            "name": TextField(self.tr("Name"), partial(check_setting, "server", "name", self.tr("The name"))),
            "user": TextField(self.tr("User name"), partial(check_setting, "server", "user", self.tr("The user name"))),
            "ca_file": TextField(self.tr("Certificates"), self._check_file),
            "fingerprint": TextField(
                self.tr("Fingerprint"),
                partial(check_setting, "server", "fingerprint", self.tr("The fingerprint")),
                hint="SHA-256",
            ),
            "proxy": TextField(self.tr("Proxy"), partial(check_setting, "server", "proxy", self.tr("The proxy"))),
        }
        for key, field in self._texts.items():
            field.entered.connect(partial(self.changed.emit, key))
        self._texts["proxy"].line.set_hint(self.tr('System default ("none": direct)'))
        self.password = TextField(self.tr("Password"), self._check_password)
        self.password.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.entered.connect(self._on_password)
        self._color = Choice(self.tr("Color"))
        self._color.picked.connect(partial(self.changed.emit, "color"))
        self._plain = Switch(self.tr("Allow sendin&g the password over plain HTTP"))
        self._plain.switched.connect(partial(self.changed.emit, "plain_password"))
        self._test = PushButton(self.tr("&Test"), auto_default=False)
        self._test.clicked.connect(self._on_test)
        self._outcome = Remark()
        self._outcome.hide()
        self._build_layout()

    def _build_layout(self) -> None:
        tested = QHBoxLayout()
        tested.addWidget(self._test, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)
        tested.addWidget(self._outcome, 1)
        fields = form()
        fields.addRow("", self._enabled)
        add_field(fields, self.tr("Addr&ess"), self.address)
        add_field(fields, self.tr("&Name"), self._texts["name"])
        add_field(fields, self.tr("&Color"), self._color)
        add_field(fields, self.tr("U&ser name"), self._texts["user"])
        add_field(fields, self.tr("Passw&ord"), self.password)
        fields.addRow("", tested)
        self._advanced = QWidget()
        more = form(self._advanced)
        add_field(more, self.tr("Cert&ificates"), self._file_field())
        add_field(more, self.tr("&Fingerprint"), self._texts["fingerprint"])
        add_field(more, self.tr("Pro&xy"), self._texts["proxy"])
        more.addRow("", self._plain)
        self._fold = Fold(self.tr("Certificates and prox&y"), self._advanced)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(fields)
        layout.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeading)
        layout.addWidget(self._advanced)

    def _file_field(self) -> QWidget:
        choose = PushButton(self.tr("C&hoose…"), auto_default=False)
        choose.setAccessibleName(self.tr("Choose a certificate file"))
        choose.clicked.connect(self._choose_file)
        field = QWidget()
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._texts["ca_file"], 1)
        row.addWidget(choose, 0, Qt.AlignmentFlag.AlignTop)
        field.setFocusProxy(self._texts["ca_file"])
        self._choose = choose
        return field

    def show_server(self, server: Server | None, others: frozenset[str]) -> None:
        """Show this server, None for a new one without an address. `others` are the base URLs of the other servers."""
        self._others = others
        if (key := server.key if server else "") != self._shown:
            self._shown = key
            self._fold.set_open(open_=bool(server and server.access != Access()))
        self.address.set_text(server.key if server else "")
        for key, field in self._texts.items():
            field.set_text(getattr(server, key) if server else "")
            field.setEnabled(server is not None)
        for switch, on in (
            (self._enabled, not server or server.enabled),
            (self._plain, server and server.plain_password),
        ):
            switch.setChecked(bool(on))
            switch.setEnabled(server is not None)
        self._show_colors(server)
        self._show_password(server)
        for button in (self._test, self._choose):
            button.setEnabled(server is not None)

    def set_test(self, sentence: str, *, running: bool) -> None:
        """Show the state or result of the connection test, and announce it. "" hides it."""
        self._testing = running
        self._test.setText(self.tr("Cancel") if running else self.tr("&Test"))
        if sentence != self._outcome.text():
            self._outcome.setText(sentence)
            self._outcome.setVisible(bool(sentence))
            describe(self._test, sentence)

    def start_new(self) -> None:
        """Focus the address, for a new server."""
        self.address.setFocus()

    def _show_colors(self, server: Server | None) -> None:
        color = server.color.lower() if server else ""
        self._color.clear()
        self._color.add("", self.tr("Automatic"))
        names = dict(zip(COLORS, self._color_names(), strict=True))
        for one in COLORS if color in {"", *COLORS} else (*COLORS, color):
            self._color.add(one, names.get(one, one), swatch(one))
        self._color.set_value(color)
        self._color.setEnabled(server is not None)

    def _color_names(self) -> tuple[str, ...]:
        return (
            self.tr("Green"),
            self.tr("Blue"),
            self.tr("Orange"),
            self.tr("Violet"),
            self.tr("Red"),
            self.tr("Olive"),
            self.tr("Turquoise"),
            self.tr("Brown"),
        )

    def _show_password(self, server: Server | None) -> None:
        elsewhere = bool(server and (server.password_command or server.password_env))
        hint = self.tr("Set in config.toml") if elsewhere else ""
        if server and server.user and not elsewhere:
            hint = self.tr("Leave empty for no change")
        self.password.line.set_hint(hint)
        self.password.setEnabled(server is not None and not elsewhere)
        self.password.set_text("")

    def _check_address(self, text: str) -> None:
        url = ServerUrl.parse(text)
        if url.password:
            raise ValueError(self.tr("Enter the password in its own field, so that it is saved in the secret store."))
        if url.base in self._others:
            raise ValueError(self.tr("Another server already has this address."))

    def _check_file(self, text: str) -> None:
        check_setting("server", "ca_file", self.tr("The file"), text)
        if text and not Path(text).is_file():
            raise ValueError(self.tr("This file does not exist."))

    def _check_password(self, _text: str) -> None:
        if not self._texts["user"].line.text().strip():
            raise ValueError(self.tr("A password needs a user name. Enter the user name first."))

    def _on_address(self, text: str) -> None:
        self.address_entered.emit(ServerUrl.parse(text))

    def _on_password(self, text: str) -> None:
        self.password.line.saved_text = ""
        self.password.line.clear()
        if text:
            self.password_entered.emit(text)

    def _on_test(self) -> None:
        if self._testing:
            self.test_cancelled.emit()
        else:
            self.test_requested.emit()

    def _choose_file(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a certificate file"))
        dialog.setNameFilters([self.tr("Certificates (*.pem *.crt *.cer)"), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._on_file)
        dialog.finished.connect(dialog.deleteLater)
        fit_to_screen(dialog)  # Qt's own, where the desktop has none
        dialog.open()

    def _on_file(self, path: str) -> None:
        self._texts["ca_file"].set_text(path)
        self.changed.emit("ca_file", path)


class ServersPage(EntriesPage):
    """List and form of servers. `overridden`: --server replaces the configured servers in this run."""

    test_requested = Signal(object)
    """The Server to connect to."""
    test_cancelled = Signal()
    password_entered = Signal(object, str)
    """The Server and its password."""

    def __init__(self, *, overridden: bool) -> None:
        super().__init__(self.tr("Servers"), minimum=1)
        self._servers: tuple[Server, ...] = ()
        self._key = ""
        self._has_draft = False
        self.form = ServerForm()
        if overridden:
            text = self.tr("Started with --server. Changes here apply the next time you start without it.")
            self.column.addWidget(Remark(text))
        self.column.addWidget(self.entries)
        self.column.addWidget(self.form)
        self.column.addStretch()
        self.entries.current_changed.connect(self._on_current_changed)
        self.entries.add_requested.connect(self._on_add)
        self.entries.remove_requested.connect(self._on_remove)
        self.entries.move_requested.connect(self._on_move)
        self.form.changed.connect(self._on_changed)
        self.form.address_entered.connect(self._on_address)
        self.form.password_entered.connect(self._on_password)
        self.form.test_requested.connect(self._on_test)
        self.form.test_cancelled.connect(self.test_cancelled)

    def set_settings(self, settings: Settings) -> None:
        """Show these servers, and keep the current one."""
        self._servers = settings.servers
        self._show()

    def _show(self) -> None:
        keys = [server.key for server in self._servers]
        if self._key not in keys and not self._has_draft:  # removed, by hand or while a new server was added
            self._key = keys[min(max(self.entries.current, 0), len(keys) - 1)]
        colors = colors_of(self._servers)
        entries = [(self._text(server), swatch(colors[server.key])) for server in self._servers]
        if self._has_draft:
            entries.append((self.tr("New server"), QIcon()))
        server = self._server()
        current = self._servers.index(server) if server else len(entries) - 1
        self.entries.set_entries(entries, current, has_draft=self._has_draft)
        self.form.show_server(server, frozenset(one.key for one in self._servers if one is not server))

    def _text(self, server: Server) -> str:
        address = server.key.removesuffix("/")
        text = f"{server.label} · {address}" if server.name else address
        return text if server.enabled else self.tr("{0} (off)").format(text)

    def _server(self) -> Server | None:
        return None if self._has_draft else next(server for server in self._servers if server.key == self._key)

    def _on_current_changed(self, place: int) -> None:
        if 0 <= place < len(self._servers):
            self._has_draft, self._key = False, self._servers[place].key
            self.test_cancelled.emit()
            self.form.set_test("", running=False)
            self._show()

    def _on_add(self) -> None:
        self._has_draft = True
        self.form.set_test("", running=False)
        self.form.start_new()  # first: Orca 43 does not read a field whose text changes before it gets the focus
        self._show()

    def _on_remove(self, place: int) -> None:
        if place < len(self._servers):
            server = self._servers[place]
            self.edited.emit(remove_server(server.key))
            self.removed.emit(self.tr("Removed {0}.").format(server.label), add_server(server, place))
        else:
            self._has_draft = False
            self._show()

    def _on_move(self, place: int, step: int) -> None:
        self.edited.emit(move_server(self._servers[place].key, step))

    def _on_changed(self, field: str, value: object) -> None:
        self.edited.emit(change_server(self._key, **{field: value}))

    def _on_address(self, url: ServerUrl) -> None:
        before, self._key, user = self._key, url.base, {"user": url.user} if url.user else {}
        if self._has_draft:
            self._has_draft = False
            self.edited.emit(add_server(Server(url=url, user=url.user)))
        else:
            self.edited.emit(change_server(before, url=url, **user))

    def _on_password(self, password: str) -> None:
        if server := self._server():
            self.password_entered.emit(server, password)

    def _on_test(self) -> None:
        if server := self._server():
            self.test_requested.emit(server)
