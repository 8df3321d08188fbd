"""Translations: the texts of the code into `resources/translations/*.ts`, which people fill, and these into .qm files.

The tools are those of the PySide6 wheel, run by a Python that has it. The build hook uses it, too: standard library
only.
"""

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from .words import SetupError

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "resources" / "translations"

_TOOL = "import sys; from PySide6.scripts import pyside_tool; getattr(pyside_tool, sys.argv.pop(1))()"
_MARKS = "QT_TRANSLATE_NOOP+=translatable,tr+=counted"


def update(target: Path, python: str = sys.executable) -> None:
    """Have in a .ts file what the code says, and nothing else. Raises SetupError.

    In English only what counts things: the rest is as the code says.
    """
    language = target.stem.rpartition("_")[2]
    sources = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py"))
    options = ["-silent", "-no-obsolete", "-locations", "none", "-source-language", "en", "-target-language", language]
    options += ["-pluralonly"] if language == "en" else []
    _run(python, "lupdate", *options, "-tr-function-alias", _MARKS, *sources, "-ts", str(target))


def untranslated(target: Path) -> list[str]:
    """The texts of a .ts file that wait for somebody."""
    messages = ET.parse(target).iter("message")  # noqa: S314 - our own file
    waiting = (message for message in messages if message.find("translation[@type]") is not None)
    return [message.findtext("source", "") for message in waiting]


def release(python: str = sys.executable) -> None:
    """Build the .qm of each .ts that is newer. Raises SetupError."""
    for source in outdated():
        build(source, python)


def build(source: Path, python: str = sys.executable) -> Path:
    """Build the .qm beside a .ts. Raises SetupError."""
    _run(python, "lrelease", "-silent", str(source), "-qm", str(built := source.with_suffix(".qm")))
    return built


def outdated() -> list[Path]:
    """The .ts files without a .qm that is as new."""
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
