"""The command line: every command and option. What they do is loaded when it is known what is asked for."""

import argparse
from collections.abc import Sequence

from mailpit_notifier import APP_ID, APP_NAME, __version__

from . import standalone
from .common import Commands, add_command
from .remote import pause_time


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Read the command line; ends the process with a sentence where it is wrong."""
    top = parser()
    options = standalone.read(top, argv, with_words={"wait", "pause"})
    if options.command and options.command not in standalone.COMMANDS and (options.server or options.config):
        top.error(f"{options.command} takes neither --server nor --config")
    return options


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog=APP_ID,
        usage="%(prog)s [options] [COMMAND …]",
        description="A desktop notification for every mail that Mailpit captures. Without a command it starts with an "
        "icon in the tray, or shows the window of the instance that runs.",
        epilog=standalone.ORDER,
    )
    top.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    standalone.add_servers(top)
    top.add_argument("--hidden", action="store_true", help="start without showing the window")
    top.add_argument("--demo", action="store_true", help="listen to a stand-in that sends sample mails")
    top.add_argument(
        "--log-level",
        default="warning",
        choices=["debug", "info", "warning", "error"],
        help="how much is written to the terminal and to log.txt (default warning)",
    )
    top.add_argument("--print-notifications", action="store_true", help=argparse.SUPPRESS)
    top.add_argument("--selftest", action="store_true", help=argparse.SUPPRESS)
    commands = top.add_subparsers(prog=APP_ID, dest="command", title="commands", metavar="COMMAND")
    add_remote(commands)
    standalone.add_commands(commands)
    autostart = add_command(commands, "autostart", "switch the start at login on or off, or say which it is")
    autostart.add_argument(
        "wanted", nargs="?", choices=["on", "off"], metavar="on|off", help="without it, nothing is changed"
    )
    add_command(commands, "forget", "remove configuration, state, passwords and what else was put on this machine")
    return top


def add_remote(commands: Commands) -> None:
    """Add the commands to the running instance."""
    add_command(commands, "show", "show the window with recent mail")
    status = add_command(commands, "status", "say how the servers are doing")
    status.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_command(commands, "open", "open the newest mail in the browser")
    add_command(commands, "copy", "copy the code of the newest mail")
    add_command(commands, "link", "open the link in the newest mail")
    pause = add_command(
        commands,
        "pause",
        "no notifications for a while, or while a command runs",
        usage="%(prog)s [TIME | -- COMMAND …]",
        epilog="What comes meanwhile is counted in one notification at the end. "
        "With a command, the exit code is the command's.",
    )
    pause.add_argument(
        "time",
        nargs="?",
        type=pause_time,
        default="3600",
        metavar="TIME",
        help="like 15m or 2h; tomorrow, forever (default 1h)",
    )
    add_command(commands, "resume", "notifications again")
    add_command(commands, "quit", "end the running program")
