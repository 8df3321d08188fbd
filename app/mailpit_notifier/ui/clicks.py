"""Which clicks on the tray icon the desktop reports, and whether a click can open a menu."""

import os
import sys
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication


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
    gnome = "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
    return Clicks(
        left=own,
        middle=own,
        double=own and not over_bus,
        menu=own and not wayland,
        left_by_double=gnome and over_bus,
    )
