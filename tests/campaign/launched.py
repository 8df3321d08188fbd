"""Runs the program with a journal that also reports its entries, and prints the state for each line on stdin.

    python launched.py RECORD [--quick] ARGUMENTS OF THE PROGRAM

RECORD gets a JSON line for every entry. It is written before the journal: what a kill leaves out of both
is announced again, and nothing is in the journal alone.
"""

import asyncio
import gc
import json
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path[:1] = [
    str(Path(__file__).parents[1]),
    str(Path(__file__).parents[1] / "support"),
]  # not the folder of this file

from campaign.inside import QUICK  # noqa: E402
from campaign.ledger import RecordingJournal  # noqa: E402
from mailpit_notifier import app as app_module  # noqa: E402
from mailpit_notifier.announce import journal as journals  # noqa: E402
from mailpit_notifier.announce.journal import Journal  # noqa: E402
from mailpit_notifier.announce.timing import Timing  # noqa: E402
from mailpit_notifier.app import App  # noqa: E402
from mailpit_notifier.main import main  # noqa: E402
from mailpit_notifier.servers.servers import Servers  # noqa: E402
from mailpit_notifier.servers.timing import Timing as ServersTiming  # noqa: E402

run_app = App.run


def recording(record: str) -> Callable[[Path, Callable[[OSError], None]], Journal]:
    """Makes journals that also write to this file."""
    file = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def append(ids: tuple[str, ...], announced: bool) -> None:
        os.write(file, json.dumps({"ids": ids, "announced": announced}).encode() + b"\n")

    return partial(RecordingJournal, on_recorded=append)


def figures() -> dict[str, float]:
    """Return figures that must not grow."""
    gc.collect()
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return {
        "MiB": round(resident / 2**20, 1),
        "threads": threading.active_count(),
        "files": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "None": sys.getrefcount(None),
        "True": sys.getrefcount(True),
        "objects": len(gc.get_objects()),
    }


async def run_observed(app: App) -> int:
    """Run the application."""
    asyncio.get_running_loop().add_reader(0, tell)
    return await run_app(app)


def tell() -> None:
    """Print the state for each line on stdin; stop at its end."""
    if sys.stdin.readline():
        print(json.dumps(figures()), flush=True)
    else:
        asyncio.get_running_loop().remove_reader(0)


if __name__ == "__main__":
    journals.Journal = recording(sys.argv.pop(1))  # type: ignore[misc, assignment]
    App.run = run_observed  # type: ignore[method-assign, assignment]
    if sys.argv[1] == "--quick":
        sys.argv.pop(1)
        timing = QUICK
    else:  # the account is simpler when all summaries of a run are one
        timing = ServersTiming(announce=Timing(one_summary=1e9))
    app_module.Servers = partial(Servers, timing=timing)  # type: ignore[misc, assignment]
    sys.exit(main())
