"""Imports go one way: app, presenters, then servers, ui, notify, cli, then mailpit.session, core, Mailpit's values."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "app" / "mailpit_notifier"
MODULES = sorted(APP.rglob("*.py"))
VALUES = {"mailpit.access", "mailpit.model", "mailpit.events", "mailpit.fault", "mailpit.urls"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(APP).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> set[str]:
    """Everything a module imports, anywhere in it; ours without the package's name."""
    found: set[str] = set()
    package = module_name(path).split(".")[: -1 if path.name != "__init__.py" else None]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")] if node.level else None
            module = ".".join(filter(None, base)) if base is not None else node.module or ""
            found |= {module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names)}
    return {name.removeprefix("mailpit_notifier.") for name in found}


def uses(path: Path, *tops: str) -> set[str]:
    return {name for name in imports(path) if name.split(".")[0] in tops}


QT = ("PySide6", "qasync", "ui", "notify")
FORBIDDEN = {
    "mailpit": QT,
    "core": (*QT, "asyncio", "threading", "time"),
    "cli": QT,
    "control": QT,
    "announce": ("PySide6", "ui", "cli"),
    "servers": ("ui", "cli"),
    "ui": ("notify", "asyncio", "servers"),
    "notify": ("ui", "servers"),
}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    name = module_name(path)
    layer = name.split(".")[0]
    if name != "control.pipe":  # the command socket by Qt
        assert not uses(path, *FORBIDDEN.get(layer, ()))
    if name not in {"main", "__main__"}:
        assert not uses(path, "app", "main")
    if layer not in {"presenters", "app"}:
        assert not uses(path, "presenters")
    if name != "mailpit.feed":
        assert not uses(path, "websocket")
    if layer != "demo":  # a process of its own
        assert name == "threads" or not uses(path, "threading")
        assert not uses(path, "aiohttp", "aiosmtpd")


@pytest.mark.parametrize("path", sorted((APP / "core").rglob("*.py")), ids=module_name)
def test_the_core_knows_only_the_values_of_mailpit(path: Path) -> None:
    ours = {found for found in uses(path, "mailpit") if found.split(".")[1:]}
    assert {".".join(found.split(".")[:2]) for found in ours} <= VALUES


@pytest.mark.parametrize("path", sorted((APP / "mailpit").glob("*.py")), ids=module_name)
def test_what_knows_mailpit_knows_the_core_in_two_places(path: Path) -> None:
    if module_name(path) not in {"mailpit.session", "mailpit.sync"}:
        assert not uses(path, "core")


@pytest.mark.parametrize("path", sorted((APP / "ui").rglob("*.py")), ids=module_name)
def test_the_window_asks_nothing_of_a_server(path: Path) -> None:
    assert not {found for found in uses(path, "mailpit") if found.startswith(("mailpit.rest", "mailpit.feed"))}


@pytest.mark.parametrize("module", ["mailpit.session", "core.inbox", "control.instance", "cli.remote", "main"])
def test_what_needs_no_qt_imports_none(module: str) -> None:
    code = f"import sys; sys.modules['PySide6'] = None; import mailpit_notifier.{module}"
    subprocess.run([sys.executable, "-c", code], check=True)
