"""The entry in the desktop's menu, and the icon, where no package brought them: pip, pipx, uv, an AppImage.

Without an entry of this name GNOME shows our notifications as a stranger's and does not group them. Linux only.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from mailpit_notifier import APP_ID
from mailpit_notifier.assets import resource

from . import desktop_entry
from .launching import Command

_ENTRY = f"applications/{desktop_entry.NAME}"
_ICON = f"icons/hicolor/scalable/apps/{APP_ID}.svg"


def put(command: Command) -> None:
    """Have an entry; one that a package or a person put somewhere stays as it is. Raises OSError."""
    if any((folder / _ENTRY).exists() for folder in _system_folders()):
        return
    if (entry := _own_folder() / _ENTRY).exists() and not _is_ours():
        return
    icon = _own_folder() / _ICON
    icon.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(resource(f"icons/{APP_ID}.svg"), icon)
    desktop_entry.write(entry, desktop_entry.entry(command))


def remove() -> tuple[Path, ...]:
    """Remove what `put` made; returns what that was. Raises OSError."""
    if not _is_ours():
        return ()
    ours = tuple(path for path in (_own_folder() / _ENTRY, _own_folder() / _ICON) if path.exists())
    for path in ours:
        path.unlink()
    return ours


def _is_ours() -> bool:
    return desktop_entry.OURS in desktop_entry.values(_own_folder() / _ENTRY)


def _own_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")


def _system_folders() -> Iterator[Path]:
    for folder in (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        if folder:
            yield Path(folder)
