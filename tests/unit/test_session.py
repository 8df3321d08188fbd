"""A session keeps its inbox up to date, and has a clear state with a server that misbehaves."""

import asyncio
import contextlib
import gzip
import json
import logging
import re
import socket
import struct
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

import pytest

from conditions import until
from hostile import (
    BINARY,
    CLOSE,
    CONTINUED,
    PATIENCE,
    Hostile,
    Mailpit,
    Request,
    Script,
    Visit,
    black_hole,
    frame_header,
    hostile,
    saying,
    summary,
)
from mailpit_notifier.client import retry_policy
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.client.status_reporter import UNREADABLE_AFTER
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.events import Refused, Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

PASSWORD = "s3cret-pässword"
CREDENTIALS = "ann:s3cret-p%C3%A4ssword@"
SECRETS = ("s3cret", b64encode(f"ann:{PASSWORD}".encode()).decode().rstrip("="))


BACK_OFF = Timing(first_retry=0.01, longest_retry=0.6, longest_local_retry=0.05)
"""Delays of a hundredth of the real ones. The tests would wait for 30 s with those."""


class Recorder:
    """A session, and its reports."""

    def __init__(
        self,
        url: str,
        timing: Timing = TIMING,
        *,
        unlock: Callable[[Server], ServerUrl] = lambda server: server.url,
        fingerprint: str = "",
    ) -> None:
        parsed = ServerUrl.parse(url)
        self.changes: list[Change] = []
        self.totals: list[int | None] = []
        """The total in the status at the time of each change."""
        self.statuses: list[ServerStatus] = []
        self.caught_up: list[Snapshot] = []
        self.refused: list[Refused] = []
        self.listeners: dict[str, Callable[..., Any]] = {
            "changed": self._on_changed,
            "caught_up": self._on_caught_up,
            "status": self.statuses.append,
        }
        """The callbacks of the session; a test may replace one."""
        callbacks = SessionCallbacks(
            changed=partial(self._call, "changed"),
            caught_up=partial(self._call, "caught_up"),
            news=lambda _, refused: self.refused.append(refused),
            status=partial(self._call, "status"),
        )
        server = Server(url=parsed, name="shop", fingerprint=fingerprint)
        self.session = Session(server, callbacks, unlock=unlock, timing=timing)

    def _call(self, name: str, *about: Any) -> Any:
        return self.listeners[name](*about)

    def _on_changed(self, key: str, change: Change) -> None:
        assert key == self.session.server.key
        self.changes.append(change)
        self.totals.append(self.session.status.total)

    def _on_caught_up(self, key: str, snapshot: Snapshot) -> None:
        assert key == self.session.server.key
        self.caught_up.append(snapshot)

    @property
    def rows(self) -> list[str]:
        return [message.id for message in self.session.inbox.rows]

    @property
    def arrived(self) -> list[str]:
        return [change.arrived.id for change in self.changes if change.arrived]

    @property
    def faults(self) -> list[Fault | None]:
        return [status.fault for status in self.statuses]


@asynccontextmanager
async def running(url: str, timing: Timing = TIMING) -> AsyncIterator[Recorder]:
    async with at_work(Recorder(url, timing)) as recorder:
        yield recorder


@asynccontextmanager
async def at_work(recorder: Recorder) -> AsyncIterator[Recorder]:
    task = asyncio.create_task(recorder.session.run())
    try:
        yield recorder
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=PATIENCE)
        assert task.done()
        await until(lambda: not threads())


@asynccontextmanager
async def in_step(mailpit: Mailpit, timing: Timing = TIMING) -> AsyncIterator[Recorder]:
    """Run a session and wait for its first snapshot."""
    with hostile(mailpit) as server:
        try:
            async with running(server.url("/", CREDENTIALS), timing) as recorder:
                await until(lambda: mailpit.streams and recorder.session.inbox.total == len(mailpit.messages))
                yield recorder
        finally:
            mailpit.gate.set()


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(("feed ", "rest ", "judge "))]


@pytest.fixture(autouse=True)
def secrets(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Check after each test that no credential is in the log."""
    caplog.set_level(logging.DEBUG)
    yield
    logged = "".join(caplog.handler.format(record) for record in caplog.get_records("call"))
    assert not [secret for secret in SECRETS if secret in logged]


# States


def dripping(visit: Visit) -> None:
    visit.request()
    visit.send(b"HTTP/1.1 101 Switching Protocols\r\nX-Slow: ")
    while True:
        visit.send(b"x")
        time.sleep(0.02)


class Proxy:
    """A proxy without websockets in front of a Mailpit. `upgrade` answers the request for one."""

    def __init__(self, upgrade: Callable[[Visit], object], mailpit: Mailpit | None = None) -> None:
        self.mailpit = mailpit or Mailpit()
        self.upgrades = 0
        self.status = {"limit=1": 200, "": 200}
        """Status of the answer by the end of the request's path; the first match counts."""
        self.asked: list[str] = []
        self._upgrade = upgrade

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        while True:
            request = visit.request()
            if "upgrade" in request.headers:
                self.upgrades += 1
                self._upgrade(visit)
                return
            status = next(status for end, status in self.status.items() if request.path.endswith(end))
            self.asked.append(request.path)
            if status == 200:
                self.mailpit.list(visit, request.path)
            else:
                visit.answer(status)


def refusing(status: int) -> Callable[[Visit], object]:
    return lambda visit: visit.answer(status)


def reset(visit: Visit) -> None:
    visit.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visit.sock.close()


PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"

FAULTS: dict[str, tuple[Script, Fault]] = {
    "another web server": (saying(PAGE), Fault.NOT_MAILPIT),
    "wrong webroot": (saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), Fault.NOT_FOUND),
    "401": (saying(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 12\r\n\r\nUnauthorised"), Fault.AUTH),
    "403": (saying(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), Fault.ORIGIN),
    "stopped": (saying(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), Fault.STOPPED),
    "lying length": (saying(b"HTTP/1.1 404 Not Found\r\nContent-Length: 999999\r\n\r\nshort"), Fault.NOT_FOUND),
    "no websockets": (Proxy(refusing(502)), Fault.NO_UPGRADE),
    "websockets forbidden": (Proxy(refusing(403)), Fault.NO_UPGRADE),
    "websockets cut off": (Proxy(reset), Fault.NO_UPGRADE),
    "endless header": (saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99_999), Fault.NOT_MAILPIT),
    "smtp": (lambda visit: (visit.send(b"220 mail.example.com ESMTP\r\n"), visit.hold()), Fault.NOT_MAILPIT),
    "hangs up": (lambda visit: visit.request(), Fault.CUT_OFF),
    "silent": (Visit.hold, Fault.TIMEOUT),
    "dripping": (dripping, Fault.TIMEOUT),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_server_that_is_not_mailpit_is_a_clear_state(name: str) -> None:
    script, fault = FAULTS[name]
    timing = Timing(handshake=0.1, call=0.1) if fault is Fault.TIMEOUT else Timing(tls_check=0.1)
    with hostile(script) as server:
        async with running(server.url("/", CREDENTIALS), timing) as recorder:
            await until(lambda: recorder.statuses)
            assert recorder.statuses[0].link is (Link.POLLING if fault is Fault.NO_UPGRADE else Link.DISCONNECTED)
            assert recorder.statuses[0].fault is fault
            parts = [vars(part) for part in vars(recorder.session).values() if hasattr(part, "__dict__")]
            deeper = [vars(part) for one in parts for part in one.values() if hasattr(part, "__dict__")]
            representation = repr((recorder.session, vars(recorder.session), recorder.statuses, parts, deeper))
            assert not [secret for secret in SECRETS if secret in representation]


async def test_a_closed_port_is_refused() -> None:
    with hostile(Visit.hold) as server:
        pass
    async with running(server.url()) as recorder:
        await until(lambda: recorder.faults == [Fault.REFUSED])


async def test_a_redirect_carries_nothing_to_another_host() -> None:
    with hostile(Visit.hold) as other:
        location = other.url("/").encode()
        moved = saying(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
        with hostile(moved) as server:
            async with running(server.url("/", CREDENTIALS)) as recorder:
                await until(lambda: recorder.faults == [Fault.REDIRECTED])
        assert not other.visits


async def test_https_to_a_server_without_tls_is_a_fault_of_its_own() -> None:
    # It reads all: what is left unread makes Windows drop the answer.
    with hostile(lambda visit: (visit.sock.recv(4096), visit.answer(400))) as server:
        async with running(f"https://{CREDENTIALS}127.0.0.1:{server.port}/") as recorder:
            await until(lambda: recorder.faults == [Fault.TLS_MISSING])


CUTS: dict[str, Callable[[Visit], object]] = {
    "close": lambda visit: visit.frame(b"\x03\xe8bye", CLOSE),
    "reserved bits": lambda visit: visit.frame("{}", rsv=4),
    "mid-frame": lambda visit: (visit.send(frame_header(99) + b"{"), visit.close()),
    "50 MB": lambda visit: visit.send(frame_header(50 * 2**20)),
    "fragments": lambda visit: [visit.frame(b" " * 65_536, CONTINUED if n else 1, fin=False) for n in range(800)],
}


@pytest.mark.parametrize("name", CUTS)
async def test_a_broken_connection_is_a_clear_state_and_reported_once(
    caplog: pytest.LogCaptureFixture, name: str
) -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit) as recorder:
        with contextlib.suppress(OSError):
            CUTS[name](mailpit.streams[0])
        await until(lambda: len(recorder.statuses) > 2)
        assert [status.link for status in recorder.statuses if status.fault] == [Link.DISCONNECTED]
        assert recorder.statuses[-1].fault is Fault.CUT_OFF
        assert recorder.rows == ["id1"]
        warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
        assert [Fault.CUT_OFF.sentence in record.getMessage() for record in warnings] == [True]


HTML = "<img src=x onerror=alert(1)><b>\u202egnp.exe\0</b>"

ODD_FRAMES: list[bytes] = [
    b"not JSON",
    b"[" * 100_000,
    b'{"Type": "new", "Data": ' + b"9" * 5_000 + b"}",
    b'"text"',
    b"null",
    b"{}",
    b'{"Type": null}',
    b'{"Type": ["new"], "Data": {}}',
    b'{"Type": "\xff\xfe", "Data": {}}',
    b'{"Type": "stats", "Data": {"Total": -1, "Unread": "many"}}',
    b'{"Type": "stats"}',
    b'{"Type": "update", "Data": {"ID": 7, "Read": "yes"}}',
    b'{"Type": "delete", "Data": null}',
    b"",
]

ODD_MESSAGES: list[Any] = [
    {},
    None,
    [],
    {"ID": "html", **dict.fromkeys(("Subject", "Snippet", "Username"), HTML), "From": {"Name": HTML, "Address": HTML}},
    {"ID": "types", "Subject": 7, "Created": "yesterday", "From": "ann", "To": {"Name": 1}, "Tags": [None, {}]},
    {"ID": "half", "Subject": "\ud800", "Tags": ["\udfff"]},
    {"ID": "big", "Subject": "x" * 100_000, "To": [{"Address": "a@example.com"}] * 5_000, "Size": 10**30},
    {"ID": "../../etc/passwd?x#y", "Created": "0001-01-01T00:00:00+23:59"},
]


async def test_odd_frames_are_skipped() -> None:
    mailpit = Mailpit()
    async with in_step(mailpit) as recorder:
        for frame in ODD_FRAMES:
            mailpit.streams[0].frame(frame)
            mailpit.streams[0].frame(frame, BINARY)
        mailpit.push("new", summary(1))
        await until(lambda: recorder.arrived == ["id1"])
        assert [(status.link, status.fault) for status in recorder.statuses if status.fault] == []


async def test_odd_messages_are_messages() -> None:
    mailpit = Mailpit()
    async with in_step(mailpit) as recorder:
        for message in ODD_MESSAGES:
            mailpit.push("new", message)
        await until(lambda: len(recorder.rows) == len(ODD_MESSAGES))
        assert len(recorder.arrived) == len(ODD_MESSAGES)
        assert {"html", "types", "half", "big"} < set(recorder.rows)
        assert recorder.statuses[-1].link is Link.CONNECTED


# In step


class Broken:
    """A callback that fails the first time."""

    def __init__(self, listen: Callable[[str, Any], None]) -> None:
        self._listen = listen
        self.calls = 0

    def __call__(self, key: str, event: Any) -> None:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("Broken")
        self._listen(key, event)


async def test_the_snapshot_is_applied_first_and_then_the_stream() -> None:
    mailpit = Mailpit(summary(2), summary(1, Read=True))
    async with in_step(mailpit) as recorder:
        assert recorder.rows == ["id2", "id1"]
        assert recorder.arrived == []
        mailpit.push("new", summary(3))
        mailpit.push("update", {"ID": "id3", "Tags": ["late"]})
        mailpit.push("delete", {"ID": "id1"})
        await until(lambda: recorder.rows == ["id3", "id2"])
        assert recorder.arrived == ["id3"]
        assert recorder.session.inbox.rows[0].tags == ("late",)
        assert (recorder.session.status.total, recorder.session.status.unread) == (2, 2)
        assert recorder.session.status.link is Link.CONNECTED
        assert len(mailpit.reads) == 1


async def test_a_message_is_reported_before_the_count() -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit) as recorder:
        mailpit.push("new", summary(2))
        await until(lambda: recorder.session.status.total == 2)
        assert (recorder.arrived, recorder.totals[-1]) == (["id2"], 1)


async def test_events_during_a_snapshot_are_neither_delayed_nor_lost() -> None:
    mailpit = Mailpit(summary(2), summary(1))
    mailpit.gate.clear()
    with hostile(mailpit) as server:
        async with running(server.url()) as recorder:
            await until(lambda: mailpit.reads)  # the server has made up its answer by now
            mailpit.push("new", summary(3))
            mailpit.push("new", summary(4))
            mailpit.push("update", {"ID": "id4", "Read": True})
            mailpit.push("update", {"ID": "id1", "Read": True})
            mailpit.push("delete", {"ID": "id2"})
            mailpit.push("delete", {"ID": "id3"})
            await until(lambda: recorder.rows == ["id4"])
            assert recorder.arrived == ["id3", "id4"]
            mailpit.gate.set()
            await until(lambda: recorder.rows == ["id4", "id1"])
            assert [message.read for message in recorder.session.inbox.rows] == [True, True]
            # The counts are reported after the rows.
            await until(lambda: (recorder.session.status.total, recorder.session.status.unread) == (2, 0))
            assert recorder.arrived == ["id3", "id4"]
            assert len(mailpit.reads) == 1


async def test_a_message_that_was_first_in_the_snapshot_is_reported_once() -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit) as recorder:
        mailpit.push("new", summary(1))
        mailpit.push("new", summary(1))
        mailpit.push("new", summary(2))
        await until(lambda: recorder.arrived == ["id1", "id2"])
        assert recorder.rows == ["id2", "id1"]


HURRIED = Timing(quiet=0.02, between_snapshots=0.01, first_retry=0.01)
"""The times of a session, shortened."""


async def test_changes_without_details_cost_one_snapshot_each() -> None:
    mailpit = Mailpit(summary(2), summary(1))
    async with in_step(mailpit, HURRIED) as recorder:
        mailpit.messages.pop()
        mailpit.push("prune")
        await until(lambda: recorder.rows == ["id2"])

        mailpit.messages[:] = [summary(2, Read=True)]  # the only event of "mark all read"
        mailpit.push("stats", {"Total": 1, "Unread": 0, "Version": "v1.30.5"})
        await until(lambda: recorder.session.inbox.rows[0].read)
        mailpit.push("stats", {"Total": 1, "Unread": 0, "Version": "v1.30.5"})

        mailpit.messages.clear()
        mailpit.push("truncate")
        await until(lambda: not recorder.rows)
        await until(lambda: len(mailpit.reads) == 4)

        mailpit.messages[:] = [summary(3)]
        mailpit.push("prune")  # a second request would have been counted by now
        await until(lambda: recorder.rows == ["id3"])
        assert len(mailpit.reads) == 5
        assert recorder.arrived == []


async def test_each_contradiction_costs_one_snapshot() -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit, HURRIED) as recorder:
        for asked in (2, 3):
            mailpit.push("stats", {"Total": 99, "Unread": 98})
            await until(lambda asked=asked: len(mailpit.reads) == asked and recorder.session.inbox.total == 1)
        mailpit.messages.insert(0, summary(2))
        mailpit.push("prune")
        await until(lambda: recorder.rows == ["id2", "id1"])
        assert len(mailpit.reads) == 4


async def test_a_storm_of_prunes_has_one_snapshot_at_a_time() -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit) as recorder:
        for _ in range(500):
            mailpit.push("prune")
        mailpit.messages.insert(0, summary(2))
        mailpit.push("prune")
        await until(lambda: recorder.rows == ["id2", "id1"])
        assert mailpit.busiest == 1
        assert len(mailpit.reads) < 50


async def test_a_burst_is_not_undone_by_a_late_snapshot() -> None:
    mailpit = Mailpit()
    mailpit.gate.clear()
    with hostile(mailpit) as server:
        async with running(server.url()) as recorder:
            await until(lambda: mailpit.reads)
            for number in range(2_000):
                mailpit.push("new", summary(number % 60, ID=f"id{number}"))
            await until(lambda: len(recorder.arrived) == 2_000)
            rows = recorder.rows
            mailpit.gate.set()
            await until(lambda: recorder.session.inbox.total == 2_000)
            assert recorder.rows == rows
            assert len(set(recorder.arrived)) == 2_000


async def test_a_failing_callback_stops_no_other_change(caplog: pytest.LogCaptureFixture) -> None:
    mailpit = Mailpit()
    async with in_step(mailpit) as recorder:
        broken = recorder.listeners["changed"] = Broken(recorder.listeners["changed"])
        for number in range(3):
            mailpit.push("new", summary(number))
        mailpit.streams[0].frame(b"", CLOSE)
        await until(lambda: recorder.session.status.link is Link.DISCONNECTED)
        assert broken.calls >= 3
        assert recorder.arrived == ["id1", "id2"]
        assert "Broken" in caplog.text


async def test_an_unexpected_exception_ends_the_connection_and_not_the_session(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mailpit = Mailpit()
    with hostile(mailpit) as server:
        recorder = Recorder(server.url())
        recorder.listeners["caught_up"] = Broken(recorder.listeners["caught_up"])
        async with at_work(recorder):
            await until(lambda: recorder.caught_up)
            mailpit.push("new", summary(1))
            await until(lambda: recorder.arrived == ["id1"])
    links = [(status.link, status.fault) for status in recorder.statuses]
    assert links[:3] == [(Link.CONNECTED, None), (Link.DISCONNECTED, Fault.CUT_OFF), (Link.CONNECTED, None)]
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [bool(record.exc_info) for record in warnings] == [True, False]
    assert "RuntimeError: Broken" in caplog.text


async def test_an_unexpected_exception_does_not_prevent_cancellation() -> None:
    with hostile(Mailpit()) as server:
        recorder = Recorder(server.url())

        def ended(*_: object) -> None:
            task.cancel()
            raise RuntimeError("Broken")

        recorder.listeners["caught_up"] = ended
        task = asyncio.create_task(recorder.session.run())
        await asyncio.wait([task], timeout=PATIENCE)
        assert task.done()
        assert task.cancelled() or task.exception()
        await until(lambda: not threads())


# Faults of REST only


async def test_frames_are_applied_while_rest_stalls(caplog: pytest.LogCaptureFixture) -> None:
    mailpit = Mailpit(summary(1))
    mailpit.gate.clear()
    with hostile(mailpit) as server:
        async with running(server.url(), replace(HURRIED, call=0.05)) as recorder:
            await until(lambda: caplog.text.count("no snapshot") >= 3)
            mailpit.push("new", summary(2))
            await until(lambda: recorder.arrived == ["id2"])
            assert {status.link for status in recorder.statuses} == {Link.CONNECTED}
            mailpit.messages.insert(0, summary(2))
            mailpit.gate.set()
            await until(lambda: recorder.rows == ["id2", "id1"])
            levels = [record.levelname for record in caplog.records if "no snapshot" in record.getMessage()]
            assert levels[:3] == ["WARNING", "DEBUG", "DEBUG"]


HTTP = b"HTTP/1.1 200 OK\r\n"
LISTING = b'{"messages": [], "total": 0, "unread": 0}'
PACKED = gzip.compress(LISTING)

UNREADABLE: dict[str, bytes] = {
    "always gzip": HTTP + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "broken chunks": HTTP + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + LISTING,
    "HTML": HTTP + b"Content-Length: 13\r\n\r\n<html></html>",
    "empty": HTTP + b"Content-Length: 0\r\n\r\n",
    "cut": HTTP + b"Content-Length: 20\r\n\r\n" + LISTING,
    "moved": b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n",
    "502": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
}


class Mangling:
    """A proxy that passes websockets and answers REST with these bytes until `answer` is emptied."""

    def __init__(self, mailpit: Mailpit, answer: bytes = b"") -> None:
        self.answer = answer
        self.answered = 0
        self._mailpit = mailpit

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        self._mailpit(MangledVisit(visit.sock, self))


class MangledVisit(Visit):
    def __init__(self, sock: socket.socket, way: Mangling) -> None:
        super().__init__(sock)
        self._way = way

    def request(self) -> Request:
        while True:
            request = super().request()
            if not self._way.answer or "upgrade" in request.headers:
                return request
            self._way.answered += 1
            self.send(self._way.answer)


@pytest.mark.parametrize("name", UNREADABLE)
async def test_unreadable_answers_beside_live_updates_are_a_fault_until_one_is_readable(name: str) -> None:
    mailpit = Mailpit()
    way = Mangling(mailpit, UNREADABLE[name])
    with hostile(way) as server:
        async with running(server.url(), HURRIED) as recorder:
            await until(lambda: recorder.session.status.fault)
            assert way.answered == UNREADABLE_AFTER
            assert (recorder.session.status.link, recorder.session.status.fault) == (Link.CONNECTED, Fault.UNREADABLE)
            mailpit.push("new", summary(1))
            await until(lambda: recorder.arrived == ["id1"])
            mailpit.messages.insert(0, summary(1))
            way.answer = b""
            await until(lambda: recorder.session.status.fault is None)
            assert recorder.session.status.link is Link.CONNECTED
            await until(lambda: recorder.caught_up)
    assert [status.fault for status in recorder.statuses if status.link is Link.CONNECTED][:2] == [
        None,
        Fault.UNREADABLE,
    ]


async def test_rest_that_breaks_later_is_noticed_by_an_action_of_the_user() -> None:
    mailpit = Mailpit(summary(1))
    way = Mangling(mailpit)
    with hostile(way) as server:
        async with running(server.url(), HURRIED) as recorder:
            await until(lambda: recorder.rows == ["id1"])
            way.answer = UNREADABLE["always gzip"]
            with pytest.raises(FaultError):
                await recorder.session.mark_read(["id1"])
            await until(lambda: recorder.session.status.fault is Fault.UNREADABLE)
            mailpit.streams[-1].close()
            await until(lambda: recorder.session.status.link is Link.DISCONNECTED)
            recorder.session.retry()
            await until(lambda: recorder.session.status.link is Link.CONNECTED)
            assert recorder.session.status.fault is Fault.UNREADABLE  # there is no sign yet that it is over


@pytest.mark.parametrize("wake_up", [False, True])
async def test_a_new_websocket_and_a_wake_up_replace_the_kept_connection(wake_up: bool) -> None:
    """A lost connection or sleep may have ended the kept connection without closing it."""
    mailpit = Mailpit(summary(1))
    with hostile(mailpit) as server:
        async with running(server.url(), BACK_OFF) as recorder:
            await until(lambda: recorder.rows == ["id1"])
            assert len(server.visits) == 2
            mailpit.messages.insert(0, summary(2))
            if wake_up:
                recorder.session.wake()
            else:
                mailpit.streams[0].close()
            await until(lambda: recorder.rows == ["id2", "id1"])
            assert len(server.visits) == 4
            await recorder.session.mark_read(["id1"])
            assert len(server.visits) == 4


async def test_a_wake_up_repeats_the_call_in_progress() -> None:
    mailpit = Mailpit(summary(1))
    async with in_step(mailpit) as recorder:
        mailpit.gate.clear()
        asking = asyncio.create_task(recorder.session.ask(lambda rest: rest.snapshot(7).total))
        await until(lambda: len(mailpit.reads) == 2)
        recorder.session.wake()
        await until(lambda: len(mailpit.reads) > 2)  # the next websocket may make it again, too
        mailpit.gate.set()
        assert await asking == 1


async def test_marking_as_read_is_confirmed_by_an_event_or_a_snapshot() -> None:
    mailpit = Mailpit(summary(2), summary(1))
    async with in_step(mailpit, HURRIED) as recorder:
        with pytest.raises(ValueError, match="no IDs"):
            await recorder.session.mark_read([])
        await recorder.session.mark_read(["id2"])
        mailpit.push("update", {"ID": "id2", "Read": True})
        await until(lambda: recorder.session.inbox.by_id["id2"].read)

        mailpit.messages[:] = [summary(2, Read=True), summary(1, Read=True)]
        await recorder.session.mark_read(["id1"])  # a server of 2023 sends no event
        await until(lambda: recorder.session.inbox.by_id["id1"].read)
        assert len(mailpit.reads) == 2
        assert [json.loads(request.body)["IDs"] for request in mailpit.writes] == [["id2"], ["id1"]]


async def test_a_server_of_2023_is_polled_while_the_window_is_shown() -> None:
    old = {"Created": "2023-08-01T10:00:00.123Z", "From": None, "Cc": None, "Bcc": None, "Size": 5, "Attachments": 0}
    mailpit = Mailpit({"ID": "0a1b-2c3d", "Subject": "", **old})
    async with in_step(mailpit, Timing(watching=0.05, between_snapshots=0.01)) as recorder:
        mailpit.messages.insert(0, {"ID": "1a1b-2c3d", "Subject": "later", **old, "Created": "2023-08-02T10:00:00Z"})
        mailpit.push("new", mailpit.messages[0])
        await until(lambda: recorder.arrived == ["1a1b-2c3d"])
        assert len(mailpit.reads) == 1
        recorder.session.watch(shown=True)
        mailpit.messages.pop()  # deleted there without an event
        await until(lambda: recorder.rows == ["1a1b-2c3d"])
        mailpit.messages[0]["Read"] = True
        await until(lambda: recorder.session.inbox.rows[0].read)
        recorder.session.watch(shown=False)


async def test_a_call_on_a_new_session_waits_for_the_password() -> None:
    known = threading.Event()

    def unlock(server: Server) -> ServerUrl:
        known.wait(PATIENCE)
        return replace(server.url, user="ann", password=PASSWORD)

    mailpit = Mailpit(summary(1))
    with hostile(mailpit) as server:
        recorder = Recorder(server.url(), unlock=unlock)
        async with at_work(recorder):
            marking = asyncio.create_task(recorder.session.mark_read(["id1"]))
            await until(lambda: any(thread.name.startswith("password ") for thread in threading.enumerate()))
            assert not mailpit.writes
            known.set()
            await marking
    assert [request.headers["authorization"][:6] for request in mailpit.writes] == ["Basic "]


# Retries


def test_the_back_off_doubles_up_to_its_maximum_and_never_ends() -> None:
    assert list(islice(retry_policy.delays(1.0, 60, lambda: 0.5), 8)) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert list(islice(retry_policy.delays(1.0, 60, lambda: 0.0), 1)) == [0.75]
    assert next(islice(retry_policy.delays(1.0, 5, lambda: 1.0), 99, None)) == 6.25


def delays_in(log: pytest.LogCaptureFixture) -> list[float]:
    """Return the delays before the next attempts in seconds, except before the next try of live updates."""
    delays = [float(delay) for delay in re.findall(r"Next attempt after ([0-9.]+) s", log.text)]
    return [delay for delay in delays if delay < 1]


def with_jitter(*hundredths: float) -> object:
    """Return what equals these delays, in hundredths of a second, with any jitter."""
    return pytest.approx([number / 100 for number in hundredths], rel=0.26)


async def test_it_retries_without_limit(caplog: pytest.LogCaptureFixture) -> None:
    script, fault = FAULTS["stopped"]
    with hostile(script) as server:
        async with running(server.url(), BACK_OFF) as recorder:
            await until(lambda: len(delays_in(caplog)) >= 8)
    assert delays_in(caplog)[:8] == with_jitter(1, 2, 4, 5, 5, 5, 5, 5)
    assert [(status.link, status.fault) for status in recorder.statuses] == [(Link.DISCONNECTED, fault)]


async def test_an_endless_handshake_does_not_reset_the_back_off(caplog: pytest.LogCaptureFixture) -> None:
    with hostile(Visit.hold) as server:
        async with running(server.url(), replace(BACK_OFF, handshake=0.05, call=0.05, steady=0.02)):
            await until(lambda: len(delays_in(caplog)) >= 3)
    assert delays_in(caplog)[:3] == with_jitter(1, 2, 4)


async def test_a_steady_connection_resets_the_back_off(caplog: pytest.LogCaptureFixture) -> None:
    mailpit = Mailpit()
    async with in_step(mailpit, replace(BACK_OFF, steady=0.0)) as recorder:
        for number in (1, 2):
            await until(lambda number=number: len(mailpit.streams) == number)
            await until(lambda: recorder.session.status.link is Link.CONNECTED)
            mailpit.streams[-1].frame(b"", CLOSE)
        await until(lambda: len(delays_in(caplog)) == 2)
    assert delays_in(caplog) == with_jitter(1, 1)


async def test_the_next_connection_catches_up() -> None:
    mailpit = Mailpit(summary(2), summary(1))
    async with in_step(mailpit, BACK_OFF) as recorder:
        mailpit.messages[:] = [summary(3), summary(2)]
        mailpit.streams[0].close()
        await until(lambda: recorder.rows == ["id3", "id2"])
        links = [status.link for status in recorder.statuses]
        assert links.index(Link.CONNECTED) < links.index(Link.DISCONNECTED) < len(links) - 1
        assert links[-1] is Link.CONNECTED
        mailpit.push("new", summary(3))  # a repetition, or a frame behind its snapshot
        mailpit.push("new", summary(4))
        await until(lambda: recorder.arrived == ["id3", "id4"])


async def test_a_fault_that_only_the_user_can_fix_waits_longest_unless_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    script, _ = FAULTS["401"]
    with hostile(script) as server:
        async with running(server.url("/", CREDENTIALS)) as recorder:
            await until(lambda: recorder.faults == [Fault.AUTH])
            assert f"Next try in {TIMING.late_retry} s" in caplog.text
            asked = len(server.visits)
            recorder.session.retry()
            await until(lambda: len(server.visits) > asked)
            await until(lambda: caplog.text.count("Next try") == 2)
            levels = [record.levelname for record in caplog.records if "Next try" in record.getMessage()]
            assert levels == ["WARNING", "DEBUG"]


# Without live updates


@pytest.mark.parametrize("upgrade", [Visit.hold, reset], ids=["hangs", "hangs up"])
async def test_a_server_behind_a_proxy_that_blocks_websockets_is_polled(upgrade: Callable[[Visit], object]) -> None:
    proxy = Proxy(upgrade, Mailpit(summary(1)))
    with hostile(proxy) as server:
        async with running(server.url(), replace(BACK_OFF, handshake=0.1, upgrade=0.01, polling=0.01)) as recorder:
            await until(lambda: recorder.rows == ["id1"])
            tries = proxy.upgrades
            proxy.mailpit.messages.insert(0, summary(2))
            await until(lambda: recorder.arrived == ["id2"] and proxy.upgrades > tries + 1)
            assert len(recorder.caught_up) == 1
    links = [status.link for status in recorder.statuses]
    assert set(links[links.index(Link.POLLING) :]) == {Link.POLLING}
    assert recorder.statuses[-1].fault is Fault.NO_UPGRADE


async def test_polling_that_fails_is_reported_and_retried_with_growing_delays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxy = Proxy(refusing(404), Mailpit(summary(1)))
    proxy.status[""] = 413  # it refuses to list all messages at once
    with hostile(proxy) as server:
        async with running(server.url(), BACK_OFF) as recorder:
            await until(lambda: len(delays_in(caplog)) == 6)
            connection, *polling = delays_in(caplog)
            assert [connection] == with_jitter(1)
            assert polling == with_jitter(1, 2, 4, 5, 5)
            assert len([path for path in proxy.asked if not path.endswith("limit=1")]) == 5
            status = recorder.session.status
            assert (status.link, status.fault) == (Link.DISCONNECTED, Fault.NOT_MAILPIT)
            failed = [record.levelname for record in caplog.records if "polling failed" in record.getMessage()]
            assert failed == ["WARNING", *["DEBUG"] * 4]
            proxy.status = {"": 200}
            await until(lambda: recorder.caught_up)
            status = recorder.session.status
            assert (status.link, status.fault) == (Link.POLLING, Fault.NO_UPGRADE)
            assert recorder.rows == ["id1"]


async def test_a_password_that_only_rest_rejects_is_fetched_again() -> None:
    proxy = Proxy(refusing(404))
    proxy.status = {"": 401}
    with hostile(proxy) as server:
        unlocked: list[Server] = []

        def unlock(server: Server) -> ServerUrl:
            unlocked.append(server)
            return server.url

        recorder = Recorder(server.url("/", CREDENTIALS), unlock=unlock)
        async with at_work(recorder):
            await until(lambda: recorder.faults == [Fault.AUTH])
            proxy.status = {"": 200}
            recorder.session.retry()
            await until(lambda: recorder.session.status.link is Link.POLLING)
    assert len(unlocked) == 2


# The end


@asynccontextmanager
async def dialling() -> AsyncIterator[Recorder]:
    with black_hole() as port:
        recorder = Recorder(f"http://127.0.0.1:{port}/")
        yield recorder


@asynccontextmanager
async def with_server(script: Script, ready: Callable[[Hostile, Recorder], object]) -> AsyncIterator[Recorder]:
    with hostile(script) as server:
        recorder = Recorder(server.url())
        recorder.ready = lambda: ready(server, recorder)  # type: ignore[attr-defined]
        try:
            yield recorder
        finally:
            if isinstance(script, Mailpit):
                script.gate.set()


def stalled() -> Mailpit:
    mailpit = Mailpit()
    mailpit.gate.clear()
    return mailpit


STATES = {
    "dialling": dialling,
    "handshake": lambda: with_server(Visit.hold, lambda server, _: any(visit.received for visit in server.visits)),
    "explaining": lambda: with_server(
        lambda visit: (visit.request(), visit.answer(200), visit.hold()), lambda server, _: len(server.visits) == 2
    ),
    "waiting": lambda: with_server(FAULTS["401"][0], lambda _, recorder: recorder.statuses),
    "snapshot": lambda: with_server(stalled(), lambda server, _: len(server.visits) == 2),
    "idle": lambda: with_server(Mailpit(), lambda _, recorder: recorder.session.inbox.total == 0),
}


@pytest.mark.parametrize("state", STATES)
async def test_it_ends_promptly_from_every_state(state: str) -> None:
    async with STATES[state]() as recorder:
        task = asyncio.create_task(recorder.session.run())
        await until(getattr(recorder, "ready", threads))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, PATIENCE / 5)
        await until(lambda: not threads())


class Flooding(Mailpit):
    """Sends 64 MiB of frames in each connection. `was_cut` is set if the client closes it before."""

    def __init__(self) -> None:
        super().__init__()
        self.has_ended, self.was_cut = threading.Event(), threading.Event()

    def __call__(self, visit: Visit) -> None:
        request = visit.request()
        if not request.path.endswith("/api/events"):
            return self.list(visit, request.path)
        visit.upgrade(request)
        try:
            for _ in range(1_024):
                visit.frame(b'"%s"' % (b"x" * 65_536))
        except OSError:
            self.was_cut.set()
        self.has_ended.set()
        return None


async def test_a_server_that_sends_more_than_is_processed_does_not_fill_the_memory() -> None:
    mailpit = Flooding()
    with hostile(mailpit) as server:
        async with running(server.url()) as recorder:
            await until(lambda: recorder.session._feed and recorder.session._feed.reached)
            mailpit.has_ended.wait(PATIENCE)  # the loop processes nothing meanwhile
            assert mailpit.was_cut.is_set()
            await until(lambda: Fault.CUT_OFF in recorder.faults or Fault.CUT_EARLY in recorder.faults)
