"""Runs the phases of a seed, and checks after each that everything is announced once and the rows equal the server's.

The application may run in this process or in its own. A seed always gives the same steps, but their timing relative to
the application varies.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from mailpit_notifier.core.inbox import DEFAULT_ROWS
from mailpit_notifier.protocol.model import Message, message_from
from standin import Server

from .proxy import FaultProxy
from .schedule import Kind, Step, phases
from .stage import Stage, Subject

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

EMPTYING = frozenset({Kind.FORGET, Kind.DELETE_ALL})
"""Leave nothing of a mailbox."""

PATIENCE = 20.0
"""Seconds until everything must be well after the last fault."""


@dataclass
class Report:
    """The result of a campaign."""

    seed: int
    messages: int = 0
    mailbox: int = 0
    hostile: int = 0
    faults: int = 0
    announced: int = 0
    lost: int = 0
    doubled: int = 0
    repeated: int = 0
    kept: int = 0
    complaints: list[str] = field(default_factory=list)
    steps: tuple[Step, ...] = ()

    def __str__(self) -> str:
        counted = ("messages", "hostile", "faults", "announced", "lost", "doubled")
        text = ", ".join(f"{getattr(self, name)} {name}" for name in counted)
        text = f"seed {self.seed}: {text}, {self.repeated} calls in flight at kills, {self.kept} kept by a full disk"
        if self.mailbox:
            text += f", on a mailbox of {self.mailbox}"
        if self.complaints:
            steps = " | ".join(f"{step.kind.value} {step.amount:g}" for step in self.steps)
            text += "".join(f"\n  WRONG: {complaint}" for complaint in self.complaints) + f"\n  after {steps}"
        return text


class Campaign:
    """One server and one application, for any number of phases. `without`: kinds of steps to leave out.

    `mailbox` is how many messages the server has before the program ever sees it. Such a mailbox is not emptied.
    """

    def __init__(
        self,
        server: Server,
        proxy: FaultProxy,
        subject: Subject,
        seed: int,
        *,
        without: Collection[Kind] = (),
        mailbox: int = 0,
        patience: float = PATIENCE,
    ) -> None:
        self.report = Report(seed, mailbox=mailbox)
        self._server = server
        self._subject = subject
        self._ledger = subject.ledger
        self._stage = Stage(server, proxy, subject)
        self._phases = phases(seed)
        self._without = {*without, *EMPTYING} if mailbox else without
        self._patience = patience

    async def run(self, count: int) -> Report:
        """Start the application, run this many phases while nothing is wrong, stop it, and return the result."""
        await self.start()
        for _ in range(count):
            if not await self.phase():
                break
        return await self.end()

    async def start(self) -> None:
        """Start the program for the first time, on a server that has some messages."""
        if self.report.mailbox:
            await asyncio.to_thread(self._server.fill, self.report.mailbox)
        for number in range(3):
            await asyncio.to_thread(self._server.send, f"Before {number}")
        everything = await asyncio.to_thread(self._server.get, "messages?limit=1000000")
        self._ledger.before = frozenset(row["ID"] for row in everything["messages"])
        await self._subject.start()
        self.report.complaints += await self._settled()

    async def phase(self) -> bool:
        """Run the next phase, repair everything and check; return whether nothing is wrong."""
        self.report.steps = tuple(step for step in next(self._phases) if step.kind not in self._without)
        for step in self.report.steps:
            await self._stage.do(step)
            self.report.faults += step.is_fault
        await self._stage.heal()
        self.report.complaints += [*await self._settled(), *self._ledger.complaints()]
        self._take_stock()
        return not self.report.complaints

    async def empty(self) -> None:
        """Delete all messages and let the application catch up: everything that it still keeps is a leak."""
        for kind in (Kind.DELETE_ALL, Kind.RESTART_SERVER):
            await self._stage.do(Step(kind=kind))
        self.report.complaints += await self._settled()

    async def end(self) -> Report:
        """Quit the application; return the result."""
        await self._subject.quit()
        if not self.report.complaints:
            self.report.complaints += self._ledger.complaints()
        self._take_stock()
        return self.report

    def _take_stock(self) -> None:
        self.report.messages = len(self._stage.accepted | self._ledger.announced.keys())
        self.report.announced = self._ledger.announced.total()
        self.report.doubled = len(self._ledger.doubled)
        self.report.repeated = self._ledger.repeated
        self.report.hostile = len(self._stage.hostile)
        self.report.kept = self._ledger.kept

    async def _settled(self) -> list[str]:
        """Wait until nothing is missing; return what still is after PATIENCE."""
        end = monotonic() + self._patience
        while True:
            missing = await self._missing(await asyncio.to_thread(self._stage.newest))
            if not missing or monotonic() > end:
                return missing
            await asyncio.sleep(0.05)

    async def _missing(self, theirs: dict[str, Any]) -> list[str]:
        if not await self._subject.at_rest():
            return ["it does not come to rest"]
        found = []
        lost = self._ledger.lost(row["ID"] for row in theirs["messages"])
        self.report.lost = len(lost)
        if lost:
            found.append(f"lost {len(lost)} of {theirs['total']}, among them {lost[:5]}")
        if self._subject.counts != (theirs["total"], theirs["unread"]):
            found.append(f"counts {self._subject.counts}, the server's {theirs['total'], theirs['unread']}")
        rows = self._subject.rows
        return found if rows is None else found + differences(rows, theirs["messages"])


def differences(ours: Sequence[Message], theirs: Sequence[dict[str, Any]]) -> list[str]:
    """Return differences between the rows and REST. Order within one millisecond is free."""
    rows = [message_from(row, EPOCH) for row in theirs]
    expected = {row.id: row for row in rows}
    last = rows[:DEFAULT_ROWS][-1].created if rows else None
    wanted = {row.id for row in rows[:DEFAULT_ROWS] if row.created != last}
    shown = [row.id for row in ours]
    if len(ours) != min(len(rows), DEFAULT_ROWS) or not wanted <= set(shown) <= expected.keys():
        return [f"{len(ours)} rows, {len(wanted - set(shown))} missing, {len(set(shown) - expected.keys())} too many"]
    found = []
    times = [expected[name].created for name in shown]
    if times != sorted(times, reverse=True):
        found.append("rows in another order")
    if wrong := [row.id for row in ours if (row.read, row.tags) != (expected[row.id].read, expected[row.id].tags)]:
        found.append(f"{len(wrong)} rows with another state")
    return found
