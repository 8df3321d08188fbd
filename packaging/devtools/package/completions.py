"""Run as a script: writes shell completions for bash, zsh and fish below a folder `share`.

shtab makes them from the parser of `--help`. It is a build tool and is not shipped.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import shtab

from mailpit_notifier import APP_ID
from mailpit_notifier.cli.arguments import parser

COMPLETED = {"FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
"""By the name of a value in --help: what is completed."""

PLACES = {
    "bash": f"bash-completion/completions/{APP_ID}",
    "zsh": f"zsh/site-functions/_{APP_ID}",
    "fish": f"fish/vendor_completions.d/{APP_ID}.fish",
}


def completion(shell: str) -> str:
    """Return the script for a shell of PLACES."""
    top = parser()
    for action in _actions(top):
        if complete := COMPLETED.get(str(action.metavar)):
            action.complete = complete  # type: ignore[attr-defined] # read by shtab
    return shtab.complete(top, shell)


def write(share: Path) -> None:
    """Write the scripts of all shells."""
    for shell, place in PLACES.items():
        target = share / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(completion(shell), "utf-8")


def _actions(top: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in top._actions:  # noqa: SLF001 - argparse has no public way to its options
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
            for command in action.choices.values():
                yield from _actions(command)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
