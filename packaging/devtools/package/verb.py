"""Builds the packages that can be built on this system, and reports where the others are built."""

import hashlib
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from devtools import system
from devtools.output import SetupError, report

from . import deb, macos, pyz, rpm, tar, tools, wheel, windows
from .frozen import Frozen, freeze
from .project import DIST

_LINUX, _WINDOWS, _MACOS = sys.platform.startswith("linux"), sys.platform == "win32", sys.platform == "darwin"
_SUMS = "SHA256SUMS"
_LIBRARIES = {**system.QT, "objdump": "binutils"}


@cache
def _frozen() -> Frozen:
    python = tools.shared_python()
    system.provide({**_LIBRARIES, f"{python}.so.1.0": python})
    report("Freezing the program; this takes half a minute.")
    return freeze()


_TARGETS: dict[str, tuple[bool, str, Callable[[], Sequence[Path]]]] = {
    "wheel": (True, "", wheel.build),
    "pyz": (True, "", lambda: [pyz.build()]),
    "deb": (_LINUX, "Linux", lambda: [deb.build(_frozen())]),
    "rpm": (_LINUX, "Linux", lambda: [rpm.build(_frozen())]),
    "tar": (_LINUX, "Linux", lambda: [tar.build(_frozen())]),
    "windows": (_WINDOWS, "Windows", lambda: [windows.build(_frozen())]),
    "macos": (_MACOS, "macOS", lambda: [macos.build(_frozen())]),
}
"""Name: whether it can be built here, the system it needs, and the build function."""


def package(args: list[str]) -> int:
    """Build these of _TARGETS, or all, into dist/. Raises SetupError."""
    names = list(_TARGETS) if args in ([], ["all"]) else args
    if unknown := [name for name in names if name not in _TARGETS]:
        raise SetupError(f"Unknown package {unknown[0]}. Choose from: {', '.join(_TARGETS)}, all.")
    DIST.mkdir(exist_ok=True)
    built: list[Path] = []
    for name in names:
        possible, place, build = _TARGETS[name]
        if possible:
            built += build()
        else:
            report(f"{name} can only be built on {place}. For a release, .github/workflows/release.yml does it.")
    for path in built:
        report(f"{path.stat().st_size / 1e6:6.1f} MB  {path.relative_to(DIST.parent)}")
    _write_sums()
    return 0 if built else 2


def _write_sums() -> None:
    files = sorted(path for path in DIST.iterdir() if path.is_file() and path.name != _SUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (DIST / _SUMS).write_text("".join(lines), "utf-8")
