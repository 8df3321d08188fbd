"""The commands that need neither Qt nor a running instance, also as a program of their own: `mailpit-wait`.

That one is a single file for CI images, made by `packaging/dev package pyz` of this module and what it imports. What
the commands do is loaded when it is known which is wanted.
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from mailpit_notifier import __version__
from mailpit_notifier.core.settings import DEFAULT_URL

from . import wait_options

PROGRAM = "mailpit-wait"
COMMANDS = frozenset({"doctor", "extract", "send-test", "wait"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    top = argparse.ArgumentParser(
        prog=PROGRAM, description="Wait for the mail that Mailpit captures, and look into it."
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    add_servers(top)
    add_commands(top.add_subparsers(dest="command", title="commands", metavar="", required=True))
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
        "--server", action="append", default=[], metavar="URL", help=f"a Mailpit to listen to (default {DEFAULT_URL})"
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


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands that can be run alone."""
    commands.add_parser("doctor", help="find out what is wrong with the desktop and each server")
    extract = commands.add_parser("extract", help="print the code and the link of mails")
    extract.add_argument(
        "names", nargs="+", metavar="FILE", help="a mail (.eml), - for standard input; IDs with --server"
    )
    wait_options.add_server(extract, "the Mailpit, or the name of a configured one, that has the IDs")
    extract.add_argument("--json", action="store_true", help='one line a mail: {"code": …, "link": …}')
    wait_options.add_wait(commands)
    wait_options.add_send_test(commands)


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
