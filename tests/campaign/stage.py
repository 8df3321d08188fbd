"""One server, the proxy in front of it, and the application: executes the steps of a campaign.

Blocking work runs in threads, because the application may run on this loop.
"""

import asyncio
import contextlib
import http.client
import re
import smtplib
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, Protocol

from mailpit_notifier.protocol.model import Message
from smtp import SECONDS, compose
from standin import Server, StandIn

from .ledger import Ledger
from .proxy import FaultProxy, Mode
from .schedule import Kind, Step
from .unreadable import hostile_page, unreadable

DOWN = (OSError, http.client.HTTPException, AssertionError)
"""Errors of requests to a server that is down or stopping."""


MARGIN = 1_000
"""Messages that are listed beyond those that were sent: of a filled mailbox more than the program has rows."""


class Subject(Protocol):
    """The application under test, in any process."""

    ledger: Ledger

    @property
    def running(self) -> bool: ...
    @property
    def counts(self) -> tuple[int | None, int | None]: ...
    @property
    def rows(self) -> Sequence[Message] | None: ...
    async def at_rest(self) -> bool: ...
    async def start(self) -> None: ...
    async def quit(self) -> None: ...
    async def kill(self) -> None: ...
    async def set_slow(self, slow: bool) -> None: ...
    def set_full(self, full: bool) -> None: ...
    def wake(self) -> None: ...
    def reload(self) -> None: ...


class Stage:
    """Executes steps."""

    def __init__(self, server: Server, proxy: FaultProxy, subject: Subject) -> None:
        self.server = server
        self.proxy = proxy
        self.subject = subject
        self.accepted: set[str] = set()
        """IDs of messages on the server so far."""
        self.hostile: set[str] = set()
        """The messages whose sources are hostile."""
        self._numbers = count(1)
        self._bursts = count()
        self._sent = 0
        self._up = True
        self._traffic: set[asyncio.Task[None]] = set()
        self._server_lock = asyncio.Lock()
        modes = {
            Kind.SLOW: Mode.SLOW,
            Kind.STALL: Mode.STALLED,
            Kind.REFUSE: Mode.REFUSED,
            Kind.BAD_GATEWAY: Mode.BAD_GATEWAY,
            Kind.NO_UPGRADE: Mode.NO_UPGRADE,
            Kind.TRUNCATE_FRAMES: Mode.TRUNCATED,
            Kind.LARGE_LISTING: Mode.LARGE_LISTING,
            Kind.PASS: Mode.PASS,
        }
        self._deeds: dict[Kind, Callable[[float], Coroutine[Any, Any, None]]] = {
            **{kind: self._set_mode(mode) for kind, mode in modes.items()},
            Kind.BURST: self._burst,
            Kind.TRICKLE: self._trickle,
            Kind.PAUSE: asyncio.sleep,
            Kind.CUT: self._cut,
            Kind.HALF_OPEN: self._half_open,
            Kind.RESTART_SERVER: self._restart_server,
            Kind.CRASH_SERVER: self._crash_server,
            Kind.FORGET: self._forget,
            Kind.STOP_SERVER: self._stop_server,
            Kind.START_SERVER: self._start_server,
            Kind.KILL: self._kill,
            Kind.QUIT: self._quit,
            Kind.START: self._start,
            Kind.SLOW_DESKTOP: self._slow_desktop,
            Kind.FAST_DESKTOP: self._fast_desktop,
            Kind.FULL_DISK: self._fill_disk,
            Kind.ROOM: self._make_room,
            Kind.CLOCK: self._clock,
            Kind.WAKE: self._wake,
            Kind.RELOAD: self._reload,
            Kind.READ: self._read,
            Kind.READ_ALL: self._read_all,
            Kind.DELETE: self._delete,
            Kind.DELETE_FOUND: self._delete_found,
            Kind.DELETE_ALL: self._delete_all,
        }

    async def do(self, step: Step) -> None:
        """Execute a step."""
        await self._deeds[step.kind](step.amount)

    async def heal(self) -> None:
        """Repair everything, and wait for the traffic to end."""
        for kind in (Kind.START_SERVER, Kind.PASS, Kind.FAST_DESKTOP, Kind.ROOM, Kind.START):
            await self.do(Step(kind=kind))
        await asyncio.gather(*self._traffic)

    def _set_mode(self, mode: Mode) -> Callable[[float], Coroutine[Any, Any, None]]:
        async def do(_: float) -> None:
            self.proxy.set(mode)

        return do

    async def _cut(self, _: float) -> None:
        self.proxy.cut()

    async def _half_open(self, _: float) -> None:
        self.proxy.forget()

    # Messages

    async def _burst(self, count: float) -> None:
        self._begin(self._send(int(count), at_once=int(count)))

    async def _trickle(self, count: float) -> None:
        self._begin(self._send(int(count), at_once=1))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._traffic.add(task)
        task.add_done_callback(self._traffic.discard)

    async def _send(self, count: int, at_once: int) -> None:
        for _ in range(0, count, at_once):
            with contextlib.suppress(*DOWN):
                await asyncio.to_thread(self._deliver, at_once)

    def _deliver(self, count: int) -> None:
        """Send this many messages over one connection at full rate; in a burst the hostile ones first."""
        number = next(self._bursts) if count > 1 else 0
        writers = iter([partial(write, number) for write in (unreadable, hostile_page)] if count > 1 else ())
        with smtplib.SMTP("127.0.0.1", self.server.smtp_port, "localhost", timeout=SECONDS) as client:
            client.ehlo()
            for subject in (f"Mail {next(self._numbers)}" for _ in range(count)):
                hostile = next(writers, None)
                client.mail("sender@example.test")
                client.rcpt("ann@example.test")
                self._sent += 1
                code, answer = client.data(hostile(subject) if hostile else compose(subject))
                if found := re.search(rb"queued as (\S+)", answer) if code == 250 else None:
                    name = found[1].decode()
                    self.accepted.add(name)
                    if hostile:
                        self.hostile.add(name)

    # The server

    async def _restart_server(self, _: float) -> None:
        await self._stop_server(0)
        await self._start_server(0)

    async def _crash_server(self, _: float) -> None:
        # The stand-in saves only when it is not killed: deleted messages would be there again.
        end = self.server.stop if isinstance(self.server, StandIn) else self.server.kill
        await self._with_server(end, up=False)
        await self._start_server(0)

    async def _forget(self, _: float) -> None:
        await self._stop_server(0)
        for path in self.server.database.parent.iterdir():
            path.unlink()
        await self._start_server(0)

    async def _stop_server(self, _: float) -> None:
        await self._with_server(self.server.stop, up=False)

    async def _start_server(self, _: float) -> None:
        await self._with_server(self.server.start, up=True)

    async def _with_server(self, do: Callable[[], None], *, up: bool) -> None:
        async with self._server_lock:
            if self._up is not up:
                self._up = up
                await asyncio.to_thread(do)

    # The program

    async def _kill(self, _: float) -> None:
        await self.subject.kill()

    async def _quit(self, _: float) -> None:
        await self.subject.quit()

    async def _start(self, _: float) -> None:
        if not self.subject.running:
            await self.subject.start()

    async def _slow_desktop(self, _: float) -> None:
        await self._set_slow(True)

    async def _fast_desktop(self, _: float) -> None:
        await self._set_slow(False)

    async def _set_slow(self, slow: bool) -> None:
        if self.subject.running:
            await self.subject.set_slow(slow)

    async def _fill_disk(self, _: float) -> None:
        self.subject.set_full(True)

    async def _make_room(self, _: float) -> None:
        self.subject.set_full(False)

    async def _wake(self, _: float) -> None:
        self.subject.wake()

    async def _reload(self, _: float) -> None:
        self.subject.reload()

    async def _clock(self, seconds: float) -> None:
        """Change the server's clock: it sends other times, also for existing messages."""
        self.proxy.skew = timedelta(seconds=seconds)
        self.proxy.cut()

    # Changes by other clients

    async def _read(self, share: float) -> None:
        await self._outside(lambda: self._mark(self._some(share)))

    async def _read_all(self, _: float) -> None:
        await self._outside(lambda: self.server.rest("PUT", "api/v1/messages", {"Read": True}))

    async def _delete(self, share: float) -> None:
        # One by one: an ID that another has deleted meanwhile would hang a real server for good.
        await self._outside(
            lambda: [self.server.rest("DELETE", "api/v1/messages", {"IDs": [name]}) for name in self._some(share)[:40]]
        )

    async def _delete_found(self, _: float) -> None:
        await self._outside(lambda: self.server.rest("DELETE", "api/v1/search?query=subject:1"))

    async def _delete_all(self, _: float) -> None:
        await self._outside(self.server.clear)

    async def _outside(self, do: Callable[[], object]) -> None:
        with contextlib.suppress(*DOWN):
            await asyncio.to_thread(do)

    def newest(self) -> dict[str, Any]:
        """Messages that the server lists: all that were sent since the beginning, and some more."""
        listed: dict[str, Any] = self.server.get(f"messages?limit={self._sent + MARGIN}")
        return listed

    def _some(self, share: float) -> list[str]:
        rows = self.newest()["messages"]
        return [row["ID"] for row in rows[: int(len(rows) * share)]]

    def _mark(self, ids: list[str]) -> None:
        if ids:
            self.server.rest("PUT", "api/v1/messages", {"IDs": ids, "Read": True})
