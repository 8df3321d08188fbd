"""The Windows installer: per user, made by NSIS from the frozen program. NSIS also runs on Linux, freezing does not."""

import sys
from pathlib import Path

from . import tools, tree
from .frozen import Frozen
from .project import DIST, NAME, PACKAGING, RESOURCES, TITLE, WORK, version


def build(frozen: Frozen) -> Path:
    """Build it. Raises SetupError."""
    tree.licences(frozen.folder / "licences")
    return installer(frozen.folder)


def installer(payload: Path) -> Path:
    """Build an installer from a folder with both programs. Raises SetupError."""
    icon, target = WORK / f"{NAME}.ico", DIST / f"{NAME}-{version()}-setup.exe"
    tools.script("drawings", RESOURCES / f"icons/{NAME}.svg", icon)
    values = {
        "VERSION": version(),
        "PAYLOAD": payload,
        "ICON": icon,
        "OUTPUT": target,
        "NAME": NAME,
        "TITLE": TITLE,
    }
    sizes = sum(path.stat().st_size for path in payload.rglob("*") if path.is_file()) // 1024
    if sys.platform == "win32":
        values["TARGET"] = "x86-unicode"  # the only one that NSIS's own build for Windows has
    defined = [f"-D{key}={value}" for key, value in {**values, "SIZE": sizes}.items()]
    tools.run(["makensis", "-V2", "-NOCD", "-WX", *defined, str(PACKAGING / "windows/installer.nsi")])
    return target
