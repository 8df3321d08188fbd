"""Size of the newest .deb in dist/, packed and installed, compared to PySide6-Essentials as pip installs it.

Without a .deb, nothing is measured.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from importlib.metadata import distribution

from stage import BENCH
from table import Row, report

DIST = BENCH.parents[1] / "dist"
MB = 1e6


def rows() -> Iterator[Row]:
    """Report both sizes."""
    built = max(DIST.glob("*.deb"), key=lambda path: path.stat().st_mtime, default=None)
    if built is None:
        print("No .deb in dist/, so no size: packaging/dev package deb makes one.", file=sys.stderr)
        return
    output = subprocess.run(["dpkg-deb", "--field", built, "Installed-Size"], capture_output=True, check=True).stdout
    what = f".deb of {date.fromtimestamp(built.stat().st_mtime)}, "
    yield Row(what=what + "packed", figure=built.stat().st_size / MB, unit="MB", at_most=23)
    yield Row(what=what + "installed", figure=int(output) * 1024 / MB, floor=of_pyside(), unit="MB", at_most=80)


def of_pyside() -> float:
    """Return the megabytes of PySide6 and its own dependencies."""
    files = [file for name in ("PySide6_Essentials", "shiboken6") for file in distribution(name).files or []]
    return sum(file.locate().stat().st_size for file in files if file.locate().is_file()) / MB


if __name__ == "__main__":
    report(rows())
