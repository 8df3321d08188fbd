"""Coming to the front: windows of ours, and the browser that a click opens.

A Wayland compositor raises only what holds a token of the click. Qt, and xdg-open which Qt starts, take it from the
environment, so it is there for that moment only: a token is for one use.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

VARIABLE = "XDG_ACTIVATION_TOKEN"


@contextmanager
def activation(token: str) -> Iterator[None]:
    """What is shown or started inside may come to the front; "" changes nothing."""
    if token:
        os.environ[VARIABLE] = token
    try:
        yield
    finally:
        os.environ.pop(VARIABLE, None)


def open_page(url: str, token: str = "") -> bool:
    """Open an http or https URL in the browser; False when the desktop cannot, or when it is something else."""
    page = QUrl(url, QUrl.ParsingMode.StrictMode)
    if page.scheme() not in {"http", "https"} or not page.isValid():
        return False
    with activation(token):
        return QDesktopServices.openUrl(page)
