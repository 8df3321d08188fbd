"""What the panel with the tray icon is like: whether it is dark, and which clicks on the icon it reports.

It may be dark where the windows are not, and no desktop reports it. On GNOME and Cinnamon it is dark in both color
schemes, and so are the usual bars of sway and i3. Xfce and Plasma keep it in their settings, which are read from their
files: two small ones, at each drawing of the icon, because nothing reports a change.
"""

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QGuiApplication

_DARK = ("GNOME", "X-Cinnamon", "Unity", "sway", "i3")
"""Desktops whose panel is dark, by their names in XDG_CURRENT_DESKTOP."""

_XFCONF = "xfce4/xfconf/xfce-perchannel-xml"
_WITH_DARK_VARIANT = {"Adwaita", "HighContrast"}
"""Themes that are part of GTK."""

MAX_SIZE = 100_000
"""Bytes of a file that is read; usual ones have 5,000."""


def is_dark(*, windows_are: bool) -> bool:
    """Return whether the panel is dark, as far as it is known; else whether the windows are."""
    if is_desktop(*_DARK):
        return True
    found = _is_dark_on_xfce() if is_desktop("XFCE") else _is_dark_on_plasma() if is_desktop("KDE") else None
    return windows_are if found is None else found


def is_desktop(*names: str) -> bool:
    """Return whether this is one of the desktops with these names (XDG_CURRENT_DESKTOP)."""
    return not set(names).isdisjoint(os.environ.get("XDG_CURRENT_DESKTOP", "").split(":"))


def _is_dark_on_xfce() -> bool | None:
    """Return whether the panel uses the dark variant of a theme that has one. None if Xfce has no such setting."""
    chosen = _find(f"{_XFCONF}/xfce4-panel.xml", r'name="dark-mode" type="bool" value="(\w+)"')
    name = _find(f"{_XFCONF}/xsettings.xml", r'name="ThemeName" type="string" value="([^"/]+)"')
    if "dark" in name.lower():
        return True
    folders = _folders("XDG_DATA_HOME", ".local/share", "XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    themes = (Path.home() / ".themes", *(folder / "themes" for folder in folders))
    has_variant = name in _WITH_DARK_VARIANT or any(any((one / name).glob("gtk-3.*/gtk-dark.css")) for one in themes)
    return True if chosen == "true" and has_variant else None


def _is_dark_on_plasma() -> bool | None:
    """Return whether the user chose a dark or light style for Plasma itself. None if it has the colors of windows."""
    pattern = r"(?ms)^\[Theme\]$(?:(?!^\[).)*?^name=(\S+)$"
    name = _find("plasmarc", pattern) or _find("kdedefaults/plasmarc", pattern)
    return next((word == "dark" for word in ("dark", "light") if word in name.lower()), None)


def _find(path: str, pattern: str) -> str:
    """Return the group of the pattern in the first configuration file of this path that has it, "" without one."""
    for folder in _folders("XDG_CONFIG_HOME", ".config", "XDG_CONFIG_DIRS", "/etc/xdg"):
        try:
            with (folder / path).open(encoding="utf-8", errors="replace") as file:
                found = re.search(pattern, file.read(MAX_SIZE))
        except OSError:
            continue
        if found:
            return found[1]
    return ""


def _folders(home: str, usual: str, others: str, usual_others: str) -> Iterator[Path]:
    """Yield the user's folder, then the system's, in the order of the XDG base directory specification."""
    yield Path(os.environ.get(home) or Path.home() / usual)
    yield from map(Path, (os.environ.get(others) or usual_others).split(":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """Clicks that the desktop reports. `menu`: a click can open the menu at the pointer.

    `left_by_double`: a double click is reported as a left click, because the desktop opens the menu on a single one.
    """

    left: bool
    middle: bool
    double: bool
    menu: bool
    left_by_double: bool = False


def supported_clicks(*, over_bus: bool) -> Clicks:
    """Return the clicks of this desktop. `over_bus`: a StatusNotifier host shows the icon.

    On macOS a click always opens the menu. StatusNotifier has no double click. On Wayland a program can open a menu
    only over one of its own windows. GNOME's AppIndicator extension does not forward single clicks.
    """
    own = sys.platform != "darwin"
    wayland = QGuiApplication.platformName().startswith("wayland")
    return Clicks(
        left=own,
        middle=own,
        double=own and not over_bus,
        menu=own and not wayland,
        left_by_double=is_desktop("GNOME") and over_bus,
    )
