"""Takes pictures of the program on a private desktop: `packaging/dev screenshots [FOLDER] [KIND …]`.

The kinds are the names of the functions below; by default all pictures are taken. This takes a few minutes and is not a
test: the pictures must be checked by a person.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [
    str(HERE.parent),
    str(HERE.parent / "support"),
    str(HERE.parent / "desktop"),
    str(HERE.parents[1] / "packaging"),
]

import panels  # noqa: E402
import windows  # noqa: E402
from desk import Desk, desk  # noqa: E402

from notification_service import NotificationService  # noqa: E402

FOLDER = HERE.parents[1] / "build/screenshots"

KINDS: dict[Callable[[Desk], None], bool] = {
    windows.recent_mail: True,
    windows.quick_look: True,
    windows.several_servers: True,
    windows.nothing_there: True,
    windows.password_dialog: True,
    windows.hostile_mail: True,
    windows.settings: True,
    windows.first_start: True,
    panels.tray: True,
    panels.notifications: False,
}
"""Return whether there is a notification service without display: without any, the window shows a warning."""


def main(arguments: list[str]) -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="default: build/screenshots")
    names = [take.__name__ for take in KINDS]
    parser.add_argument("kind", nargs="*", help=", ".join(names))
    options = parser.parse_args(arguments)
    if unknown := set(options.kind) - set(names):
        parser.error(f"There is no kind {', '.join(sorted(unknown))}, but {', '.join(names)}.")
    options.folder.mkdir(parents=True, exist_ok=True)
    for take, with_service in KINDS.items():
        if take.__name__ in options.kind or not options.kind:
            _take(take, options.folder.resolve(), with_service=with_service)
    return 0


def _take(take: Callable[[Desk], None], folder: Path, *, with_service: bool) -> None:
    with ExitStack() as stack:
        found = stack.enter_context(desk(folder))
        if with_service:
            stack.enter_context(NotificationService(found.environment["DBUS_SESSION_BUS_ADDRESS"]))
        take(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
