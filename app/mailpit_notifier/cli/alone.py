"""The commands that need neither Qt nor a running instance, also as a program of their own: `mailpit-wait`.

That one is a single file for CI images, made by `packaging/dev package pyz` of this module and what it imports. What
the commands do is loaded when it is known which is wanted.
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from mailpit_notifier import __version__
from mailpit_notifier.core.settings import DEFAULT_URL

from . import wait_options
from .parsers import Commands, add_command, add_server
from .terminal import clean_terminal

PROGRAM = "mailpit-wait"
COMMANDS = frozenset({"doctor", "extract", "send-test", "wait"})
ORDER = "These options stand before the command. «COMMAND --help» says what stands behind it."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    clean_terminal()
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        usage="%(prog)s [options] COMMAND …",
        description="Wait for the mail that Mailpit captures, and look into it.",
        epilog=ORDER,
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    add_servers(top)
    add_commands(top.add_subparsers(prog=PROGRAM, dest="command", title="commands", metavar="COMMAND", required=True))
    options = read(top, sys.argv[1:] if argv is None else argv, with_words={"wait"})
    return run(options, here=False)


def run(options: argparse.Namespace, *, here: bool) -> int:
    """Run one of these commands; returns the exit code. `here`: this is where the program runs, with a desktop."""
    if options.command == "wait":
        from . import wait

        return wait.run(options)
    if options.command == "extract":
        from . import extract

        return extract.run(options)
    if options.command == "send-test":
        from . import send_test

        return send_test.run(options)
    from . import doctor

    return doctor.run(options, here=here)


def add_servers(top: argparse.ArgumentParser) -> None:
    """Add what says which servers a command is about."""
    top.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="URL",
        help=f"a Mailpit, repeatable (default MAILPIT_URL, else what is configured, else {DEFAULT_URL})",
    )
    top.add_argument(
        "--config",
        type=named_file,
        metavar="FILE",
        help="a configuration instead of the usual one; it must be there",
    )


def named_file(name: str) -> Path:
    """A file that was named and so is expected: one that is missing is a slip. Raises argparse.ArgumentTypeError."""
    path = Path(name)
    try:
        path.stat()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read: {error.strerror}.") from None
    return path


def add_commands(commands: Commands) -> None:
    """Add the commands that can be run alone."""
    wait_options.add_wait(commands)
    wait_options.add_send_test(commands)
    extract = add_command(commands, "extract", "print the code and the link of mails")
    extract.add_argument(
        "names", nargs="+", metavar="FILE", help="a mail (.eml), or - for standard input; with --server a mail's ID"
    )
    add_server(extract, "the Mailpit, or the name of a configured one, that has the IDs")
    extract.add_argument("--json", action="store_true", help='print a line a mail: {"code": …, "link": …}')
    doctor = add_command(commands, "doctor", "find out what is wrong, and what to do about it")
    add_server(
        doctor, "a Mailpit or the name of a configured one, repeatable (default MAILPIT_URL, else all configured)"
    )


def read(top: argparse.ArgumentParser, argv: Sequence[str], *, with_words: Collection[str]) -> argparse.Namespace:
    """Read the command line; ends the process with a sentence where it is wrong.

    What stands behind `--` is a command of the user's, in `words`, and nothing of it is ours to read. Only the commands
    `with_words` take one.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    options = top.parse_args(argv[:end])
    options.words = list(argv[end + 1 :])
    if end < len(argv) and options.command not in with_words:
        top.error(f"only {' and '.join(sorted(with_words, reverse=True))} take a command after --")
    if end < len(argv) and not options.words:
        top.error("there is no command after --")
    return options
