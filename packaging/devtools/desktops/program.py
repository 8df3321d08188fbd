"""The program on a desktop: how the checks start and use it, and what they see of it."""

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from devtools.output import SetupError

from .mailpit import Mailpit
from .results import CheckError
from .session import QUIET, STEP, Session, Shown

SOON = 60.0
"""Seconds for the desktop to show an effect on a busy machine. No check measures a time."""

WINDOW = "Recent messages"
SETTINGS = "Settings"
PROGRAM = "mailpit-notifier"


class Program:
    """The program in a session, with a server for it. `pictures` is the folder for screenshots."""

    def __init__(self, session: Session, mailpit: Mailpit, pictures: Path) -> None:
        self._session = session
        self._mailpit = mailpit
        self._pictures = pictures
        self._program: subprocess.Popen[bytes] | None = None

    def start_program(self) -> None:
        """Start the program and wait until it is connected."""
        self._program = self._session.spawn(PROGRAM, "--server", self._mailpit.url, log="program")
        self._until(lambda: ": connected" in self._session.run(PROGRAM, "status"), "the program is not connected")
        self._until(self._has_icon, "there is no tray icon")

    def _restart_program(self) -> None:
        """Start the program anew, so that it does not take the messages of the checks for a burst."""
        assert self._program is not None
        self._session.run(PROGRAM, "quit")
        self._program.wait(SOON)
        self.start_program()

    def _clean_up(self) -> None:
        """Leave no message, no open list and no pointer on a notification for the next check."""
        with suppress(LookupError, SetupError, OSError):
            self._session.close_list()
            self._mailpit.delete_all()
            self._session.move(self._session.width // 2, self._session.height * 3 // 4)

    def _until(self, found: Callable[[], Any], why: str | Callable[[], str], seconds: float = SOON) -> Any:
        """Return the first true value of `found`. Raises CheckError."""
        end = time.monotonic() + seconds
        while True:
            with suppress(LookupError):
                if value := found():
                    return value
            if time.monotonic() > end:
                raise CheckError(why if isinstance(why, str) else why())
            time.sleep(STEP)

    def _find(self, title: str) -> Shown | None:
        return next((one for one in self._session.notifications() if one.title == title), None)

    def _has_icon(self) -> bool:
        try:
            self._session.tray_icon()
        except LookupError:
            return False
        return True

    def _has_window(self, title: str) -> bool:
        try:
            self._session.window_place(title)
        except LookupError:
            return False
        return True

    def _open_editor(self) -> None:
        """Put a window of another program in front."""
        command, title = self._session.editor
        if not self._has_window(title):
            self._session.spawn(command, log="editor")
        place = self._until(lambda: self._session.window_place(title), "the editor did not start", 30)
        time.sleep(1)
        self._session.raise_window(title, place)
        self._until(lambda: title in self._session.active_window(), "the editor did not come to the front")

    def _show_window(self) -> None:
        self._session.run(PROGRAM, "show")
        self._until(lambda: self._has_window(WINDOW), "the window did not open")
        time.sleep(QUIET)

    def _hide_window(self) -> None:
        """Close the window as its user would, with Escape; it must have the focus."""
        if self._has_window(WINDOW):
            self._session.run(PROGRAM, "show")
            time.sleep(QUIET)
            place = self._session.window_place(WINDOW)
            self._session.click(place.center[0], place.y + place.height - 60)
            self._session.key("Escape")
            self._session.key("Escape")
            self._until(lambda: not self._has_window(WINDOW), "Escape does not close the window")

    def _close(self, title: str) -> None:
        self._session.key("Escape")
        self._until(lambda: not self._has_window(title), f'Escape does not close "{title}"')

    def _is_dark(self) -> bool:
        """Return whether most of the window is dark on the screen."""
        place = self._session.window_place(WINDOW)
        self._session.screenshot(self._session.home / "now.png")
        area = f"{place.width // 2}x{place.height // 2}+{place.x + place.width // 4}+{place.y + place.height // 4}"
        measure = ("-crop", area, "-alpha", "off", "-colorspace", "gray", "-format", "%[fx:mean]", "info:")
        return float(self._session.run("convert", "now.png", *measure) or 1) < 0.5

    def _field_height(self) -> int:
        """Return the height of the search field on the screen, which grows with its font."""
        objects = self._session.objects(PROGRAM)
        field = next((one for one in objects if one["role"] in {"text", "entry"} and one["name"] == "Search"), None)
        window = next((one for one in objects if one["role"] == "frame" and WINDOW in one["name"]), None)
        if field is None or window is None:
            raise LookupError("Search")
        # Qt reports sizes before they are enlarged by the resolution of text, the text size of X11.
        width = int(window["place"][2])
        scale = 1 if self._session.is_wayland else self._session.window_place(WINDOW).width / width
        return round(int(field["place"][3]) * scale)

    def _window_text(self) -> str:
        return "\n".join(f"{one['name']}\n{one['text']}" for one in self._session.objects(PROGRAM))

    def _picture(self, name: str) -> None:
        with suppress(OSError, subprocess.SubprocessError):
            self._session.screenshot(self._pictures / f"{self._session.name}-{name}.png")
