"""Imports go one way: each package imports only packages that stand before it in ORDER, and there are no loops."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app" / "mailpit_notifier"
MODULES = sorted(APP.rglob("*.py"))

ORDER = [
    *("", "runtime", "protocol", "findings", "core", "client", "control"),  # "" is what __init__.py says
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
        "start",
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
NO_QT = {"protocol", "findings", "core", "client", "cli", "control", "logs", "start"}
"""Commands answer without Qt: 105 ms instead of 220."""


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(APP).with_suffix("").parts).removesuffix("__init__").removesuffix(".")


NAMES = {module_name(path) for path in MODULES}


def package(name: str) -> str:
    """The part of the house that a module belongs to."""
    first, *rest = name.split(".")
    if first == "ui" and rest and (APP / "ui" / rest[0]).is_dir():
        return f"ui.{rest[0]}"
    return first


@cache
def imports(path: Path) -> set[str]:
    """Everything a module imports, anywhere in it; ours without the package's name."""
    found: set[str] = set()
    here = module_name(path).split(".")[: -1 if path.name != "__init__.py" else None]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
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


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_only_lower_layers(path: Path) -> None:
    own = package(module_name(path))
    below = ORDER[: ORDER.index(own) + 1]
    ours = {name for name in imports(path) if name in NAMES}
    assert {package(name) for name in ours} - set(below) == set()


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_library_is_imported_where_it_belongs(path: Path) -> None:
    name = module_name(path)
    if package(name) in NO_QT and name != "control.pipe":  # named pipes of Windows are Qt's
        assert not tops(path) & {"PySide6", "qasync"}
    if package(name) in {"findings", "protocol", "core"}:
        assert not tops(path) & {"asyncio", "threading", "socket"}
    if name != "client.feed":
        assert "websocket" not in tops(path)
    if package(name) != "demo":  # a process of its own
        assert name == "runtime.threads" or "threading" not in tops(path)
        assert not tops(path) & {"aiohttp", "aiosmtpd"}
    if package(name).startswith("ui"):
        assert not {"client.rest", "client.feed", "client.session"} & imports(path)


OF_ONE_PLATFORM = {
    *("dbus_fast", "desktop_notifier", "rubicon", "winrt"),
    *("fcntl", "grp", "msvcrt", "pwd", "resource", "termios", "winreg", "_winapi"),
}
"""Libraries and modules of Python that not every platform has."""

FOR_ONE_PLATFORM = {"notify.freedesktop", "notify.service", "notify.macos"}
"""Modules that are themselves imported on one platform only."""


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_library_of_one_platform_is_imported_there_only(path: Path) -> None:
    """In a function, or in an `if` of the platform. At the top of a module it would keep the others from starting."""
    if module_name(path) in FOR_ONE_PLATFORM:
        return
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add((node.module or "").partition(".")[0])
    assert not names & OF_ONE_PLATFORM


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_of_one_platform_is_imported_late(path: Path) -> None:
    if module_name(path) in FOR_ONE_PLATFORM:
        return
    tree = ast.parse(path.read_text("utf-8"))
    names = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert not names & {name.rpartition(".")[2] for name in FOR_ONE_PLATFORM}


@pytest.mark.process
@pytest.mark.parametrize("module", ["client.session", "core.inbox", "control.instance", "cli.remote", "main"])
def test_packages_without_qt_import_none(module: str) -> None:
    code = f"import sys; sys.modules['PySide6'] = None; import mailpit_notifier.{module}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.process
def test_openssl_is_loaded_by_the_first_server_that_needs_tls() -> None:
    code = """
import sys
import mailpit_notifier.main
from mailpit_notifier.runtime.openssl import import_without_openssl
import_without_openssl("asyncio", "http.client", "websocket")
import mailpit_notifier.cli.doctor, mailpit_notifier.client.session, mailpit_notifier.servers.servers
from mailpit_notifier.client.transport import fault_from_os_error
from mailpit_notifier.protocol.faults import Fault
assert fault_from_os_error(TimeoutError()).fault is Fault.TIMEOUT
assert not {"_hashlib", "_ssl", "ssl"} & set(sys.modules), "OpenSSL is loaded"
from mailpit_notifier.client.certificates import unverified_context
unverified_context()
import ssl
assert fault_from_os_error(ssl.SSLEOFError()).fault is Fault.CUT_OFF
assert fault_from_os_error(ssl.SSLError()).fault is Fault.TLS
"""
    subprocess.run([sys.executable, "-c", code], check=True)
