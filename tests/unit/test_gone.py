"""Messages deleted before they were announced are not announced, now or after a restart."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bystanders import Alone, Blind
from hostile import PATIENCE
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.model import Message

SHOP = "http://shop.test/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk(Notifier):
    """A desktop that records its notifications."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def show(self, notice: Notice) -> Result:
        self.told.append((notice.title, notice.body))
        return Result.SHOWN


def mail(name: str) -> Message:
    """Return a message; names later in the alphabet are newer."""
    return Message(id=name, subject=name, created=NOW + timedelta(seconds=ord(name)))


def snapshot(*names: str) -> Snapshot:
    return Snapshot(messages=tuple(map(mail, names)), total=len(names), unread=0, date=NOW + timedelta(hours=1))


class Stage:
    """An announcer of one server, and its notifications."""

    def __init__(self, folder: Path, timing: Timing) -> None:
        self.journal = folder / "journal"
        self.desk = Desk()
        self.announcer = Announcer(self.desk, Alone(), Blind(), timing)
        self.announcer.add_server(SHOP, self.journal)

    def arrive(self, names: str) -> None:
        for name in names:
            self.announcer.arrived(SHOP, mail(name))

    def change(self, change: Change) -> None:
        self.announcer.apply_change(SHOP, change, pending=())

    def knows(self, name: str) -> bool:
        """Return whether a message would be known after a restart."""
        return name in Journal(self.journal)


@pytest.fixture
def timing() -> Timing:
    """The default timing; tests that need another one parametrize it."""
    return Timing()


@pytest.fixture
async def stage(tmp_path: Path, timing: Timing) -> AsyncIterator[Stage]:
    """A stage after the first snapshot."""
    stage = Stage(tmp_path, timing)
    async with running(stage):
        stage.announcer.catch_ups.begin(SHOP, snapshot("0"))
        yield stage


@asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    task = asyncio.create_task(stage.announcer.run())
    yield
    await stage.announcer.stop()
    task.cancel()
    await asyncio.wait([task])


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.002)


async def test_a_pause_whose_messages_are_all_deleted_ends_without_a_word(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    for name in "cab":
        stage.change(Change(removed=(name,), gone=(name,)))
    assert all(map(stage.knows, "abc"))
    stage.announcer.resume()
    stage.arrive("d")
    await until(lambda: stage.desk.told)
    assert [title for title, _ in stage.desk.told] == ["d"]


async def test_after_a_pause_what_is_left_is_told_of(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abcd")
    stage.change(Change(gone=("d",)))
    stage.announcer.resume()
    await until(lambda: stage.desk.told)
    assert stage.desk.told == [("3 messages while paused", "Newest: c")]
    await until(lambda: all(map(stage.knows, "abcd")))


async def test_the_only_one_that_is_left_after_a_pause_is_announced_itself(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(gone=("c", "b")))
    stage.announcer.resume()
    await until(lambda: stage.desk.told)
    assert [title for title, _ in stage.desk.told] == ["a"]


@pytest.mark.parametrize("timing", [Timing(kept_whole=1)])
async def test_of_more_than_are_kept_as_a_whole_the_count_is_right_all_the_same(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(gone=("c",)))
    stage.announcer.resume()
    await until(lambda: stage.desk.told)
    assert stage.desk.told == [("2 messages while paused", "")]


async def test_a_server_that_was_emptied_during_a_pause_has_nothing_to_be_told_of(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(counts=True, emptied=True))
    stage.announcer.resume()
    stage.arrive("d")
    await until(lambda: stage.desk.told)
    assert [title for title, _ in stage.desk.told] == ["d"]
    assert all(map(stage.knows, "abc"))


@pytest.mark.parametrize("timing", [Timing(settle=0.01)])
async def test_what_was_missed_and_is_gone_before_it_was_summed_up_is_not_counted(stage: Stage) -> None:
    stage.announcer.catch_ups.connection_lost(SHOP)
    assert stage.announcer.catch_ups.begin(SHOP, snapshot("0", "a", "b", "c")) == 3
    stage.change(Change(gone=("c",)))
    await until(lambda: stage.desk.told)
    assert stage.desk.told == [("2 messages while you were away", "Newest: b")]


@pytest.mark.parametrize("timing", [Timing(first_summary=0.01)])
async def test_what_is_gone_before_a_burst_was_summed_up_is_not_counted(stage: Stage) -> None:
    stage.arrive("abcdefg")
    stage.change(Change(gone=("g", "a")))
    await until(lambda: len(stage.desk.told) == 3)
    assert [title for title, _ in stage.desk.told] == ["b", "c", "3 new messages"]
    assert stage.desk.told[-1][1] == "Newest: f"
    await until(lambda: all(map(stage.knows, "abcdefg")))
