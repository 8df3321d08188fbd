"""Runs the application, or the bare path (`--bare URL`), with a task that measures how long the loop is blocked.

Seen from outside, a busy machine cannot be distinguished from a blocked loop. So the longest pause is recorded by three
clocks: wall clock; wall clock without the time in which the thread was ready but had no core (proc(5), schedstat),
which includes waiting for other threads of the process; and processor time of the thread. The second clock also
measures each painting of the message list. A line on stdin prints all as JSON and resets them.
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
    """Return seconds by the three clocks: wall, wall without waiting for a core, processor."""
    clock = monotonic()
    return clock, clock - int(SCHEDSTAT.read_text().split()[1]) / 1e9, thread_time()


class Watch:
    """The longest pauses so far by each clock of `moment`, and the painting times; all in seconds."""

    def __init__(self) -> None:
        self.longest = [0.0, 0.0, 0.0]
        self.frames: list[float] = []

    async def run(self) -> None:
        """Check the clocks until cancelled."""
        while True:
            before = moment()
            await asyncio.sleep(PAUSE)
            slept = (PAUSE, PAUSE, 0)
            took = (now - then - pause for now, then, pause in zip(moment(), before, slept, strict=True))
            self.longest = [max(pair) for pair in zip(self.longest, took, strict=True)]

    def tell(self) -> None:
        """Print the figures and reset them."""
        sys.stdin.readline()
        print(json.dumps({"pauses": self.longest, "frames": self.frames}), flush=True)
        self.longest, self.frames = [0.0, 0.0, 0.0], []

    def frames_of(self, view: type[Any]) -> None:
        """Record how long each painting of this view class takes."""
        paint = view.paintEvent

        def noted(self_: Any, event: object) -> None:
            began = moment()[1]
            paint(self_, event)
            self.frames.append(moment()[1] - began)

        view.paintEvent = noted


async def watched(work: Coroutine[Any, Any, int | None], watch: Watch) -> int | None:
    """Run the program on a measured loop."""
    asyncio.get_running_loop().add_reader(0, watch.tell)
    task = asyncio.create_task(watch.run())
    try:
        return await work
    finally:
        task.cancel()


def hold_rows(count: int) -> None:
    """Act as if the user loaded more rows again and again."""
    from mailpit_notifier.client.session import Session

    Session.__init__.__kwdefaults__["rows"] = count


def main() -> int | None:
    """Run the application or the bare path with its arguments."""
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
