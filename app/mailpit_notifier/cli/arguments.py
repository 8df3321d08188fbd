"""The parser of the command line: all commands and options. The code of a command is loaded only if it is run."""

import argparse
from collections.abc import Sequence

from mailpit_notifier import APP_ID, APP_NAME, __version__

from . import standalone
from .common import Commands, add_command
from .remote import pause_time
from .usage import Parser


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the command line. Wrong usage ends the process with a sentence."""
    top = parser()
    options = standalone.read(top, argv, with_words={"wait", "pause"})
    if options.command and options.command not in standalone.COMMANDS and (options.server or options.config):
        top.exit_with(f"{options.command} does not accept --server or --config")
    if options.command and (options.hidden or options.demo):
        top.exit_with(f"--hidden and --demo start the program, so they cannot be used with {options.command}")
    if options.demo and (options.server or options.config):
        top.exit_with("--demo connects only to its own server, so --server and --config cannot be used with it")
    return options


def parser() -> Parser:
    """Return the parser."""
    top = Parser(
        prog=APP_ID,
        usage="%(prog)s [options] [COMMAND …]",
        description="Shows a desktop notification for every message that Mailpit captures. Without a command, it "
        "starts the application with a tray icon, or shows the window if the application is running.",
        epilog=standalone.ORDER,
    )
    top.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    standalone.add_servers(top)
    top.add_argument("--hidden", action="store_true", help="start without showing the window")
    top.add_argument("--demo", action="store_true", help="start a demo server that sends sample messages")
    top.add_argument(
        "--log-level",
        default="warning",
        choices=["debug", "info", "warning", "error"],
        help="detail of the log, on the terminal and in log.txt (default warning)",
    )
    top.add_argument("--print-notifications", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--selftest", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--after-upgrade", action="store_true", help=argparse.SUPPRESS)  # by the installer on Windows
    commands = top.add_subparsers(prog=APP_ID, dest="command", title="commands", metavar="COMMAND")
    add_remote(commands)
    standalone.add_commands(commands)
    autostart = add_command(commands, "autostart", "turn starting at login on or off, or show whether it is on")
    autostart.add_argument(
        "wanted", nargs="?", choices=["on", "off"], metavar="on|off", help="without it, only show the setting"
    )
    add_command(commands, "forget", "delete all settings, passwords and data")
    return top


def add_remote(commands: Commands) -> None:
    """Add the commands for the running application."""
    add_command(commands, "show", "show the window with recent messages")
    status = add_command(commands, "status", "show the state of the servers")
    status.add_argument("--json", action="store_true", help="print JSON")
    add_command(commands, "open", "open the newest message in the browser")
    add_command(commands, "copy", "copy the code of the newest message")
    add_command(commands, "link", "open the link in the newest message")
    pause = add_command(
        commands,
        "pause",
        "pause notifications for a time, or while a command runs",
        usage="%(prog)s [TIME | -- COMMAND …]",
        epilog="A summary of the messages received meanwhile is shown at the end. "
        "With a command, the exit code is that of the command.",
    )
    pause.add_argument(
        "time",
        nargs="?",
        type=pause_time,
        default="1h",
        metavar="TIME",
        help="15m, 2h, tomorrow or forever, for example (default 1h)",
    )
    pause.add_argument("--until-eof", action="store_true", help=argparse.SUPPRESS)  # used from within WSL
    add_command(commands, "resume", "resume notifications")
    leave = add_command(commands, "quit", "quit the running application")
    leave.add_argument("--for-upgrade", action="store_true", help=argparse.SUPPRESS)  # by the installer on Windows
