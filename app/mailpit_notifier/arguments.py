"""The command line: every command and option. What they do is loaded when it is known what is asked for."""

import argparse
from collections.abc import Sequence

from . import APP_ID, APP_NAME, __version__
from .cli import alone
from .cli.pausing import pause_time


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with a sentence where it is wrong."""
    top = parser()
    options = alone.read(top, argv, with_words={"wait", "pause"})
    if options.command and options.command not in alone.COMMANDS and (options.server or options.config):
        top.error(f"{options.command} takes neither --server nor --config")
    return options


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog=APP_ID, description="A desktop notification for every mail that Mailpit captures."
    )
    top.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    alone.add_servers(top)
    top.add_argument("--hidden", action="store_true", help="start without showing the window")
    top.add_argument("--demo", action="store_true", help="listen to a stand-in that sends sample mails")
    top.add_argument("--log-level", default="warning", choices=["debug", "info", "warning", "error"])
    top.add_argument("--print-notifications", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--selftest", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(dest="command", title="commands", metavar="")
    commands.add_parser("show", help="show the window with recent mail")
    alone.add_commands(commands)
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
    autostart = commands.add_parser("autostart", help="start at login, or not; without a word: say which")
    autostart.add_argument("wanted", nargs="?", choices=["on", "off"], metavar="on|off")
    commands.add_parser("forget", help="remove configuration, state, passwords and what else was put on this machine")
    status = commands.add_parser("status", help="say how the servers are doing")
    status.add_argument("--json", action="store_true", help="for programs")
    return top
