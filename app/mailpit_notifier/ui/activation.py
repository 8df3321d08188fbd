"""Activation tokens, which let a click raise a window or the browser, and the clicks that a desktop reports.

A Wayland compositor raises only a window that holds the token of the click. Qt, and xdg-open which Qt starts, read the
token from the environment variable XDG_ACTIVATION_TOKEN. On X11, the token is a startup notification ID, which programs
read from DESKTOP_STARTUP_ID. Both are set only for the duration of one call, because a token is valid once.

`supported_clicks` returns which clicks on the tray icon the desktop reports, and whether a click can open a menu.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

VARIABLE, X11_VARIABLE = "XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"


@contextmanager
def activation(token: str) -> Iterator[None]:
    """Set the activation token for windows and programs that are opened inside the block; "" sets none."""
    if token:
        os.environ[VARIABLE] = os.environ[X11_VARIABLE] = token
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)
        os.environ.pop(X11_VARIABLE, None)


def open_page(url: str, token: str = "") -> bool:
    """Open an http or https URL in the browser. Return False for other schemes and when the desktop cannot open it."""
    page = QUrl(url, QUrl.ParsingMode.StrictMode)
    if page.scheme() not in {"http", "https"} or not page.isValid():
        return False
    with activation(token):
        return QDesktopServices.openUrl(page)


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
