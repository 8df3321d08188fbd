"""Imports go one way: each package imports only packages that are before it in ORDER, and there are no loops."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app" / "mailpit_notifier"
MODULES = sorted(APP.rglob("*.py"))

ORDER = [
    *("", "runtime", "protocol", "findings", "core", "client", "control"),  # "" is the package itself, __init__.py
    *(
        "ui",
        "ui.window",
        "ui.tray",
        "ui.settings",
        "desktop",
        "notify",
        "announce",
        "servers",
        "logs",
        "config",
    ),
    *(
        "actions",
        "pause",
        "upgrade",
        "commands",
        "cli",
        "demo",
        "controllers",
        "selftest",
        "user_interface",
        "app",
        "main",
        "__main__",
    ),
]
NO_QT = {"protocol", "findings", "core", "client", "cli", "control", "logs"}
"""Commands answer without Qt: 105 ms instead of 220."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(APP).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


NAMES = {module_name(path) for path in MODULES}


def package(name: str) -> str:
    """Return the package or top-level module of ORDER that a module belongs to."""
    first, *rest = name.split(".")
    if first == "ui" and rest and (APP / "ui" / rest[0]).is_dir():
        return f"ui.{rest[0]}"
    return first


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """Everything a module imports, anywhere in it; ours without the package's name."""
    found: set[str] = set()
    here = module_name(path).split(".")[: -1 if path.name != "__init__.py" else None]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1], *(node.module or "").split(".")] if node.level else None
            module = ".".join(filter(None, base)) if base is not None else node.module or ""
            names = {f"{module}.{alias.name}".lstrip(".") for alias in node.names}
            found |= {module, *names}
    return {
        name.removeprefix("mailpit_notifier").lstrip(".") for name in found if name.startswith("mailpit_notifier")
    } | {name for name in found if name in NAMES or not name.startswith("mailpit_notifier")}


def tops(path: Path) -> set[str]:
    """The packages and libraries that a module imports."""
    return {name.split(".")[0] for name in imports(path)}


def wrong(check: Callable[[Path], set[str]], paths: Iterable[Path] = MODULES) -> dict[str, set[str]]:
    """Return what a check finds wrong, by module. One test for all: as a test each, they take 4 s longer."""
    return {module_name(path): found for path in paths if (found := check(path))}


def test_a_module_imports_only_lower_layers() -> None:
    def above(path: Path) -> set[str]:
        below = ORDER[: ORDER.index(package(module_name(path))) + 1]
        return {package(name) for name in imports(path) if name in NAMES} - set(below)

    assert wrong(above) == {}


def test_a_library_is_imported_where_it_belongs() -> None:
    def misplaced(path: Path) -> set[str]:
        name = module_name(path)
        unwanted = set() if name == "client.feed" else {"websocket"}
        if package(name) in NO_QT and name != "control.pipe":  # named pipes of Windows are Qt's
            unwanted |= {"PySide6", "qasync"}
        if package(name) in {"findings", "protocol", "core"}:
            unwanted |= {"asyncio", "threading", "socket"}
        if package(name) != "demo":  # a process of its own
            unwanted |= {"aiohttp", "aiosmtpd"} | (set() if name == "runtime.threads" else {"threading"})
        found = tops(path) & unwanted
        if package(name).startswith("ui"):
            found |= {"client.rest", "client.feed", "client.session"} & imports(path)
        return found

    assert wrong(misplaced) == {}


OF_ONE_PLATFORM = {
    *("dbus_fast", "desktop_notifier", "rubicon", "winrt"),
    *("fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "winreg", "_winapi"),
}
"""Libraries and modules of Python that not every platform has."""

FOR_ONE_PLATFORM = {"notify.freedesktop", "notify.service", "notify.macos"}
"""Modules that are themselves imported on one platform only."""

FOR_ALL_PLATFORMS = [path for path in MODULES if module_name(path) not in FOR_ONE_PLATFORM]


def test_a_library_of_one_platform_is_imported_there_only() -> None:
    """In a function, or in an `if` of the platform. At the top of a module it would keep the others from starting."""

    def at_top(path: Path) -> set[str]:
        names: set[str] = set()
        for node in tree(path).body:
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
        return names & OF_ONE_PLATFORM

    assert wrong(at_top, FOR_ALL_PLATFORMS) == {}


def test_a_module_of_one_platform_is_imported_late() -> None:
    def early(path: Path) -> set[str]:
        names = {node.module or "" for node in tree(path).body if isinstance(node, ast.ImportFrom)}
        return names & {name.rpartition(".")[2] for name in FOR_ONE_PLATFORM}

    assert wrong(early, FOR_ALL_PLATFORMS) == {}


@pytest.mark.process
@pytest.mark.parametrize("module", ["client.session", "core.inbox", "control.instance", "cli.remote", "main"])
def test_packages_without_qt_import_none(module: str) -> None:
    code = f"import sys; sys.modules['PySide6'] = None; import mailpit_notifier.{module}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.process
def test_the_first_icon_is_shown_before_all_else_is_imported() -> None:
    code = """
import sys
import mailpit_notifier.main
from PySide6 import QtCore
from PySide6.QtWidgets import QApplication
app = QApplication([])
from mailpit_notifier.ui.tray.icon import Tray
tray = Tray(is_early=True)
tray.show()
loaded = {name for name in sys.modules if name.startswith("mailpit_notifier.")}
late = {"core.settings", "ui.theme", "ui.words", "ui.window.list_model", "cli.arguments", "protocol.model"}
assert not loaded & {f"mailpit_notifier.{name}" for name in late}, loaded
tray.complete()
assert "mailpit_notifier.ui.theme" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})


@pytest.mark.process
def test_openssl_is_loaded_by_the_first_server_that_needs_tls_and_no_large_table_before() -> None:
    code = """
import sys
import mailpit_notifier.main
from mailpit_notifier.runtime.openssl import import_without_openssl
import_without_openssl("asyncio", "http.client", "websocket")
import mailpit_notifier.cli.doctor, mailpit_notifier.client.session, mailpit_notifier.servers.servers
import mailpit_notifier.findings.extraction
import mailpit_notifier.config.store, mailpit_notifier.logs
from mailpit_notifier.client.transport import resolve
assert mailpit_notifier.control.instance.state_folder() and resolve("127.0.0.1") == ("127.0.0.1",)
if sys.platform == "linux":
    import mailpit_notifier.notify.freedesktop
from mailpit_notifier.client.transport import fault_from_os_error
from mailpit_notifier.protocol.faults import Fault
assert fault_from_os_error(TimeoutError()).fault is Fault.TIMEOUT
assert not {"_hashlib", "_ssl", "ssl"} & set(sys.modules), "OpenSSL is loaded"
for large in ("html.entities", "pickle", "platformdirs", "encodings.idna"):
    assert large not in sys.modules or sys.platform != "linux", f"{large} takes 0.4 MiB, and is not needed"
from mailpit_notifier.client.certificates import unverified_context
unverified_context()
import ssl
assert fault_from_os_error(ssl.SSLEOFError()).fault is Fault.CUT_OFF
assert fault_from_os_error(ssl.SSLError()).fault is Fault.TLS
"""
    subprocess.run([sys.executable, "-c", code], check=True)
