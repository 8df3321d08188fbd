"""The environment of every test: no display, no desktop, no proxy and no state of the developer."""

import asyncio
import gc
import os
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from mailpit_notifier.runtime.loop import collect_some
from program import Program, home_variables, virtual_display
from scratch_registry import redirect_registry

if TYPE_CHECKING:  # dbus-fast is installed on Linux alone
    from notification_service import NotificationService, PrivateBus
    from secret_store import Store

settings.register_profile("here", deadline=None)  # no timed assertions: machines are noisy
settings.register_profile("fast", deadline=None, max_examples=20)  # `packaging/dev test --fast`
settings.load_profile("here")

# A run in the background of a shell ignores Ctrl-C, and so would every program that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP"):  # nohup ignores it, and every program that a test starts would inherit that
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Before Qt is imported anywhere. Tests that need a real display start their own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
if sys.platform == "win32":
    # Without a window system, Qt searches for fonts where its wheels have none. wine uses those of Linux.
    folders = Path(os.environ["SYSTEMROOT"], "Fonts"), Path(r"Z:\usr\share\fonts\truetype\dejavu")
    os.environ["QT_QPA_FONTDIR"] = next((str(folder) for folder in folders if any(folder.glob("*.ttf"))), "")
for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_ACTIVATION_TOKEN", "MAILPIT_URL"):
    os.environ.pop(name, None)
for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)
if sys.platform != "linux":  # there, the tests have no bus on which a secret store would be
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # also for programs that the tests start
redirect_registry()


def pytest_xdist_auto_num_workers() -> int:
    """Two more than there are cores: the tests wait for other processes half of their time."""
    return (os.cpu_count() or 1) + 2


# "None yet" would make pytest-asyncio create a loop for this thread, put it back after each test, and leave it open.
asyncio.set_event_loop(None)


class File(pytest.Module):
    """A file of tests. One that needs D-Bus is left out where there is none, before it is imported as a whole."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        try:
            return list(super().collect())
        except self.CollectError as error:
            if "dbus_fast" in str(error):
                only_on_linux()
            raise


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    """Every file is one of these."""
    file: pytest.Module = File.from_parent(parent, path=module_path)
    return file


def only_on_linux() -> None:
    """Skip what drives the program through X and D-Bus."""
    if sys.platform != "linux":
        pytest.skip("needs X and D-Bus: Linux")


gc.disable()  # else it is collected in any thread, and a Qt object that is taken down outside its own crashes


def pytest_collection_finish() -> None:
    """Leave out modules and tests, which live until the end, when garbage is collected after each test."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def aside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Files in a temporary folder are deleted with those of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("aside")))
        yield


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Collect garbage in the main thread, as in the program."""
    yield
    collect_some()


class Homes:
    """Makes folders for tests. A test gets that of the test before if it is still empty: most tests need no folder.

    Two new folders for each of thousands of tests take seconds to make, and seconds to delete after a later run.
    """

    def __init__(self, parent: Path) -> None:
        self._parent = parent
        self._numbers = count()
        self._last: Path | None = None

    def get(self) -> Path:
        """Return a home whose only content is an empty folder `run`."""
        if self._last is None or not self._is_new(self._last):
            self._last = self._parent / f"home{next(self._numbers)}"  # pytest would list all folders to find a number
            self._last.mkdir()
            (self._last / "run").mkdir(mode=0o700)
        return self._last

    def _is_new(self, home: Path) -> bool:
        """Return whether no test has changed it, not even the permissions of the folder for sockets."""
        is_private = (home / "run").is_dir() and (home / "run").stat().st_mode & 0o777 in {0o700, 0o777}  # on Windows
        return is_private and list(home.iterdir()) == [home / "run"] and not any((home / "run").iterdir())


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Where the folders of the tests are made."""
    return Homes(tmp_path_factory.getbasetemp())


@pytest.fixture(autouse=True)
def own_folders(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    """State, configuration and runtime folders for this test alone, also for the programs that it starts."""
    home = homes.get()
    for name, value in home_variables(home).items():
        monkeypatch.setenv(name, value)
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home / "run"))


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> "Store":
    """An empty secret store instead of the system's."""
    from mailpit_notifier.desktop import secret_store as of_the_system
    from secret_store import Store

    store = Store()
    monkeypatch.setattr(of_the_system, "system_store", lambda: store)
    return store


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X server of the test run's own."""
    only_on_linux()
    with virtual_display() as name:
        yield name


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator["PrivateBus"]:
    """A session bus with nothing on it."""
    only_on_linux()
    from notification_service import private_bus

    with private_bus(tmp_path_factory.mktemp("bus")) as found:
        yield found


@pytest.fixture
def service(bus: "PrivateBus") -> Iterator["NotificationService"]:
    """A recording notification service on that bus."""
    from notification_service import NotificationService

    with NotificationService(bus.address) as recording:
        yield recording


@pytest.fixture
def program(tmp_path: Path, display: str, bus: "PrivateBus") -> Iterator[Program]:
    """The program on that display and bus, not started yet; gone afterwards."""
    ready = Program(tmp_path, display=display, bus=bus.address)
    yield ready
    ready.kill()
