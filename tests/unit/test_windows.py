"""Code for Windows and macOS: on stand-ins for their functions, and on Windows itself."""

import ctypes
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.cli import remote
from mailpit_notifier.cli.common import end_signals
from mailpit_notifier.config.file import read_text
from mailpit_notifier.control.instance import Answer
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.pause import CLOCKS
from mailpit_notifier.runtime import clock
from mailpit_notifier.runtime.files import expand_path, write_atomically
from mailpit_notifier.runtime.processes import decode, resolve_command
from mailpit_notifier.servers.passwords import with_credentials
from platforms import IS_WINDOWS, needs_signals

needs_windows = pytest.mark.skipif(not IS_WINDOWS, reason="only Windows locks files that are open")

# Clocks


def test_the_time_asleep_is_known_on_windows_so_that_a_lease_lasts_over_a_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There, time.monotonic advances during sleep."""
    if IS_WINDOWS:
        assert abs(clock.time_asleep() - clock.time_asleep()) < 1  # both clocks run
        assert clock.awake_time() < clock.awake_time() + 1
        return

    def query(ticks: Any) -> None:
        ticks._obj.value = 50 * 10_000_000

    kernel = SimpleNamespace(QueryUnbiasedInterruptTime=query)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(clock, "boot_time", lambda: 350.0)
    assert (clock.awake_time(), clock.time_asleep()) == (50, 300)
    assert CLOCKS.now("command-1").steady == 50


# Files


class Kernel:
    """kernel32 of Windows, with ReplaceFileW as documented. `errors` are the numbers of its next failures."""

    def __init__(self) -> None:
        self.errors: list[int] = []
        self.last = 0

    def ReplaceFileW(self, replaced: str, replacement: str, backup: str, flags: int, *_: None) -> int:  # noqa: N802
        if not Path(replaced).exists():
            self.last = 2
            return 0
        if self.errors:
            self.last = self.errors.pop(0)
            if self.last == 1177:  # ERROR_UNABLE_TO_MOVE_REPLACEMENT_2
                Path(replaced).rename(backup)
            return 0
        Path(replaced).rename(backup)
        Path(replacement).rename(replaced)
        return 1


def windows_error(number: int) -> OSError:
    error = PermissionError(13, "in use") if number in {5, 32} else OSError(22, f"error {number}")
    error.winerror = number  # type: ignore[attr-defined, unused-ignore]
    return error


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> Kernel:
    """The functions for files of Windows, on a stand-in."""
    if IS_WINDOWS:
        pytest.skip("a stand-in for Windows is used elsewhere")
    kernel = Kernel()
    monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: kernel, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: kernel.last, raising=False)
    monkeypatch.setattr(ctypes, "WinError", windows_error, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    return kernel


@pytest.fixture(params=["here", "Windows", "macOS"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Exchange files as this system does, or as another on a stand-in."""
    if request.param == "Windows":
        request.getfixturevalue("kernel")
    elif request.param == "macOS":
        if sys.platform != "linux":
            pytest.skip("the stand-in for macOS uses a function of Linux")
        library = ctypes.CDLL(None)

        def swap(first: bytes, second: bytes, flags: int) -> int:
            assert flags == 2  # RENAME_SWAP
            return int(library.renameat2(-100, first, -100, second, 2))

        monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(renamex_np=swap))
        monkeypatch.setattr(sys, "platform", "darwin")
    elif sys.platform == "darwin":
        pytest.skip("not every file system of macOS can exchange files")
    return str(request.param)


@pytest.mark.parametrize("way", ["in place", "in place twice", "by renaming", "by renaming twice"])
def test_changes_that_an_editor_saves_after_the_last_read_are_kept(system: str, tmp_path: Path, way: str) -> None:
    path, saves = tmp_path / "Bob's Übung.toml", iter([b"first save", b"second save"])
    path.write_bytes(b"before")

    def save() -> None:
        if way.startswith("in place"):
            path.write_bytes(next(saves))
        else:
            (tmp_path / "editor's").write_bytes(next(saves))
            (tmp_path / "editor's").replace(path)

    def is_expected(found: Path) -> bool:
        result = found.read_bytes() == b"before"
        if found == path or way.endswith("twice"):
            save()
        return result

    assert not write_atomically(path, b"ours", is_expected=is_expected)
    assert path.read_bytes() == (b"second save" if way.endswith("twice") else b"first save")
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_as_expected_is_replaced(system: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    for before, content in ((None, b"new"), (b"new", b"newer")):
        assert write_atomically(
            path,
            content,
            is_expected=lambda found, before=before: (found.read_bytes() if found.exists() else None) == before,
        )
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("number", [5, 32, 1175])
def test_a_file_in_use_is_replaced_later_or_left_unchanged(kernel: Kernel, tmp_path: Path, number: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    kernel.errors = [number, number]
    assert write_atomically(path, b"ours", is_expected=lambda _: True)
    assert (path.read_bytes(), kernel.errors) == (b"ours", [])
    kernel.errors = [number] * 100
    with pytest.raises(OSError, match=r"in use|1175"):
        write_atomically(path, b"later", is_expected=lambda _: True, patience=0.0)
    assert path.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_was_only_moved_away_is_put_back(kernel: Kernel, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    kernel.errors = [1177]
    assert write_atomically(path, b"ours", is_expected=lambda found: found.read_bytes() == b"before")  # by renaming
    assert path.read_bytes() == b"ours"
    assert list(tmp_path.iterdir()) == [path]


@needs_windows
def test_a_file_that_another_program_locks_for_a_moment_is_read_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"before")
    journal = tmp_path / "journal"
    Journal(journal).record(["a"])
    for file, act in (
        (path, lambda: read_text(path) == "before"),
        (path, lambda: write_atomically(path, b"new")),
        (path, lambda: write_atomically(path, b"newer", is_expected=lambda _: True)),
        (journal, lambda: "a" in Journal(journal)),
    ):
        locked = Locked(file)
        timer = threading.Timer(0.05, locked.close)
        timer.start()
        assert act()
        timer.join()
    assert path.read_bytes() == b"newer"


class Locked:
    """A file that is open and shared with no other program."""

    def __init__(self, path: Path) -> None:
        kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined, unused-ignore]
        kernel.CreateFileW.restype = ctypes.c_void_p
        self._handle = kernel.CreateFileW(str(path), 0x80000000, 0, None, 3, 0, None)  # GENERIC_READ, OPEN_EXISTING
        assert self._handle != ctypes.c_void_p(-1).value
        self.close: Callable[[], object] = lambda: kernel.CloseHandle(ctypes.c_void_p(self._handle))


# Paths and programs


def test_paths_of_the_configuration_have_their_variables_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("CERTS", "C:\\Bob's Übung")
    assert Path(expand_path("~/ca.pem")) == tmp_path / "ca.pem"
    assert expand_path("%CERTS%\\ca.pem") == ("C:\\Bob's Übung\\ca.pem" if IS_WINDOWS else "%CERTS%\\ca.pem")
    assert expand_path("100 %/ca.pem") == "100 %/ca.pem"
    program = tmp_path / ("get.CMD" if IS_WINDOWS else "get")
    program.touch(0o755)
    assert list(map(Path, resolve_command(["~/get", "~"]))) == [program, Path("~")]
    if IS_WINDOWS:
        assert list(map(Path, resolve_command(["%USERPROFILE%\\get"]))) == [program]


def test_output_of_a_program_is_utf_8_or_the_code_page_of_the_console() -> None:
    assert decode("Spaß".encode()) == "Spaß"
    assert decode("ß".encode()[:1], "replace") == "\ufffd"  # cut
    if IS_WINDOWS:
        assert decode("Übung".encode("oem")) == "Übung"
    else:
        with pytest.raises(UnicodeDecodeError):
            decode(b"\x9abung")


@pytest.mark.process
@pytest.mark.skipif(not IS_WINDOWS, reason="code pages of consoles: Windows")
def test_a_password_in_the_code_page_of_the_console_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("pässword\r\nnotes".encode("oem"))
    script = tmp_path / "print it.cmd"
    script.write_text(f'@type "{tmp_path / "file"}"\n')
    server = replace(servers_from(["http://127.0.0.1/"])[0], user="ann", password_command=(str(script),))
    assert with_credentials(server).password == "pässword"


# Signals


@pytest.fixture
def signals() -> Iterator[None]:
    """Leave the handlers of signals as they were."""
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) != handler:
            signal.signal(number, handler)


def test_a_console_ends_a_command_by_ctrl_break_and_a_terminal_when_it_is_closed_unless_that_is_ignored(
    signals: None,
) -> None:
    numbers = {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGBREAK" if IS_WINDOWS else "SIGHUP")}
    for number in numbers:
        signal.signal(number, signal.SIG_DFL)
    assert set(end_signals()) == numbers
    if IS_WINDOWS:
        return
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    assert set(end_signals()) == numbers - {signal.SIGHUP}


@pytest.mark.process
@needs_signals
@pytest.mark.parametrize("name", ["SIGBREAK", "SIGHUP", "SIGINT"])
def test_after_ctrl_break_or_a_closed_terminal_a_pause_ends_with_its_command(
    signals: None, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def end(*_: object) -> None:
        raise SystemExit

    number = getattr(signal, name, signal.SIGUSR1)  # there is no SIGBREAK here
    monkeypatch.setattr(signal, name, number, raising=False)
    signal.signal(number, end)
    asked: list[str] = []

    def ask(command: str, _args: object) -> Answer:
        asked.append(command)
        return Answer()

    monkeypatch.setattr(remote, "ask_instance", ask)
    code = f"import os; os.kill(os.getppid(), {int(number)}); exit(3)"
    assert remote.pause_while([sys.executable, "-c", code]) == 3
    assert asked == ["pause", "resume"]
