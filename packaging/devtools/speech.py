"""Let Orca read the program aloud, and print what it says beside what is expected: `packaging/dev speech`.

A walk through window, search, actions, empty and error states, settings and prompts, by keys alone, on a display and a
bus of its own. Orca is the one of this Debian (43 on Debian 12, 48 on Debian 13), or of a Debian tree in a folder with
`--root FOLDER`; its voice is speech-dispatcher's dummy module. The expected words are in speech/orca-N.txt beside this
file; `--record` writes them anew, to be read by a human before they are committed.

This module is also the script that the verb runs in the project's environment.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).with_name("speech")

SKIPPED = 77
"""The exit code of a check that cannot be made here, as in Automake."""

PROGRAMS = {"orca": "orca", "speech-dispatcher": "speech-dispatcher"}
"""Programs and their Debian packages."""

QUIET, PATIENCE = 1.5, 5.0
"""Seconds without a word after which Orca has finished; seconds in which it must have begun."""

DUMMY = """LogLevel 0
AddModule "dummy" "sd_dummy" ""
DefaultModule dummy
"""

UNBUFFERED = """
import builtins

opened = builtins.open
def by_lines(file, mode="r", buffering=-1, *arguments, **options):
    return opened(file, mode, 1 if str(file).endswith("orca.log") else buffering, *arguments, **options)
builtins.open = by_lines
"""
"""Lets Orca write its log line by line: what it says is read while it runs."""

_DEFAULT = {"profile": ["Default", "default"], "enableKeyEcho": False, "pronunciations": {}, "keybindings": {}}
PREFERENCES = {
    "general": {"startingProfile": ["Default", "default"], "enableKeyEcho": False},
    "pronunciations": {},
    "keybindings": {},
    "profiles": {"default": _DEFAULT},
}
"""Orca's, without an echo of the keys."""

_SPOKEN = re.compile(r"SPEECH OUTPUT: '(.*?)' ?(?:\{[^\n]*|[A-Z<][^\n]*)?$", re.MULTILINE | re.DOTALL)
_VARIES = (
    (r"just now|\d+ minutes? ago", "AGE"),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"localhost:\d+", "HOST"),
    (r"Date [^/]*", "Date "),
)
"""Parts of what is said that differ from run to run, and what is compared in their place."""


def verb(args: list[str]) -> int:
    """Do what `speech` in verbs.py says."""
    from . import system
    from .environment import LOCKED
    from .words import report

    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        report("speech: skipped. It installs Orca and speech-dispatcher with apt and needs root on Linux.")
        return SKIPPED
    system.provide({**system.QT, **system.TESTS, **({} if "--root" in args else PROGRAMS)})
    LOCKED.prepare("dev")
    return subprocess.call([LOCKED.python, __file__, *args])


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that a user does: keys that are pressed, a text that is typed, or a call."""

    name: str
    keys: Sequence[str] = ()
    text: str = ""
    call: Callable[["Desk"], object] | None = None


@dataclass(kw_only=True)
class Desk:
    """The program, its server and the environment of its display."""

    program: Any
    server: Any
    environment: Mapping[str, str]
    spare: list[Any] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        subprocess.run(["xdotool", "key", "--delay", "60", *keys], env=self.environment, check=True, timeout=60)

    def type(self, text: str) -> None:
        """Type a text, as fast as a user who is used to it."""
        subprocess.run(["xdotool", "type", "--delay", "60", text], env=self.environment, check=True, timeout=60)


WALK = (
    Step(name="The window opens", call=lambda desk: desk.program.command("show")),
    Step(name="The next row", keys=["Down"]),
    Step(name="The one before", keys=["Up"]),
    Step(name="Copy the code", keys=["c"]),
    Step(name="Mark as read", keys=["u"]),
    Step(name="Mark as unread", keys=["u"]),
    Step(name="The menu of the row", keys=["shift+F10"]),
    Step(name="Its entry for the code", keys=["Down", "Down", "Down"]),
    Step(name="Leave the menu", keys=["Escape"]),
    Step(name="Delete", keys=["Delete"]),
    Step(name="Undo by Ctrl+Z", keys=["ctrl+z"]),
    Step(name="Delete again", keys=["Delete"]),
    Step(name="The Undo button", keys=["Tab"]),
    Step(name="Undo by the button", keys=["space"]),
    Step(name="A quick look", keys=["Right"]),
    Step(name="Close it", keys=["Left"]),
    Step(name="Search", keys=["slash"]),
    Step(name="Find one", text="report"),
    Step(name="Find none", text="zzz"),
    Step(name="The page of no results", keys=["Tab", "Tab", "Tab", "Tab"]),
    Step(name="Clear the search", keys=["ctrl+f", "Escape", "Escape"]),
    Step(name="Mark all as read", keys=["Tab", "space"]),
    Step(name="Agree", keys=["Return"]),
    Step(name="Settings", keys=["ctrl+comma"]),
    Step(name="Into the list of servers", keys=["Tab"]),
    Step(name="Add a server", keys=["alt+a"]),
    Step(name="Type an address", text="ftp://blog"),
    Step(name="It is refused", keys=["Return"]),
    Step(name="Take it back", keys=["Escape"]),
    Step(name="Back to the pages", keys=["alt+r"]),
    Step(name="Rules", keys=["shift+Tab", "Down", "Down"]),
    Step(name="The list of rules", keys=["Tab"]),
    Step(name="Remove the rule", keys=["alt+r"]),
    Step(name="Undo is offered", keys=["Tab", "Tab", "Tab"]),
    Step(name="Close the settings", keys=["Escape"]),
    Step(name="Delete what is left", call=lambda desk: desk.server.clear()),
    Step(name="The server stops", call=lambda desk: desk.server.stop()),
)


@contextmanager
def orca(environment: dict[str, str], folder: Path, root: Path | None) -> Iterator[Path]:
    """Run Orca with a voice that says nothing; yield the file with its log."""
    log = folder / "orca.log"
    voice = folder / "speechd"
    voice.mkdir()
    (voice / "speechd.conf").write_text(DUMMY)
    (voice / "modules").mkdir()
    if root:
        inside = root / folder.relative_to("/")
        inside.mkdir(parents=True)
        subprocess.run(["mount", "--bind", str(folder), str(inside)], check=True)
    before = ["chroot", str(root)] if root else []
    (folder / "prefs").mkdir()
    (folder / "prefs" / "user-settings.conf").write_text(json.dumps(PREFERENCES))
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(UNBUFFERED)
    mine = {**environment, "SPEECHD_ADDRESS": f"unix_socket:{folder}/speechd.sock", "PATH": os.environ["PATH"]}
    mine |= {"NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11", "LC_ALL": "C.UTF-8", "GSETTINGS_BACKEND": "memory"}
    mine |= {"PYTHONPATH": str(folder / "site")}
    speaking = ["speech-dispatcher", "-s", "-C", str(voice), "-S", f"{folder}/speechd.sock", "-P", f"{folder}/pid"]
    reading = ["orca", "--debug-file", str(log), "-u", str(folder / "prefs")]
    with ExitStack() as stack:
        for name, command in (("speech", speaking), ("orca", reading)):
            out = stack.enter_context((folder / f"{name}.out").open("w"))
            process = subprocess.Popen([*before, *command], env=mine, stdout=out, stderr=out, start_new_session=True)
            stack.callback(end, process)
        try:
            heard(log, 0, patience=60)
            yield log
        finally:
            stack.close()
            if root:
                subprocess.run(["umount", "-l", str(inside)], check=False)
                inside.rmdir()


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a program and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(10)


def spoken(log: Path) -> list[str]:
    """Return all that was said so far."""
    if not log.exists():
        return []
    found = _SPOKEN.finditer(log.read_text(errors="replace"))
    return [" / ".join(line.strip() for line in match.group(1).split("\n")).strip() for match in found]


def heard(log: Path, before: int, *, patience: float = PATIENCE) -> list[str]:
    """Return what is said after the first `before` words, when Orca has finished."""
    begun = last = time.monotonic()
    size = 0
    while True:
        now = time.monotonic()
        if log.exists() and log.stat().st_size != size:
            size, last = log.stat().st_size, now
        if now - last > QUIET and (len(said := spoken(log)) > before or now - begun > patience):
            return [one for one in said[before:] if one]
        time.sleep(0.05)


def comparable(said: str) -> str:
    """Return what was said without what differs from run to run."""
    for pattern, name in _VARIES:
        said = re.sub(pattern, name, said)
    return said


def read(path: Path) -> dict[str, list[str]]:
    """Return the expected words of each step."""
    steps: dict[str, list[str]] = {}
    current: list[str] = []
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("## "):
            current = steps[line[3:]] = []
        elif line:
            current.append(line)
    return steps


def version_of(root: Path | None) -> str:
    """Return the major version of Orca."""
    before = ["chroot", str(root)] if root else []
    answer = subprocess.run([*before, "orca", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)\.", answer)
    return match.group(1) if match else "unknown"


def main() -> int:
    """Walk, print, compare; return the exit code."""
    parser = argparse.ArgumentParser(description="Let Orca read the program aloud.")
    parser.add_argument("--root", type=Path, help="a Debian tree with Orca and speech-dispatcher")
    parser.add_argument("--record", action="store_true", help="write down what is said as what is expected")
    parser.add_argument("--log", type=Path, help="keep Orca's log in this file")
    parser.add_argument("--steps", type=int, default=len(WALK), help="only the first steps")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all programs are ended
    version = version_of(options.root)
    path = EXPECTED / f"orca-{version}.txt"
    expected, said = read(path), {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="speech")))
        desk, log = desk_with_orca(stack, folder, options.root)
        wrong = 0
        print(f"Orca {version}")
        for step in WALK[: options.steps]:
            before = len(spoken(log))
            if step.call:
                step.call(desk)
            if step.keys:
                desk.press(*step.keys)
            if step.text:
                desk.type(step.text)
            said[step.name] = [comparable(one) for one in heard(log, before)]
            wanted = expected.get(step.name, [])
            same = options.record or said[step.name] == wanted
            wrong += not same
            print(f"{'  ' if same else '! '}{step.name}:")
            for line in said[step.name] or ["(nothing)"]:
                print(f"      {line}")
            if not same:
                print("    expected:", *(wanted or ["(nothing)"]), sep="\n      ")
            sys.stdout.flush()
        if options.log:
            shutil.copy(log, options.log)
    if options.record:
        EXPECTED.mkdir(exist_ok=True)
        path.write_text(
            "\n".join(f"## {name}\n" + "".join(f"{one}\n" for one in words) for name, words in said.items())
        )
    print(f"{len(WALK) - wrong} of {len(WALK)} steps are said as expected.")
    return 1 if wrong else 0


def desk_with_orca(stack: ExitStack, folder: Path, root: Path | None) -> tuple[Desk, Path]:
    """Start display, bus, server, Orca and the program, which is hidden at first."""
    from accessible import is_served, running  # type: ignore[import-not-found]  # the verb puts it on the path
    from devtools import system
    from notification_service import private_bus  # type: ignore[import-not-found]
    from program import Program, virtual_display, wait_until  # type: ignore[import-not-found]
    from standin import StandIn  # type: ignore[import-not-found]

    display = stack.enter_context(virtual_display())
    bus = stack.enter_context(private_bus(folder))
    server = stack.enter_context(StandIn())
    server.send("Monthly report", "bob@example.test", text="The figures for October.")
    server.send("Confirm your address", text="Welcome! Please confirm your address: https://acme.test/confirm/8f3a2c1d")
    server.send("Your Acme code", text="Use 482913 to sign in. It expires in 10 minutes.")
    program = Program(folder, display=display, bus=bus.address)
    program.environment |= {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_ACCESSIBILITY": "1"}
    plain = {**program.environment, "PATH": os.environ["PATH"]}
    stack.enter_context(running(plain, "openbox", "--startup", "echo ready", ready="ready"))
    stack.enter_context(running(plain, str(system.launcher()), "--launch-immediately"))
    wait_until(lambda: is_served(plain, "org.a11y.Bus"), "the accessibility bus")
    log = stack.enter_context(orca(plain, folder, root))
    config = folder / "config.toml"
    config.write_text(
        f'[[server]]\nurl = "{server.url}"\nname = "shop"\n[[rule]]\nname = "reports"\nsubject = "weekly"\n'
        'outcome = "silent"\n'
    )
    stack.callback(program.kill)
    program.start("--config", str(config), "--hidden")
    program.wait_for_server(state="connected", total=3)
    return Desk(program=program, server=server, environment=plain), log


if __name__ == "__main__":
    sys.path[:1] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "packaging")]
    sys.exit(main())
