"""What a package says about the project, read from where the project says it: no second place to forget."""

import os
import re
import tomllib
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from devtools.environment import ROOT

NAME, TITLE = "mailpit-notifier", "Mailpit Notifier"
"""Command, package and desktop name; and what people read. A test compares them with the program's own."""

MAINTAINER = "The Mailpit Notifier developers <mailpit-notifier@localhost>"
"""There is no public home and so no address yet; packages have to name one."""

APP, RESOURCES, PACKAGING = ROOT / "app", ROOT / "resources", ROOT / "packaging"
DIST, WORK = ROOT / "dist", ROOT / "build"
METAINFO = RESOURCES / f"{NAME}.metainfo.xml"


def version() -> str:
    """The program's version."""
    found = re.search(
        r'^__version__ = "(.+)"$', (APP / "mailpit_notifier/__init__.py").read_text("utf-8"), re.MULTILINE
    )
    assert found
    return found[1]


def summary() -> str:
    """What it is, in one line."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["description"])


def released() -> datetime:
    """When this version was released: the time of every file in a package, so that the same source makes the same bits.

    SOURCE_DATE_EPOCH (reproducible-builds.org) goes before.
    """
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return datetime.fromtimestamp(int(given), UTC)
    newest = ET.parse(METAINFO).find("releases/release")  # noqa: S314 - our own file
    assert newest is not None
    return datetime.fromisoformat(newest.attrib["date"]).replace(tzinfo=UTC)


def reproducible() -> dict[str, str]:
    """The environment in which tools make the same bits each time."""
    settled = {"SOURCE_DATE_EPOCH": f"{released().timestamp():.0f}", "PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"}
    return {**os.environ, **settled}
