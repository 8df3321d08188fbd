"""The commands that need neither Qt nor a running application. They are also a separate program, `mailpit-wait`.

`packaging/dev package pyz` makes that a single file for CI images, from this module and everything that it imports.
This module only parses their command lines. The code of a command is loaded only if it is run.
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from mailpit_notifier import __version__
from mailpit_notifier.core.pauses import duration
from mailpit_notifier.core.settings import DEFAULT_URL
from mailpit_notifier.protocol.model import RECIPIENT
from mailpit_notifier.runtime.openssl import import_without_openssl

from .common import Commands, add_command, add_server, clean_terminal, with_output
from .usage import Once, Parser, UsageError, explain

ALL = "all"
TIMEOUT, SINCE, STEADY = 30.0, 10.0, 10.0

KINDS = ("id", "url", "code", "link", "text", "html", "headers", "attachments", "raw", "json")
"""Values of `wait --print`."""


def add_wait(commands: Commands) -> None:
    """Add the command `wait`."""
    wait = add_command(
        commands,
        "wait",
        "wait for a message, for end-to-end tests",
        usage="%(prog)s [options] [-- COMMAND …]",
        description="Wait until a matching message arrives and print its ID, or what --print selects. With a "
        "command: listen, run the command, and wait for a message that arrived after it was started.",
        epilog="All conditions must match; case is ignored. Addresses, links and codes may contain * and ?. Every "
        "pattern may be a regular expression: /like this/. Exit codes: 0 done, 1 no matching message (or one, with "
        "--none; or more than N, with --exactly N) or a command that did not end in time, 2 wrong usage, or the answer "
        "may be wrong because a message is too large to be read whole, 3 no server was ever reached, 4 the command "
        "after -- failed.",
    )
    add_server(wait, "address or configured name of a server, repeatable (default MAILPIT_URL, else all configured)")
    wait.add_argument("--to", action=Once, metavar="ADDRESS", help="a recipient (To, Cc or Bcc)")
    wait.add_argument("--from", action=Once, dest="sender", metavar="ADDRESS", help="the sender")
    wait.add_argument("--subject", action=Once, metavar="WORDS", help="words in the subject")
    wait.add_argument("--text", action=Once, metavar="WORDS", help="words in the text")
    wait.add_argument(
        "--link", action=Once, metavar="PATTERN", help="a link; the first one that matches is the one to print"
    )
    wait.add_argument(
        "--code", action=Once, metavar="PATTERN", help="a code: the first word that matches, which is then printed"
    )
    wait.add_argument(
        "--timeout",
        type=timeout,
        default=TIMEOUT,
        metavar="TIME",
        help="how long to wait, for example 10s or 2m (default 30s)",
    )
    wait.add_argument(
        "--since",
        type=since,
        default=SINCE,
        metavar="TIME",
        help="maximum age of a message (default 10s); 0: only new ones, all: any age; ignored with a command",
    )
    wait.add_argument(
        "--print",
        dest="kind",
        action=Once,
        choices=KINDS,
        help="what to print of the message (default id; link with --link, code with --code)",
    )
    wait.add_argument(
        "--save",
        action=Once,
        type=folder,
        metavar="DIR",
        help="write the attachments into this folder and print their list; files that exist are kept",
    )
    number = wait.add_mutually_exclusive_group()
    number.add_argument("--count", type=count, default=1, metavar="N", help="wait for N messages (default 1)")
    number.add_argument(
        "--exactly", type=count, metavar="N", help="as --count, and fail if more arrive within 2 s after the last one"
    )
    number.add_argument("--none", action="store_true", help="succeed if no matching message arrives before the timeout")


def add_send_test(commands: Commands) -> None:
    """Add `send-test`."""
    send = add_command(commands, "send-test", "send a sample message with a code and a link to Mailpit")
    add_server(
        send, "address or configured name of a server, repeatable (default MAILPIT_URL, else the first configured)"
    )
    send.add_argument("--to", default=RECIPIENT, metavar="ADDRESS", help=f"recipient (default {RECIPIENT})")


def watch(text: str) -> float:
    """Parse a duration, which may be 0; return seconds. Raises argparse.ArgumentTypeError."""
    return float(duration(text))


def timeout(text: str) -> float:
    """Parse a duration above 0; return seconds. Raises argparse.ArgumentTypeError."""
    if not (seconds := duration(text)):
        raise argparse.ArgumentTypeError("must be longer than 0, for example 10s or 2m")
    return seconds


def since(text: str) -> float | None:
    """Parse a maximum age; return seconds, None for any age. Raises argparse.ArgumentTypeError."""
    return None if text == ALL else duration(text)


def folder(text: str) -> Path:
    """Parse the path of a folder. Raises argparse.ArgumentTypeError for "", such as the value of an unset variable."""
    if not text:
        raise argparse.ArgumentTypeError("must be a folder")
    return Path(text)


def count(text: str) -> int:
    """Parse a number of messages. Raises argparse.ArgumentTypeError."""
    text = text.lstrip("0")
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= 100_000):
        raise argparse.ArgumentTypeError("must be a number from 1 to 100000")
    return int(text)


PROGRAM = "mailpit-wait"
COMMANDS = frozenset({"doctor", "extract", "send-test", "wait"})
ORDER = 'These options go before the command. "COMMAND --help" shows the options that go after it.'


def main(argv: Sequence[str] | None = None) -> int:
    """Run `mailpit-wait`; return the exit code."""
    clean_terminal()
    return with_output(lambda: run(parsed(sys.argv[1:] if argv is None else argv), here=False))


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line of `mailpit-wait`. Raises SystemExit for one that is not valid."""
    top = Parser(
        prog=PROGRAM,
        usage="%(prog)s [options] COMMAND …",
        description="Wait for messages that Mailpit captures, and read them.",
        epilog=ORDER,
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    add_servers(top)
    add_commands(top.add_subparsers(prog=PROGRAM, dest="command", title="commands", metavar="COMMAND", required=True))
    return read(top, argv, with_words={"wait"})


def run(options: argparse.Namespace, *, here: bool) -> int:
    """Run one of these commands; return the exit code. `here`: the application runs on this machine, with a desktop."""
    if options.command == "wait":
        import_without_openssl("asyncio", "http.client", "websocket")
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
    """Add the options that select servers."""
    top.add_argument(
        "--server",
        action="append",
        default=[],
        metavar="URL",
        help=f"address of a Mailpit server, repeatable (default MAILPIT_URL, else as configured, else {DEFAULT_URL})",
    )
    top.add_argument(
        "--config",
        type=named_file,
        metavar="FILE",
        help="use this configuration file, which must exist",
    )


def named_file(name: str) -> Path:
    """Return the path of a file that must exist. Raises argparse.ArgumentTypeError."""
    path = Path(name)
    try:
        path.stat()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {path}: {error.strerror}.") from None
    return path


def add_commands(commands: Commands) -> None:
    """Add the commands of this module."""
    add_wait(commands)
    add_send_test(commands)
    extract = add_command(commands, "extract", "print the code and the link of messages")
    extract.add_argument(
        "names",
        nargs="+",
        metavar="FILE",
        help="a message (.eml), or - for standard input; with --server, the ID of a message",
    )
    add_server(extract, "address or configured name of the server that has these IDs")
    extract.add_argument("--json", action="store_true", help='print a line for each message: {"code": …, "link": …}')
    doctor = add_command(commands, "doctor", "find problems and show how to fix them")
    add_server(
        doctor,
        "address or configured name of a server, repeatable (default MAILPIT_URL, else those of the running "
        "application, else all configured)",
    )
    doctor.add_argument(
        "--watch",
        type=watch,
        default=STEADY,
        metavar="TIME",
        help="how long to watch whether live updates are cut off, for example 90s (default 10s); 0: do not wait",
    )


def read(top: Parser, argv: Sequence[str], *, with_words: Collection[str]) -> argparse.Namespace:
    """Parse the command line. Prints an error and raises SystemExit for wrong usage.

    Everything after `--` is the user's command and goes to `words` unparsed. Only the commands in `with_words` accept
    one.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    try:
        options = top.parse_args(argv[:end])
    except UsageError as error:
        error = explain(top, argv[:end]) or error
        error.parser.exit_with(str(error))
    options.words = list(argv[end + 1 :])
    if end < len(argv) and options.command not in with_words:
        top.exit_with(f"only {' and '.join(sorted(with_words, reverse=True))} can be followed by -- and a command")
    if end < len(argv) and not options.words:
        top.exit_with("the command after -- is missing")
    return options
