"""In step with a server that is one function here: what it is asked for, when, and what comes of the answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from hostile import PATIENCE
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.mailpit import backoff
from mailpit_notifier.mailpit import sync as sync_module
from mailpit_notifier.mailpit.events import Arrived, Deleted, Pruned, Snapshot, Stats, Truncated, Updated
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.mailpit.sync import Listener, Sync

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def message(number: int, *, read: bool = False) -> Message:
    """The higher its number, the newer."""
    return Message(id=f"id{number}", created=NOW + timedelta(seconds=number), read=read)


class Served:
    """A server, and what was told of it.

    `asked` are the limits of the snapshots. A fault in `broken` is met once; what is in `meanwhile` happens once, after
    the server has made up its answer and before that is there.
    """

    def __init__(self, count: int, rows: int) -> None:
        self.messages = [message(number) for number in range(count, 0, -1)]
        self.asked: list[int] = []
        self.broken: list[Fault] = []
        self.meanwhile: list[Callable[[], None]] = []
        self.changes: list[Change] = []
        self.caught_up: list[Snapshot] = []
        self.sync = Sync(rows, self._fetch, Listener(changed=self.changes.append, caught_up=self.caught_up.append))

    async def _fetch(self, limit: int) -> Snapshot:
        self.asked.append(limit)
        if self.broken:
            raise FaultError(self.broken.pop())
        unread = sum(not one.read for one in self.messages)
        answer = Snapshot(messages=tuple(self.messages[:limit]), total=len(self.messages), unread=unread)
        while self.meanwhile:
            self.meanwhile.pop()()
        return answer

    def arrive(self, number: int) -> None:
        """A mail that the server tells of by itself."""
        self.messages.insert(0, message(number))
        self.sync.take(Arrived(message=self.messages[0]))

    @property
    def rows(self) -> list[str]:
        return [row.id for row in self.sync.inbox.rows]

    @property
    def gone(self) -> list[str]:
        return [name for change in self.changes for name in change.gone]

    @property
    def arrived(self) -> list[str]:
        return [change.arrived.id for change in self.changes if change.arrived]


def ids(*numbers: int) -> list[str]:
    return [f"id{number}" for number in numbers]


async def until(condition: Callable[[], object]) -> None:
    """Wait until it is true, while the loop goes on."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.001)


async def what_is_due() -> None:
    """Let everything happen that was to happen within `QUIET` from now: timers run in their order."""
    due = asyncio.Event()
    asyncio.get_running_loop().call_later(sync_module.QUIET, due.set)
    await due.wait()


@asynccontextmanager
async def in_step(count: int, rows: int = 200) -> AsyncIterator[Served]:
    """A server that is followed, after the first snapshot."""
    served = Served(count, rows)
    faults: list[FaultError] = []
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: served.sync.inbox.total == count)
    try:
        yield served
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert not faults


@asynccontextmanager
async def polled(count: int) -> AsyncIterator[Served]:
    """A server that tells nothing by itself, after the first answers."""
    served = Served(count, rows=200)
    task = asyncio.create_task(served.sync.poll())
    await until(lambda: len(served.asked) > 2)
    try:
        yield served
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes its time is done soon, and few are many."""
    for name, seconds in {"QUIET": 0.02, "BETWEEN_SNAPSHOTS": 0.001, "WATCHING": 0.005, "POLLING": 0.002}.items():
        monkeypatch.setattr(sync_module, name, seconds)
    monkeypatch.setattr(sync_module, "PAGE", 3)
    monkeypatch.setattr(sync_module, "MOST", 8)


async def test_more_rows_are_loaded_page_by_page_up_to_a_bound() -> None:
    async with in_step(12, rows=2) as served:
        assert served.rows == ids(12, 11)
        for held in (5, 8):
            assert served.sync.can_load() == 8 - len(served.rows)
            served.sync.load_more()
            await until(lambda held=held: len(served.rows) == held)
            assert served.asked[-1] == held
        assert served.sync.can_load() == 0
    async with in_step(4, rows=2) as served:
        assert served.sync.can_load() == 2


@pytest.mark.parametrize(("count", "asked"), [(7, [8]), (8, [8, 16]), (12, [8, 20])])
async def test_a_gap_is_looked_for_in_all_that_there_is(count: int, asked: list[int]) -> None:
    async with in_step(count, rows=2) as served:
        assert served.asked == asked
        assert [len(told.messages) for told in served.caught_up] == [count]
        served.sync.want()
        await until(lambda: len(served.asked) > len(asked))
        assert served.asked[len(asked) :] == [2]  # from then on the rows will do
        assert len(served.caught_up) == 1


async def test_what_came_while_the_snapshot_was_under_way_is_counted_with_it() -> None:
    def much() -> None:
        served.arrive(3)
        served.sync.take(Updated(id="id3", read=True))
        served.arrive(4)
        served.sync.take(Deleted(id="id1"))

    async with in_step(2) as served:
        served.meanwhile.append(much)
        served.sync.want()
        await until(lambda: len(served.asked) == 2 and served.sync._since is None)
        assert served.rows == ids(4, 3, 2)
        assert (served.sync.inbox.total, served.sync.inbox.unread) == (3, 2)
        assert served.arrived == ids(3, 4)


async def test_a_mail_that_came_after_truncate_during_a_snapshot_is_not_gone() -> None:
    def emptied_and_filled() -> None:
        served.messages.clear()
        served.sync.take(Truncated())
        served.arrive(3)

    async with in_step(2) as served:
        served.meanwhile.append(emptied_and_filled)
        served.sync.want()
        await until(lambda: len(served.asked) == 3 and served.rows == ids(3))
        assert served.gone == ids(2, 1)
        assert served.arrived == ids(3)
        assert served.asked[2] == sync_module.MOST  # only all of it tells what is gone
        assert (served.sync.inbox.total, served.sync.inbox.unread) == (1, 1)


async def test_a_mail_that_a_late_truncate_comes_after_is_not_gone() -> None:
    async with in_step(2) as served:
        served.messages.clear()
        served.arrive(3)
        served.sync.take(Truncated())
        await until(lambda: len(served.asked) == 2 and served.rows == ids(3))
        assert served.gone == ids(2, 1)
        served.meanwhile.append(lambda: (served.arrive(4), served.sync.take(Truncated())))
        served.sync.want()
        await until(lambda: len(served.asked) == 4 and served.sync._since is None)
        assert served.rows == ids(4, 3)
        assert served.gone == ids(2, 1)


async def test_of_what_came_during_the_first_snapshot_nothing_is_gone_and_all_is_counted() -> None:
    served = Served(3, rows=2)
    served.meanwhile.append(lambda: [served.arrive(number) for number in range(4, 9)])
    task = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: served.caught_up and served.sync._since is None)
    assert served.rows == ids(8, 7)
    assert served.gone == []
    assert (served.sync.inbox.total, served.sync.inbox.unread, served.sync.inbox.beyond) == (8, 8, 6)
    task.cancel()
    await asyncio.wait([task])


async def test_late_frames_of_mails_that_a_snapshot_has_counted_beyond_its_end_are_not_counted_twice() -> None:
    async with in_step(2, rows=2) as served:
        served.messages[:] = [message(number) for number in (6, 5, 4, 3, 2, 1)]
        late = [Arrived(message=one) for one in reversed(served.messages[:4])]
        served.meanwhile.append(lambda: [served.sync.take(frame) for frame in late])
        served.sync.want()
        await until(lambda: len(served.asked) == 2 and served.sync._since is None)
        assert served.rows == ids(6, 5)
        assert served.arrived == ids(3, 4, 5, 6)
        assert served.gone == []
        assert (served.sync.inbox.total, served.sync.inbox.beyond) == (6, 4)


async def test_counts_that_disagree_are_looked_into_only_after_a_moment_without_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(sync_module, "monotonic", lambda: now)
    async with in_step(1) as served:
        served.sync.take(Stats(total=3, unread=3))
        served.arrive(2)
        await what_is_due()  # the time to judge, but since the mail none has passed
        served.arrive(3)  # now they agree
        now += sync_module.QUIET
        await until(lambda: served.sync._judging is None)
        await what_is_due()
        assert len(served.asked) == 1
        served.sync.take(Stats(total=2, unread=2))
        await until(lambda: len(served.asked) == 2)
        await until(lambda: served.sync.inbox.total == 3)


async def test_who_watches_sees_what_an_old_server_does_not_tell_and_a_new_one_is_not_asked() -> None:
    async with in_step(2) as served:
        await what_is_due()
        assert len(served.asked) == 1  # nobody watches
        served.messages.pop()
        served.sync.watch(shown=True)
        await until(lambda: served.rows == ids(2))
        served.messages.clear()
        await until(lambda: not served.rows)
        served.sync.take(Stats(total=0, unread=0))
        served.sync.want()  # ends the waiting that began before
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked and served.sync._judging is None)
        asked = len(served.asked)
        served.sync.watch(shown=True)
        await what_is_due()
        assert len(served.asked) == asked


async def test_after_a_new_connection_it_shows_anew_whether_the_server_counts() -> None:
    async with in_step(2) as served:
        served.sync.take(Stats(total=2, unread=2))
    served.sync.watch(shown=True)
    again = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: len(served.caught_up) == 2)
    served.messages.pop()
    await until(lambda: served.rows == ids(2))
    again.cancel()
    await asyncio.wait([again])


async def test_between_two_snapshots_there_is_time_however_often_they_are_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sync_module, "BETWEEN_SNAPSHOTS", 3600.0)
    async with in_step(2) as served:
        served.sync.take(Pruned())
        await what_is_due()
        assert len(served.asked) == 1


async def test_a_change_of_ours_that_is_not_echoed_is_asked_for() -> None:
    async with in_step(4) as served:
        served.sync.expect_gone("id4")
        served.sync.expect_read(["id3"], read=True)
        served.sync.take(Deleted(id="id4"))
        served.sync.take(Updated(id="id3", read=True))
        await what_is_due()
        assert len(served.asked) == 1
        served.messages[:] = [message(3, read=True), message(1, read=True)]
        served.sync.expect_gone("id2")  # of this the server says nothing
        await until(lambda: served.rows == ids(3, 1))
        assert len(served.asked) == 2
        served.messages[:] = [message(3), message(1, read=True)]
        served.sync.expect_read(["id3"], read=False)
        await until(lambda: not served.sync.inbox.by_id["id3"].read)
        assert len(served.asked) == 3


async def test_without_live_updates_the_server_is_asked_and_mails_are_news_once() -> None:
    async with polled(2) as served:
        assert served.rows == ids(2, 1)
        assert [len(told.messages) for told in served.caught_up] == [2]
        assert served.arrived == []
        assert served.asked[:2] == [1, 8]
        assert set(served.asked[2:]) == {1}  # nothing happened, so nothing more is asked for
        served.messages[:0] = [message(4), message(3)]
        await until(lambda: served.rows == ids(4, 3, 2, 1))
        assert served.arrived == ids(3, 4)
        served.messages[0] = replace(served.messages[0], read=True)
        await until(lambda: served.sync.inbox.by_id["id4"].read)
        served.messages.pop()
        await until(lambda: served.rows == ids(4, 3, 2))
        assert served.arrived == ids(3, 4)
        assert len(served.caught_up) == 1


async def test_what_the_newest_mail_and_the_counts_do_not_show_is_polled_when_it_is_wanted() -> None:
    async with polled(3) as served:
        served.messages[1] = replace(served.messages[1], tags=("late",))
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked + 1)
        assert not served.sync.inbox.by_id["id2"].tags
        served.sync.want()
        await until(lambda: served.sync.inbox.by_id["id2"].tags)


async def test_polling_ends_with_the_first_fault() -> None:
    served = Served(1, rows=200)
    served.broken.append(Fault.STOPPED)
    with pytest.raises(FaultError):
        await served.sync.poll()


async def test_a_snapshot_that_fails_is_told_and_taken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.001)
    served = Served(1, rows=200)
    served.broken.append(Fault.STOPPED)
    faults: list[FaultError] = []
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: served.rows == ids(1))
    assert [error.fault for error in faults] == [Fault.STOPPED]
    assert served.asked == [8, 8]
    served.sync.take(Stats(total=9, unread=9))
    task.cancel()
    await asyncio.wait([task])
    served.sync.take(Pruned())
    assert served.sync._judging is None  # who no longer follows judges nothing
    assert len(served.caught_up) == 1
