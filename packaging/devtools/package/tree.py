"""The files of a package under `usr` or another prefix, except the program: menu entry, icons, manual, licences."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import tools
from .frozen import Library
from .project import METAINFO, NAME, RESOURCES, WORK, released


def share(prefix: Path) -> None:
    """Write menu entry, metainfo, icons, manual page and shell completions."""
    put(RESOURCES / f"{NAME}.desktop", prefix / f"share/applications/{NAME}.desktop")
    put(METAINFO, prefix / f"share/metainfo/{METAINFO.name}")
    icons, drawn = prefix / "share/icons/hicolor", WORK / "icons"
    drawn.mkdir(parents=True, exist_ok=True)
    tools.script("drawings", RESOURCES / f"icons/{NAME}.svg", drawn)
    for picture in drawn.glob("*.png"):
        put(picture, icons / f"{picture.stem}x{picture.stem}/apps/{NAME}.png")
    put(RESOURCES / f"icons/{NAME}.svg", icons / f"scalable/apps/{NAME}.svg")
    put(RESOURCES / f"icons/{NAME}-symbolic.svg", icons / f"symbolic/apps/{NAME}-symbolic.svg")
    compress(tools.script("manual").encode(), prefix / f"share/man/man1/{NAME}.1.gz")
    tools.script("completions", prefix / "share")


def licences(folder: Path, libraries: Sequence[Library] = ()) -> None:
    """Write the licences of everything in the package, including these system libraries."""
    tools.script("notices", folder)
    for package in sorted({package for library in libraries for package in _debian_package(library)}):
        text = Path("/usr/share/doc", package, "copyright")
        if text.exists():
            put(text, folder / "system" / f"{package}.txt")


def _debian_package(library: Library) -> list[str]:
    command = ["dpkg-query", "--search", f"*/{library.source.name}"]
    found = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return [found.partition(":")[0]] if found else []


def put(source: Path, target: Path) -> None:
    """Copy a file, readable for all users."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
    target.chmod(0o644)


def compress(content: bytes, target: Path) -> None:
    """Write compressed content, without a time stamp, so that builds are reproducible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["gzip", "-9n"], input=content, stdout=subprocess.PIPE, check=True)
    target.write_bytes(done.stdout)


def normalize(folder: Path) -> None:
    """Give every file the time of the release, and mode 644, or 755 for programs and folders."""
    time = released().timestamp()
    for path in [*folder.rglob("*"), folder]:
        if not path.is_symlink():
            executable = path.is_dir() or (path.stat().st_mode & 0o100 and ".so" not in path.name)
            path.chmod(0o755 if executable else 0o644)
        os.utime(path, (time, time), follow_symlinks=False)
