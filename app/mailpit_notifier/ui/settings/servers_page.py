"""The servers in their order, and the form for the current one."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QIcon

from mailpit_notifier.core.settings import Server, Settings, colors_of
from mailpit_notifier.core.settings_edits import add_server, change_server, move_server, remove_server
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.ui.icons import swatch
from mailpit_notifier.ui.theme import Style

from .entry_list import EntryList
from .fields import Page, Remark
from .server_form import ServerForm


class ServersPage(Page):
    """List and form of servers. `overridden`: --server replaces the configured servers in this run."""

    test_requested = Signal(object)
    """The Server to connect to."""
    test_cancelled = Signal()
    password_entered = Signal(object, str)
    """The Server and its password."""

    def __init__(self, *, overridden: bool) -> None:
        super().__init__()
        self.title = self.tr("Servers")
        self._servers: tuple[Server, ...] = ()
        self._key = ""
        self._has_draft = False
        self.entries = EntryList(self.tr("Servers"))
        self.entries.set_minimum(1)
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

    def dress(self, look: Style) -> None:
        """Use the colours of this theme for the list."""
        self.entries.list.dress(look)

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
        self._show()
        self.form.start_new()

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
