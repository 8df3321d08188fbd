"""The .rpm, made by nfpm: the program with all its libraries, because package names differ between distributions."""

import json
import platform
import shutil
from pathlib import Path

from devtools import system

from . import tools, tree
from .frozen import Frozen, outside
from .project import DIST, MAINTAINER, NAME, WORK, released, summary, version


def build(frozen: Frozen) -> Path:
    """Build it. Raises SetupError."""
    system.provide({"objdump": "binutils"})
    work = WORK / "rpm"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "root"
    frozen.copy(root / "usr/lib" / NAME, with_system=True)
    tree.share(root / "usr")
    brought = [library for library in frozen.libraries if library.of_system]
    tree.licences(root / "usr/share/licenses" / NAME, brought)
    tree.normalize(root)
    recipe = work / "nfpm.json"  # JSON is YAML
    recipe.write_text(json.dumps(_recipe(root)), "utf-8")
    target = DIST / f"{NAME}-{version()}-1.{platform.machine()}.rpm"
    tools.run([tools.tool("nfpm"), "package", "-f", str(recipe), "-p", "rpm", "-t", str(target)])
    return target


def _recipe(root: Path) -> dict[str, object]:
    libraries, glibc = outside(root / "usr/lib" / NAME)
    return {
        "name": NAME,
        "arch": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "version": version(),
        "release": "1",
        "maintainer": MAINTAINER,
        "description": summary(),
        "license": "MIT AND LGPL-3.0-only",
        "mtime": f"{released():%Y-%m-%dT%H:%M:%SZ}",
        "depends": [f"libc.so.6(GLIBC_{glibc})(64bit)", *(f"{name}()(64bit)" for name in libraries if _named(name))],
        "recommends": ["ca-certificates", "xdg-utils"],
        "rpm": {"compression": "zstd:19", "buildhost": "localhost", "summary": summary().rstrip(".")},
        "contents": [
            {"src": str(root / "usr"), "dst": "/usr", "type": "tree"},
            {"src": f"../lib/{NAME}/{NAME}", "dst": f"/usr/bin/{NAME}", "type": "symlink"},
        ],
    }


def _named(library: str) -> bool:
    """Return whether to require a library by name: the glibc version above implies its own."""
    return not library.startswith(
        ("ld-linux", "libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so")
    )
