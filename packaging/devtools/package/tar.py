"""The .tar.xz: the program with all its libraries, and scripts to install and uninstall it without root."""

import platform
import shutil
import tarfile
from pathlib import Path

from . import tree
from .frozen import Frozen
from .project import DIST, NAME, PACKAGING, WORK, version


def build(frozen: Frozen) -> Path:
    """Build it. Raises SetupError."""
    work = WORK / "tar"
    shutil.rmtree(work, ignore_errors=True)
    root = work / f"{NAME}-{version()}-linux-{platform.machine()}"
    frozen.copy(root / "lib", with_system=True)
    tree.share(root)
    tree.licences(root / "lib/licences", [library for library in frozen.libraries if library.of_system])
    for script in ("install", "uninstall"):
        shutil.copy(PACKAGING / "linux" / script, root)
        (root / script).chmod(0o755)
    tree.normalize(root)
    target = DIST / f"{root.name}.tar.xz"
    with tarfile.open(target, "w:xz", preset=6) as archive:
        for path in [root, *sorted(root.rglob("*"))]:
            archive.add(path, str(path.relative_to(work)), recursive=False, filter=_owned_by_root)
    return target


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
