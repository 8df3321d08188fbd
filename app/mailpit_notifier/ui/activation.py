"""Raise windows of this program and the browser that a click opens.

A Wayland compositor raises only a window that holds the token of the click. Qt, and xdg-open which Qt starts, read the
token from the environment variable XDG_ACTIVATION_TOKEN. It is set only for the duration of one call, because a token
is valid once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

VARIABLE = "XDG_ACTIVATION_TOKEN"


@contextmanager
def activation(token: str) -> Iterator[None]:
    """Set the activation token for windows and programs that are opened inside the block; "" sets none."""
    if token:
        os.environ[VARIABLE] = token
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)


def open_page(url: str, token: str = "") -> bool:
    """Open an http or https URL in the browser. Return False for other schemes and when the desktop cannot open it."""
    page = QUrl(url, QUrl.ParsingMode.StrictMode)
    if page.scheme() not in {"http", "https"} or not page.isValid():
        return False
    with activation(token):
        return QDesktopServices.openUrl(page)
