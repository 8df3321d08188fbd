"""Run as a script: collects the licences of everything in a package.

Runs in the build environment: it follows the installed requirements, starting from this project.
"""

import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from devtools.environment import ROOT

from .project import NAME, PACKAGING

_WORDS = ("licen", "copying", "notice", "authors")


def main() -> None:
    """Run `notices FOLDER`."""
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "LICENSE", target)
    for text in ("LGPL-3.0.txt", "GPL-3.0.txt"):
        shutil.copy(PACKAGING / "licences" / text, target)
    _copy(_of_python(), target / "Python")
    lines = [f"Python {sys.version.split()[0]}"]
    for found in sorted({found.name: found for found in _required(NAME, {"demo"})}.values(), key=lambda one: one.name):
        lines.append(f"{found.name} {found.version}: {_licence(found)}")
        _copy(_texts(found), target / found.name)
    notice = (PACKAGING / "licences/NOTICE.txt").read_text("utf-8")
    (target / "NOTICE.txt").write_text(notice + "".join(f"  {line}\n" for line in lines), "utf-8")


def _required(name: str, extras: set[str], seen: set[str] | None = None) -> Iterator[Distribution]:
    seen = set() if seen is None else seen
    for line in distribution(name).requires or []:
        requirement = Requirement(line)
        needed = not requirement.marker or any(requirement.marker.evaluate({"extra": extra}) for extra in extras | {""})
        if needed and requirement.name not in seen:
            seen.add(requirement.name)
            yield distribution(requirement.name)
            yield from _required(requirement.name, requirement.extras, seen)


def _texts(found: Distribution) -> list[Path]:
    files = [Path(str(file.locate())) for file in found.files or [] if ".dist-info" in str(file)]
    return [file for file in files if any(word in file.name.lower() for word in _WORDS)]


def _licence(found: Distribution) -> str:
    data = found.metadata
    named = next((data[key] for key in ("License-Expression", "License") if key in data), "")
    classified = [line.rpartition(" :: ")[2] for line in data.get_all("Classifier") or [] if line.startswith("License")]
    return named if named and "\n" not in named else ", ".join(classified)


def _of_python() -> list[Path]:
    """Return the licence of Python, which Debian keeps under /usr/share/doc."""
    minor = f"python3.{sys.version_info.minor}"
    places = [Path(sysconfig.get_path("stdlib"), "LICENSE.txt"), Path(sys.base_prefix, "LICENSE.txt")]
    debian = [Path(f"/usr/share/doc/lib{minor}-minimal/copyright"), Path(f"/usr/share/doc/{minor}/copyright")]
    return [place for place in [*places, *debian] if place.exists()][:1]


def _copy(files: list[Path], target: Path) -> None:
    for file in files:
        target.mkdir(exist_ok=True)
        (target / file.name).write_bytes(file.read_bytes())


if __name__ == "__main__":
    main()
