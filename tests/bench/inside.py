"""Runs the program, or the bare path (`--bare URL`), with one more task on the loop: it notes how long it had to wait.

Seen from outside a busy machine looks like a blocked loop. So three figures are noted for the longest pause: by the
clock; without the time that the thread was ready and had no core (proc(5), schedstat), which is what the program does
to itself, waiting for its other threads included; and the loop's thread's own processor time. Of the recent window's
list the time of each painting is noted, by the second of these clocks. All are printed as JSON when a line comes in on
stdin, and start anew.
"""

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from time import monotonic, thread_time
from typing import Any

import bare_path
from unlimited import lift_limits

SCHEDSTAT = Path("/proc/thread-self/schedstat")
PAUSE = 0.005
"""Seconds that the task sleeps."""


def moment() -> tuple[float, float, float]:
    """Seconds by the clock, of them with a core or without need of one, and of processor time."""
    clock = monotonic()
    return clock, clock - int(SCHEDSTAT.read_text().split()[1]) / 1e9, thread_time()


class Watch:
    """The longest pauses so far, one by each clock of `moment`, and the frames that were painted; all in seconds."""

    def __init__(self) -> None:
        self.longest = [0.0, 0.0, 0.0]
        self.frames: list[float] = []

    async def run(self) -> None:
        """Look at the clocks for ever."""
        while True:
            before = moment()
            await asyncio.sleep(PAUSE)
            slept = (PAUSE, PAUSE, 0)
            took = (now - then - pause for now, then, pause in zip(moment(), before, slept, strict=True))
            self.longest = [max(pair) for pair in zip(self.longest, took, strict=True)]

    def tell(self) -> None:
        """Print and start anew."""
        sys.stdin.readline()
        print(json.dumps({"pauses": self.longest, "frames": self.frames}), flush=True)
        self.longest, self.frames = [0.0, 0.0, 0.0], []

    def frames_of(self, view: type[Any]) -> None:
        """Note how long each painting of views of this class takes."""
        paint = view.paintEvent

        def noted(self_: Any, event: object) -> None:
            began = moment()[1]
            paint(self_, event)
            self.frames.append(moment()[1] - began)

        view.paintEvent = noted


async def watched(work: Coroutine[Any, Any, int | None], watch: Watch) -> int | None:
    """Do the work on a loop that is watched."""
    asyncio.get_running_loop().add_reader(0, watch.tell)
    task = asyncio.create_task(watch.run())
    try:
        return await work
    finally:
        task.cancel()


def hold_rows(count: int) -> None:
    """As if somebody had loaded more again and again."""
    from mailpit_notifier.client.session import Session

    Session.__init__.__kwdefaults__["rows"] = count


def main() -> int | None:
    """Run either, with the arguments that are its own."""
    watch = Watch()
    if "--bare" in sys.argv:
        return asyncio.run(watched(bare_path.main(sys.argv[-1]), watch))
    from mailpit_notifier.app import App  # not for the bare one: its memory is measured
    from mailpit_notifier.main import main as program

    lift_limits()  # the floor has none
    if "--rows" in sys.argv:
        place = sys.argv.index("--rows")
        hold_rows(int(sys.argv.pop(place + 1)))
        del sys.argv[place]
        from mailpit_notifier.ui.window.message_list import MessageList

        watch.frames_of(MessageList)
    run = App.run
    App.run = lambda app: watched(run(app), watch)  # type: ignore[method-assign, assignment, return-value]
    return program()


if __name__ == "__main__":
    sys.exit(main())
