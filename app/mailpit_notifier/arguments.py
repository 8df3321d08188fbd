"""The command line: every command and option. What they do is loaded when it is known what is asked for."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from . import APP_ID, APP_NAME, __version__
from .cli import wait_options
from .cli.pausing import pause_time
from .core.settings import DEFAULT_URL


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with a sentence where it is wrong.

    What stands behind `--` is a command of the user's, in `words`, and nothing of it is ours to read.
    """
    end = argv.index("--") if "--" in argv else len(argv)
    top = parser()
    options = top.parse_args(argv[:end])
    options.words = list(argv[end + 1 :])
    if end < len(argv) and options.command not in {"wait", "pause"}:
        top.error("only wait and pause take a command after --")
    return options


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog=APP_ID, description="A desktop notification for every mail that Mailpit captures."
    )
    top.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    top.add_argument(
        "--server", action="append", default=[], metavar="URL", help=f"a Mailpit to listen to (default {DEFAULT_URL})"
    )
    top.add_argument("--config", type=Path, metavar="FILE", help="another configuration than the usual config.toml")
    top.add_argument("--hidden", action="store_true", help="start without showing the window")
    top.add_argument("--demo", action="store_true", help="listen to a stand-in that sends sample mails")
    top.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    top.add_argument("--print-notifications", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", title="commands", metavar="")
    commands.add_parser("show", help="show the window with recent mail")
    commands.add_parser("doctor", help="find out what is wrong with the desktop and each server")
    extract = commands.add_parser("extract", help="print the code and the link of mails")
    extract.add_argument(
        "names", nargs="+", metavar="FILE", help="a mail (.eml), - for standard input; IDs with --server"
    )
    extract.add_argument(
        "--server", dest="extract_server", default="", metavar="URL", help="the Mailpit that has the IDs"
    )
    extract.add_argument("--json", action="store_true", help='one line a mail: {"code": …, "link": …}')
    wait_options.add_wait(commands)
    wait_options.add_send_test(commands)
    pause = commands.add_parser(
        "pause",
        help="no notifications for a while, or while a command runs",
        usage="%(prog)s [TIME] [-- COMMAND …]",
        epilog="What comes meanwhile is counted in one notification at the end.",
    )
    pause.add_argument(
        "time", nargs="?", type=pause_time, default="3600", metavar="TIME", help="15m, 1h (default), tomorrow, forever"
    )
    commands.add_parser("resume", help="notifications again")
    commands.add_parser("open", help="open the newest mail in the browser")
    commands.add_parser("copy", help="copy the code of the newest mail")
    commands.add_parser("link", help="open the link in the newest mail")
    commands.add_parser("quit", help="end the running program")
    status = commands.add_parser("status", help="say how the servers are doing")
    status.add_argument("--json", action="store_true", help="for programs")
    return top
