"""Runs the application in its own process with a desktop on D-Bus, so that it can really be killed."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from notification_service import NotificationService
from program import Program, wait_until

from .ledger import Ledger, Screen

LAUNCHED = Path(__file__).parent / "launched.py"
PRINTED = "Notification: "
HELD = 0.4
"""Seconds that a slow desktop takes to answer; after five, the application gives up."""


class Launched(Program):
    """The application with a recording journal, which writes to `record`."""

    ready_line = ""  # its log has less

    def __init__(self, folder: Path, *, display: str, bus: str, quick: bool) -> None:
        super().__init__(folder, display=display, bus=bus)
        self.record = folder / "recorded.jsonl"
        self._options = ["--quick"] if quick else []

    def launch(self, *arguments: str) -> None:
        """Start it without waiting."""
        command = [sys.executable, str(LAUNCHED), str(self.record), *self._options, "--log-level", "info", *arguments]
        with (self.folder / "stdout.txt").open("w") as out, (self.folder / "stderr.txt").open("a") as err:
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(
                command, env=self.environment, stdin=pipe, stdout=out, stderr=err, text=True
            )

    def status(self) -> dict[str, Any] | None:
        """Return the output of `status --json`, None if nothing answers."""
        answer = self.ask("status")
        return dict(answer.data) if answer else None

    def forget(self) -> None:
        """Wait for the end of the process."""
        if self.process and self.process.stdin:
            self.process.stdin.close()
        self.process = None

    def figures(self) -> dict[str, Any]:
        """Figures that must not grow."""
        before = len(self._reports())
        assert self.process
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        wait_until(lambda: len(self._reports()) > before, "figures")
        return dict(json.loads(self._reports()[-1]))

    def _reports(self) -> list[str]:
        return [line for line in self.output if line.startswith("{") and line.endswith("}")]


class OutProcess:
    """Runs of the application one after another with the same state."""

    rows = None

    def __init__(self, program: Launched, service: NotificationService, url: str, ledger: Ledger) -> None:
        self.ledger = ledger
        self.program = program
        self._service = service
        self._url = url
        self._server: dict[str, Any] = {}
        self._heard = len(service.named("Notify"))  # of runs that have ended
        self._read = 0  # lines of the record
        self._calls = self._notes = 0  # of this run
        self._unanswered = 0  # at most so many calls of this run have no answer

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self.program.process is not None

    @property
    def counts(self) -> tuple[int | None, int | None]:
        """Total and unread of its last status."""
        return self._server.get("total"), self._server.get("unread")

    async def at_rest(self) -> bool:
        """Return whether it is connected, and has recorded everything it has announced."""
        self._server = await asyncio.to_thread(self._ask)
        await asyncio.to_thread(self._account)
        return self._server.get("state") == "connected" and self._calls - self._notes <= self._unanswered

    async def start(self) -> None:
        """Start it, and wait until it answers: before that it cannot be ended properly."""
        await asyncio.to_thread(self.program.start, "--hidden", "--server", self._url)

    async def quit(self) -> None:
        """Quit it."""
        if self.running:
            assert await asyncio.to_thread(self.program.end) == 0
            await asyncio.to_thread(self._end)

    async def kill(self) -> None:
        """Kill it."""
        if self.running:
            await asyncio.to_thread(self.program.kill)
            await asyncio.to_thread(self._account)
            self._retract()
            self.ledger.allowed += min(1, max(0, self._calls - self._notes))
            await asyncio.to_thread(self._end)

    async def set_slow(self, slow: bool) -> None:
        """Delay the answers of the desktop, or let another one take over; calls to the old one may get no answer."""
        if slow:
            await asyncio.to_thread(self._service.do, "hang")
            await asyncio.sleep(HELD)
            await asyncio.to_thread(self._service.do, "hang", hanging=False)
        else:
            self.ledger.allowed += 1
            self._unanswered += 1
            await asyncio.to_thread(self._service.do, "restart")

    def set_full(self, full: bool) -> None:
        """Not possible here: a file size limit would also apply to its log and record."""

    def wake(self) -> None:
        """Not possible here: tests cannot suspend the machine."""

    def reload(self) -> None:
        """Not possible here: the command line sets its servers."""

    def _ask(self) -> dict[str, Any]:
        servers = (self.program.status() or {"servers": ()})["servers"]  # none while it starts
        return dict(servers[0]) if servers else {}

    def _account(self) -> None:
        """Update the ledger with everything so far."""
        lines = self.program.record.read_text().splitlines() if self.program.record.exists() else []
        for note in map(json.loads, lines[self._read :]):
            self.ledger.note(tuple(note["ids"]), note["announced"])
            self._notes += note["announced"]
        self._read = len(lines)
        self._service.do("nothing")
        screen = Screen()
        sent = [(call["summary"], call["body"], not call["replaces_id"]) for call in self._service.named("Notify")]
        printed = [
            line.removeprefix(PRINTED).partition(" | ") for line in self.program.output if line.startswith(PRINTED)
        ]
        shown = [*sent[self._heard :], *((title, body, True) for title, _, body in printed)]
        calls = sum(screen.shows(title, body, fresh=fresh) for title, body, fresh in shown)
        self.ledger.calls += calls - self._calls
        self._calls = calls

    def _retract(self) -> None:
        """Read the rest of the record. It is written before the journal, so the journal has nothing else."""
        lines = self.program.record.read_text().splitlines() if self._notes else []
        last = json.loads(lines[-1]) if lines else {"ids": [], "announced": False}
        written = "".join(path.read_text() for path in self.program.folder.rglob("*.journal"))
        if last["announced"] and not all(name in written for name in last["ids"]):
            self.ledger.announced.subtract(last["ids"])
            self.ledger.notes -= 1
            self._notes -= 1

    def _end(self) -> None:
        self._account()
        self._heard = len(self._service.named("Notify"))
        self._calls = self._notes = self._unanswered = 0
        self.program.forget()
        assert "Traceback" not in self.program.log, self.program.log[-2_000:]
