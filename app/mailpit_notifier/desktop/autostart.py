"""Starts the program at login, hidden, on Linux, macOS and Windows; on Linux it also puts the program into the menu.

An entry that the user turned off in the desktop's own settings counts as off. If the program was moved, the desktop
ignores the entry; `repair` corrects it when the program is started from its new place. All functions block, for some
hundred bytes.

On Linux, both are desktop entries. A package installs the menu entry and the icon; after pip, pipx, uv or for an
AppImage, the program writes them itself. Without an entry of this name, GNOME shows notifications without the program's
name and does not group them.

Format: https://specifications.freedesktop.org/desktop-entry-spec/1.5/ . configparser does not fit: it keeps neither the
order of the keys nor the escapes of this format.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path

from mailpit_notifier import APP_ID, APP_NAME
from mailpit_notifier.runtime.files import resource

from .registry import Registry

log = logging.getLogger(__name__)

Command = tuple[str, ...]
"""The absolute path of a program, and its first arguments."""


def own_command() -> Command:
    """Return the command that starts this program without a console.

    It is a script in a virtual environment (pip, pipx, uv, a checkout), a frozen executable, or an AppImage. An
    AppImage is mounted at another path each time, so its file is started.
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


ENTRY_NAME = f"{APP_ID}.desktop"

WRITTEN_BY_US = "X-Mailpit-Notifier-Written"
"""Key that marks entries written by this program. Entries of packages and users are never changed."""


def entry(command: Command, *arguments: str, **more: str) -> str:
    """Return the text of an entry that runs this command; `more` are further keys. Raises OSError."""
    lines = resource(ENTRY_NAME).read_text("utf-8").splitlines()
    entry_values = {"Exec": " ".join(map(_quoted, (*command, *arguments))), "TryExec": _escaped(command[0])}
    kept = [line for line in lines if line.partition("=")[0] not in entry_values]
    added = [f"{key}={value}" for key, value in {**entry_values, **more, WRITTEN_BY_US: "true"}.items()]
    return "\n".join([*kept, *added, ""])


def entry_values(path: Path) -> Mapping[str, str]:
    """Return the keys of an entry's main group; {} if there is no such file. Raises OSError."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return {}
    main = re.split(r"^\[", text.partition("[Desktop Entry]")[2], maxsplit=1, flags=re.MULTILINE)[0]
    pairs = (line.partition("=") for line in main.splitlines() if not line.startswith("#"))
    return {key.strip(): _unescaped(value.strip()) for key, sign, value in pairs if sign}


def write_entry(path: Path, text: str) -> None:
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


def _unescaped(text: str) -> str:
    signs = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\([sntr\\])", lambda found: signs[found[1]], text)


_MENU_ENTRY = f"applications/{ENTRY_NAME}"
_ICON = f"icons/hicolor/scalable/apps/{APP_ID}.svg"


def install_entry(command: Command) -> None:
    """Write menu entry and icon, unless a package or the user has an entry already. Raises OSError."""
    if any((folder / _MENU_ENTRY).exists() for folder in _system_folders()):
        return
    if (place := _own_folder() / _MENU_ENTRY).exists() and not _is_written_by_us():
        return
    icon = _own_folder() / _ICON
    icon.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(resource(f"icons/{APP_ID}.svg"), icon)
    write_entry(place, entry(command))


def remove_entry() -> tuple[Path, ...]:
    """Remove what `install_entry` wrote; return the removed paths. Raises OSError."""
    if not _is_written_by_us():
        return ()
    written = tuple(path for path in (_own_folder() / _MENU_ENTRY, _own_folder() / _ICON) if path.exists())
    for path in written:
        path.unlink()
    return written


def _is_written_by_us() -> bool:
    return WRITTEN_BY_US in entry_values(_own_folder() / _MENU_ENTRY)


def _own_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")


def _system_folders() -> Iterator[Path]:
    for folder in (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":"):
        if folder:
            yield Path(folder)


HIDDEN = "--hidden"


class Place(ABC):
    """Where a desktop keeps the programs that start at login. Each method raises OSError if that is not accessible."""

    @abstractmethod
    def program(self) -> str:
        """Return the path of the program that starts at login; "" if it does not."""

    @abstractmethod
    def install(self, command: Command) -> None:
        """Register this command to be started at login."""

    @abstractmethod
    def remove(self) -> tuple[str, ...]:
        """Do not start at login; return what was removed, to be shown to the user."""


def enabled() -> bool:
    """Return whether the program starts at login. Raises OSError."""
    return bool(_place().program())


def enable() -> None:
    """Start the program at login, from its current path. Raises OSError."""
    _place().install(own_command())


def disable() -> tuple[str, ...]:
    """Do not start at login; return what was removed, to be shown to the user. Raises OSError."""
    return _place().remove()


def repair() -> None:
    """If the program starts at login but was moved, write its current path. Logs errors."""
    try:
        place = _place()
        program = place.program()
        if program and not Path(program).exists():
            place.install(own_command())
    except OSError as error:
        log.warning("Cannot correct the path for starting at login: %s", error)


def _place() -> Place:
    if sys.platform == "win32":
        from .registry import CurrentUser

        return RunKey(CurrentUser())
    if sys.platform == "darwin":
        return LaunchAgent(Path.home() / "Library/LaunchAgents")
    return Xdg(Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "autostart")


class Xdg(Place):
    """A desktop entry: https://specifications.freedesktop.org/autostart-spec/0.5/ ."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ENTRY_NAME

    def program(self) -> str:
        """Return TryExec, which contains only the program; Exec of entries that have none."""
        values = entry_values(self._path)
        off = values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false"
        return "" if off else values.get("TryExec") or values.get("Exec", "").partition(" ")[0]

    def install(self, command: Command) -> None:
        """Write the entry, and one for the menu unless a package installed it."""
        text = entry(command, HIDDEN, **{"X-GNOME-Autostart-enabled": "true"})
        write_entry(self._path, text)
        install_entry(command)

    def remove(self) -> tuple[str, ...]:
        """Remove the entry, and the menu entry if this program wrote it."""
        existed = self._path.exists()
        self._path.unlink(missing_ok=True)
        return tuple(map(str, (*([self._path] if existed else []), *remove_entry())))


class LaunchAgent(Place):
    """A property list that launchd reads at login (launchd.plist(5)).

    A shell checks that the program exists before it starts it: for a deleted one, launchd would report an error at each
    login.
    """

    _PROGRAM_INDEX = 3
    """Index of the program in ProgramArguments."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{APP_ID}.plist"

    def program(self) -> str:
        """Return the program that the shell checks."""
        import plistlib

        try:
            arguments = plistlib.loads(self._path.read_bytes())["ProgramArguments"]
            return str(arguments[self._PROGRAM_INDEX])
        except FileNotFoundError:
            return ""
        except (plistlib.InvalidFileException, ValueError, LookupError, TypeError):
            return "?"  # no such file: `repair` rewrites a broken entry

    def install(self, command: Command) -> None:
        """Start at login in graphical sessions; launchd starts it again only at the next login."""
        import plistlib

        script = '[ -x "$0" ] || exit 0; exec "$0" "$@"'
        agent = {
            "Label": APP_ID,
            "ProgramArguments": ["/bin/sh", "-c", script, *command, HIDDEN],
            "AssociatedBundleIdentifiers": APP_ID,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
            "RunAtLoad": True,
        }
        write_entry(self._path, plistlib.dumps(agent).decode("utf-8"))

    def remove(self) -> tuple[str, ...]:
        """Remove the file; does not end a running program."""
        existed = self._path.exists()
        self._path.unlink(missing_ok=True)
        return (str(self._path),) if existed else ()


class RunKey(Place):
    """A command line in the registry, which Windows runs at login. It ignores one whose program does not exist."""

    RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
    APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
    """Where the Task Manager stores what the user turned off: a binary value whose first byte is odd."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def program(self) -> str:
        """Return the program of the command line."""
        line, approved = self._registry.get(self.RUN, APP_NAME), self._registry.get(self.APPROVED, APP_NAME)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        if off or not isinstance(line, str) or not line:
            return ""
        return line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0]

    def install(self, command: Command) -> None:
        """Write the command line, and remove a "turned off" of the Task Manager."""
        program, *arguments = command
        line = f'"{program}" {subprocess.list2cmdline([*arguments, HIDDEN])}'
        self._registry.set(self.RUN, APP_NAME, line)
        self._registry.remove(self.APPROVED, APP_NAME)

    def remove(self) -> tuple[str, ...]:
        """Remove both values."""
        existed = self._registry.get(self.RUN, APP_NAME) is not None
        for key in (self.RUN, self.APPROVED):
            self._registry.remove(key, APP_NAME)
        return (rf"HKEY_CURRENT_USER\{self.RUN}\{APP_NAME}",) if existed else ()
