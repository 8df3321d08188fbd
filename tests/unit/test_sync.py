"""Sync with a server that is a function: the requests, their times, and the effect of the answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from conditions import until
from mailpit_notifier.client.listing import Query
from mailpit_notifier.client.sync import Sync, SyncCallbacks
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.protocol.events import Arrived, Deleted, Pruned, Snapshot, Stats, Truncated, Updated
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

HURRIED = Timing(quiet=0.02, between_snapshots=0.001, watching=0.005, polling=0.002, first_retry=0.001)
"""The times of Sync, shortened."""


def message(number: int, *, read: bool = False) -> Message:
    """Return a message; a higher number is newer."""
    return Message(id=f"id{number}", created=NOW + timedelta(seconds=number), read=read)


class Served:
    """A server, and what Sync reported about it.

    `asked` has the limits of the requests. Each fault in `broken` is raised once; each function in `meanwhile` is
    called once, between the server's answer and its arrival. `wants_older` is the result of the callbacks for each
    page, `known` has the IDs of the messages that are not new.
    """

    def __init__(self, count: int, rows: int, page: int = 8, timing: Timing = HURRIED) -> None:
        self.messages = [message(number) for number in range(count, 0, -1)]
        self.asked: list[int] = []
        self.wants_older = False
        self.known: set[str] = set()
        self.older: list[Snapshot] = []
        self.broken: list[Fault] = []
        self.meanwhile: list[Callable[[], None]] = []
        self.changes: list[Change] = []
        self.caught_up: list[Snapshot] = []
        listener = SyncCallbacks(
            changed=self.changes.append,
            caught_up=partial(self.listed, self.caught_up),
            older=partial(self.listed, self.older),
            knows=self.known.__contains__,
        )
        self.now: float | None = None
        """The time that the clock shows, if it is stopped."""
        self.sync = Sync(rows, self.fetch, listener, page=page, most=8, timing=timing, clock=self._clock)

    def _clock(self) -> float:
        return time.monotonic() if self.now is None else self.now

    async def fetch(self, query: Query) -> Snapshot:
        self.asked.append(query.limit)
        if self.broken:
            raise FaultError(self.broken.pop())
        listed = [one for one in self.messages if query.before is None or one.created < query.before]
        rows = listed[query.start : query.start + query.limit]
        unread = sum(not one.read for one in self.messages)
        more = len(rows) == query.limit
        answer = Snapshot(messages=tuple(rows), total=len(self.messages), unread=unread, more=more)
        while self.meanwhile:
            self.meanwhile.pop()()
        return answer

    def listed(self, pages: list[Snapshot], page: Snapshot) -> bool:
        pages.append(page)
        self.known.update(one.id for one in page.messages)
        return self.wants_older

    def arrive(self, number: int) -> None:
        """Let a message arrive, with its event."""
        self.messages.insert(0, message(number))
        self.sync.apply_event(Arrived(message=self.messages[0]))

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


async def what_is_due() -> None:
    """Wait for all that is due within `Timing.quiet` from now: timers run in order."""
    due = asyncio.Event()
    asyncio.get_running_loop().call_later(HURRIED.quiet, due.set)
    await due.wait()


@asynccontextmanager
async def in_step(count: int, rows: int = 200, page: int = 8, timing: Timing = HURRIED) -> AsyncIterator[Served]:
    """Follow a server and wait for the first snapshot."""
    served = Served(count, rows, page, timing)
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
async def polled(count: int, rows: int = 200, page: int = 8) -> AsyncIterator[Served]:
    """Poll a server and wait for the first answers."""
    served = Served(count, rows, page)
    served.sync.poll(wanted=True)
    faults: list[FaultError] = []
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: len(served.asked) > 2)
    try:
        yield served
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert not faults


async def test_more_rows_are_loaded_page_by_page_up_to_a_bound() -> None:
    async with in_step(12, rows=2, page=3) as served:
        assert served.rows == ids(12, 11)
        for held in (5, 8):
            assert served.sync.loadable() == 8 - len(served.rows)
            served.sync.load_more()
            await until(lambda held=held: len(served.rows) == held)
            assert max(served.asked) == 3
        assert served.rows == ids(12, 11, 10, 9, 8, 7, 6, 5)
        assert served.sync.loadable() == 0
    async with in_step(4, rows=2) as served:
        assert served.sync.loadable() == 2


async def test_without_missed_messages_one_page_is_requested() -> None:
    async with in_step(12, rows=2, page=3) as served:
        assert served.asked == [3]
        assert [[one.id for one in snapshot.messages] for snapshot in served.caught_up] == [ids(12, 11, 10)]
        assert (served.caught_up[0].total, served.caught_up[0].more) == (12, True)
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) == 2)
        assert served.asked == [3, 2]  # from then on the rows will do
        assert len(served.caught_up) == 1


async def test_pages_of_the_first_snapshot_are_reported_as_they_are_received() -> None:
    """What was missed is announced after the first page, however long the rest of the rows takes."""
    requests_before: list[int] = []

    class Counted(Served):
        def listed(self, pages: list[Snapshot], page: Snapshot) -> bool:
            requests_before.append(len(self.asked))
            return super().listed(pages, page)

    served = Counted(9, rows=200, page=3)
    served.wants_older = True
    task = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: served.sync.inbox.total == 9)
    task.cancel()
    await asyncio.wait([task])
    assert [one.id for page in (*served.caught_up, *served.older) for one in page.messages] == served.rows
    assert requests_before[:3] == [1, 2, 3]


async def test_older_messages_are_listed_as_long_as_needed_while_snapshots_go_on() -> None:
    served = Served(9, rows=2, page=3)
    served.wants_older = True
    task = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: served.older)
    served.arrive(10)
    served.sync.apply_event(Deleted(id=served.messages.pop(0).id))  # a row that was pushed out has a place now
    await until(lambda: served.older[-1:] and not served.older[-1].more)
    assert [one.id for page in served.older for one in page.messages] == ids(6, 5, 4, 3, 2, 1)
    await until(lambda: served.rows == ids(9, 8) and served.sync.inbox.total == 9)
    assert len(served.caught_up) == 1
    served.wants_older = False
    task.cancel()
    await asyncio.wait([task])
    again = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: len(served.caught_up) == 2)
    asked = len(served.asked)
    await what_is_due()
    assert len(served.asked) == asked
    again.cancel()
    await asyncio.wait([again])


async def test_a_page_that_fails_is_requested_again() -> None:
    served = Served(6, rows=2, page=3)
    served.wants_older = True
    faults: list[FaultError] = []
    served.meanwhile.append(lambda: served.broken.append(Fault.STOPPED))
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: served.older and not served.older[-1].more)
    assert [error.fault for error in faults] == [Fault.STOPPED]
    assert [one.id for page in served.older for one in page.messages] == ids(3, 2, 1)
    task.cancel()
    await asyncio.wait([task])


async def test_messages_that_arrive_during_a_snapshot_are_counted() -> None:
    def much() -> None:
        served.arrive(3)
        served.sync.apply_event(Updated(id="id3", read=True))
        served.arrive(4)
        served.sync.apply_event(Deleted(id="id1"))

    async with in_step(2) as served:
        served.meanwhile.append(much)
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) == 2)
        assert served.rows == ids(4, 3, 2)
        assert (served.sync.inbox.total, served.sync.inbox.unread) == (3, 2)
        assert served.arrived == ids(3, 4)


async def test_a_message_after_truncate_during_a_snapshot_is_kept() -> None:
    def emptied_and_filled() -> None:
        served.messages.clear()
        served.sync.apply_event(Truncated())
        served.arrive(3)

    async with in_step(2) as served:
        served.meanwhile.append(emptied_and_filled)
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) == 3 and served.rows == ids(3))
        assert served.gone == ids(2, 1)
        assert served.arrived == ids(3)
        assert (served.sync.inbox.total, served.sync.inbox.unread) == (1, 1)


async def test_a_message_before_a_late_truncate_is_kept() -> None:
    async with in_step(2) as served:
        served.messages.clear()
        served.arrive(3)
        served.sync.apply_event(Truncated())
        await until(lambda: len(served.asked) == 2 and served.rows == ids(3))
        assert served.gone == ids(2, 1)
        served.meanwhile.append(lambda: (served.arrive(4), served.sync.apply_event(Truncated())))
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) == 4)
        assert served.rows == ids(4, 3)
        assert served.gone == ids(2, 1)


async def test_only_the_first_snapshot_after_a_truncate_lists_more_than_the_rows() -> None:
    """Rows older than everything that was listed stay unknown: they must not make every later snapshot a large one."""
    async with in_step(2, rows=2, page=3) as served:
        served.messages[:] = [message(number) for number in range(14, 0, -1)]
        served.sync.apply_event(Truncated())
        await until(lambda: served.sync.inbox.total == 14)
        listed = len(served.asked)
        assert listed > 4
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) > listed)
        await what_is_due()
        assert served.asked[listed:] == [2]


async def test_messages_that_arrive_during_the_first_snapshot_are_kept_and_counted() -> None:
    served = Served(3, rows=2)
    served.meanwhile.append(lambda: [served.arrive(number) for number in range(4, 9)])
    task = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: served.caught_up)
    assert served.rows == ids(8, 7)
    assert served.gone == []
    assert (served.sync.inbox.total, served.sync.inbox.unread, served.sync.inbox.beyond) == (8, 8, 6)
    task.cancel()
    await asyncio.wait([task])


async def test_late_frames_of_messages_beyond_the_end_of_a_snapshot_are_not_counted_twice() -> None:
    async with in_step(2, rows=2) as served:
        served.messages[:] = [message(number) for number in (6, 5, 4, 3, 2, 1)]
        late = [Arrived(message=one) for one in reversed(served.messages[:4])]
        served.meanwhile.append(lambda: [served.sync.apply_event(frame) for frame in late])
        served.sync.request_snapshot()
        await until(lambda: len(served.asked) == 2)
        assert served.rows == ids(6, 5)
        assert served.arrived == ids(3, 4, 5, 6)
        assert served.gone == []
        assert (served.sync.inbox.total, served.sync.inbox.beyond) == (6, 4)


async def test_counts_that_disagree_are_checked_only_after_a_quiet_moment() -> None:
    async with in_step(1) as served:
        served.now = 100.0
        served.sync.apply_event(Stats(total=3, unread=3))
        served.arrive(2)
        await what_is_due()  # the check is due, but no time has passed since the message
        served.arrive(3)  # now they agree
        served.now += HURRIED.quiet
        await what_is_due()
        await what_is_due()  # judged once more, as the first time was too early
        assert len(served.asked) == 1
        served.sync.apply_event(Stats(total=2, unread=2))
        await until(lambda: len(served.asked) == 2)
        await until(lambda: served.sync.inbox.total == 3)


async def test_a_shown_window_polls_a_server_without_stats_and_no_other() -> None:
    async with in_step(2) as served:
        await what_is_due()
        assert len(served.asked) == 1  # no window is shown
        served.messages.pop()
        served.sync.watch(shown=True)
        await until(lambda: served.rows == ids(2))
        served.messages.clear()
        await until(lambda: not served.rows)
        served.sync.apply_event(Stats(total=0, unread=0))
        served.sync.request_snapshot()  # ends the waiting that began before
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked)
        await what_is_due()
        asked = len(served.asked)
        served.sync.watch(shown=True)
        await what_is_due()
        assert len(served.asked) == asked


async def test_a_window_that_opens_gets_a_snapshot_at_once() -> None:
    async with in_step(2, timing=replace(HURRIED, watching=3_600.0)) as served:
        served.messages.pop()
        served.sync.watch(shown=True)
        await until(lambda: served.rows == ids(2))


async def test_each_connection_finds_out_again_whether_the_server_sends_stats() -> None:
    async with in_step(2) as served:
        served.sync.apply_event(Stats(total=2, unread=2))
    served.sync.watch(shown=True)
    again = asyncio.create_task(served.sync.run(lambda _: None))
    await until(lambda: len(served.caught_up) == 2)
    served.messages.pop()
    await until(lambda: served.rows == ids(2))
    again.cancel()
    await asyncio.wait([again])


async def test_snapshots_keep_their_distance_however_often_they_are_requested() -> None:
    async with in_step(2, timing=replace(HURRIED, between_snapshots=3600.0)) as served:
        served.sync.apply_event(Pruned())
        await what_is_due()
        assert len(served.asked) == 1


async def test_a_change_without_an_event_causes_a_snapshot() -> None:
    async with in_step(4) as served:
        served.sync.expect_deleted("id4")
        served.sync.expect_read(["id3"], read=True)
        served.sync.apply_event(Deleted(id="id4"))
        served.sync.apply_event(Updated(id="id3", read=True))
        await what_is_due()
        assert len(served.asked) == 1
        served.messages[:] = [message(3, read=True), message(1, read=True)]
        served.sync.expect_deleted("id2")  # the server sends no event for this
        await until(lambda: served.rows == ids(3, 1))
        assert len(served.asked) == 2
        served.messages[:] = [message(3), message(1, read=True)]
        served.sync.expect_read(["id3"], read=False)
        await until(lambda: not served.sync.inbox.by_id["id3"].read)
        assert len(served.asked) == 3


async def test_polling_reports_each_new_message_once() -> None:
    async with polled(2) as served:
        assert served.rows == ids(2, 1)
        assert [len(snapshot.messages) for snapshot in served.caught_up] == [2]
        assert served.arrived == []
        polls = len(served.asked)
        await until(lambda: len(served.asked) > polls + 2)
        assert set(served.asked) == {8}  # a newest, and no more: nothing happened
        served.messages[:0] = [message(4), message(3)]
        await until(lambda: served.rows == ids(4, 3, 2, 1))
        assert served.arrived == ids(3, 4)
        served.messages[0] = replace(served.messages[0], read=True)
        await until(lambda: served.sync.inbox.by_id["id4"].read)
        served.messages.pop()
        await until(lambda: served.rows == ids(4, 3, 2))
        assert served.arrived == ids(3, 4)
        assert len(served.caught_up) == 1


async def test_a_requested_snapshot_is_taken_while_polling() -> None:
    async with polled(4, page=3) as served:
        served.messages[3] = replace(served.messages[3], tags=("late",))
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked + 1)
        assert not served.sync.inbox.by_id["id1"].tags
        served.sync.request_snapshot()
        await until(lambda: served.sync.inbox.by_id["id1"].tags)


async def test_after_a_listing_polls_are_short_again() -> None:
    async with polled(3, page=50) as served:
        served.messages.pop()  # which only a listing shows
        await until(lambda: served.rows == ids(3, 2))
        assert 50 in served.asked
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked + 3)
        assert set(served.asked[asked:]) == {20}


async def test_polling_requests_only_as_many_pages_as_new_messages_fill() -> None:
    async with polled(9, rows=4, page=3) as served:
        served.known.update(ids(*range(10)))  # as the listing would have reported
        asked = len(served.asked)
        served.messages.insert(0, message(10))
        await until(lambda: served.arrived == ids(10))
        assert len(served.asked) == asked + 1
        served.messages[:0] = [message(number) for number in range(17, 10, -1)]
        await until(lambda: len(served.arrived) == 8)
        assert sorted(served.arrived) == sorted(ids(*range(10, 18)))
        assert served.rows == ids(17, 16, 15, 14)
        assert served.sync.inbox.total == 17


async def test_a_listing_that_fails_after_a_poll_is_made_up_for_even_if_events_correct_the_counts() -> None:
    served = Served(30, rows=6, page=3)
    served.known.update(ids(*range(31)))
    served.sync.poll(wanted=True)
    faults: list[FaultError] = []
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: len(served.asked) > 2)

    def break_the_listing() -> None:
        served.broken.append(Fault.TIMEOUT)
        served.sync.apply_event(Stats(total=40, unread=40))

    served.meanwhile.append(break_the_listing)  # after the answer to the next poll, which has the newest three
    served.messages[:0] = [message(number) for number in range(40, 30, -1)]
    await until(lambda: len(served.arrived) == 10)
    assert sorted(served.arrived) == sorted(ids(*range(31, 41)))
    assert [error.fault for error in faults] == [Fault.TIMEOUT]
    task.cancel()
    await asyncio.wait([task])


async def test_a_new_message_with_an_old_date_is_found_while_polling() -> None:
    async with polled(9, rows=4, page=3) as served:
        served.known.update(ids(*range(10)))  # as the listing would have reported
        served.messages.append(message(-1_000_000))
        await until(lambda: served.arrived == ids(-1_000_000))
        assert served.sync.inbox.total == 10
        asked = len(served.asked)
        await until(lambda: len(served.asked) > asked + 3)
        assert served.arrived == ids(-1_000_000)
        served.messages.insert(0, message(10))
        await until(lambda: served.arrived == ids(-1_000_000, 10))


async def test_old_messages_are_not_reported_as_new_while_they_are_still_being_listed() -> None:
    looked_at = asyncio.Event()

    class Slow(Served):
        async def fetch(self, query: Query) -> Snapshot:
            if query.before or query.start:
                await looked_at.wait()
            return await super().fetch(query)

    served = Slow(9, rows=2, page=3)
    served.wants_older = True
    served.sync.poll(wanted=True)
    task = asyncio.create_task(served.sync.run(lambda _error: None))
    await until(lambda: served.caught_up)
    del served.messages[:2]  # older ones move up
    served.messages.insert(0, message(10))
    looked_at.set()
    await until(lambda: served.arrived)
    assert served.arrived == ids(10)
    task.cancel()
    await asyncio.wait([task])


async def test_a_fault_ends_it_if_the_caller_raises_it() -> None:
    served = Served(1, rows=200)
    served.broken.append(Fault.STOPPED)

    def failed(error: FaultError) -> None:
        raise error

    with pytest.raises(FaultError):
        await served.sync.run(failed)


async def test_a_failed_snapshot_is_reported_and_repeated() -> None:
    served = Served(1, rows=200)
    served.broken.append(Fault.STOPPED)
    faults: list[FaultError] = []
    task = asyncio.create_task(served.sync.run(faults.append))
    await until(lambda: served.rows == ids(1))
    assert [error.fault for error in faults] == [Fault.STOPPED]
    assert served.asked == [8, 8]
    served.sync.apply_event(Stats(total=9, unread=9))
    task.cancel()
    await asyncio.wait([task])
    served.sync.apply_event(Pruned())
    await what_is_due()
    assert served.asked == [8, 8]  # the counts are no longer checked
    assert len(served.caught_up) == 1
