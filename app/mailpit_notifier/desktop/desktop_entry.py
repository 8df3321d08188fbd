"""Desktop entries (Linux): the program's command, reading and writing entries, and the entry in the menu.

A package installs the menu entry and the icon; after pip, pipx, uv or for an AppImage, the program writes them itself.
Without an entry of this name, GNOME shows notifications without the program's name and does not group them.

Format: https://specifications.freedesktop.org/desktop-entry-spec/1.5/ . configparser does not fit: it keeps neither the
order of the keys nor the escapes of this format. All functions block.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from mailpit_notifier import APP_ID
from mailpit_notifier.runtime.files import resource

Command = tuple[str, ...]
"""The absolute path of a program, and its first arguments."""


def own_command() -> Command:
    """Return the command that starts this program without a console.

    A script in a virtual environment (pip, pipx, uv, a checkout), a frozen executable, or an AppImage: that one is
    mounted at another path each time, so it is started by its file.
    """
    frozen = getattr(sys, "frozen", False)
    if frozen and (
        image := os.environ.get("APPIMAGE", "")
    ):  # checked only if frozen: child processes of any AppImage inherit it
        return (image,)
    script = Path(sys.executable).with_name(f"{APP_ID}w.exe" if sys.platform == "win32" else APP_ID)
    if script.exists():
        return (str(script),)
    if frozen:
        return (sys.executable,)
    windowed = Path(sys.executable).with_name("pythonw.exe")  # on Windows; python.exe would open a console
    return (str(windowed if windowed.exists() else sys.executable), "-m", __package__.partition(".")[0])


NAME = f"{APP_ID}.desktop"

WRITTEN_BY_US = "X-Mailpit-Notifier-Written"
"""Key that marks entries written by this program. Those of packages and users are never changed."""


def entry(command: Command, *arguments: str, **more: str) -> str:
    """Return the text of an entry that runs this command; `more` are further keys. Raises OSError."""
    lines = resource(NAME).read_text("utf-8").splitlines()
    values = {"Exec": " ".join(map(_quoted, (*command, *arguments))), "TryExec": _escaped(command[0])}
    kept = [line for line in lines if line.partition("=")[0] not in values]
    added = [f"{key}={value}" for key, value in {**values, **more, WRITTEN_BY_US: "true"}.items()]
    return "\n".join([*kept, *added, ""])


def values(path: Path) -> Mapping[str, str]:
    """Return the keys of an entry's main group; {} if there is no such file. Raises OSError."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    main = re.split(r"^\[", text.partition("[Desktop Entry]")[2], maxsplit=1, flags=re.MULTILINE)[0]
    pairs = (line.partition("=") for line in main.splitlines() if not line.startswith("#"))
    return {key.strip(): _read(value.strip()) for key, sign, value in pairs if sign}


def write(path: Path, text: str) -> None:
    """Replace the file atomically: desktops watch the folder and must not read half an entry. Raises OSError."""
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
    """Quote an argument of Exec by the rules of Exec, then escape it as any value."""
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
    """Write menu entry and icon, unless a package or the user has an entry already. Raises OSError."""
    if any((folder / _ENTRY).exists() for folder in _system_folders()):
        return
    if (place := _own_folder() / _ENTRY).exists() and not _is_written_by_us():
        return
    icon = _own_folder() / _ICON
    icon.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(resource(f"icons/{APP_ID}.svg"), icon)
    write(place, entry(command))


def remove_entry() -> tuple[Path, ...]:
    """Remove what `install_entry` wrote; return the removed paths. Raises OSError."""
    if not _is_written_by_us():
        return ()
    written = tuple(path for path in (_own_folder() / _ENTRY, _own_folder() / _ICON) if path.exists())
    for path in written:
        path.unlink()
    return written


def _is_written_by_us() -> bool:
    return WRITTEN_BY_US in values(_own_folder() / _ENTRY)


def _own_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")


def _system_folders() -> Iterator[Path]:
    for folder in (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        if folder:
            yield Path(folder)
