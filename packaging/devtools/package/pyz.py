"""`mailpit-wait.pyz`: the commands for CI in one file, for any Python from 3.11 on.

It contains what cli/standalone.py imports, directly or indirectly. As a script, this module writes the file; it runs in
the build environment, where the libraries are installed.
"""

import importlib.util
import shutil
import sys
import zipfile
from importlib.metadata import distribution
from modulefinder import ModuleFinder
from pathlib import Path
from tempfile import TemporaryDirectory

from devtools import word_lists
from devtools.environment import ROOT

from . import tools
from .project import DIST, released

FILE = "mailpit-wait.pyz"
ENTRY = "mailpit_notifier.cli.standalone"
LIBRARIES = {"websocket": "websocket-client", "truststore": "truststore", "platformdirs": "platformdirs"}
"""Package to distribution: the dependencies that are included. All are pure Python."""

START = """\
import sys

if sys.version_info < (3, 11):
    sys.exit("mailpit-wait needs Python 3.11 or newer.")

from mailpit_notifier.cli.standalone import main

sys.exit(main())
"""


def build() -> Path:
    """Build it. Raises SetupError."""
    tools.prepare()
    tools.script("pyz", DIST / FILE)
    return DIST / FILE


def write(target: Path) -> None:
    """Write the archive; the same source gives the same bytes."""
    files = {**modules(), **words(), **licences(), "__main__.py": START.encode()}
    with target.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                entry = zipfile.ZipInfo(name, released().timetuple()[:6])
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, content)
    target.chmod(0o755)


def modules() -> dict[str, bytes]:
    """Return all modules that are needed: path in the archive to source."""
    with TemporaryDirectory() as folder:  # contains only these packages, so imports of others are not followed
        for name in ("mailpit_notifier", *LIBRARIES):
            package = importlib.util.find_spec(name)
            assert package
            assert package.origin
            # A copy, because on Windows a link needs a right that few users have.
            shutil.copytree(Path(package.origin).parent, Path(folder, name), ignore=shutil.ignore_patterns("*.pyc"))
        finder = ModuleFinder([folder])
        finder.import_hook(ENTRY)
        sources = {name: getattr(module, "__file__", None) for name, module in finder.modules.items()}
        found = {name: Path(source) for name, source in sources.items() if source}
        return {_place(name, path): path.read_bytes() for name, path in found.items()}


def _place(name: str, path: Path) -> str:
    return name.replace(".", "/") + ("/__init__.py" if path.name == "__init__.py" else ".py")


def words() -> dict[str, bytes]:
    """Return the word tables for finding codes and links."""
    return {f"mailpit_notifier/resources/words/{word_lists.NAME}": word_lists.joined()}


def licences() -> dict[str, bytes]:
    """Return the licences of the project and the libraries."""
    texts = {"licences/LICENSE": (ROOT / "LICENSE").read_bytes()}
    for name in LIBRARIES.values():
        for file in distribution(name).files or []:
            if "licen" in file.name.lower() and ".dist-info" in str(file):
                texts[f"licences/{name}/{file.name}"] = file.read_binary()
    return texts


if __name__ == "__main__":
    write(Path(sys.argv[1]))
