"""Whether this program starts at login, hidden; on Linux, macOS and Windows, each where its desktop looks.

What the user switched off in the desktop's own settings counts as off. An entry whose program is gone does nothing by
itself, and is put right by `repair` when the program starts from its new place. Blocking, for some hundred bytes.
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
    """Where a desktop keeps what starts at login. Everything raises OSError where that cannot be reached."""

    @abstractmethod
    def program(self) -> str:
        """The path of the program that starts, "" where none of ours does."""

    @abstractmethod
    def install(self, command: Command) -> None:
        """Have this command start."""

    @abstractmethod
    def remove(self) -> tuple[str, ...]:
        """Have none start; returns what was removed, for people."""


def enabled() -> bool:
    """Whether it starts at login. Raises OSError."""
    return bool(_place().program())


def enable() -> None:
    """Let it start at login, from where it is now. Raises OSError."""
    _place().install(own_command())


def disable() -> tuple[str, ...]:
    """Let it not start at login; returns what was removed, for people. Raises OSError."""
    return _place().remove()


def repair() -> None:
    """Where it is to start and is no longer at the place that is noted, note this one. What fails is logged."""
    try:
        place = _place()
        program = place.program()
        if program and not Path(program).exists():
            place.install(own_command())
    except OSError as error:
        log.warning("Starting at login was not put right: %s", error)


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
        """TryExec, which names nothing but the program."""
        values = desktop_entry.values(self._path)
        off = values.get("Hidden") == "true" or values.get("X-GNOME-Autostart-enabled") == "false"
        return "" if off else values.get("TryExec") or values.get("Exec", "").partition(" ")[0]

    def install(self, command: Command) -> None:
        """With an entry in the menu, unless a package brought one."""
        text = desktop_entry.entry(command, HIDDEN, **{"X-GNOME-Autostart-enabled": "true"})
        desktop_entry.write(self._path, text)
        desktop_entry.install_entry(command)

    def remove(self) -> tuple[str, ...]:
        """And the entry in the menu, if it is ours."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return tuple(map(str, (*([self._path] if there else []), *desktop_entry.remove_entry())))


class LaunchAgent(Place):
    """A property list that launchd reads at login (launchd.plist(5)).

    It runs the program by a shell that looks first: launchd would report one that was thrown away at every login.
    """

    _PROGRAM_INDEX = 3
    """The program's place among the arguments."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"{APP_ID}.plist"

    def program(self) -> str:
        """What the shell is to look for."""
        import plistlib

        try:
            arguments = plistlib.loads(self._path.read_bytes())["ProgramArguments"]
            return str(arguments[self._PROGRAM_INDEX])
        except FileNotFoundError:
            return ""
        except (plistlib.InvalidFileException, ValueError, LookupError, TypeError):
            return "?"  # a broken one is put right

    def install(self, command: Command) -> None:
        """Once a login, in graphical sessions only."""
        import plistlib

        look = '[ -x "$0" ] || exit 0; exec "$0" "$@"'
        agent = {
            "Label": APP_ID,
            "ProgramArguments": ["/bin/sh", "-c", look, *command, HIDDEN],
            "AssociatedBundleIdentifiers": APP_ID,
            "LimitLoadToSessionType": "Aqua",
            "ProcessType": "Interactive",
            "RunAtLoad": True,
        }
        desktop_entry.write(self._path, plistlib.dumps(agent).decode("utf-8"))

    def remove(self) -> tuple[str, ...]:
        """What is running goes on."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return (str(self._path),) if there else ()


class RunKey(Place):
    """A command line in the registry, which Windows runs at login, and skips when its program is gone."""

    RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
    APPROVED = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
    """Where the task manager notes what was switched off: bytes, the first of them odd."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def program(self) -> str:
        """The first word of the command line."""
        line, approved = self._registry.get(self.RUN, APP_NAME), self._registry.get(self.APPROVED, APP_NAME)
        off = isinstance(approved, bytes) and bool(approved) and approved[0] % 2 == 1
        if off or not isinstance(line, str) or not line:
            return ""
        return line[1:].partition('"')[0] if line.startswith('"') else line.partition(" ")[0]

    def install(self, command: Command) -> None:
        """And forget that it was ever switched off."""
        program, *arguments = command
        line = f'"{program}" {subprocess.list2cmdline([*arguments, HIDDEN])}'
        self._registry.set(self.RUN, APP_NAME, line)
        self._registry.remove(self.APPROVED, APP_NAME)

    def remove(self) -> tuple[str, ...]:
        """Both values."""
        there = self._registry.get(self.RUN, APP_NAME) is not None
        for key in (self.RUN, self.APPROVED):
            self._registry.remove(key, APP_NAME)
        return (rf"HKEY_CURRENT_USER\{self.RUN}\{APP_NAME}",) if there else ()
