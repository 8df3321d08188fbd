"""Desktop entries: ours with the place of this program in it, and what an entry that stands somewhere says.

Format: https://specifications.freedesktop.org/desktop-entry-spec/1.5/ . Not configparser: it knows neither the order
nor the escapes of this format. Blocking.

The entry in the desktop's menu, and the icon, where no package brought them: pip, pipx, uv, an AppImage.

Without an entry of this name GNOME shows our notifications as a stranger's and does not group them. Linux only.

How this program is run, so that others can run it again: the desktop at login, a menu, a file manager.

Apart because each way to install it has its own answer: a script in a virtual environment (pip, pipx, uv, a checkout),
a frozen binary, an AppImage that is mounted somewhere else each time.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from mailpit_notifier import APP_ID
from mailpit_notifier.runtime.resources import resource

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


NAME = f"{APP_ID}.desktop"

WRITTEN_BY_US = "X-Mailpit-Notifier-Written"
"""Marks what this program wrote by itself; what a package or a person put there is not ours to change."""


def entry(command: Command, *arguments: str, **more: str) -> str:
    """Our entry, which runs this command; `more` are further keys. Raises OSError."""
    lines = resource(NAME).read_text("utf-8").splitlines()
    values = {"Exec": " ".join(map(_quoted, (*command, *arguments))), "TryExec": _escaped(command[0])}
    kept = [line for line in lines if line.partition("=")[0] not in values]
    added = [f"{key}={value}" for key, value in {**values, **more, WRITTEN_BY_US: "true"}.items()]
    return "\n".join([*kept, *added, ""])


def values(path: Path) -> Mapping[str, str]:
    """The keys of an entry's main group, {} where there is none. Raises OSError."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    main = re.split(r"^\[", text.partition("[Desktop Entry]")[2], maxsplit=1, flags=re.MULTILINE)[0]
    pairs = (line.partition("=") for line in main.splitlines() if not line.startswith("#"))
    return {key.strip(): _read(value.strip()) for key, sign, value in pairs if sign}


def write(path: Path, text: str) -> None:
    """Put it there in one step: a desktop that looks meanwhile sees all or nothing. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.chmod(0o644)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def _quoted(argument: str) -> str:
    """An argument of Exec: quoted by its own rules, and then escaped as every value."""
    argument = argument.replace("%", "%%")
    if re.search(r"""[\s"'\\><~|&;$*?#()`]""", argument):
        argument = '"' + re.sub(r'(["`$\\])', r"\\\1", argument) + '"'
    return _escaped(argument)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def _read(text: str) -> str:
    signs = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\([sntr\\])", lambda found: signs[found[1]], text)


_ENTRY = f"applications/{NAME}"
_ICON = f"icons/hicolor/scalable/apps/{APP_ID}.svg"


def install_entry(command: Command) -> None:
    """Have an entry; one that a package or a person put somewhere stays as it is. Raises OSError."""
    if any((folder / _ENTRY).exists() for folder in _system_folders()):
        return
    if (place := _own_folder() / _ENTRY).exists() and not _is_written_by_us():
        return
    icon = _own_folder() / _ICON
    icon.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(resource(f"icons/{APP_ID}.svg"), icon)
    write(place, entry(command))


def remove_entry() -> tuple[Path, ...]:
    """Remove what `put` made; returns what that was. Raises OSError."""
    if not _is_written_by_us():
        return ()
    ours = tuple(path for path in (_own_folder() / _ENTRY, _own_folder() / _ICON) if path.exists())
    for path in ours:
        path.unlink()
    return ours


def _is_written_by_us() -> bool:
    return WRITTEN_BY_US in values(_own_folder() / _ENTRY)


def _own_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")


def _system_folders() -> Iterator[Path]:
    for folder in (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        if folder:
            yield Path(folder)
