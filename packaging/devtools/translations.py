"""Copies texts of the code to `resources/translations/*.ts`, and builds .qm files from these.

Uses the tools of the PySide6 wheel, through a Python in which it is installed. Standard library only, because the build
hook uses it too.
"""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from .output import SetupError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "translations"

_TOOL = "import sys; from PySide6.scripts import pyside_tool; getattr(pyside_tool, sys.argv.pop(1))()"
_MARKS = "QT_TRANSLATE_NOOP+=translatable,tr+=counted"


def update(target: Path, python: str = sys.executable) -> None:
    """Update a .ts file to the texts of the code. Raises SetupError.

    English gets only texts with plurals: all others are shown as in the code.
    """
    language = target.stem.rpartition("_")[2]
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py"))
    options = ["-silent", "-no-obsolete", "-locations", "none", "-source-language", "en", "-target-language", language]
    options += ["-pluralonly"] if language == "en" else []
    _run(python, "lupdate", *options, "-tr-function-alias", _MARKS, *sources, "-ts", str(target))


def untranslated(target: Path) -> list[str]:
    """Return the texts of a .ts file without a translation."""
    messages = ET.parse(target).iter("message")  # noqa: S314 - our own file
    waiting = (message for message in messages if message.find("translation[@type]") is not None)
    return [message.findtext("source", "") for message in waiting]


def release(python: str = sys.executable) -> None:
    """Build missing and outdated .qm files. Raises SetupError."""
    for source in outdated():
        build(source, python)


def build(source: Path, python: str = sys.executable) -> Path:
    """Build the .qm next to a .ts file. Raises SetupError."""
    _run(python, "lrelease", "-silent", str(source), "-qm", str(built := source.with_suffix(".qm")))
    return built


def outdated() -> list[Path]:
    """Return the .ts files whose .qm is missing or older."""
    return [source for source in sorted(FOLDER.glob("*.ts")) if _age(source.with_suffix(".qm")) < _age(source)]


def _age(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0


def _run(python: str, tool: str, *arguments: str) -> None:
    done = subprocess.run(
        [python, "-c", _TOOL, tool, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{done.stdout.decode(errors='replace')}{tool} of PySide6 failed.")
