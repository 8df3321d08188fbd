"""Starts the program at login, hidden, on Linux, macOS and Windows.

An entry that the user turned off in the desktop's own settings counts as off. If the program was moved, the desktop
ignores the entry; `repair` corrects it when the program is started from its new place. All functions block, for some
hundred bytes.
"""

import logging
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path

from mailpit_notifier import APP_ID, APP_NAME

from . import desktop_entry
from .desktop_entry import Command, own_command
from .registry import Registry

log = logging.getLogger(__name__)

HIDDEN = "--hidden"


class Place(ABC):
    """Where a desktop keeps the programs that start at login. Each method raises OSError if that is not accessible."""

    @abstractmethod
    def program(self) -> str:
        """Return the path of the program that starts at login; "" if it does not."""

    @abstractmethod
    def install(self, command: Command) -> None:
        """Start this command at login."""

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
        self._path = folder / desktop_entry.NAME

    def program(self) -> str:
        """Return TryExec, which contains only the program; Exec of entries that have none."""
        values = desktop_entry.values(self._path)
        off = values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false"
        return "" if off else values.get("TryExec") or values.get("Exec", "").partition(" ")[0]

    def install(self, command: Command) -> None:
        """Write the entry, and one for the menu unless a package installed it."""
        text = desktop_entry.entry(command, HIDDEN, **{"X-GNOME-Autostart-enabled": "true"})
        desktop_entry.write(self._path, text)
        desktop_entry.install_entry(command)

    def remove(self) -> tuple[str, ...]:
        """Remove the entry, and that of the menu if this program wrote it."""
        existed = self._path.exists()
        self._path.unlink(missing_ok=True)
        return tuple(map(str, (*([self._path] if existed else []), *desktop_entry.remove_entry())))


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
        desktop_entry.write(self._path, plistlib.dumps(agent).decode("utf-8"))

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
