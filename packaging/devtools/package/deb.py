"""The .deb: the program with Qt. Libraries of Debian are dependencies. It has no maintainer scripts."""

import hashlib
import shutil
from email.utils import format_datetime
from pathlib import Path

from devtools import system

from . import tools, tree
from .frozen import Frozen, elf_files
from .project import DIST, MAINTAINER, NAME, PACKAGING, WORK, released, version

_DESCRIPTION = """desktop notifications for messages captured by Mailpit
 For developers who test email with Mailpit: each message that it captures is
 shown as a desktop notification, and a click opens the message. One-time codes
 and confirmation links in a message are buttons of its notification.
"""


def build(frozen: Frozen) -> Path:
    """Build it. Raises SetupError."""
    system.provide({"dpkg-shlibdeps": "dpkg-dev", "objdump": "binutils", "xz": "xz-utils"})
    work = WORK / "deb"
    shutil.rmtree(work, ignore_errors=True)
    root = work / "debian" / NAME
    installed = root / "usr/lib" / NAME
    frozen.copy(installed, with_system=False)
    (root / "usr/bin").mkdir()
    (root / "usr/bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    tree.share(root / "usr")
    (root / "usr/share/zsh/site-functions").rename(root / "usr/share/zsh/vendor-completions")  # where Debian expects it
    _documents(root)
    control = root / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(_control(root, _dependencies(work, installed)), "utf-8")
    (control / "md5sums").write_text(_sums(root), "utf-8")
    tree.normalize(root)
    target = DIST / f"{NAME}_{version()}_{_architecture()}.deb"
    done = work / target.name
    tools.run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z9", "-Sextreme", "--build", str(root), str(done)])
    return done.replace(target)


def _documents(root: Path) -> None:
    documents = root / "usr/share/doc" / NAME
    tree.licences(documents / "licences")
    # Debian policy 12.5: refer to /usr/share/common-licenses instead of shipping copies.
    for name in ("LICENSE", "GPL-3.0.txt", "LGPL-3.0.txt"):
        (documents / "licences" / name).unlink()
    tree.put(PACKAGING / "linux/copyright", documents / "copyright")
    tree.put(PACKAGING / "linux/lintian-overrides", root / "usr/share/lintian/overrides" / NAME)
    changes = (
        f"{NAME} ({version()}) unstable; urgency=medium\n\n  * Release {version()}.\n\n"
        f" -- {MAINTAINER}  {format_datetime(released())}\n"
    )
    tree.compress(changes.encode(), documents / "changelog.gz")


def _dependencies(work: Path, installed: Path) -> str:
    """Return the dependencies that dpkg-shlibdeps finds for the shipped files."""
    (work / "debian/control").write_text(f"Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n", "utf-8")
    internal = installed / "_internal"
    own = [internal, internal / "PySide6", internal / "PySide6/Qt/lib", internal / "shiboken6"]
    command = ["dpkg-shlibdeps", "-O", "--ignore-missing-info", *(f"-l{folder}" for folder in own)]
    output = tools.run([*command, *map(str, elf_files(installed))], cwd=work)
    return next(line for line in output.splitlines() if line.startswith("shlibs:Depends=")).partition("=")[2]


def _control(root: Path, dependencies: str) -> str:
    size = sum(-(-path.lstat().st_size // 1024) for path in root.rglob("*"))
    return (
        f"Package: {NAME}\nVersion: {version()}\nArchitecture: {_architecture()}\nMaintainer: {MAINTAINER}\n"
        f"Installed-Size: {size}\nDepends: {dependencies}\n"
        "Recommends: ca-certificates, default-dbus-session-bus | dbus-session-bus, notification-daemon, xdg-utils\n"
        "Suggests: gnome-shell-extension-appindicator, wl-clipboard\n"
        f"Section: mail\nPriority: optional\nDescription: {_DESCRIPTION}"
    )


def _sums(root: Path) -> str:
    files = sorted(path for path in (root / "usr").rglob("*") if path.is_file() and not path.is_symlink())
    lines = (f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files)  # noqa: S324
    return "".join(lines)


def _architecture() -> str:
    return tools.run(["dpkg", "--print-architecture"]).strip()
