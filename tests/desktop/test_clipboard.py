"""A click on "Copy 482913" copies the code, on each kind of desktop; checked by a second program."""

import asyncio
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from mailpit_notifier.desktop.clipboard_writer import Clipboard
from mailpit_notifier.ui import theme
from mailpit_notifier.ui.clipboard import CopyWindow
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.timing import Timing
from notification_service import NotificationService, PrivateBus
from program import Program, running, wait_until
from standin import StandIn
from wayland import Session, sway, weston

# The offscreen platform has no window manager and logs that.

NO_BUS = "unix:path=/nowhere"

PUT = """
import sys
from PySide6.QtGui import QGuiApplication
from mailpit_notifier.ui.clipboard import needs_input, put
app = QGuiApplication([])
put("482913")
app.processEvents()
print(needs_input(), QGuiApplication.clipboard().ownsClipboard(), flush=True)
sys.stdin.read()
"""


def in_session(program: Program, session: Session) -> None:
    program.environment |= {"WAYLAND_DISPLAY": str(session.socket), "QT_QPA_PLATFORM": "wayland"}
    program.environment.pop("DISPLAY", None)


def click_copy(program: Program, service: NotificationService, server: StandIn, token: str = "") -> None:
    """A message with a code arrives, and the user clicks its button."""
    program.wait_for_server(state="connected", total=0)
    server.send("Your Acme code", text="Your sign-in code is 482913. It expires in 10 minutes.\n")
    service.wait_for(lambda: service.named("Notify"))
    service.do("invoke", id=service.named("Notify")[0]["id"], action="copy", token=token)


def test_with_data_control_wl_copy_does_it_without_a_window(program: Program, service: NotificationService) -> None:
    with sway() as session, StandIn() as server:
        session.copy("something else")
        in_session(program, session)
        with running(program, "--hidden", "--server", server.url):
            click_copy(program, service, server)
            wait_until(lambda: session.paste() == "482913", "the code on the clipboard")


@pytest.mark.parametrize("compositor", [weston, sway])
def test_a_window_asks_for_a_key_if_nothing_else_can_copy(
    program: Program, service: NotificationService, compositor: Callable[[], AbstractContextManager[Session]]
) -> None:
    with compositor() as session, StandIn() as server:
        session.copy("something else")
        in_session(program, session)
        fake_wl_copy(Path(program.environment["PATH"].split(":")[0]), "exit 1")
        program.environment["WAYLAND_DEBUG"] = "client"  # the only text in the window
        with running(program, "--hidden", "--server", server.url):
            click_copy(program, service, server, token="tok")
            wait_until(lambda: "xdg_toplevel" in program.log, "the window")
            assert 'activate("tok"' in program.log or compositor is weston  # which knows no tokens

            def is_set() -> bool:
                session.press("Return")
                return ".set_selection(" in program.log

            wait_until(is_set, "a word to the compositor")
            wait_until(lambda: session.paste() == "482913", "the code on the clipboard")


def test_without_input_a_compositor_refuses_and_qt_does_not_know() -> None:
    with weston() as session:
        session.copy("something else")
        environment = {**os.environ, "WAYLAND_DISPLAY": str(session.socket), "QT_QPA_PLATFORM": "wayland"}
        command = [sys.executable, "-c", PUT]
        with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as putting:
            assert putting.stdout
            assert putting.stdout.readline() == b"True True\n"
            assert session.paste() == "something else"
            putting.communicate(b"")


# The order of the ways, without a compositor. The tests of the ways check what each does.


class Klipper:
    """KDE's clipboard on a bus. `answers` with success, else with an error, or with None not at all."""

    def __init__(self, answers: bool | None = True) -> None:
        self.answers = answers
        self.texts: list[str] = []

    async def start(self, address: str) -> MessageBus:
        bus = await MessageBus(address).connect()
        bus.add_message_handler(self._on_message)
        await bus.request_name("org.kde.klipper")
        return bus

    def _on_message(self, message: Message) -> Message | bool | None:
        call = (message.path, message.interface, message.member, message.signature)
        if message.message_type is not MessageType.METHOD_CALL or call != (
            "/klipper",
            "org.kde.klipper.klipper",
            "setClipboardContents",
            "s",
        ):
            return None
        self.texts.append(message.body[0])
        if self.answers is None:
            return True
        return Message.new_method_return(message) if self.answers else Message.new_error(message, "org.x.No", "no")


def fake_wl_copy(folder: Path, script: str) -> None:
    program = folder / "wl-copy"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Wayland session, and the folder where its programs are; there are none."""
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.fixture(autouse=True)
def no_window_stays(qapp: QApplication) -> Iterator[None]:
    yield
    for window in QApplication.topLevelWidgets():
        if isinstance(window, CopyWindow):
            window.close()
            window.deleteLater()


def copy_windows() -> list[CopyWindow]:
    return [found for found in QApplication.topLevelWidgets() if isinstance(found, CopyWindow) and found.isVisible()]


async def test_on_x11_the_clipboard_is_set_directly(qapp: QApplication) -> None:
    assert await Clipboard(NO_BUS).copy("482913")
    assert QGuiApplication.clipboard().text() == "482913"


@pytest.mark.parametrize("text", ["482913", "G-123456", " ÄÖ «&» "])
async def test_klipper_is_asked_first(bus: PrivateBus, programs: Path, text: str) -> None:
    fake_wl_copy(programs, 'echo asked > "$0.asked"')
    kde = Klipper()
    connection = await kde.start(bus.address)
    assert await Clipboard(bus.address).copy(text)
    assert kde.texts == [text]
    assert not (programs / "wl-copy.asked").exists()
    connection.disconnect()
    await connection.wait_for_disconnect()


@pytest.mark.parametrize("answers", [False, None])
async def test_wl_copy_is_used_if_klipper_refuses_or_hangs(
    bus: PrivateBus, programs: Path, answers: bool | None
) -> None:
    fake_wl_copy(programs, 'read -r text; echo "$text" > "$0.took"; echo "$@" > "$0.arguments"')
    connection = await Klipper(answers).start(bus.address)
    assert await Clipboard(bus.address, timeout=0.2).copy("482913")
    assert (programs / "wl-copy.took").read_text() == "482913\n"
    assert "482913" not in (programs / "wl-copy.arguments").read_text()
    connection.disconnect()
    await connection.wait_for_disconnect()


async def test_wl_copy_is_used_if_the_bus_hangs(programs: Path) -> None:
    fake_wl_copy(programs, "read -r text; exit 0")
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(programs / "bus"))
        silent.listen()
        assert await Clipboard(f"unix:path={programs}/bus", timeout=0.2).copy("482913")


@pytest.mark.parametrize("script", ["", "exit 1", "exec /bin/sleep 60"], ids=["none", "failing", "hanging"])
async def test_a_window_asks_if_wl_copy_does_not_work(qtbot: QtBot, programs: Path, script: str) -> None:
    if script:
        fake_wl_copy(programs, script)
    QGuiApplication.clipboard().setText("something else")
    here = Clipboard(NO_BUS, timeout=0.1)
    assert not await here.copy("111111")
    assert not await here.copy("482913")  # the last one asked for
    [window] = copy_windows()
    assert QGuiApplication.clipboard().text() == "something else"
    with qtbot.waitExposed(window):
        window.activateWindow()
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), QPushButton))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == "482913"
    assert not copy_windows()


async def test_on_gnome_the_window_copies_as_soon_as_it_has_the_focus(
    qapp: QApplication, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    QGuiApplication.clipboard().setText("something else")
    copying = asyncio.ensure_future(Clipboard(NO_BUS, timeout=0.2).copy("482913"))
    while not copying.done():
        await asyncio.sleep(0.01)
        qapp.processEvents()
    assert copying.result()
    assert QGuiApplication.clipboard().text() == "482913"


def test_the_window_reports_that_it_copied_and_closes(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "GNOME")
    window = CopyWindow(Timing(copied=1))
    with qtbot.waitSignal(window.finished):
        window.ask("482913")
    assert window.findChild(PlainLabel).text() == "Copied 482913."
    assert QGuiApplication.clipboard().text() == "482913"


def test_the_window_has_one_size_and_our_colors(qtbot: QtBot) -> None:
    window = CopyWindow()
    window.ask("482913")
    assert window.minimumSize() == window.maximumSize()
    assert window.palette().window().color().name() == theme.current_style().panel
    window.close()


@pytest.mark.parametrize(("key", "copied"), [(Qt.Key.Key_Space, True), (Qt.Key.Key_Escape, False)])
def test_the_window_copies_at_a_key_and_closes_itself(qtbot: QtBot, key: Qt.Key, copied: bool) -> None:
    QGuiApplication.clipboard().setText("something else")
    window = CopyWindow()
    window.ask("482913")
    button = window.findChild(QPushButton)
    qtbot.keyClick(button, key)
    assert not window.isVisible()
    assert QGuiApplication.clipboard().text() == ("482913" if copied else "something else")


def test_screen_readers_announce_what_the_window_asks_for(qtbot: QtBot) -> None:
    window = CopyWindow()
    window.ask("A&B-1")
    button = window.findChild(QPushButton)
    read = QAccessible.queryAccessibleInterface(button)
    assert read.text(QAccessible.Text.Name) == "Copy A & B - 1"  # spelled
    prompt = QAccessible.queryAccessibleInterface(window.findChild(PlainLabel))  # read as the dialog opens
    assert prompt.text(QAccessible.Text.Name) == "Press Enter to copy A & B - 1."
    assert read.text(QAccessible.Text.Description) == ""
    assert read.role() == QAccessible.Role.Button
    assert button.text() == "Copy A&&B-1"


def test_the_activation_token_is_set_only_while_the_window_is_opened(qtbot: QtBot) -> None:
    seen = []

    class Watched(CopyWindow):
        def showEvent(self, event: object) -> None:
            seen.append((os.environ.get("XDG_ACTIVATION_TOKEN"), os.environ.get("DESKTOP_STARTUP_ID")))

    window = Watched()
    window.ask("482913", "tok")
    window.ask("482914", "tok2")
    assert seen == [("tok", "tok"), ("tok2", "tok2")]
    assert not {"XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"} & os.environ.keys()
    window.close()
