"""What every test gets: no display, no desktop, no proxy and no state of the person who runs it."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from mailpit_notifier.garbage import collect_some
from notification_service import NotificationService, PrivateBus, private_bus
from program import Program, virtual_display

settings.register_profile("here", deadline=None)  # no timed assertions: machines are noisy
settings.load_profile("here")

# A run in the background of a shell ignores Ctrl-C, and so would every program that a test starts and interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Before Qt is imported anywhere. Tests that need a real display start their own.
os.environ["QT_QPA_PLATFORM"] = "offscreen"
for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_ACTIVATION_TOKEN", "MAILPIT_URL"):
    os.environ.pop(name, None)
for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
    os.environ.pop(name, None)
    os.environ.pop(name.upper(), None)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: the tests wait for other processes a third of their time."""
    return (os.cpu_count() or 1) + 1


gc.disable()  # else it is collected in any thread, and a Qt object that is taken down outside its own crashes


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Garbage goes in the main thread, as in the program."""
    yield
    collect_some()


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """State, configuration and runtime folders that nobody else uses."""
    home = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """An X server of the test run's own."""
    with virtual_display() as name:
        yield name


@pytest.fixture
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateBus]:
    """A session bus with nothing on it."""
    with private_bus(tmp_path_factory.mktemp("bus")) as found:
        yield found


@pytest.fixture
def service(bus: PrivateBus) -> Iterator[NotificationService]:
    """A recording notification service on that bus."""
    with NotificationService(bus.address) as recording:
        yield recording


@pytest.fixture
def program(tmp_path: Path, display: str, bus: PrivateBus) -> Iterator[Program]:
    """The program on that display and bus, not started yet; gone afterwards."""
    ready = Program(tmp_path, display=display, bus=bus.address)
    yield ready
    ready.kill()
