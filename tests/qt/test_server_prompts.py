"""Questions about a password or a certificate in the window, and the effect of the answers on the connection."""

import logging
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QCheckBox, QDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from campaign.inside import NO_CALLBACKS
from certificates import der, self_signed, serving
from conditions import until
from hostile import PATIENCE, Mailpit, Visit, hostile
from mailpit_notifier.config.file import load
from mailpit_notifier.config.store import Start
from mailpit_notifier.config.store import Store as ConfigStore
from mailpit_notifier.controllers.server_prompts import ServerPrompts
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.window.list_model import MessageListModel
from mailpit_notifier.ui.window.window import RecentWindow
from secret_store import Store
from standin import RealMailpit, Server, StandIn, real

SECRET = "s3cret"
SECRETS = (SECRET, b64encode(f"ann:{SECRET}".encode()).decode().rstrip("="))


class Quiet(Notifier):
    """A notifier that accepts every notice and shows none."""

    async def show(self, notice: Notice) -> Result:
        return Result.SHOWN


class Desk:
    """The window with the servers of a configuration or of a command line."""

    def __init__(self, folder: Path, *urls: str) -> None:
        self.path = folder / "config.toml"
        self.tasks = Tasks()
        self.window = RecentWindow(MessageListModel(), folder / "window.ini")
        self.servers = Servers(Quiet(), folder / "journals", replace(NO_CALLBACKS, status_changed=self._on_status))
        self.store = ConfigStore(Start(config=self.path), self.window)
        self.questions = ServerPrompts(None if urls else self.store, self.servers, self.tasks, self.apply)
        self.window.prompt_requested.connect(lambda key: self.questions.ask(key, self.window))
        self._named = servers_from(urls)

    def apply(self) -> None:
        """Apply the configuration as the program does."""
        settings = Settings(servers=self._named) if self._named else load(self.path)[0]
        self.servers.update_settings(self.questions.override(settings))

    def _on_status(self) -> None:
        self.window.set_statuses(self.servers.statuses())

    @property
    def status(self) -> ServerStatus:
        return self.servers.statuses()[0]

    @property
    def shown_text(self) -> str:
        return " ".join(label.text() for label in self.window.findChildren(QLabel) if label.isVisibleTo(self.window))

    async def until(self, condition: Callable[[], object]) -> None:
        await until(condition, QApplication.processEvents)

    async def reached(self) -> None:
        await self.until(lambda: self.status.link is Link.CONNECTED)

    async def dialog(self, question: str) -> QDialog:
        """Press this button of the window and return the dialog that opens."""
        await self.until(lambda: self.button(self.window, question))
        press(self.button(self.window, question))
        await self.until(self.dialogs)
        return self.dialogs()[0]

    def dialogs(self) -> list[QDialog]:
        return [one for one in self.window.findChildren(QDialog) if one.isVisible()]

    def button(self, where: QDialog | RecentWindow, text: str) -> QAbstractButton | None:
        named = (one for one in where.findChildren(QAbstractButton) if one.text().replace("&", "") == text)
        return next((one for one in named if one.isVisibleTo(where)), None)

    def press(self, where: QDialog, text: str) -> None:
        press(self.button(where, text))


def press(button: QAbstractButton | None) -> None:
    assert button
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@asynccontextmanager
async def desk(qtbot: QtBot, folder: Path, *urls: str) -> AsyncIterator[Desk]:
    found = Desk(folder, *urls)
    qtbot.addWidget(found.window)
    found.servers.start(Settings(servers=servers_from(urls)) if urls else load(found.path)[0])
    found.window.show()
    try:
        yield found
    finally:
        found.window.hide()
        await found.store.stop()
        await found.servers.stop()
        await found.tasks.stop()


@pytest.fixture(autouse=True)
def nothing_secret(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> Iterator[None]:
    """Check that no secret of a test is in the log or in a file."""
    caplog.set_level(logging.DEBUG)
    yield
    written = [file.read_text("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()]
    assert not [text for text in (caplog.text, *written) for secret in SECRETS if secret in text]


@pytest.fixture(params=["stand-in", pytest.param("real", marks=real)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with (StandIn if request.param == "stand-in" else RealMailpit)(auth=f"ann:{SECRET}") as found:
        yield found


def fill_in(dialog: QDialog, *texts: str) -> None:
    fields = [field for field in dialog.findChildren(QLineEdit) if not field.isReadOnly()]
    for field, text in zip(fields, texts, strict=True):
        QTest.keyClicks(field, text)


# Passwords


async def test_user_and_password_are_asked_for_and_kept(
    qtbot: QtBot, tmp_path: Path, server: Server, store: Store
) -> None:
    (tmp_path / "config.toml").write_text(f'[[server]]\nurl = "{server.url}" # mine\n')
    async with desk(qtbot, tmp_path) as one:
        dialog = await one.dialog("Enter password…")
        fill_in(dialog, "ann", SECRET)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
        await one.reached()
        await one.until(lambda: 'user = "ann"' in one.path.read_text())
        assert "# mine" in one.path.read_text()
        assert store.kept == {("mailpit-notifier", f"ann@{server.url}"): SECRET}
        one.apply()
        await one.reached()
    async with desk(qtbot, tmp_path) as one:
        await one.reached()


async def test_a_wrong_password_is_asked_for_again(qtbot: QtBot, tmp_path: Path, server: Server, store: Store) -> None:
    (tmp_path / "config.toml").write_text(f'[[server]]\nurl = "{server.url}"\nuser = "ann"\n')
    store.kept["mailpit-notifier", f"ann@{server.url}"] = "old"
    async with desk(qtbot, tmp_path) as one:
        fill_in(dialog := await one.dialog("Enter password…"), "wrong")
        dialog.findChildren(QCheckBox)[0].click()
        one.press(dialog, "Connect")
        await one.until(lambda: not one.dialogs())
        fill_in(dialog := await one.dialog("Enter password…"), SECRET)
        one.press(dialog, "Connect")
        await one.reached()
        await one.until(lambda: store.kept["mailpit-notifier", f"ann@{server.url}"] == SECRET)


async def test_without_a_store_the_password_applies_to_this_run_and_that_is_shown(
    qtbot: QtBot, tmp_path: Path, server: Server, store: Store
) -> None:
    store.broken = True
    async with desk(qtbot, tmp_path, server.url.replace("//", "//ann@")) as one:
        fill_in(dialog := await one.dialog("Enter password…"), SECRET)
        one.press(dialog, "Connect")
        await one.reached()
        await one.until(lambda: "It is used until the program ends." in one.shown_text)
        assert "StoreRefusedError" in one.shown_text


async def test_for_a_server_of_the_command_line_nothing_is_written(
    qtbot: QtBot, tmp_path: Path, server: Server, store: Store
) -> None:
    async with desk(qtbot, tmp_path, server.url) as one:
        dialog = await one.dialog("Enter password…")
        assert not any(box.isVisible() for box in dialog.findChildren(QCheckBox))
        assert not one.button(dialog, "Connect").isEnabled()  # type: ignore[union-attr]
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        await one.until(lambda: not one.dialogs())
        fill_in(dialog := await one.dialog("Enter password…"), "ann", SECRET)
        one.press(dialog, "Connect")
        await one.reached()
        assert not one.path.exists()
        assert not store.kept


async def test_a_password_with_a_configured_source_is_not_asked_for(
    qtbot: QtBot, tmp_path: Path, server: Server
) -> None:
    (tmp_path / "config.toml").write_text(f'[[server]]\nurl = "{server.url}"\nuser = "ann"\npassword_env = "NONE"\n')
    async with desk(qtbot, tmp_path) as one:
        await one.until(lambda: one.button(one.window, "Retry now"))
        assert one.status.fault is Fault.NO_PASSWORD
        assert one.status.explain() == "password_env (NONE) gives no password. Check it in config.toml."
        assert not one.button(one.window, "Enter password…")


async def test_every_control_has_a_name_and_the_keyboard_reaches_it(
    qtbot: QtBot, tmp_path: Path, server: Server
) -> None:
    (tmp_path / "config.toml").write_text(f'[[server]]\nurl = "{server.url}"\n')
    async with desk(qtbot, tmp_path) as one:
        dialog = await one.dialog("Enter password…")
        fill_in(dialog, "ann", "x")
        reached = []
        for _ in range(6):
            control = dialog.focusWidget()
            interface = QAccessible.queryAccessibleInterface(control)
            reached.append(interface.text(QAccessible.Text.Name).replace("&", ""))
            QTest.keyClick(control, Qt.Key.Key_Tab)
        assert set(reached) == {"User", "Password", "Save in the system's secret store", "Connect", "Cancel"}
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls"), "/CN=<b>mail/O=Acme")


def pin(certificate: Path) -> str:
    return sha256(der(certificate)).hexdigest()


async def test_a_certificate_is_shown_and_trusted_for_good(qtbot: QtBot, tmp_path: Path, certificate: Path) -> None:
    with hostile(Mailpit(), tls=serving(certificate)) as server:
        (tmp_path / "config.toml").write_text(f'# mine\n[[server]]\nurl = "{server.url()}"\n')
        async with desk(qtbot, tmp_path) as one:
            dialog = await one.dialog("View certificate…")
            texts = [label.text() for label in dialog.findChildren(QLabel)]
            assert "<b>mail, Acme" in texts
            assert pin(certificate) in [text.replace(" ", "") for text in texts]
            assert dialog.focusWidget() is one.button(dialog, "Cancel")
            QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
            await one.until(lambda: not one.dialogs())
            assert pin(certificate) not in one.path.read_text()

            one.press(await one.dialog("View certificate…"), "Trust this certificate")
            await one.until(lambda: f'fingerprint = "{pin(certificate)}"' in one.path.read_text())
            assert one.path.read_text().startswith("# mine\n")
            one.apply()
            await one.reached()


async def test_a_certificate_other_than_the_trusted_one_is_shown_with_a_warning(
    qtbot: QtBot, tmp_path: Path, certificate: Path
) -> None:
    with hostile(Mailpit(), tls=serving(certificate)) as server:
        (tmp_path / "config.toml").write_text(f'[[server]]\nurl = "{server.url()}"\nfingerprint = "{"0" * 64}"\n')
        async with desk(qtbot, tmp_path) as one:
            dialog = await one.dialog("View certificate…")
            assert one.status.fault is Fault.CERTIFICATE_CHANGED
            texts = [label.text() for label in dialog.findChildren(QLabel)]
            assert any(text.startswith("Warning: this is not the certificate") for text in texts)
            assert "0000 " * 15 + "0000" in texts
            QTest.keyClick(dialog, Qt.Key.Key_Escape)


async def test_a_certificate_that_cannot_be_saved_is_trusted_for_this_run(
    qtbot: QtBot, tmp_path: Path, certificate: Path
) -> None:
    with hostile(Mailpit(), tls=serving(certificate)) as server:
        async with desk(qtbot, tmp_path, server.url()) as one:
            one.press(await one.dialog("View certificate…"), "Trust this certificate")
            await one.reached()
            assert not one.path.exists()


HANDSHAKE_FAILURE = b"\x15\x03\x01\x00\x02\x02\x28"
"""A TLS alert (RFC 8446, 6)."""


async def test_a_missing_certificate_is_reported(qtbot: QtBot, tmp_path: Path) -> None:
    with hostile(lambda visit: (visit.read(5), visit.send(HANDSHAKE_FAILURE))) as server:
        async with desk(qtbot, tmp_path, f"https://127.0.0.1:{server.port}/") as one:
            await one.until(lambda: one.button(one.window, "View certificate…"))
            press(one.button(one.window, "View certificate…"))
            await one.until(lambda: "Check its certificate and the https address." in one.shown_text)
            assert not one.dialogs()


async def test_a_slow_certificate_is_fetched_once_and_that_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    slow, go_on, looks = threading.Event(), threading.Event(), list[int]()

    def answer(visit: Visit) -> None:
        visit.read(5)
        if slow.is_set():
            looks.append(1)
            go_on.wait(PATIENCE)
        visit.send(HANDSHAKE_FAILURE)

    with hostile(answer) as server:
        async with desk(qtbot, tmp_path, f"https://127.0.0.1:{server.port}/") as one:
            await one.until(lambda: one.button(one.window, "View certificate…"))
            slow.set()
            press(one.button(one.window, "View certificate…"))
            await one.until(lambda: looks)
            assert "Fetching certificate…" in one.shown_text
            press(one.button(one.window, "View certificate…"))
            QApplication.processEvents()
            go_on.set()
            await one.until(lambda: "Check its certificate and the https address." in one.shown_text)
            await one.until(lambda: "certificate" not in {thread.name for thread in threading.enumerate()})
            assert len(looks) == 1
