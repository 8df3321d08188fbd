"""Facts about the project for packages, read from the files that define them."""

import os
import re
import tomllib
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from devtools.environment import ROOT

NAME, TITLE = "mailpit-notifier", "Mailpit Notifier"
"""Name of command, package and desktop entry; title for users. A test compares them with the application's."""

MAINTAINER = "The Mailpit Notifier developers <mailpit-notifier@localhost>"
"""Packages need an address, but the project has no public home yet."""

APP, RESOURCES, PACKAGING = ROOT / "app", ROOT / "resources", ROOT / "packaging"
DIST, WORK = ROOT / "dist", ROOT / "build"
METAINFO = RESOURCES / f"{NAME}.metainfo.xml"


def version() -> str:
    """Return the version of the application."""
    found = re.search(
        r'^__version__ = "(.+)"$', (APP / "mailpit_notifier/__init__.py").read_text("utf-8"), re.MULTILINE
    )
    assert found
    return found[1]


def summary() -> str:
    """Return the description in one line."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["description"])


def released() -> datetime:
    """Return when this version was released: the time of every file in a package, for reproducible builds.

    SOURCE_DATE_EPOCH (reproducible-builds.org) overrides it.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(given), UTC)
    newest = ET.parse(METAINFO).find("releases/release")  # noqa: S314 - our own file
    assert newest is not None
    return datetime.fromisoformat(newest.attrib["date"]).replace(tzinfo=UTC)


def reproducible() -> dict[str, str]:
    """Return environment variables for reproducible output of tools."""
    fixed = {"SOURCE_DATE_EPOCH": f"{released().timestamp():.0f}", "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}
    return {**os.environ, **fixed}
