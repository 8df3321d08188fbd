"""The command lines of `wait` and `send-test`. Apart because they are read before it is known what is to be loaded."""

import argparse

from mailpit_notifier.mailpit.sample import RECIPIENT

from .durations import duration
from .parsers import Commands, add_command, add_server

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
