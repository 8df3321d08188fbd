"""The verbs of `packaging/dev`. Each is one function; the first line of its docstring is its line in the help."""

import os
import subprocess
import sys
from difflib import get_close_matches
from inspect import cleandoc

from . import display, server, system, translations
from .environment import LOCKED, LOWEST, ROOT, Environment, become
from .output import SetupError, report

HELP = {"--help", "-h"}


def main(args: list[str]) -> int:
    """Run the verb in the first argument with the arguments after it; return the exit code."""
    verb = VERBS.get(args[0]) if args else None
    if verb is None and args and args[0] not in HELP:
        similar = get_close_matches(args[0], VERBS, 1)
        report(f"Unknown verb {args[0]}. " + (f"Did you mean {similar[0]}?" if similar else f"Use {', '.join(VERBS)}."))
        return 2
    if verb is None:
        report(_help())
        return 0
    if HELP & set(args[1:]) and verb is not run:
        report(f"packaging/dev {args[0]} [ARGUMENTS]\n\n{cleandoc(verb.__doc__ or '')}")
        return 0
    try:
        return verb(args[1:])
    except SetupError as error:
        report(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


def run(args: list[str]) -> int:
    """Start Mailpit Notifier. Arguments are passed on to it, for example --server URL."""
    is_start = _is_start(args)
    headless = is_start and not display.is_there(os.environ)
    system.provide({**system.QT, **system.HEADLESS} if headless else system.QT)
    LOCKED.prepare("demo")
    translations.release(LOCKED.python)
    if is_start and not server.is_named(args, os.environ) and not server.answers():
        report("No Mailpit answers on http://localhost:8025/, so a demo server starts and sends itself messages.")
        report("To connect to another Mailpit: packaging/dev run --server URL")
        args = ["--demo", *args]
    command = [LOCKED.command("mailpit-notifier"), *args]
    if not headless:
        return become(command, dict(os.environ))
    report("There is no display here. A virtual one is used, and notifications are printed. Press Ctrl+C to quit.")
    return display.run_without([*command, "--print-notifications"], os.environ)


def check(_args: list[str]) -> int:
    """Check format, rules and types. Takes seconds and needs no system packages."""
    LOCKED.prepare("dev")
    return _run_stages(_CHECKS)


def test(args: list[str]) -> int:
    """Do what `check` does and run all tests, as in CI. --fast: only unit tests. Other arguments go to pytest.

    With arguments, only pytest runs. One of these options may be first:

    --fast: only the tests that need no display, no process and no long computing, with fewer generated examples. Takes
    at most 20 s.
    --lowest: in a separate environment with the oldest allowed versions of all packages.
    """
    is_fast, is_lowest = args[:1] == ["--fast"], args[:1] == ["--lowest"]
    python, arguments = (LOWEST, args[1:]) if is_lowest else (LOCKED, args)
    if is_fast:
        arguments = [*FAST, *args[1:]]
    system.provide(system.QT if is_fast else {**system.QT, **system.TESTS})
    python.prepare("dev")
    translations.release(python.python)
    pytest = ["pytest", *(arguments or [*_WORKERS, "-rs"])]
    return _run_stages([pytest] if args else [*_CHECKS, pytest], python)


def coverage(args: list[str]) -> int:
    """Run the tests and print how much of the program they reach; line by line in build/coverage/index.html."""
    system.provide({**system.QT, **system.TESTS})
    LOCKED.prepare("dev")
    translations.release(LOCKED.python)
    tests = ["coverage", "run", "-m", "pytest", *(args or _WORKERS)]
    reports = [["coverage", "combine", "--quiet"], ["coverage", "html", "--quiet"], ["coverage", "report"]]
    return _run_stages([["coverage", "erase"], tests, *reports])


def soak(args: list[str]) -> int:
    """Inject faults at random and count lost and repeated messages: --minutes N [--seed S]."""
    system.provide({**system.QT, **system.TESTS})
    LOCKED.prepare("dev")
    return subprocess.call([LOCKED.python, str(ROOT / "tests/campaign/soak.py"), *args])


def bench(args: list[str]) -> int:
    """Measure everything that has a goal, and print one table: [NAME of tests/bench...] [--runs 5, for medians]."""
    system.provide({**system.QT, **system.TESTS})
    LOCKED.prepare("dev")
    return subprocess.call([LOCKED.python, str(ROOT / "tests/bench/every.py"), *args])


def screenshots(args: list[str]) -> int:
    """Take pictures of all windows and notifications on a virtual desktop: [FOLDER] [KIND …].

    The folder is build/screenshots by default. The kinds are recent_mail, quick_look, several_servers, nothing_there,
    password_dialog, hostile_mail, settings, first_start, tray and notifications; by default all.
    """
    system.provide({**system.QT, **system.TESTS, "dunst": "dunst"})
    LOCKED.prepare("dev")
    translations.release(LOCKED.python)
    taking = [LOCKED.python, str(ROOT / "tests/screenshots/take.py")]
    return subprocess.call([*taking, *args])


def fronts(args: list[str]) -> int:
    """Run the program behind the real nginx, HAProxy and Squid; needs root on Linux, else exits with 77."""
    from . import fronts

    return fronts.verb(args)


def desktops(args: list[str]) -> int:
    """Check the package on real desktops in a chroot, as root: [gnome] [plasma] [xfce] [cinnamon] [sway].

    All desktops take about an hour, Debian's mirror and 5 GB in /var/tmp/mailpit-notifier-desktops, or in the folder
    that DESKTOPS names. --only=WORD: only the checks with that word in their names; --only=pictures: only pictures, in
    build/desktops.
    """
    from .desktops import verb

    return verb.desktops(args)


def speech(args: list[str]) -> int:
    """Let Orca read the program aloud and compare its words; needs root on Linux, else exits with 77."""
    from . import speech

    return speech.verb(args)


def package(args: list[str]) -> int:
    """Build packages into dist/: deb, rpm, tar, wheel, pyz, windows, macos or all."""
    from .package import verb

    return verb.package(args)


def windows(args: list[str]) -> int:
    """Run tests, installer and installed program in wine: selftest suite freeze installer installed. Needs root."""
    from .windows import windows

    return windows(args)


def lock(_args: list[str]) -> int:
    """Write the newest allowed versions to packaging/constraints, for tests and releases."""
    LOCKED.prepare("dev")
    LOCKED.lock()
    return 0


def translate(_args: list[str]) -> int:
    """Copy the texts of the code to resources/translations and list those without a translation."""
    system.provide(system.QT)
    LOCKED.prepare("demo")
    for target in sorted(translations.FOLDER.glob("*.ts")):
        translations.update(target, LOCKED.python)
        missing = translations.untranslated(target)
        report(
            f"{target.name}: {len(missing) or 'nothing'} to be translated" + "".join(f"\n  {text}" for text in missing)
        )
    translations.release(LOCKED.python)
    return 0


_WORKERS = ["-n", "auto", "--dist", "worksteal"]
"""Options of pytest for all cores. A worker without tests takes some of another, so that all end at the same time."""

FAST = ["tests/unit", "-m", "not (process or slow)", "--hypothesis-profile", "fast", *_WORKERS]
"""Arguments of pytest for --fast. tests/unit/conftest.py fails a test that starts a process without the mark."""

_COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}
"""Environment of the stages: without compiled files, each worker of pytest compiles all tests again in 4 s."""

_CHECKS = [
    ["ruff", "format", "--check", ".", "packaging/dev"],
    ["ruff", "check", ".", "packaging/dev"],
    # Code for other systems is never reached here. mypy takes that for a fault on all systems but Linux.
    *([["mypy"]] if sys.platform.startswith("linux") else []),
]

VERBS = {
    "run": run,
    "test": test,
    "check": check,
    "coverage": coverage,
    "soak": soak,
    "bench": bench,
    "fronts": fronts,
    "speech": speech,
    "screenshots": screenshots,
    "desktops": desktops,
    "translate": translate,
    "lock": lock,
    "package": package,
    "windows": windows,
}


def _run_stages(stages: list[list[str]], python: Environment = LOCKED) -> int:
    """Run these programs of the environment until one fails; return the exit code."""
    for name, *arguments in stages:
        report(f"== {name} {' '.join(arguments)}".rstrip())
        code = subprocess.call([python.command(name), *arguments], cwd=ROOT, env={**os.environ, **_COMPILED})
        if code:
            return code
    return 0


def _is_start(args: list[str]) -> bool:
    """Return whether this starts the tray application, and not a command such as `status`, --help or --version."""
    return (not args or args[0].startswith("-")) and not {"--version", *HELP} & set(args)


def _help() -> str:
    lines = (f"  {name:12}{(verb.__doc__ or '').splitlines()[0]}" for name, verb in VERBS.items())
    return "\n".join(["packaging/dev VERB [ARGUMENTS], or VERB --help:", *lines])
