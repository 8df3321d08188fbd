"""Which clicks on a tray icon get here, and whether a menu of ours can be opened by one."""

import os
import sys
from dataclasses import dataclass

from PySide6.QtGui import QGuiApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicks:
    """What this desktop passes on. `menu`: a click can open the menu at the pointer.

    `left_by_double`: what gets here as a left click is a double one, as a single one opens the menu.
    """

    left: bool
    middle: bool
    double: bool
    menu: bool
    left_by_double: bool = False


def supported_clicks(*, over_bus: bool) -> Clicks:
    """What there is here; `over_bus`: the icon is shown by a StatusNotifier host.

    On macOS a click opens the menu, whatever we do. StatusNotifier knows no double click. On Wayland nobody may open a
    menu where no window of his is. GNOME's extension for such icons keeps the single click to itself.
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
