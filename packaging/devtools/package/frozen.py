"""The program as a folder that needs no Python, made by PyInstaller once for all packages."""

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devtools import translations

from . import icu, tools
from .project import NAME, PACKAGING, RESOURCES, WORK, version


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """A library in the bundle: its path there, its source, and whether a system package provides it."""

    name: str
    source: Path
    of_system: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The frozen program in `folder`, and the libraries in `folder/_internal`."""

    folder: Path
    libraries: tuple[Library, ...]

    def copy(self, target: Path, *, with_system: bool) -> None:
        """Copy the program, with or without libraries that system packages provide."""
        left_out = set() if with_system else {library.name for library in self.libraries if library.of_system}
        internal = self.folder / "_internal"

        def ignored(folder: str, names: list[str]) -> list[str]:
            place = Path(folder)
            return [
                name
                for name in names
                if (place / name).is_relative_to(internal) and str((place / name).relative_to(internal)) in left_out
            ]

        shutil.copytree(self.folder, target, symlinks=True, ignore=ignored)
        for link in [path for path in target.rglob("*") if path.is_symlink() and not path.exists()]:
            link.unlink()


def freeze() -> Frozen:
    """Run PyInstaller. Raises SetupError."""
    tools.prepare()
    translations.release(str(tools.PYTHON))
    work, dist = WORK / "frozen", WORK / "frozen-dist"
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(dist, ignore_errors=True)
    icon = {}
    if suffix := {"win32": "ico", "darwin": "icns"}.get(sys.platform):
        path = work / f"{NAME}.{suffix}"
        tools.script("drawings", RESOURCES / f"icons/{NAME}.svg", path)
        icon = {"PACKAGE_ICON": str(path)}
    spec = PACKAGING / f"frozen/{NAME}.spec"
    command = [tools.tool("pyinstaller"), "--noconfirm", "--clean", "--log-level", "WARN", str(spec)]
    tools.run(
        [*command, "--workpath", str(work), "--distpath", str(dist)],
        environment={"PACKAGE_VERSION": version(), "PYINSTALLER_CONFIG_DIR": str(work / "cache"), **icon},
    )
    icu.trim(dist / NAME / "_internal/PySide6/Qt/lib")
    return Frozen(folder=dist / NAME, libraries=_libraries(work / NAME / "binaries.tsv"))


def _libraries(path: Path) -> tuple[Library, ...]:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    return tuple(Library(name=name, source=Path(source), of_system=bool(host)) for name, source, host in rows)


def elf_files(folder: Path) -> list[Path]:
    """Return the programs and libraries below a folder, sorted."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path for path in files if path.open("rb").read(4) == b"\x7fELF"]


def outside(folder: Path) -> tuple[list[str], str]:
    """Return the libraries that a folder needs from the system, by its ELF headers, and the required glibc version."""
    present, wanted, glibc = {path.name for path in folder.rglob("*.so*")}, set[str](), {(2, 0)}
    for path in elf_files(folder):
        output = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True).stdout
        wanted |= set(re.findall(r"NEEDED\s+(\S+)", output))
        glibc |= {(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", output)}
    return sorted(wanted - present), "{}.{}".format(*max(glibc))
