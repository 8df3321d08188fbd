"""Ask the user for what a server needs to be reached: its password, or whether to trust its certificate.

The window offers the question, and the session retries with the answer. The answer is saved in the secret store or in
config.toml; if that fails, it applies to this run only. Runs on the loop; blocking work runs in threads.
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
from mailpit_notifier.core.settings_file import Edit, change_server
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.runtime.bridge import in_thread
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.passwords import NOT_SAVED, StoreError, save_password
from mailpit_notifier.servers.servers import Servers

if TYPE_CHECKING:  # loaded when the user is asked
    from PySide6.QtWidgets import QDialog

    from mailpit_notifier.ui.window.window import RecentWindow

CERTIFICATE_TIMEOUT = 12.0
"""Seconds to fetch a certificate, including the name lookup."""


class ServerPrompts:
    """Shows one dialog at a time. `store` contains the servers; None with servers of the command line.

    `on_trusted` is called when the result of `override` changed.
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
        """Return the settings with the certificates that are trusted for this run only."""
        pins = self._pins
        servers = (replace(one, fingerprint=pins.get(one.key, one.fingerprint)) for one in settings.servers)
        return replace(settings, servers=tuple(servers))

    def ask(self, key: str, window: "RecentWindow") -> None:
        """Ask for the password or the certificate of this server, as its fault requires."""
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
            await in_thread("secret store", save_password, server, user, password)
        except StoreError as error:
            window.show_error(QCoreApplication.translate("ServerPrompts", NOT_SAVED).format(error))
            return
        if not server.user:
            await self._configure(change_server(server.key, user=user), window)

    # Certificates

    def _fetch_certificate(self, session: Session, window: "RecentWindow") -> None:
        """Fetch the certificate, for up to CERTIFICATE_TIMEOUT; another request meanwhile shows the status only."""
        window.show_status(QCoreApplication.translate("ServerPrompts", "Fetching certificate…"))
        if self._fetching is None or self._fetching.done():
            self._fetching = self._tasks.run(self._show_certificate(session, window))

    async def _show_certificate(self, session: Session, window: "RecentWindow") -> None:
        server, name, line = session.server, session.status.name, Transport()
        try:
            async with asyncio.timeout(CERTIFICATE_TIMEOUT):
                der = await in_thread("certificate", fetch_certificate, server, line)
        except (FaultError, TimeoutError) as error:
            found = error if isinstance(error, FaultError) else FaultError(Fault.TIMEOUT)
            window.show_error(f"{name}: {found.explain(QCoreApplication.translate)}")
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
        """Edit config.toml. Return whether that succeeded."""
        if self._store is None:
            return False
        try:
            await self._store.edit(edit)
        except ConfigError as error:
            text = QCoreApplication.translate("ServerPrompts", "{0} Your answer applies until you quit.")
            window.show_error(text.format(error))
            return False
        return True


def fetch_certificate(server: Server, line: Transport) -> bytes:
    """Return the certificate of a server as DER. Blocking. Raises FaultError."""
    try:
        return certificate(server.url, CERTIFICATE_TIMEOUT, line, access=Access(proxy=server.proxy))
    finally:
        line.close()


def parse_certificate(der: bytes) -> Certificate | None:
    """Parse a certificate. Return None if that fails: then only its fingerprint is shown."""
    try:
        return read_certificate(der)
    except ValueError:
        return None
