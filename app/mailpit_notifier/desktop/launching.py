"""How this program is run, so that others can run it again: the desktop at login, a menu, a file manager.

Apart because each way to install it has its own answer: a script in a virtual environment (pip, pipx, uv, a checkout),
a frozen binary, an AppImage that is mounted somewhere else each time.
"""

import os
import sys
from pathlib import Path

from mailpit_notifier import APP_ID

Command = tuple[str, ...]
"""A program, by its absolute path, and its first arguments."""


def own_command() -> Command:
    """What starts this program without a console."""
    frozen = getattr(sys, "frozen", False)
    if frozen and (image := os.environ.get("APPIMAGE", "")):  # other programs inherit it from an AppImage
        return (image,)
    script = Path(sys.executable).with_name(f"{APP_ID}w.exe" if sys.platform == "win32" else APP_ID)
    if script.exists():
        return (str(script),)
    return (sys.executable,) if frozen else (sys.executable, "-m", __package__.partition(".")[0])
