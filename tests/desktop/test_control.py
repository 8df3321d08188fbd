"""Single instance and the command socket."""

import asyncio
import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from mailpit_notifier import APP_ID, main
from mailpit_notifier.cli import remote
from mailpit_notifier.control.command_server import ControlServer, reporting_failures
from mailpit_notifier.control.instance import (
    MAX_SOCKET_PATH,
    SOCKET,
    Answer,
    ControlError,
    InstanceLock,
    handle_line,
    pipe_name,
    request,
    runtime_folder,
    state_folder,
)
from platforms import needs_named_pipes, needs_permissions, needs_unix_sockets
from program import Program, wait_until


async def echo(command: str, args: Sequence[str], token: str) -> Answer:
    return Answer(ok=command != "bad", text=f"{command} {list(args)} {token}", data={"n": 1})


@pytest.fixture
def path() -> Path:
    return runtime_folder() / "control"


@needs_permissions
def test_only_the_user_can_open_the_folder(path: Path) -> None:
    path.parent.chmod(0o755)
    assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


def test_without_a_runtime_folder_the_state_folder_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_folder() == state_folder()


def test_a_second_lock_is_refused_and_a_released_one_is_not(path: Path) -> None:
    first, second = InstanceLock(path.parent / "lock"), InstanceLock(path.parent / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


@needs_unix_sockets
async def test_a_command_is_answered_with_the_callers_token(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "tok")
    path.write_text("a leftover of a killed instance")
    server = ControlServer(path, echo)
    await server.start()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await asyncio.to_thread(request, path, "show", ["a"]) == Answer(text="show ['a'] tok", data={"n": 1})
    assert await asyncio.to_thread(request, path, "bad") == Answer(ok=False, text="bad [] tok", data={"n": 1})
    await server.stop()
    assert request(path, "show") is None
    assert not path.exists()


@needs_unix_sockets
async def test_a_silent_client_does_not_block_others(path: Path) -> None:
    server = ControlServer(path, echo)
    await server.start()
    _, silent = await asyncio.open_unix_connection(path)
    assert await asyncio.to_thread(request, path, "show")
    silent.close()
    await silent.wait_closed()
    await server.stop()


@needs_unix_sockets
async def test_no_connection_outlives_the_server(path: Path) -> None:
    """One that did would be closed by the garbage collector, after its loop: a ResourceWarning at any later time."""
    reached, tasks = asyncio.Event(), asyncio.all_tasks()

    async def answer_at_length(command: str, args: Sequence[str], token: str) -> Answer:
        reached.set()
        return Answer(text="x" * 10_000_000)

    server = ControlServer(path, answer_at_length)
    await server.start()
    silent, deaf = [await asyncio.open_unix_connection(path, limit=1) for _ in range(2)]  # the second does not read
    deaf[1].write(b'{"command": "show"}\n')
    await reached.wait()
    await server.stop()
    assert asyncio.all_tasks() == tasks
    assert await silent[0].read() == b""
    for _, writer in (silent, deaf):
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@given(st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
async def test_no_request_breaks_the_server(line: bytes) -> None:
    answer = json.loads(await handle_line(line, echo))
    assert set(answer) == {"ok", "text", "data"}


@needs_unix_sockets
async def test_an_instance_that_hangs_is_reported(path: Path) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with await asyncio.start_unix_server(hang_up, path):
        with pytest.raises(ControlError, match="does not respond"):
            await asyncio.to_thread(request, path, "show")


@needs_unix_sockets
async def test_a_command_that_fails_is_answered_as_is_the_next(path: Path) -> None:
    reported: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))

    async def handle(command: str, args: Sequence[str], token: str) -> Answer:
        if command == "odd":
            raise ValueError("odd")
        return await echo(command, args, token)

    server = ControlServer(path, reporting_failures(handle))
    await server.start()
    odd = await asyncio.to_thread(request, path, "odd")
    assert odd == Answer(ok=False, text="Unexpected error. See the log for details.")
    assert await asyncio.to_thread(request, path, "show") == Answer(text="show [] ", data={"n": 1})
    assert [str(error) for error in reported] == ["odd"]
    await server.stop()


@needs_unix_sockets
def test_the_state_folder_is_used_if_the_runtime_folder_has_too_long_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longest = tmp_path / ("x" * (MAX_SOCKET_PATH - len(os.fsencode(tmp_path / APP_ID / SOCKET)) - 1))
    for runtime, expected in ((longest, longest / APP_ID), (longest.with_name(f"{longest.name}x"), state_folder())):
        runtime.mkdir()
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        folder = runtime_folder()
        assert folder == expected
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(str(folder / SOCKET))  # such a pipe is possible
    assert remote.run("status") == 2


@needs_unix_sockets
def test_without_a_usable_socket_no_command_reports_an_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    for state, reason in ((tmp_path / ("x" * 110), "File name too long"), (tmp_path / "file", "Not a directory")):
        monkeypatch.setenv("XDG_STATE_HOME", str(state))
        for run in (lambda: remote.run("status"), lambda: remote.pause("900", ()), lambda: main.main([])):
            assert run() == 2
            error = capsys.readouterr().err
            assert error.startswith("Cannot create the folder ")
            assert error.endswith(f"{reason}.\n")
            assert error.count("\n") == 1
            assert "running" not in error


def test_a_program_without_a_command_socket_exits_with_an_error(program: Program) -> None:
    folder = Path(program.environment["XDG_RUNTIME_DIR"]) / APP_ID
    (folder / SOCKET).mkdir(parents=True)
    started = program.command()
    error = f"Cannot create the control socket in {folder}: Is a directory.\n"
    assert (started.returncode, started.stdout, started.stderr) == (2, "", error)
    status = program.command("status")
    assert (status.returncode, status.stderr) == (2, "Mailpit Notifier is not running.\n")


@needs_named_pipes
def test_a_client_leaves_no_folder() -> None:
    os.environ.pop("XDG_RUNTIME_DIR")
    assert remote.run("quit") == 2
    assert not state_folder().exists()


def test_commands_report_that_no_instance_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert remote.run("status") == 2
    assert capsys.readouterr().err == "Mailpit Notifier is not running.\n"


@needs_unix_sockets
async def test_status_prints_text_or_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shop = {"name": "shop", "state": "connected", "fault": None, "unread": 3, "total": 40}
    blog = {"name": "blog", "state": "disconnected", "fault": "refused", "unread": None, "total": None}
    late = {**shop, "name": "late", "state": "polling", "fault": "cut_early", "problem": "live updates are cut off."}
    newer = {**blog, "name": "newer", "fault": "not_known_here"}

    async def two_servers(*_: object) -> Answer:
        return Answer(data={"paused_until": None, "servers": [shop, blog, late, newer]})

    server = ControlServer(path, two_servers)
    await server.start()
    assert await asyncio.to_thread(remote.run, "status") == 0
    assert capsys.readouterr().out.splitlines() == [
        "shop: connected, 3 unread of 40",
        "blog: disconnected, nothing is listening there. Start Mailpit or check the port.",
        "late: polling, live updates are cut off.",
        "newer: disconnected, not_known_here",
    ]
    assert await asyncio.to_thread(remote.run, "status", as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["servers"] == [shop, blog, late, newer]
    await server.stop()


def test_the_status_has_times_as_the_other_commands_print_them() -> None:
    morning = datetime(2040, 1, 2, 8, 30).astimezone().isoformat()
    shop = {"name": "shop", "state": "connected", "fault": None, "unread": 3, "total": 40, "muted_until": morning}
    blog = {**shop, "name": "blog", "muted_until": "9999-12-31T23:59:59+00:00"}
    assert remote.status_text({"paused_until": morning, "servers": [shop, blog]}).splitlines() == [
        "paused until 2040-01-02 08:30",
        "shop: connected, 3 unread of 40 (muted until 2040-01-02 08:30)",
        "blog: connected, 3 unread of 40 (muted until you unmute it)",
    ]


def test_the_status_of_no_server_is_a_sentence() -> None:
    assert remote.status_text({"paused_until": None, "servers": []}) == "No server is enabled."


def test_the_tests_do_not_see_the_desktop_of_who_runs_them() -> None:
    assert "DISPLAY" not in os.environ


@needs_unix_sockets
async def test_the_pipe_of_windows_answers_like_the_socket(path: Path, qapp: object) -> None:
    """Qt's local server is a unix socket here. The two have Qt's code and the format of the lines in common."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtNetwork import QLocalSocket

    from mailpit_notifier.control.pipe import PipeServer

    server = PipeServer(path, echo)
    await server.start()
    client = QLocalSocket()
    client.connectToServer(pipe_name(path))
    client.write(b'{"command": "show", ')
    QCoreApplication.processEvents()
    client.write(b'"args": ["a"]}\n')
    async with asyncio.timeout(5):
        while not client.canReadLine():
            QCoreApplication.processEvents()
            await asyncio.sleep(0)
    assert json.loads(bytes(client.readLine().data())) == {"ok": True, "text": "show ['a'] ", "data": {"n": 1}}
    await server.stop()


HUNDRED_CLIENTS = """
import sys, threading
from datetime import datetime
from pathlib import Path
from mailpit_notifier.control.instance import ControlError, request

def ask():
    try:
        print(request(Path(sys.argv[1]), "show").text + "\\n", end="")
    except ControlError as error:
        print(f"{error}\\n", end="")

threads = [threading.Thread(target=ask) for _ in range(100)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


@needs_named_pipes
def test_a_hundred_clients_of_the_pipe_at_once_are_answered(path: Path, qapp: QApplication) -> None:
    from mailpit_notifier.control.pipe import PipeServer
    from mailpit_notifier.runtime.loop import Loop

    async def serve() -> list[str]:
        server = PipeServer(path, echo)
        await server.start()
        command = [sys.executable, "-c", HUNDRED_CLIENTS, str(path)]
        clients = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
        await server.stop()
        return clients.stdout.splitlines()

    with asyncio.Runner(loop_factory=lambda: Loop(qapp)) as runner:
        assert runner.run(serve()) == ["show [] "] * 100


@needs_named_pipes
def test_only_the_user_can_open_the_pipe(path: Path, qapp: QCoreApplication) -> None:
    import ctypes
    import msvcrt

    from mailpit_notifier.control.pipe import PipeServer

    server = PipeServer(path, echo)
    asyncio.run(server.start())
    pipe = os.open(rf"\\.\pipe\{pipe_name(path)}", os.O_RDWR)
    handle = ctypes.c_void_p(msvcrt.get_osfhandle(pipe))
    found, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    windll = ctypes.windll.advapi32  # type: ignore[attr-defined, unused-ignore]
    kernel_object, owner_and_rights = 6, 1 | 4
    assert windll.GetSecurityInfo(handle, kernel_object, owner_and_rights, *[None] * 4, ctypes.byref(found)) == 0
    assert windll.ConvertSecurityDescriptorToStringSecurityDescriptorW(
        found, 1, owner_and_rights, ctypes.byref(text), None
    )
    os.close(pipe)
    owner, rights = str(text.value).removeprefix("O:").split("D:")
    assert rights == f"(A;;FA;;;{owner})"


@needs_named_pipes
def test_a_program_that_hangs_is_reported_by_the_clients_of_its_pipe(path: Path, qapp: QCoreApplication) -> None:
    from PySide6.QtNetwork import QLocalServer

    server = QLocalServer()  # it listens, but nothing runs its loop
    assert server.listen(pipe_name(path))
    with pytest.raises(ControlError, match="does not respond"):
        request(path, "quit")
    server.close()
    assert request(path, "quit") is None


@needs_unix_sockets
def test_a_client_waits_for_its_place_in_a_full_queue(path: Path) -> None:
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        listener.listen(0)
        waiting = stack.enter_context(socket.socket(socket.AF_UNIX))
        waiting.connect(str(path))

        def serve() -> None:
            wait_until(is_refused.is_set)
            listener.accept()[0].close()
            client, _ = listener.accept()
            with client:
                assert client.recv(4096).endswith(b"\n")
                client.sendall(b'{"ok": true, "text": "done", "data": {}}\n')

        is_refused = threading.Event()

        class Client(socket.socket):
            def connect(self, address: object) -> None:
                try:
                    super().connect(address)  # type: ignore[arg-type]
                except BlockingIOError:
                    is_refused.set()
                    raise

        stack.enter_context(pytest.MonkeyPatch.context()).setattr(socket, "socket", Client)
        thread = threading.Thread(target=serve)
        thread.start()
        assert request(path, "status") == Answer(text="done")
        thread.join()
