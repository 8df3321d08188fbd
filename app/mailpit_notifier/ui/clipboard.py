"""Putting text on the clipboard for somebody who clicked a notification, not a window of ours.

A Wayland compositor takes it only from a focused client that has just had input; Qt believes otherwise. `wl-copy`
(wl-clipboard) knows the way around that, so there it does the work, if it is installed.
"""

import shutil
import subprocess
from contextlib import suppress

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

TIMEOUT = 2.0
"""Seconds for wl-copy: it goes on by itself in the background."""


def copy_text(text: str) -> None:
    """Put exactly this text on the clipboard."""
    if QGuiApplication.platformName().startswith("wayland") and (program := shutil.which("wl-copy")):
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603 - found on the PATH, and the text goes to its standard input
                [program], input=text.encode(), timeout=TIMEOUT, check=False, stdout=subprocess.DEVNULL
            )
        return
    data = QMimeData()
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)
