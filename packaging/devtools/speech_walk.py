"""The walk that `packaging/dev speech` takes through the program, by keys alone, in parts with servers of their own.

Each part starts the program anew. A step ends when nothing on the desktop has anything to do: see `speech.Ear`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOWHERE = "http://127.0.0.1:10/"

DDEV = """#!/bin/sh
while [ ! -e "{go}" ]; do sleep 0.05; done
cat "{list}"
"""
"""Lists projects as DDEV does, once the file `go` is there."""


@dataclass(kw_only=True)
class Desk:
    """The display and bus of the walk, and the program and the servers of one part of it."""

    folder: Path
    pending: Path
    """A file that is there while the program is about to speak: see speech_program.py."""
    environment: Mapping[str, str]
    display: str
    bus: str
    program: Any = None
    servers: dict[str, Any] = field(default_factory=dict)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.environment, check=True, timeout=60)

    def type(self, text: str) -> None:
        """Type a text, as fast as a user who is used to it."""
        subprocess.run(["xdotool", "type", "--delay", "60", text], env=self.environment, check=True, timeout=60)

    def new_program(self, stack: ExitStack, name: str, *, notifies: bool) -> None:
        """Replace the program by one that was never started. It runs until `stack` is closed.

        `notifies`: there is a notification service. Without one, the window has a warning.
        """
        from notification_service import NotificationService  # type: ignore[import-not-found]
        from program import Program  # type: ignore[import-not-found]  # the verb puts it on the path

        self.folder = Path(self.folder.parent if self.program else self.folder, name)
        self.folder.mkdir()
        self.program = Program(self.folder, display=self.display, bus=self.bus)
        self.program.environment |= {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_ACCESSIBILITY": "1"}
        self.pending.unlink(missing_ok=True)  # the program before was killed
        script = str(Path(__file__).with_name("speech_program.py"))
        self.program.by = [sys.executable, script, str(os.getpid()), str(self.pending), NOWHERE]
        if notifies:
            stack.enter_context(NotificationService(self.bus))
        for tool in ("docker", "podman", "ddev"):
            self.script(tool, "#!/bin/sh\nexit 1\n")
        stack.callback(self.program.kill)

    def go(self) -> None:
        """Let DDEV answer."""
        (self.folder / "go").touch()

    def stop(self, name: str) -> None:
        """Stop a server, and wait until the program has tried to connect again."""
        number = list(self.servers).index(name)
        self.servers[name].stop()
        self.wait(number, state="disconnected", fault="refused")

    def restart(self, name: str) -> None:
        """Start a server again, and wait until the program is connected."""
        number = list(self.servers).index(name)
        self.servers[name].start()
        self.wait(number, state="connected")

    def wait(self, number: int, **fields: object) -> None:
        """Wait until the status of a server has these values."""
        from program import wait_until

        wait_until(lambda: fields.items() <= self.program.server(number).items(), str(fields), patience=60)

    def script(self, name: str, text: str) -> None:
        """Put a program on the PATH."""
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def projects(self, urls: Mapping[str, str]) -> None:
        """Let DDEV list these projects, as name -> URL of their Mailpit."""
        listed = [{"name": name, "status": "running", "mailpit_url": url} for name, url in urls.items()]
        (self.folder / "projects.json").write_text(json.dumps({"raw": listed}) + "\n")
        self.script("ddev", DDEV.format(go=self.folder / "go", list=self.folder / "projects.json"))

    def start(self, config: str) -> None:
        """Start the program, hidden, with this configuration, and wait for its servers."""
        path = self.folder / "config.toml"
        path.write_text(config)
        self.program.start("--config", str(path), "--hidden")


Act = Callable[[Desk], object]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a user does, one act after the other. Orca may speak after each of them."""

    name: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """Steps with one program; `begin` starts it."""

    name: str
    begin: Callable[[Desk, ExitStack], object]
    steps: tuple[Step, ...]


def keys(name: str, *pressed: str) -> Step:
    """Return a step with keys that are pressed one by one."""
    return Step(name=name, acts=tuple(_pressing(key) for key in pressed))


def typing(name: str, text: str) -> Step:
    """Return a step in which a text is typed."""
    return Step(name=name, acts=(lambda desk: desk.type(text),))


def calling(name: str, act: Act) -> Step:
    """Return a step that is not done with the keyboard."""
    return Step(name=name, acts=(act,))


def _pressing(key: str) -> Act:
    return lambda desk: desk.press(key)


SHOW = calling("The window opens", lambda desk: desk.program.command("show"))


def _begin_window(desk: Desk, stack: ExitStack) -> None:
    from standin import StandIn  # type: ignore[import-not-found]

    server = desk.servers["shop"] = stack.enter_context(StandIn())
    server.send("Monthly report", "bob@example.test", text="The figures for October.")
    server.send("Confirm your address", text="Welcome! Please confirm your address: https://acme.test/confirm/8f3a2c1d")
    server.send("Your Acme code", text="Use 482913 to sign in. It expires in 10 minutes.")
    desk.new_program(stack, "window", notifies=False)
    desk.start(
        f'[[server]]\nurl = "{server.url}"\nname = "shop"\n[[rule]]\nname = "reports"\nsubject = "weekly"\n'
        'outcome = "silent"\n'
    )
    desk.program.wait_for_server(state="connected", total=3)


WINDOW = (
    SHOW,
    keys("The next row", "Down"),
    keys("The one before", "Up"),
    keys("Copy the code", "c"),
    keys("Mark as read", "u"),
    keys("Mark as unread", "u"),
    keys("The menu of the row", "shift+F10"),
    keys("Its entry for the code", "Down", "Down"),
    keys("Leave the menu", "Escape"),
    keys("Delete", "Delete"),
    keys("Undo by Ctrl+Z", "ctrl+z"),
    keys("Delete again", "Delete"),
    keys("The Undo button", "Tab"),
    keys("Undo by the button", "space"),
    keys("A quick look", "Right"),
    keys("Its buttons", "Tab", "Tab"),
    keys("Close it", "Escape"),
    keys("Search", "slash"),
    typing("Find one", "report"),
    typing("Find none", "zzz"),
    keys("The page of no results", "Tab", "Tab", "Tab", "Tab"),
    keys("Clear the search", "ctrl+f", "Escape", "Escape"),
    keys("Mark all as read", "Tab", "space"),
    keys("Agree", "Return"),
    keys("Settings", "ctrl+comma"),
    keys("Into the list of servers", "Tab"),
    keys("Add a server", "alt+a"),
    typing("Type an address", "ftp://blog"),
    keys("It is refused", "Return"),
    keys("Take it back", "Escape"),
    keys("Back to the list", "alt+r"),
    keys("The controls of the page", *["Tab"] * 11),
    keys("Rules", "Down", "Down"),
    keys("The list of rules", "Tab"),
    keys("Remove the rule", "alt+r"),
    keys("Undo is offered", "Tab", "Tab", "Tab"),
    keys("Undo the removal", "space"),
    keys("The page with the report", "shift+Tab", "Down", "Down"),
    keys("Refresh the report", "alt+r"),
    keys("Close the settings", "Escape"),
    calling("Delete what is left", lambda desk: desk.servers["shop"].clear()),
    calling("The server stops", lambda desk: desk.stop("shop")),
    calling("The server is back", lambda desk: desk.restart("shop")),
)


def _begin_first_start(desk: Desk, stack: ExitStack) -> None:
    from certificates import self_signed, serving  # type: ignore[import-not-found]
    from hostile import Mailpit, hostile  # type: ignore[import-not-found]
    from program import wait_until
    from standin import StandIn

    desk.new_program(stack, "first", notifies=True)
    certificate = self_signed(desk.folder)
    shop = desk.servers["shop"] = stack.enter_context(StandIn(auth="ann:s3cret"))
    safe = stack.enter_context(hostile(Mailpit(), tls=serving(certificate)))
    desk.projects({"shop": shop.url, "safe": safe.url()})
    desk.program.launch("--hidden")
    wait_until(lambda: desk.program.status() is not None, "a program that answers")


FIRST_START = (
    SHOW,
    calling("Two servers are found", Desk.go),
    keys("Their check boxes", "shift+Tab", "shift+Tab"),
    keys("Leave one out", "space"),
    keys("Take it again", "space"),
    keys("Use both", "Tab", "Tab", "Return"),
    keys("Enter the password", "space"),
    typing("Type the user name", "ann"),
    keys("The password", "Tab"),
    typing("Type a wrong password", "wrong"),
    keys("It is refused", "Return"),
    keys("Enter it again", "space"),
    typing("The same name", "ann"),
    keys("The password again", "Tab"),
    typing("Type the right one", "s3cret"),
    keys("It is accepted", "Return"),
    keys("Close the message", "Tab", "Tab", "space"),
    keys("View the certificate", "shift+Tab", "shift+Tab", "space"),
    keys("Its values and buttons", *["Tab"] * 7),
    keys("Do not trust it", "Escape"),
)


def _begin_offers(desk: Desk, stack: ExitStack) -> None:
    from standin import StandIn

    desk.new_program(stack, "offers", notifies=True)
    for name in ("shop", "blog", "wiki"):
        desk.servers[name] = stack.enter_context(StandIn())
    desk.servers["shop"].send("Your Acme code", text="Use 482913 to sign in. It expires in 10 minutes.")
    desk.projects({name: desk.servers[name].url for name in ("blog", "wiki")})
    desk.start(f'[[server]]\nurl = "{desk.servers["shop"].url}"\nname = "shop"\n')
    desk.program.wait_for_server(state="connected", total=1)


OFFERS = (
    SHOW,
    calling("A project is found", Desk.go),
    keys("The buttons of the offer", "shift+Tab", "shift+Tab"),
    keys("Watch it", "space"),
    keys("Ignore the next one", "shift+Tab", "space"),
    calling("A second start with a server", lambda desk: desk.program.command("--server", desk.servers["wiki"].url)),
    keys("Decline", "Tab", "space"),
    keys("Show one server", "ctrl+f", "Tab", "Down"),
    keys("Show all servers", "Up"),
    keys("The menu of the window", "ctrl+f", "Tab", "Tab", "Tab", "space"),
    keys("Pause", "Down", "Down", "Right", "Up", "Return"),
    keys("Resume", "Tab", "space"),
    keys("The menu again", "ctrl+f", "Tab", "Tab", "Tab", "space"),
    keys("Mute a server", "Down", "Down", "Down", "Right", "Down", "Right", "Up", "Return"),
    keys("Unmute it", "Tab", "space"),
    calling("A server stops", lambda desk: desk.stop("blog")),
    calling("It is back", lambda desk: desk.restart("blog")),
)


PARTS = (
    Part(name="Window and settings", begin=_begin_window, steps=WINDOW),
    Part(name="First start and prompts", begin=_begin_first_start, steps=FIRST_START),
    Part(name="Offers, pauses and mutes", begin=_begin_offers, steps=OFFERS),
)
