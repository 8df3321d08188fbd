"""`packaging/dev desktops`: sets up the desktops, installs the package of this checkout, prints a table of checks."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from devtools import system
from devtools.environment import LOCKED, ROOT
from devtools.output import SetupError, report

from . import mailpit
from .checks import Checks
from .chroot import FOLDER, Chroot, is_isolated, isolate
from .gnome import Gnome
from .pictures import Pictures
from .plasma import Plasma
from .results import Outcome, Result, table
from .session import Session
from .sway import Sway
from .x11 import Cinnamon, Xfce

NOT_ROOT = 77
"""The exit code by which test programs report that they were skipped."""

DESKTOPS: dict[str, type[Session]] = {kind.name: kind for kind in (Gnome, Plasma, Xfce, Cinnamon, Sway)}

PICTURES = ROOT / "build/desktops"


def desktops(args: list[str]) -> int:
    """Run all checks on these desktops, or on all; return 1 if one failed. Raises SetupError."""
    names = [arg for arg in args if not arg.startswith("-")] or list(DESKTOPS)
    only = [arg.removeprefix("--only=") for arg in args if arg.startswith("--only=")]
    if unknown := [arg for arg in args if arg.startswith("-") and not arg.startswith("--only=")]:
        raise SetupError(f"Unknown option {unknown[0]}. See packaging/dev desktops --help.")
    if unknown := [name for name in names if name not in DESKTOPS]:
        raise SetupError(f"Unknown desktop {unknown[0]}. Choose from: {', '.join(DESKTOPS)}.")
    if not sys.platform.startswith("linux") or os.geteuid():
        report("The desktops run in a chroot, which only root can start, on Linux: sudo packaging/dev desktops")
        return NOT_ROOT
    if not is_isolated():
        _build()
        return isolate()
    chroot = Chroot(FOLDER)
    chroot.set_up(name for kind in DESKTOPS.values() if kind.name in names for name in kind.packages)
    chroot.install_package(_package())
    chroot.start_system_bus()
    PICTURES.mkdir(parents=True, exist_ok=True)
    results = {}
    for name in names:
        title, found = _check(DESKTOPS[name], chroot, only)
        results[title] = found
    report(table(results))
    report(f"Screenshots are in {PICTURES.relative_to(ROOT)}.")
    return int(any(one.outcome is Outcome.FAILED for found in results.values() for one in found))


def _build() -> None:
    """Build the Debian package of this checkout, unless DESKTOPS_KEEP asks for the one that is in dist."""
    if "DESKTOPS_KEEP" in os.environ:
        return
    from devtools.package import verb

    system.provide(system.QT)
    LOCKED.prepare("demo")
    verb.package(["deb"])


def _package() -> Path:
    from devtools.package.project import DIST, NAME, version

    return next(DIST.glob(f"{NAME}_{version()}_*.deb"))


def _check(kind: type[Session], chroot: Chroot, only: Sequence[str]) -> tuple[str, list[Result]]:
    """Run the checks on one desktop at 100 %, and take pictures of it at 100 and 200 %."""
    with mailpit.running() as server:
        title, found = _run_checks(kind(chroot), server, only)
    for scale in (1, 2) if not only or "pictures" in only else ():
        with mailpit.running() as shop, mailpit.running() as blog, mailpit.running() as newshop:
            session = kind(chroot, scale)
            try:
                session.start()
                Pictures(session, {"shop": shop, "blog": blog, "newshop": newshop}, PICTURES, f"{scale}00").take()
            except SetupError as failure:
                found.append(Result(check=f"pictures at {scale}00 %", outcome=Outcome.FAILED, detail=str(failure)))
            finally:
                session.stop()
    return title, found


def _run_checks(session: Session, server: mailpit.Mailpit, only: Sequence[str]) -> tuple[str, list[Result]]:
    title = session.name
    try:
        session.start()
        title = session.version()
        report(title)
        return title, Checks(session, server, PICTURES).run(only)
    except SetupError as failure:
        return title, [Result(check="start", outcome=Outcome.FAILED, detail=str(failure))]
    finally:
        session.stop()
