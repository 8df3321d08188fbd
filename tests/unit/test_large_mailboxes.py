"""Mailboxes of any size, on correct and faulty servers: every message is announced once, at a bounded cost."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_journal import full_disk

from campaign.inside import NO_CALLBACKS
from conditions import until
from hostile import Hostile, Mailpit, Visit, hostile
from mailpit_notifier.announce.journal import Journal, journal_path
from mailpit_notifier.announce.timing import Timing as AnnounceTiming
from mailpit_notifier.client.listing import PAGE
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.core.inbox import DEFAULT_ROWS
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.core.status import Link
from mailpit_notifier.notify.notice import DISK, Key, Notice, Notifier, Result
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.servers.timing import Timing as ServersTiming

SIZE = 2 * PAGE + 200
NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
SOON = AnnounceTiming(settle=0.05)
DATE = "Date: Fri, 01 May 2026 10:00:00 GMT"


def row(number: int, created: datetime | None = None) -> dict[str, Any]:
    """Return a summary. Number 0 was captured now, the others so many seconds before or after."""
    when = created or NOW + timedelta(seconds=number, milliseconds=123)
    return {"ID": f"id{number}", "Created": f"{when:%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z", "Subject": f"Mail {number}"}


class Dated(Mailpit):
    """A Mailpit with a clock, and with an `upgrades` switch."""

    def __init__(self, rows: int = SIZE) -> None:
        super().__init__(*(row(-number) for number in range(rows)))
        self.upgrades = True
        self.now = NOW

    def __call__(self, visit: Visit) -> None:
        super().__call__(Clocked(self, visit))

    @property
    def listings(self) -> int:
        """Number of requests for messages."""
        return sum("/messages?" in request.path for request in self.reads)


class Clocked(Visit):
    """A visit whose answers have a Date header."""

    def __init__(self, mailpit: Dated, visit: Visit) -> None:
        super().__init__(visit.sock)
        self._mailpit = mailpit

    def answer(self, status: int, body: bytes = b"", *headers: str) -> None:
        super().answer(status, body, f"Date: {self._mailpit.now:%a, %d %b %Y %H:%M:%S GMT}", *headers)

    def upgrade(self, request: Any = None) -> None:
        if self._mailpit.upgrades:
            super().upgrade(request)
        else:
            self.answer(502)
            self.close()


class Desk(Notifier):
    """A desktop that records its notifications."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.withdrawn: list[Key] = []

    async def show(self, notice: Notice) -> Result:
        self.titles.append(notice.title)
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        self.withdrawn.append(key)


HURRIED = Timing(quiet=0.05, between_snapshots=0.01, first_retry=0.01)


class Run:
    """One run of the program: its sessions and its announcer."""

    def __init__(self, folder: Path, url: str, timing: AnnounceTiming, client: Timing) -> None:
        self.desk = Desk()
        self.url = url
        self.journal = journal_path(folder, url)
        self.servers = Servers(self.desk, folder, NO_CALLBACKS, timing=ServersTiming(announce=timing, client=client))

    @property
    def session(self) -> Any:
        return self.servers.sessions[self.url]

    @property
    def walked(self) -> bool:
        """Whether all earlier messages are recorded."""
        known = Journal(self.journal)
        return known.last_contact is not None and known.walked

    def notes(self, *numbers: int) -> bool:
        """Return whether these need no announcement after a restart."""
        known = Journal(self.journal)
        return all(f"id{number}" in known for number in numbers)


@asynccontextmanager
async def running(
    folder: Path, url: str, timing: AnnounceTiming = SOON, client: Timing = HURRIED
) -> AsyncIterator[Run]:
    run = Run(folder, url, timing, client)
    run.servers.start(Settings(servers=servers_from([url])))
    try:
        yield run
    finally:
        await run.servers.stop()


@pytest.fixture
def mailpit() -> Dated:
    return Dated()


@pytest.fixture
def server(mailpit: Dated) -> Iterator[Hostile]:
    with hostile(mailpit) as server:
        yield server


async def first_run(folder: Path, server: Hostile) -> None:
    """Run the program once, until it has recorded the whole mailbox."""
    async with running(folder, server.url()) as run:
        await until(lambda: run.walked)
        assert not run.desk.titles


@pytest.mark.parametrize("ignores_before", [False, True])
async def test_the_first_start_notes_all_and_the_next_one_asks_only_for_what_is_new(
    tmp_path: Path, mailpit: Dated, server: Hostile, ignores_before: bool
) -> None:
    mailpit.ignores_before = ignores_before
    await first_run(tmp_path, server)
    assert mailpit.listings <= 6
    mailpit.reads.clear()
    mailpit.now += timedelta(minutes=5)
    mailpit.messages[:0] = [row(31), row(30)]
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.desk.titles)
        assert run.desk.titles == ["2 messages while you were away"]
        assert run.session.inbox.total == SIZE + 2
        assert len(run.session.inbox.rows) == DEFAULT_ROWS
        assert mailpit.listings == 1
        await until(lambda: run.notes(30, 31, 0, 1 - SIZE))


@pytest.mark.parametrize("ignores_before", [False, True])
async def test_a_gap_of_several_pages_is_one_summary_with_the_exact_count(
    tmp_path: Path, mailpit: Dated, server: Hostile, ignores_before: bool
) -> None:
    mailpit.ignores_before = ignores_before
    await first_run(tmp_path, server)
    mailpit.now += timedelta(hours=1)
    mailpit.messages[:0] = [row(number) for number in range(PAGE + 150, 0, -1)]
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.notes(1, PAGE + 150))
        assert run.desk.titles[-1] == f"{PAGE + 150} messages while you were away"  # of a slow page it is an update


async def test_a_message_dated_2001_is_found_behind_a_thousand_known_ones(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    await first_run(tmp_path, server)
    mailpit.messages.append(row(1, datetime(2001, 9, 9, tzinfo=UTC)))
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.desk.titles == ["Mail 1"])
        await until(lambda: run.notes(1))
    assert Journal(run.journal).message_dates
    del mailpit.messages[:3]  # more are known than are there, which hides that one is new
    mailpit.messages.append(row(2, datetime(2001, 9, 8, tzinfo=UTC)))
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.desk.titles == ["Mail 2"])


async def test_a_live_message_dated_2001_reveals_message_dates(tmp_path: Path, mailpit: Dated, server: Hostile) -> None:
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.walked)
        mailpit.push("new", row(1, NOW - timedelta(seconds=30)))
        await until(lambda: run.desk.titles == ["Mail 1"])
        assert not Journal(run.journal).message_dates
        mailpit.push("new", row(2, datetime(2001, 9, 9, tzinfo=UTC)))
        await until(lambda: run.desk.titles == ["Mail 1", "Mail 2"])
        assert Journal(run.journal).message_dates


async def test_without_live_updates_a_message_dated_2001_is_announced_once(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    mailpit.upgrades = False
    async with running(tmp_path, server.url(), client=replace(HURRIED, polling=0.02)) as run:
        await until(lambda: run.walked and run.session.status.link is Link.POLLING)
        mailpit.messages.append(row(1, datetime(2001, 9, 9, tzinfo=UTC)))
        await until(lambda: run.desk.titles == ["Mail 1"])
        mailpit.messages.insert(0, row(2))
        await until(lambda: run.desk.titles == ["Mail 1", "Mail 2"])
        assert run.session.inbox.total == SIZE + 2


async def test_messages_known_only_from_the_counts_are_announced(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.walked)
        mailpit.messages[:0] = [row(2), row(1)]
        mailpit.push("new", row(2))
        mailpit.push("stats", {"Total": SIZE + 2, "Unread": SIZE + 2})
        await until(lambda: run.desk.titles == ["Mail 2", "Mail 1"])
        mailpit.messages.insert(0, row(3))
        mailpit.push("prune")
        await until(lambda: len(run.session.inbox.rows) and run.session.inbox.rows[0].id == "id3")
        mailpit.push("new", row(3))  # the snapshot was faster
        mailpit.push("new", row(4))
        await until(lambda: run.desk.titles == ["Mail 2", "Mail 1", "Mail 3", "Mail 4"])


async def test_a_kill_during_the_first_listing_announces_no_old_message(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    noted = [f"id{-number}" for number in range(PAGE)]
    journal = journal_path(tmp_path, server.url())
    journal.write_text("\n".join(["@walking", f"@{NOW.isoformat()}", *noted]) + "\n")
    mailpit.messages.insert(0, row(1))
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.desk.titles)
        await until(lambda: run.walked and run.notes(1, 1 - SIZE))
        assert run.desk.titles == ["Mail 1"]


# Servers with wrong listings


@contextmanager
def answering(script: Callable[[Visit, str], object]) -> Iterator[tuple[Hostile, Dated]]:
    """A server that answers with the listings of the script."""

    class Lying(Dated):
        def list(self, visit: Visit, path: str) -> None:
            script(visit, path)

    mailpit = Lying(0)
    with hostile(mailpit) as server:
        yield server, mailpit


@pytest.mark.parametrize("claimed", [0, 1, 2**62])
async def test_a_wrong_total_causes_no_memory_use_and_no_requests(
    tmp_path: Path, mailpit: Dated, server: Hostile, claimed: int
) -> None:
    mailpit.counts = claimed
    await first_run(tmp_path, server)
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.session.inbox.total == claimed)
        mailpit.push("new", row(1))
        await until(lambda: run.desk.titles == ["Mail 1"])
        asked = mailpit.listings
        mailpit.push("stats", {"Total": claimed, "Unread": claimed})
        await until(lambda: mailpit.listings > asked)  # the counts are impossible
        assert len(run.session.inbox.rows) == DEFAULT_ROWS
        mailpit.push("new", row(2))
        await until(lambda: run.desk.titles[-1] == "Mail 2")
        assert mailpit.listings <= asked + 3  # a slow machine may take another snapshot; a busy loop takes hundreds


def endless_objects(visit: Visit, _path: str) -> None:
    """57 MB, sent as fast as they are read."""
    visit.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for part in (b'{"total":1,"unread":0,"messages":[', *[b"{}," * 20_000] * 950, b"{}]}"):
        visit.send(b"%x\r\n%b\r\n" % (len(part), part))
    visit.send(b"0\r\n\r\n")


async def test_a_list_of_57_mb_of_nothing_is_one_message_and_the_live_ones_are_announced(tmp_path: Path) -> None:
    with answering(endless_objects) as (server, mailpit):
        async with running(tmp_path, server.url()) as run:
            await until(lambda: run.session.inbox.total == 1)
            assert len(run.session.inbox.rows) == 1
            mailpit.push("new", row(1))
            await until(lambda: run.desk.titles == ["Mail 1"])


async def test_beside_a_list_that_cannot_be_read_live_messages_are_announced_once(tmp_path: Path) -> None:
    broken = [True]
    there = [row(0)]

    def script(visit: Visit, _path: str) -> None:
        body = b"\x1f\x8b" if broken else json.dumps({"total": len(there), "unread": 0, "messages": there}).encode()
        visit.answer(200, body, DATE)

    with answering(script) as (server, mailpit):
        async with running(tmp_path, server.url()) as run:
            await until(lambda: mailpit.listings > 1)
            there.insert(0, row(1))
            mailpit.push("new", there[0])
            await until(lambda: run.desk.titles == ["Mail 1"])
            broken.clear()
            await until(lambda: run.session.inbox.total == 2)
            there.insert(0, row(2))
            mailpit.push("new", there[0])
            await until(lambda: run.desk.titles == ["Mail 1", "Mail 2"])


async def test_frames_that_are_made_to_be_slow_delay_only_the_next_one(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.walked)
        mailpit.streams[-1].frame(
            '{"Type":"new","Data":{"ID":"id1","Subject":"Mail 1","To":[' + "{}," * 60_000 + "{}]}}"
        )
        mailpit.streams[-1].frame("[" + "{}," * 60_000 + "{}]")
        mailpit.push("new", row(2))
        await until(lambda: run.desk.titles == ["Mail 1", "Mail 2"])
        assert len(mailpit.streams) == 1


# Memory


async def test_a_full_disk_is_reported_once_and_the_ids_are_written_later(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    async with running(tmp_path, server.url(), replace(SOON, disk_retry=0.01)) as run:
        await until(lambda: run.walked)
        with full_disk(run.journal, room=2):
            for number in (1, 2):
                mailpit.push("new", row(number))
            await until(lambda: len(run.desk.titles) == 3)
            assert run.desk.titles.count("Cannot save which messages were announced") == 1
            assert not run.notes(1)
        await until(lambda: run.desk.withdrawn == [DISK])
        assert run.notes(1, 2)
    mailpit.messages[:0] = [row(2), row(1)]
    async with running(tmp_path, server.url()) as run:
        await until(lambda: run.session.inbox.total == SIZE + 2)
        mailpit.push("new", row(3))
        await until(lambda: run.desk.titles == ["Mail 3"])


async def test_a_server_that_left_the_settings_leaves_nothing_behind(
    tmp_path: Path, mailpit: Dated, server: Hostile
) -> None:
    with hostile(mailpit) as other:
        settings = Settings(servers=servers_from([server.url(), other.url()]))
        async with running(tmp_path, server.url(), replace(SOON, delete_journal=0.02)) as run:
            run.servers.update_settings(settings)
            paths = [run.journal, journal_path(tmp_path, other.url())]
            await until(lambda: all(path.exists() and Journal(path).walked for path in paths))
            run.servers.update_settings(Settings(servers=settings.servers[:1]))
            run.servers.update_settings(settings)  # it was away for a moment only
            run.servers.update_settings(Settings(servers=settings.servers[:1]))
            await until(lambda: not paths[1].exists())
            assert paths[0].exists()
            run.servers.update_settings(settings)
            await until(paths[1].exists)
            run.servers.update_settings(Settings(servers=settings.servers[:1]))
        assert not paths[1].exists()  # at the end of the program at the latest
        assert paths[0].exists()
