"""The verbs of `packaging/dev`. Each is one function; the first line of its docstring is its line in the help."""

import os
import subprocess
import sys

from . import display, server, system, translations
from .environment import LOWEST, NEWEST, ROOT, become
from .words import SetupError, say


def main(args: list[str]) -> int:
    """Do the verb that comes first with the arguments after it; the exit code."""
    verb = VERBS.get(args[0]) if args else None
    if verb is None:
        say(_help())
        return 0 if args in ([], ["--help"], ["-h"]) else 2
    try:
        return verb(args[1:])
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        return 130


def run(args: list[str]) -> int:
    """Start Mailpit Notifier. Further arguments are its own, for example --server URL."""
    is_start = _is_start(args)
    headless = is_start and not display.is_there(os.environ)
    system.provide({**system.QT, **system.HEADLESS} if headless else system.QT)
    NEWEST.prepare("demo")
    translations.release(NEWEST.python)
    if is_start and not server.is_named(args, os.environ) and not server.answers():
        say("No Mailpit answers on http://localhost:8025/, so this is the demo with mails of its own.")
        say("To watch a Mailpit elsewhere: packaging/dev run --server URL")
        args = ["--demo", *args]
    command = [NEWEST.command("mailpit-notifier"), *args]
    if not headless:
        return become(command, dict(os.environ))
    say("There is no display here, so a virtual one is used and every notification is printed. Ctrl+C quits.")
    return display.run_without([*command, "--print-notifications"], os.environ)


def test(args: list[str]) -> int:
    """Check format, rules and types, and run the tests. With arguments: only pytest, with these; --lowest comes first.

    --lowest: only pytest, in an environment of its own with the oldest versions of everything that are allowed.
    """
    is_lowest = args[:1] == ["--lowest"]
    python = LOWEST if is_lowest else NEWEST
    system.provide({**system.QT, **system.TESTS})
    python.prepare("dev")
    translations.release(python.python)
    arguments = args[is_lowest:]
    stages = [["pytest", *arguments]] if arguments else [_TESTS] if is_lowest else _stages()
    for name, *rest in stages:
        say(f"== {name} {' '.join(rest)}".rstrip())
        code = subprocess.call([python.command(name), *rest], cwd=ROOT)
        if code:
            return code
    return 0


def soak(args: list[str]) -> int:
    """Break everything at random for a long time and count what is lost or doubled: --minutes N [--seed S]."""
    system.provide({**system.QT, **system.TESTS})
    NEWEST.prepare("dev")
    return subprocess.call([NEWEST.python, str(ROOT / "tests/campaign/soak.py"), *args])


def bench(args: list[str]) -> int:
    """Measure all that there is a goal for and print one table; with names of tests/bench only these."""
    system.provide({**system.QT, **system.TESTS})
    NEWEST.prepare("dev")
    return subprocess.call([NEWEST.python, str(ROOT / "tests/bench/every.py"), *args])


def screenshots(args: list[str]) -> int:
    """Take pictures of everything there is to see, on a desktop of their own: [FOLDER] [KIND …]."""
    system.provide({**system.QT, **system.TESTS, "dunst": "dunst"})
    NEWEST.prepare("dev")
    translations.release(NEWEST.python)
    taking = [NEWEST.python, str(ROOT / "tests/screenshots/take.py")]
    return subprocess.call([*taking, *args])


def package(args: list[str]) -> int:
    """Build what people install into dist/: deb, rpm, tar, wheel, pyz, windows, macos or all."""
    from .package import verb

    return verb.package(args)


def translate(_args: list[str]) -> int:
    """Bring the texts of the code into resources/translations, where they are translated, and list what waits."""
    system.provide(system.QT)
    NEWEST.prepare("demo")
    for target in sorted(translations.FOLDER.glob("*.ts")):
        translations.update(target, NEWEST.python)
        missing = translations.untranslated(target)
        say(f"{target.name}: {len(missing) or 'nothing'} to be translated" + "".join(f"\n  {text}" for text in missing))
    translations.release(NEWEST.python)
    return 0


_TESTS = ["pytest", "-n", "auto", "-rs"]


def _stages() -> list[list[str]]:
    """What a change has to pass. Types on Linux only: what is reached only elsewhere, and never here, is no fault."""
    types = [["mypy"]] if sys.platform.startswith("linux") else []
    return [
        ["ruff", "format", "--check", ".", "packaging/dev"],
        ["ruff", "check", ".", "packaging/dev"],
        *types,
        _TESTS,
    ]


VERBS = {
    "run": run,
    "test": test,
    "soak": soak,
    "bench": bench,
    "screenshots": screenshots,
    "translate": translate,
    "package": package,
}


def _is_start(args: list[str]) -> bool:
    """Whether this starts the tray application, rather than a command such as `status`, or a word about itself."""
    return (not args or args[0].startswith("-")) and not {"--version", "--help", "-h"} & set(args)


def _help() -> str:
    lines = (f"  {name:12}{(verb.__doc__ or '').splitlines()[0]}" for name, verb in VERBS.items())
    return "\n".join(["packaging/dev VERB [ARGUMENTS]", *lines])
