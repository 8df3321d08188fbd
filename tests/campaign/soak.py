"""A long campaign: `packaging/dev soak --minutes N [--messages N --faults N] [--seed S]`.

One program runs from the first to the last minute, with the waiting times of users, and prints each minute figures that
must not grow. It is not killed, but gets all other faults. Beside it, campaign after campaign: mostly with the
program in this process, where an hour of faults takes a minute, and sometimes with one that is really killed.
"""

import argparse
import asyncio
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager, AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

sys.path[:1] = [
    str(Path(__file__).parents[1]),
    str(Path(__file__).parents[1] / "support"),
]  # not the folder of this file

from campaign.campaign import Report  # noqa: E402
from campaign.outside import Launched  # noqa: E402
from campaign.scenes import LARGE, ROOMY, inside, outside  # noqa: E402
from campaign.schedule import Kind  # noqa: E402
from notification_service import NotificationService, PrivateBus, private_bus  # noqa: E402
from program import virtual_display  # noqa: E402
from standin import MAILPIT_BIN, RealMailpit, StandIn  # noqa: E402

PHASES = 12
"""Phases of a campaign before the next begins with a new server."""

LARGE_EACH = 4
"""Of so many campaigns, one begins with a large mailbox."""

KILLED_EACH = 5
"""One in this many campaigns runs the application in its own process."""

BETWEEN_FIGURES = 60.0

UNHURT = frozenset({Kind.KILL, Kind.QUIT})


@dataclass(frozen=True, kw_only=True)
class Goal:
    """When to stop: at a time of the monotonic clock, or after this many messages and faults."""

    seed: int
    end: float
    messages: int
    faults: int

    def reached(self, reports: Sequence[Report]) -> bool:
        """Return whether this is enough."""
        messages, faults = (sum(getattr(report, name) for report in reports) for name in ("messages", "faults"))
        counted = self.messages + self.faults > 0 and messages >= self.messages and faults >= self.faults
        return counted or monotonic() > self.end


class Soak:
    """A soak run. Keeps all reports; `display` and the buses are the desktops of the two applications."""

    def __init__(self, goal: Goal, display: str, folder: Path, buses: tuple[PrivateBus, PrivateBus]) -> None:
        self.reports: list[Report] = []
        self._seed = goal.seed
        self._goal = goal
        self._display = display
        self._folder = folder
        self._buses = buses

    async def run(self) -> None:
        """Run both until it is enough or something is wrong."""
        await asyncio.gather(self._long(), self._short())

    @property
    def _goes_on(self) -> bool:
        return not self._goal.reached(self.reports) and not any(report.complaints for report in self.reports)

    async def _long(self) -> None:
        with server() as mailpit, NotificationService(self._buses[0].address) as service:
            program = self._launched("long", self._buses[0], quick=False)
            async with outside(mailpit, program, service, self._seed, without=UNHURT) as campaign:
                self.reports.append(campaign.report)
                await campaign.start()
                last_report = float("-inf")
                while self._goes_on and await campaign.phase():
                    if monotonic() - last_report > BETWEEN_FIGURES:
                        last_report = monotonic()
                        await campaign.empty()
                        figures = await asyncio.to_thread(program.figures)
                        say(f"figures after {campaign.report.messages} messages, on an empty server: {figures}")
                say(f"the long one, {await campaign.end()}")

    async def _short(self) -> None:
        seed = self._seed
        while self._goes_on:
            seed += 1
            async with AsyncExitStack() as stack:
                mailpit = stack.enter_context(server())
                mailbox = LARGE if (seed - self._seed) % LARGE_EACH == LARGE_EACH // 2 else 0
                if seed % KILLED_EACH:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=self._folder)))
                    campaign = await stack.enter_async_context(inside(mailpit, folder, seed, mailbox))
                else:
                    service = stack.enter_context(NotificationService(self._buses[1].address))
                    program = self._launched(str(seed), self._buses[1], quick=True)
                    campaign = await stack.enter_async_context(
                        outside(mailpit, program, service, seed, mailbox=mailbox)
                    )
                self.reports.append(campaign.report)
                say(str(await campaign.run(PHASES)))

    def _launched(self, name: str, bus: PrivateBus, *, quick: bool) -> Launched:
        folder = self._folder / name
        folder.mkdir()
        return Launched(folder, display=self._display, bus=bus.address, quick=quick)


def server() -> StandIn | RealMailpit:
    """Create a server."""
    return RealMailpit(limit=ROOMY) if MAILPIT_BIN else StandIn(limit=ROOMY)


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)


def main() -> int:
    """Run and print the totals; return 1 if something was wrong."""
    parser = argparse.ArgumentParser(prog="packaging/dev soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--messages", type=int, default=0, help="end earlier, with so many messages")
    parser.add_argument("--faults", type=int, default=0, help="and so many faults")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    logging.disable(logging.WARNING)  # the log of the program about all these faults
    say(f"{'A real Mailpit' if MAILPIT_BIN else 'The stand-in'}, {options.minutes:g} minutes, seed {options.seed}.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak", ignore_cleanup_errors=True)))
        display = stack.enter_context(virtual_display())
        buses = stack.enter_context(a_bus(folder / "1")), stack.enter_context(a_bus(folder / "2"))
        end = monotonic() + options.minutes * 60
        goal = Goal(seed=options.seed, end=end, messages=options.messages, faults=options.faults)
        soak = Soak(goal, display, folder, buses)
        asyncio.run(soak.run())
    return sum_up(soak.reports)


def a_bus(folder: Path) -> AbstractContextManager[PrivateBus]:
    """Run a session bus in its own folder."""
    folder.mkdir()
    return private_bus(folder)


def sum_up(reports: list[Report]) -> int:
    """Print the totals."""
    fields = ("messages", "hostile", "faults", "announced", "lost", "doubled", "repeated", "kept")
    total = {name: sum(getattr(report, name) for report in reports) for name in fields}
    say(f"{len(reports)} campaigns: " + ", ".join(f"{count} {name}" for name, count in total.items()))
    wrong = [report.seed for report in reports if report.complaints]
    say(f"WRONG with the seeds {wrong}." if wrong else "Nothing was wrong.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
