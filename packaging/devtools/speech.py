"""Let Orca read the program aloud, and print what it says beside what is expected: `packaging/dev speech`.

The walk is in speech_walk.py. It has its own display and bus. Orca is that of this Debian (43 on Debian 12, 48 on
Debian 13), or with `--root FOLDER` of a Debian tree in a folder. Its voice is speech-dispatcher's dummy module. The
expected words are in speech/orca-N.txt beside this file; lines with `>` explain them. `--record` writes the words anew,
to be read by a human before they are committed.

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
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .speech_walk import Desk, Step

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).with_name("speech")

SKIPPED = 77
"""The exit code of a check that cannot be made here, as in Automake."""

PROGRAMS = {"orca": "orca", "speech-dispatcher": "speech-dispatcher"}
"""Programs and their Debian packages."""

REST, PATIENCE = 1.3, 15.0
"""Seconds without a word after which Orca has finished: longer than the delays of the program (the pause in typing, the
throttle of the window). Seconds that expected words may take.
"""

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
    (r"(– Mailpit Notifier)( frame)?\.?$", r"\1 frame"),  # Orca names the role if the event of the window is first
    (r"(\d+ problems?|no problem) found", "PROBLEMS found"),
    (r"\w+day, .* \d+:\d+:\d+ \w+", "TIME"),
    (r"([0-9a-f]{4} ){15}[0-9a-f]{4}", "FINGERPRINT"),
)
"""Parts of what is said that differ from run to run, and what is compared in their place."""


def verb(args: list[str]) -> int:
    """Do what `speech` in verbs.py says."""
    from . import system
    from .environment import LOCKED
    from .output import report

    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        report("speech: skipped. It installs Orca and speech-dispatcher with apt and needs root on Linux.")
        return SKIPPED
    system.provide({**system.QT, **system.TESTS, **({} if "--root" in args else PROGRAMS)})
    LOCKED.prepare("dev")
    return subprocess.call([LOCKED.python, __file__, *args])


@contextmanager
def orca(environment: Mapping[str, str], folder: Path, root: Path | None) -> Iterator[Path]:
    """Run Orca with a voice that says nothing and a new folder; yield the file with its log."""
    folder.mkdir()
    log = folder / "orca.log"
    voice = folder / "speechd"
    voice.mkdir()
    (voice / "speechd.conf").write_text(DUMMY)
    (voice / "modules").mkdir()
    if root:
        inside = root / folder.parent.relative_to("/")  # with the sockets of the bus
        inside.mkdir(parents=True)
        subprocess.run(["mount", "--bind", str(folder.parent), str(inside)], check=True)
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
            ear = Ear(log, folder / "pending")
            ear.rest(until=lambda: bool(ear.said), patience=60)
            if not ear.said:  # for example because another Orca of this user runs
                sys.exit(f"Orca did not start: {(folder / 'orca.out').read_text()}")
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


class Ear:
    """What Orca says, read from its log."""

    def __init__(self, log: Path, pending: Path) -> None:
        """`pending` is there while the program is about to speak."""
        self._log = log
        self._pending = pending
        self._read = 0

    @property
    def said(self) -> list[str]:
        """All that was said so far."""
        found = _SPOKEN.finditer(self._log.read_text(errors="replace")) if self._log.exists() else ()
        lines = ([line.strip() for line in match.group(1).split("\n")] for match in found)
        return [text for line in lines if (text := " / ".join(line).strip())]

    def rest(self, *, until: Callable[[], bool] = lambda: True, patience: float = PATIENCE) -> None:
        """Wait until no process of the desktop had anything to do for REST seconds, and nothing more was said.

        If `until` is not true by then, wait for it, too, for `patience` seconds.
        """
        end = time.monotonic() + patience
        since = time.monotonic()
        while True:
            now = time.monotonic()
            if self._has_spoken() or self._pending.exists() or is_busy(descendants(os.getpid())):
                since = now
            elif now - since >= REST and (until() or now > end):
                return
            time.sleep(0.1)

    def _has_spoken(self) -> bool:
        """Return whether the log has more words than at the last call; Orca 48 also writes while nothing happens."""
        with suppress(FileNotFoundError), self._log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
            self._read += len(new)
            return b"SPEECH OUTPUT" in new
        return False


def descendants(number: int) -> list[Path]:
    """Return the /proc folders of all processes that this one started, and of those that they started."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            children.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found, new = [], children.get(number, [])
    while new:
        found += new
        new = [child for parent in new for child in children.get(parent, [])]
    return [Path("/proc", str(number)) for number in found]


def is_busy(processes: Sequence[Path]) -> bool:
    """Return whether a thread of these processes runs, or waits for a processor or a disk."""
    for process in processes:
        with suppress(OSError):  # it has ended
            states = [stat.read_text().rpartition(")")[2].split()[0] for stat in process.glob("task/*/stat")]
            if {"R", "D"} & set(states):
                return True
    return False


def comparable(said: str) -> str:
    """Return what was said without what differs from run to run."""
    for pattern, name in _VARIES:
        said = re.sub(pattern, name, said)
    return said


OPTIONAL = "? "
"""Marks a state that is said only if it lasts, such as a lost connection before the next attempt to connect."""

ANYWHERE = "~ "
"""Marks a text that does not depend on the other texts of its step, so that Orca may say it before or after them."""


@dataclass(kw_only=True)
class Record:
    """The expected words of a step; those that begin with OPTIONAL may be missing, with ANYWHERE at another place.

    Its remarks explain them, and are kept when the words are written anew.
    """

    words: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the lines of the file."""
        return [*(f"> {remark}" for remark in self.remarks), *self.words]

    def matches(self, said: Sequence[str]) -> bool:
        """Return whether these words were spoken."""
        rest, place = list(said), 0
        for word in self.words:
            if word.startswith(ANYWHERE):
                if word.removeprefix(ANYWHERE) not in rest:
                    return False
                rest.remove(word.removeprefix(ANYWHERE))
        for word in self.words:
            if place < len(rest) and rest[place] == word.removeprefix(OPTIONAL):
                place += 1
            elif not word.startswith((OPTIONAL, ANYWHERE)):
                return False
        return place == len(rest)


Records = dict[str, dict[str, Record]]
"""Part -> step -> what is expected."""


def read(path: Path) -> Records:
    """Return what is expected; nothing without a file."""
    parts: Records = {}
    part: dict[str, Record] = {}
    step = Record()
    for line in path.read_text().splitlines() if path.exists() else []:
        kind, _, text = line.partition(" ")
        if kind == "#":
            part = parts.setdefault(text, {})
        elif kind == "##":
            step = part.setdefault(text, Record())
        elif kind == ">":
            step.remarks.append(text)
        elif line:
            step.words.append(line)
    return parts


def write(path: Path, parts: Records) -> None:
    """Write down what is expected."""
    lines: list[str] = []
    for part, steps in parts.items():
        lines += [f"# {part}", ""]
        for step, record in steps.items():
            lines += [f"## {step}", *record.lines(), ""]
    path.write_text("\n".join(lines))


def version_of(root: Path | None) -> str:
    """Return the major version of Orca."""
    before = ["chroot", str(root)] if root else []
    answer = subprocess.run([*before, "orca", "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"(\d+)\.", answer)
    return match.group(1) if match else "unknown"


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description="Let Orca read the program aloud.")
    parser.add_argument("--root", type=Path, help="a Debian tree with Orca and speech-dispatcher")
    parser.add_argument("--record", action="store_true", help="write down what is said as what is expected")
    parser.add_argument("--log", type=Path, help="keep Orca's logs in files that begin like this")
    parser.add_argument("--part", default="", help="only parts whose name begins like this")
    return parser.parse_args()


def main() -> int:
    """Walk, print, compare; return the exit code."""
    from devtools.speech_walk import PARTS

    chosen = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all programs are ended
    version = version_of(chosen.root)
    path = EXPECTED / f"orca-{version}.txt"
    records, count, wrong = read(path), 0, 0
    print(f"Orca {version}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="speech")))
        desk = desk_in(stack, folder)
        for number, part in enumerate(part for part in PARTS if part.name.startswith(chosen.part)):
            print(f"# {part.name}")
            before, records[part.name] = records.get(part.name, {}), {}
            with (
                ExitStack() as during
            ):  # with an Orca of its own: it mistakes new objects for those of an ended program
                log = during.enter_context(orca(desk.environment, folder / f"orca{number}", chosen.root))
                part.begin(desk, during)
                for step in part.steps:
                    wanted = before.get(step.name, Record())
                    said = said_during(step, desk, Ear(log, desk.pending), None if chosen.record else wanted)
                    same = chosen.record or wanted.matches(said)
                    count, wrong = count + 1, wrong + (not same)
                    show(step.name, said, wanted.words, same=same)
                    kept = wanted.words if wanted.matches(said) else said
                    records[part.name][step.name] = Record(words=kept, remarks=wanted.remarks)
                if chosen.log:
                    shutil.copy(log, f"{chosen.log}.{number}")
    if chosen.record:
        write(path, records)
    print(f"{count - wrong} of {count} steps are said as expected." if wrong else f"No difference in {count} steps.")
    return 1 if wrong else 0


def said_during(step: "Step", desk: "Desk", ear: Ear, wanted: Record | None) -> list[str]:
    """Do a step and return what Orca said. `wanted`: wait for this as long as it may take."""
    before = len(ear.said)

    def heard() -> list[str]:
        return [comparable(one) for one in ear.said[before:]]

    for act in step.acts:
        act(desk)
        ear.rest()
    if wanted is not None:
        ear.rest(until=lambda: wanted.matches(heard()))
    return heard()


def show(name: str, said: list[str], wanted: list[str], *, same: bool) -> None:
    """Print what was said in a step, and what was expected if it is not the same."""
    print(f"{'  ' if same else '! '}{name}:", *(said or ["(nothing)"]), sep="\n      ")
    if not same:
        print("    expected:", *(wanted or ["(nothing)"]), sep="\n      ")
    sys.stdout.flush()


def desk_in(stack: ExitStack, folder: Path) -> "Desk":
    """Start display and bus."""
    from accessible import is_served, running  # type: ignore[import-not-found]  # the verb puts it on the path
    from devtools import system
    from devtools.speech_walk import Desk
    from notification_service import private_bus  # type: ignore[import-not-found]
    from program import Program, virtual_display, wait_until  # type: ignore[import-not-found]

    display = stack.enter_context(virtual_display())
    bus = stack.enter_context(private_bus(folder))
    home = folder / "home"
    home.mkdir()
    plain = {**Program(home, display=display, bus=bus.address).environment, "PATH": os.environ["PATH"]}
    stack.enter_context(running(plain, "openbox", "--startup", "echo ready", ready="ready"))
    stack.enter_context(running(plain, str(system.launcher()), "--launch-immediately"))
    wait_until(lambda: is_served(plain, "org.a11y.Bus"), "the accessibility bus")
    return Desk(folder=folder, pending=folder / "pending", environment=plain, display=display, bus=bus.address)


if __name__ == "__main__":
    sys.path[:1] = [str(ROOT / "tests/support"), str(ROOT / "tests"), str(ROOT / "packaging")]
    sys.exit(main())
