"""The commands that need neither Qt nor a running instance, also as a program of their own: `mailpit-wait`.

That one is a single file for CI images, made by `packaging/dev package pyz` of this module and what it imports. What
the commands do is loaded when it is known which is wanted.

The command lines of `wait` and `send-test`. Apart because they are read before it is known what is to be loaded.
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from mailpit_notifier import __version__
from mailpit_notifier.core.pauses import duration
from mailpit_notifier.core.settings import DEFAULT_URL
from mailpit_notifier.protocol.model import RECIPIENT

from .common import Commands, add_command, add_server
from .terminal import clean_terminal

ALL = "all"
TIMEOUT, SINCE = 30.0, 10.0

KINDS = ("id", "url", "code", "link", "text", "raw", "json")
"""What can be printed of a mail."""


def add_wait(commands: Commands) -> None:
    """Add `wait`."""
    wait = add_command(
        commands,
        "wait",
        "wait for a mail, for end-to-end tests",
        usage="%(prog)s [options] [-- COMMAND …]",
        description="Wait until a matching mail is there and print what was asked for. With a command: listen, run it, "
        "and wait for a mail that came after it was started.",
        epilog="All conditions must hold; case is ignored. Addresses may hold * and ?. Every pattern may be a regular "
        "expression: /like this/. Exit codes: 0 done, 1 no matching mail (or, with --none, one) or a command that did "
        "not end in time, 2 wrong usage, the command failed, or the answer "
        "may be wrong because a message is too large to be read whole, 3 no server was ever reached.",
    )
    add_server(wait, "a Mailpit or the name of a configured one, repeatable (default MAILPIT_URL, else all configured)")
    wait.add_argument("--to", metavar="ADDRESS", help="a recipient (To, Cc or Bcc)")
    wait.add_argument("--from", dest="sender", metavar="ADDRESS", help="the sender")
    wait.add_argument("--subject", metavar="WORDS", help="words in the subject")
    wait.add_argument("--text", metavar="WORDS", help="words in the mail's text")
    wait.add_argument(
        "--timeout",
        type=timeout,
        default=TIMEOUT,
        metavar="TIME",
        help="how long to wait, like 10s or 2m (default 30s)",
    )
    wait.add_argument(
        "--since",
        type=since,
        default=SINCE,
        metavar="TIME",
        help="how old a mail may be (default 10s); 0 for only later ones, all for any; not with a command",
    )
    wait.add_argument(
        "--print", dest="kind", choices=KINDS, default="id", help="what to print of the mail (default id)"
    )
    number = wait.add_mutually_exclusive_group()
    number.add_argument("--count", type=count, default=1, metavar="N", help="wait for N mails (default 1)")
    number.add_argument("--none", action="store_true", help="succeed if no matching mail comes until the timeout")


def add_send_test(commands: Commands) -> None:
    """Add `send-test`."""
    send = add_command(commands, "send-test", "send a sample mail with a code and a link into Mailpit")
    add_server(
        send, "a Mailpit or the name of a configured one, repeatable (default MAILPIT_URL, else the first configured)"
    )
    send.add_argument("--to", default=RECIPIENT, metavar="ADDRESS", help=f"its recipient (default {RECIPIENT})")


def timeout(text: str) -> float:
    """Seconds, more than none. Raises argparse.ArgumentTypeError."""
    if not (seconds := duration(text)):
        raise argparse.ArgumentTypeError("must be more than no time, like 10s or 2m")
    return seconds


def since(text: str) -> float | None:
    """An age in seconds, None for any."""
    return None if text == ALL else duration(text)


def count(text: str) -> int:
    """How many. Raises argparse.ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= 100_000):
        raise argparse.ArgumentTypeError("must be a number from 1 to 100000")
    return int(text)


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
    add_wait(commands)
    add_send_test(commands)
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
