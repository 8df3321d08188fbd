"""Exit codes and parts of the argument parser that all commands share.

`pause -- COMMAND` returns the exit code of its command instead.
"""

import argparse
from typing import Any, TypeAlias

DONE = 0

NO = 1
"""The answer is no: no matching message in time, faults found, not everything deleted, refused by the application."""

FAILED = 2
"""Wrong usage, or a problem of the environment: configuration, file, failed command, application not running."""

NOT_REACHED = 3
"""No server was ever reached."""


Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse gives it no public name


def add_command(commands: Commands, name: str, about: str, **more: Any) -> argparse.ArgumentParser:
    """Add a command. `about` is its line in the list of commands, and its description unless `more` has one."""
    return commands.add_parser(name, help=about, **{"description": f"{about[0].upper()}{about[1:]}."} | more)


def add_server(parser: argparse.ArgumentParser, text: str) -> None:
    """Add --server to a command. Before the command it is accepted too, and used if it is not given here."""
    parser.add_argument("--server", action="append", default=argparse.SUPPRESS, metavar="URL|NAME", help=text)
