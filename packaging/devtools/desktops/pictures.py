"""Pictures of all that the program shows on one desktop, in its states: no check sees that something is ugly."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from devtools.output import SetupError

from .mailpit import Mailpit
from .program import PROGRAM, SETTINGS, SOON, Program
from .results import CheckError
from .session import QUIET, NotOfferedError, Session

_LISTED_ONLY = "bob@example.com"
"""Messages to this address are not announced: notifications would lie over the window."""

_CONFIGURATION = """[tray]
count = "unread"
[[server]]
url = "{shop}"
name = "shop"
[[server]]
url = "{blog}"
name = "blog"
[[rule]]
name = "Bob"
to = "{to}"
outcome = "silent"
"""

_SAMPLES = {
    "Reset your password": "Choose a new one here: https://app.acme.test/reset?token=4f1c0a9e7b2d",
    "Invoice 2026-118": "Hello Bob, your invoice is attached. Thank you for your order.",
    "Your Acme code": "Your sign-in code is 482913. It expires in 10 minutes.",
}
"""Subjects and texts of the messages in the pictures."""

_PAGES = ("servers", "notifications", "rules", "general", "diagnostics")

DRAWN = 2.0
"""Seconds for a busy machine to draw what is there."""

_ENLARGED = 300
"""Per cent: tray icons are larger in their picture than on the screen, and the same pixels."""


class Pictures(Program):
    """Takes pictures, light and dark. `suffix` ends their names, for example 200 for a scale of 200 %."""

    def __init__(self, session: Session, servers: Mapping[str, Mailpit], pictures: Path, suffix: str) -> None:
        super().__init__(session, servers["shop"], pictures)
        self._servers = servers
        self._suffix = suffix
        self._style = ""

    def take(self) -> None:
        """Take all pictures. What does not appear is missing in its picture, and the others are taken."""
        for style in ("light", "dark"):
            self._style = style
            with suppress(NotOfferedError):
                self._session.set_dark(dark=style == "dark")
            for scene in (self._take_first_start, self._take_windows, self._take_offer, self._take_tray):
                with suppress(CheckError, LookupError, SetupError, subprocess.TimeoutExpired):
                    scene()
                self._end()
                self._clean_up()

    # The scenes

    def _take_first_start(self) -> None:
        """The window at the first start, with the servers of this machine."""
        self._write_configuration("")
        self._install_ddev({"shop": "running", "blog": "running", "newshop": "stopped"})
        self._launch()
        self._take("first-start", lambda: "blog" in self._window_text())

    def _take_windows(self) -> None:
        """A notification, the window, the menu of a row, the quick look, and the pages of the settings."""
        self._write_configuration(_CONFIGURATION)
        self._install_ddev({})
        self._start()
        subject = list(_SAMPLES)[-1]
        self._mailpit.send(subject, _SAMPLES[subject])
        self._take("notification", lambda: self._find(subject))
        self._mailpit.delete_all()
        self._send_samples()
        self._session.run(PROGRAM, "show")
        self._take("window", lambda: subject in self._window_text())
        self._session.key("Menu")
        self._take("row-menu", lambda: True)
        self._session.key("Escape")
        time.sleep(QUIET)  # until the window has the keyboard again
        self._session.key("space")
        self._take("quick-look", lambda: "Hello" in self._window_text() or "expires" in self._window_text())
        self._session.key("space", "Control_L+comma")
        for page in _PAGES if self._session.scale == 1 else _PAGES[:1]:
            self._take(f"settings-{page}", lambda: self._has_window(SETTINGS))
            self._session.key("Down")

    def _take_offer(self) -> None:
        """The offer to watch a project that runs but is not configured."""
        self._write_configuration(_CONFIGURATION)
        self._install_ddev({"newshop": "running"})
        self._start()
        self._send_samples()
        self._session.run(PROGRAM, "show")
        self._take("offer", lambda: "newshop is running" in self._window_text())

    def _take_tray(self) -> None:
        """The tray icon in its states, one below the other, and the menu."""
        self._write_configuration(_CONFIGURATION)
        self._install_ddev({})
        self._start()
        self._take_icon("connected")
        self._send_samples()
        self._until(lambda: "3 unread" in self._session.run(PROGRAM, "status"), "the messages did not arrive")
        self._take_icon("unread")
        self._session.run(PROGRAM, "pause", "1h")
        self._take_icon("paused")
        self._session.run(PROGRAM, "resume")
        self._session.click(*self._session.tray_icon().center, self._session.menu_button)
        self._take("menu", lambda: True)
        self._session.close_menu()
        self._end()
        for state, url in (("disconnected", "http://127.0.0.1:9/"), ("wrong", f"{self._mailpit.url}nothing/")):
            self._launch("--server", url)
            self._until(lambda: "disconnected" in self._session.run(PROGRAM, "status"), "it is connected")
            self._until(self._has_icon, "there is no tray icon")
            self._take_icon(state)
            self._end()
        files = [f"{state}.png" for state in ("connected", "unread", "paused", "disconnected", "wrong")]
        self._session.run("convert", *files, "-append", "-filter", "point", "-resize", f"{_ENLARGED}%", "shot.png")
        shutil.copy(
            self._session.home / "shot.png",
            self._pictures / f"{self._session.name}-tray-{self._style}-{self._suffix}.png",
        )

    # Help

    def _launch(self, *arguments: str) -> None:
        self._program = self._session.spawn(PROGRAM, *arguments, log="program")

    def _start(self) -> None:
        """Start the program with its configuration and wait until it is connected."""
        self._launch()
        self._until(lambda: ": connected" in self._session.run(PROGRAM, "status"), "the program is not connected")
        self._until(self._has_icon, "there is no tray icon")

    def _end(self) -> None:
        """Quit the program; end it if it does not."""
        if self._program is None:
            return
        self._session.run(PROGRAM, "quit")
        try:
            self._program.wait(SOON)
        except subprocess.TimeoutExpired:
            self._program.kill()
        self._program = None

    def _send_samples(self) -> None:
        for subject, text in _SAMPLES.items():
            self._mailpit.send(subject, text, to=_LISTED_ONLY)

    def _write_configuration(self, text: str) -> None:
        """Replace the configuration, "" for none, and forget what the program kept in earlier runs."""
        for folder in (".config/mailpit-notifier", ".local/state/mailpit-notifier"):
            shutil.rmtree(self._session.home / folder, ignore_errors=True)
        if text:
            urls = {name: server.url for name, server in self._servers.items()}
            self._session.write(".config/mailpit-notifier/config.toml", text.format(**urls, to=_LISTED_ONLY))

    def _install_ddev(self, states: Mapping[str, str]) -> None:
        """Put a `ddev` on PATH that lists these projects."""
        projects = [
            {"name": name, "status": state, "mailpit_url": self._servers[name].url} for name, state in states.items()
        ]
        listed = json.dumps({"raw": projects})
        self._session.write("bin/ddev", f"#!/bin/sh\ncat <<'END'\n{listed}\nEND\n", mode=0o755)

    def _take(self, name: str, is_there: Callable[[], object]) -> None:
        """Take a picture when this is there and drawn; of the screen as it is if it does not appear."""
        with suppress(CheckError):
            self._until(is_there, "")
        time.sleep(DRAWN)
        self._picture(f"{name}-{self._style}-{self._suffix}")

    def _take_icon(self, state: str) -> None:
        """Keep the part of the panel around the icon as STATE.png in the home."""
        time.sleep(DRAWN)
        self._session.move(self._session.width // 2, self._session.height // 2)  # no tooltip
        self._session.screenshot(self._session.home / "now.png")
        icon, scale = self._session.tray_icon(), self._session.scale if self._session.is_wayland else 1
        left, top, width = (icon.x - 40) * scale, max(icon.y - 4, 0) * scale, (icon.width + 80) * scale
        area = f"{width}x{(icon.height + 8) * scale}+{left}+{top}"
        self._session.run("convert", "now.png", "-crop", area, "+repage", f"{state}.png")
