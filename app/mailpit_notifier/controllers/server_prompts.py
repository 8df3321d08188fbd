"""What somebody has to be asked to reach a server: its password, or whether to trust its certificate.

Between the window, where the question is offered, and the session, which tries again with the answer. An answer is kept
where the user keeps such things (the secret store, config.toml), and holds for this run where that cannot be done.
Runs on the loop; what blocks goes into threads.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.client.certificates import Certificate, fingerprint, read_certificate
from mailpit_notifier.client.session import Session
from mailpit_notifier.client.transport import Transport, certificate
from mailpit_notifier.config.file import ConfigError
from mailpit_notifier.config.store import Store
from mailpit_notifier.core.settings import Access, Server, Settings
from mailpit_notifier.core.settings_edits import Edit, change_server
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.passwords import NOT_KEPT, StoreError, keep
from mailpit_notifier.servers.servers import Servers

if TYPE_CHECKING:  # loaded when somebody is asked
    from PySide6.QtWidgets import QDialog

    from mailpit_notifier.ui.window.window import RecentWindow

CERTIFICATE_TIMEOUT = 12.0
"""Seconds to get a certificate, looking up the name included."""


class ServerPrompts:
    """Asks, one thing at a time. `store` is where the servers are configured, None where the command line named them.

    `trusted` is called when `override` has something to say that it had not before.
    """

    def __init__(self, store: Store | None, servers: Servers, tasks: Tasks, on_trusted: Callable[[], None]) -> None:
        self._store = store
        self._servers = servers
        self._tasks = tasks
        self._notify_trusted = on_trusted
        self._pins: dict[str, str] = {}
        self._dialog: QDialog | None = None
        self._fetching: asyncio.Task[None] | None = None

    def override(self, settings: Settings) -> Settings:
        """The settings with the certificates that were trusted for this run only."""
        pins = self._pins
        servers = (replace(one, fingerprint=pins.get(one.key, one.fingerprint)) for one in settings.servers)
        return replace(settings, servers=tuple(servers))

    def ask(self, key: str, window: "RecentWindow") -> None:
        """Ask what has to be known to reach this server."""
        session = self._servers.sessions.get(key)
        if self._dialog:
            self._dialog.activateWindow()
        elif session and session.status.fault is Fault.AUTH:
            self._ask_for_password(session, window)
        elif session and session.status.fault in {Fault.TLS, Fault.CERTIFICATE_CHANGED}:
            self._fetch_certificate(session, window)

    def _show(self, dialog: "QDialog") -> None:
        self._dialog = dialog
        dialog.finished.connect(self._on_finished)
        dialog.show()

    def _on_finished(self) -> None:
        self._dialog = None

    # Passwords

    def _ask_for_password(self, session: Session, window: "RecentWindow") -> None:
        from mailpit_notifier.ui.dialogs import PasswordDialog

        server = session.server
        can_keep = bool(server.user or self._store)
        dialog = PasswordDialog(session.status.name, server.key, server.user, can_keep=can_keep, parent=window)
        dialog.entered.connect(partial(self._on_entered, server, window))
        self._show(dialog)

    def _on_entered(self, server: Server, window: "RecentWindow", user: str, password: str, kept: bool) -> None:
        self._servers.passwords.enter(server, user, password)
        if session := self._servers.sessions.get(server.key):
            session.retry()
        if kept:
            self._tasks.run(self._keep(server, user, password, window))

    async def _keep(self, server: Server, user: str, password: str, window: "RecentWindow") -> None:
        try:
            await in_thread("secret store", keep, server, user, password)
        except StoreError as error:
            window.show_error(QCoreApplication.translate("Questions", NOT_KEPT).format(error))
            return
        if not server.user:
            await self._configure(change_server(server.key, user=user), window)

    # Certificates

    def _fetch_certificate(self, session: Session, window: "RecentWindow") -> None:
        """Get it, which may take CERTIFICATE_TIMEOUT; who asks again meanwhile hears that it is on its way."""
        window.show_status(QCoreApplication.translate("Questions", "Fetching certificate…"))
        if self._fetching is None or self._fetching.done():
            self._fetching = self._tasks.run(self._show_certificate(session, window))

    async def _show_certificate(self, session: Session, window: "RecentWindow") -> None:
        server, name, line = session.server, session.status.name, Transport()
        try:
            async with asyncio.timeout(CERTIFICATE_TIMEOUT):
                der = await in_thread("certificate", fetch_certificate, server, line)
        except (FaultError, TimeoutError) as error:
            fault = error.fault if isinstance(error, FaultError) else Fault.TIMEOUT
            window.show_error(f"{name}: {QCoreApplication.translate('Fault', fault.sentence)}")
            return
        finally:
            line.hang_up()
        if self._dialog:
            return
        from mailpit_notifier.ui.dialogs import CertificateDialog

        dialog = CertificateDialog(name, fingerprint(der), parse_certificate(der), server.fingerprint, window)
        dialog.trusted.connect(partial(self._on_trusted, server.key, window))
        self._show(dialog)

    def _on_trusted(self, key: str, window: "RecentWindow", trusted: str) -> None:
        self._tasks.run(self._trust(key, trusted, window))

    async def _trust(self, key: str, trusted: str, window: "RecentWindow") -> None:
        if not await self._configure(change_server(key, fingerprint=trusted), window):
            self._pins[key] = trusted
            self._notify_trusted()

    async def _configure(self, edit: Edit, window: "RecentWindow") -> bool:
        """Write it into config.toml; whether that was possible."""
        if self._store is None:
            return False
        try:
            await self._store.edit(edit)
        except ConfigError as error:
            text = QCoreApplication.translate("Questions", "{0} Your answer applies until you quit.")
            window.show_error(text.format(error))
            return False
        return True


def fetch_certificate(server: Server, line: Transport) -> bytes:
    """The certificate that a server shows (DER). Blocking. Raises FaultError."""
    try:
        return certificate(server.url, CERTIFICATE_TIMEOUT, line, access=Access(proxy=server.proxy))
    finally:
        line.close()


def parse_certificate(der: bytes) -> Certificate | None:
    """What a certificate says, None for one that cannot be read: then only its fingerprint is shown."""
    try:
        return read_certificate(der)
    except ValueError:
        return None
