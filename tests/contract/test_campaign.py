"""A short fault campaign for every run of the tests; `packaging/dev soak` runs long ones."""

import asyncio
import json
import math
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from bystanders import Alone, Blind
from campaign.crowd import dead_servers
from campaign.inside import NO_CALLBACKS, QUICK
from campaign.ledger import Ledger, Recorder
from campaign.listings import SUMMARY, padded
from campaign.outside import Launched
from campaign.scenes import ROOMY, inside, outside
from campaign.schedule import Kind, phases
from campaign.unreadable import PAGES, SOURCES, hostile_page, unreadable
from conditions import until
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.client.timing import TIMING
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.core.status import Link
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.servers.servers import Servers
from notification_service import NotificationService, PrivateBus
from standin import RealMailpit, Server, StandIn, real


@pytest.fixture(params=["stand-in", pytest.param("real", marks=real)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with (StandIn if request.param == "stand-in" else RealMailpit)(limit=ROOMY) as ready:
        yield ready


def kinds_of(seed: int, count: int) -> set[Kind]:
    """Return what happens in the first phases of a seed: other seeds may be needed when the schedule changes."""
    return {step.kind for phase in islice(phases(seed), count) for step in phase}


@pytest.mark.parametrize("seed", [15, 2])
async def test_every_message_is_announced_once_and_the_rows_are_the_servers_through_all_faults(
    server: Server, tmp_path: Path, seed: int
) -> None:
    assert kinds_of(seed, 3) > {Kind.FULL_DISK, Kind.FORGET, Kind.LARGE_LISTING}
    async with inside(server, tmp_path, seed) as campaign:
        report = await campaign.run(3)
    assert not report.complaints, report


def test_a_server_takes_each_message_that_begins_a_burst(server: Server) -> None:
    kinds = (unreadable, len(SOURCES)), (hostile_page, len(PAGES))
    sent = [server.send_source(write(number, "Mail")) for write, count in kinds for number in range(count)]
    assert {row["ID"] for row in server.rows()} == set(sent)


def test_a_padded_listing_is_the_servers_listing_and_far_larger() -> None:
    rows = [{"ID": "b"}, {"ID": "a"}]
    answer = (
        b"HTTP/1.0 200 OK\r\nDate: now\r\nContent-Length: 9\r\n\r\n"
        + json.dumps({"total": 2, "messages": rows}).encode()
    )
    head, _, body = b"".join(padded(answer)).partition(b"\r\n\r\n")
    assert head == b"HTTP/1.0 200 OK\r\nDate: now"
    assert len(body) > 2 * 0.9 * SUMMARY
    listed = json.loads(body)
    assert listed["total"] == 2
    assert [row["ID"] for row in listed["messages"]] == ["b", "a"]


async def test_a_process_that_is_really_killed_repeats_at_most_the_call_in_flight(
    server: Server, tmp_path: Path, display: str, bus: PrivateBus, service: NotificationService
) -> None:
    assert kinds_of(89, 2) > {Kind.KILL, Kind.QUIT, Kind.LARGE_LISTING}
    program = Launched(tmp_path, display=display, bus=bus.address, quick=True)
    async with outside(server, program, service, 89) as campaign:
        report = await campaign.run(2)
    assert not report.complaints, report


async def test_two_working_servers_announce_beside_many_broken_ones(tmp_path: Path) -> None:
    recorder = Recorder(Ledger(), random.Random(1))
    with StandIn() as shop, StandIn() as blog, dead_servers(48) as dead:
        urls = [*dead, shop.url, blog.url]
        random.Random(2).shuffle(urls)
        servers = Servers(recorder, tmp_path, NO_CALLBACKS, timing=QUICK)
        servers.start(Settings(servers=servers_from(urls)))
        try:
            for server, name in ((shop, "To the shop"), (blog, "To the blog")):
                await until(lambda url=server.url: servers.sessions[url].inbox.total is not None)
                server.send(name)
                await until(lambda title=name: recorder.titles[-1:] == [title])
            found = {url: lambda url=url: servers.sessions[url].status for url in dead}
            await until(lambda: all(status().link is Link.DISCONNECTED for status in found.values()))
            assert {url: status().fault for url, status in found.items()} == dead
        finally:
            await servers.stop()


# What campaigns have found, each as the shortest way to it.

SHOP = "http://shop.test/"
CONTACT = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk(Notifier):
    """A desktop that answers on request."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.answering = asyncio.Event()

    async def show(self, notice: Notice) -> Result:
        self.titles.append(notice.title)
        await self.answering.wait()
        return Result.SHOWN


def made(name: str, after_contact: float) -> Message:
    return Message(id=name, subject=name, created=CONTACT + timedelta(seconds=after_contact))


def holding(*messages: Message) -> Snapshot:
    """Return a snapshot from ten minutes after the last contact."""
    return Snapshot(messages=messages, total=len(messages), unread=0, date=CONTACT + timedelta(minutes=10))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return the state of a server with one known message."""
    known = Journal(tmp_path / "journal")
    known.record_contact(CONTACT)
    known.record(["known"])
    return tmp_path / "journal"


def listening(journal: Path, desk: Desk) -> Announcer:
    announcer = Announcer(desk, Alone(), Blind())
    announcer.add_server(SHOP, journal)
    return announcer


@asynccontextmanager
async def running(announcer: Announcer) -> AsyncIterator[None]:
    task = asyncio.create_task(announcer.run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_notification_in_flight_at_the_end_is_recorded(journal: Path) -> None:
    desk = Desk()
    announcer = listening(journal, desk)
    announcer.catch_ups.begin(SHOP, holding())
    async with running(announcer):
        announcer.arrived(SHOP, made("shown", 601))
        announcer.arrived(SHOP, made("not begun", 602))
        await until(lambda: desk.titles)
        stopping = asyncio.create_task(announcer.stop())
        await asyncio.sleep(0)
        desk.answering.set()
        await stopping
    assert desk.titles == ["shown"]
    assert "shown" in Journal(journal)
    assert "not begun" not in Journal(journal)


async def test_a_kill_before_the_summary_loses_nothing_on_a_server_that_forgot_the_rest(journal: Path) -> None:
    there = holding(made("a", 60), made("b", 120))
    assert listening(journal, Desk()).catch_ups.begin(SHOP, there) == 2
    assert listening(journal, Desk()).catch_ups.begin(SHOP, there) == 2


async def test_a_live_message_before_the_first_snapshot_announces_none_of_another_database(journal: Path) -> None:
    announcer = listening(journal, Desk())
    live = made("live", 599)
    assert announcer.arrived(SHOP, live)
    assert announcer.catch_ups.begin(SHOP, holding(live, made("old", -9_000), made("older", -10_000))) == 0


async def test_a_clock_that_was_set_back_hides_nothing_on_a_server_that_forgot_the_rest(journal: Path) -> None:
    Journal(journal).record_contact(datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC))
    new = Message(id="new", created=datetime.now(UTC))
    there = Snapshot(messages=(new,), total=1, unread=1, date=datetime.now(UTC))
    assert listening(journal, Desk()).catch_ups.begin(SHOP, there) == 1


async def test_changed_settings_of_a_server_repeat_no_waiting_message(journal: Path) -> None:
    announcer = listening(journal, Desk())
    announcer.arrived(SHOP, made("a", 60))
    announcer.add_server(SHOP, journal)
    assert announcer.catch_ups.begin(SHOP, holding(made("a", 60))) == 0


async def test_a_message_that_only_a_snapshot_has_is_announced_while_the_mailbox_is_listed(journal: Path) -> None:
    journal.unlink()  # the first start: every message is recorded
    announcer = listening(journal, Desk())
    walked = replace(holding(made("first", 599)), more=True, total=9)
    assert announcer.catch_ups.begin(SHOP, walked) == 0
    assert announcer.catch_ups.needs_older(SHOP)
    assert announcer.catch_ups.compare(SHOP, holding(made("new", 601), made("not walked yet", 60))) == 1


def test_the_last_contact_is_from_before_a_connection_went_half_open() -> None:
    assert math.ceil(TIMING.dead_after / TIMING.ping_after) * TIMING.ping_after < Timing().unnoticed
