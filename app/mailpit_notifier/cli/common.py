"""The exit codes that all commands share; a command that is run for somebody hands on its own.

How a command and the choice of servers get onto a command line. Apart because each of its parts adds commands.
"""

import argparse
from typing import Any, TypeAlias

DONE = 0

NO = 1
"""The answer is no: no such mail in time, faults found, not all removed, refused by the running instance."""

FAILED = 2
"""Wrong usage, or something around us: the configuration, a file, a command that failed, nobody to ask."""

NOT_REACHED = 3
"""No server was ever reached."""


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - it has no public name


def add_command(commands: Commands, name: str, about: str, **more: Any) -> argparse.ArgumentParser:
    """Add one; what the list of commands says of it, its own help and the manual say, too, unless they know more."""
    return commands.add_parser(name, help=about, **{"description": f"{about[0].upper()}{about[1:]}."} | more)


def add_server(parser: argparse.ArgumentParser, text: str) -> None:
    """Add --server to a command. It may also stand before it, which counts where it does not stand here."""
    parser.add_argument("--server", action="append", default=argparse.SUPPRESS, metavar="URL|NAME", help=text)
