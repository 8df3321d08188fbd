"""Messages deleted before they were announced are not announced, now or after a restart."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bystanders import Alone, Blind, running
from conditions import until
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.catch_up import CatchUp
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.gap import Gap
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.events import Refused, Snapshot
from mailpit_notifier.protocol.model import Message

SHOP = "http://shop.test/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk(Notifier):
    """A desktop that records its notifications."""

    def __init__(self) -> None:
        self.notices: list[tuple[str, str]] = []

    async def show(self, notice: Notice) -> Result:
        self.notices.append((notice.title, notice.body))
        return Result.SHOWN


def make_message(name: str) -> Message:
    """Return a message; names later in the alphabet are newer."""
    return Message(id=name, subject=name, created=NOW + timedelta(seconds=ord(name)))


def snapshot(*names: str) -> Snapshot:
    return Snapshot(messages=tuple(map(make_message, names)), total=len(names), unread=0, date=NOW + timedelta(hours=1))


class Stage:
    """An announcer of one server, and its notifications."""

    def __init__(self, folder: Path, timing: Timing) -> None:
        self.journal = folder / "journal"
        self.desk = Desk()
        self.announcer = Announcer(self.desk, Alone(), Blind(), timing)
        self.announcer.add_server(SHOP, self.journal)

    def arrive(self, names: str) -> None:
        for name in names:
            self.announcer.arrived(SHOP, make_message(name))

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
    async with running(stage.announcer):
        stage.announcer.catch_ups.begin(SHOP, snapshot("0"))
        yield stage


async def test_a_pause_whose_messages_are_all_deleted_ends_without_a_summary(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    for name in "cab":
        stage.change(Change(removed=(name,), gone=(name,)))
    assert all(map(stage.knows, "abc"))
    stage.announcer.resume()
    stage.arrive("d")
    await until(lambda: stage.desk.notices)
    assert [title for title, _ in stage.desk.notices] == ["d"]


async def test_after_a_pause_the_remaining_messages_are_summarized(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abcd")
    stage.change(Change(gone=("d",)))
    stage.announcer.resume()
    await until(lambda: stage.desk.notices)
    assert stage.desk.notices == [("3 messages while paused", "Newest: c")]
    await until(lambda: all(map(stage.knows, "abcd")))


async def test_the_only_remaining_message_after_a_pause_has_its_own_notification(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(gone=("c", "b")))
    stage.announcer.resume()
    await until(lambda: stage.desk.notices)
    assert [title for title, _ in stage.desk.notices] == ["a"]


@pytest.mark.parametrize("timing", [Timing(kept_whole=1)])
async def test_the_count_is_right_for_more_messages_than_are_kept(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(gone=("c",)))
    stage.announcer.resume()
    await until(lambda: stage.desk.notices)
    assert stage.desk.notices == [("2 messages while paused", "")]


async def test_a_server_that_was_emptied_during_a_pause_has_no_summary(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("abc")
    stage.change(Change(counts=True, emptied=True))
    stage.announcer.resume()
    stage.arrive("d")
    await until(lambda: stage.desk.notices)
    assert [title for title, _ in stage.desk.notices] == ["d"]
    assert all(map(stage.knows, "abc"))


@pytest.mark.parametrize("timing", [Timing(settle=0.01)])
async def test_missed_messages_deleted_before_the_summary_are_not_counted(stage: Stage) -> None:
    stage.announcer.catch_ups.connection_lost(SHOP)
    assert stage.announcer.catch_ups.begin(SHOP, snapshot("0", "a", "b", "c")) == 3
    stage.change(Change(gone=("c",)))
    await until(lambda: stage.desk.notices)
    assert stage.desk.notices == [("2 messages while you were away", "Newest: b")]


@pytest.mark.parametrize("timing", [Timing(first_summary=0.01)])
async def test_messages_of_a_burst_deleted_before_the_summary_are_not_counted(stage: Stage) -> None:
    stage.arrive("abcdefg")
    stage.change(Change(gone=("g", "a")))
    await until(lambda: len(stage.desk.notices) == 3)
    assert [title for title, _ in stage.desk.notices] == ["b", "c", "3 new messages"]
    assert stage.desk.notices[-1][1] == "Newest: f"
    await until(lambda: all(map(stage.knows, "abcdefg")))


def test_a_restarted_search_ignores_its_own_results(tmp_path: Path) -> None:
    """The database was replaced. The connection is lost after the first page, on which one message is new."""
    contact = NOW + timedelta(seconds=ord("c"))
    journal = Journal(tmp_path / "journal")
    journal.record(["gone"])
    journal.record_contact(contact, contact)
    journal.end_walk()
    catch_up = CatchUp(journal, Timing(margin=timedelta()))
    first_page = replace(snapshot("d", "b"), more=True, total=3, date=None)
    assert catch_up.begin(first_page).missed == (make_message("d"),)
    journal.record(["d"])
    catch_up.connection_lost()
    assert catch_up.begin(first_page) == Gap()
    assert catch_up.add_page(snapshot("a")) == Gap(old=(make_message("b"), make_message("a")))


BLOG = "http://blog.test/"


def add_blog(stage: Stage, folder: Path) -> None:
    stage.announcer.add_server(BLOG, folder / "blog")
    stage.announcer.catch_ups.begin(BLOG, snapshot("0"))


async def test_messages_of_a_muted_server_are_summarized_once(stage: Stage, tmp_path: Path) -> None:
    add_blog(stage, tmp_path)
    stage.announcer.mute([SHOP])
    stage.arrive("abc")
    stage.announcer.arrived(BLOG, make_message("x"))
    await until(lambda: stage.desk.notices)
    assert [title for title, _ in stage.desk.notices] == ["x"]
    assert stage.announcer.suppression_reason((SHOP, "a")) == SuppressionReason(Suppression.MUTED)
    assert not stage.knows("a")  # a restart counts it in a summary, too
    stage.announcer.mute([])
    await until(lambda: len(stage.desk.notices) == 2)
    assert stage.desk.notices[1] == ("3 messages while muted", "Newest: c")
    await until(lambda: all(map(stage.knows, "abc")))
    stage.arrive("d")
    await until(lambda: len(stage.desk.notices) == 3)


async def test_a_pause_and_a_mute_end_independently(stage: Stage, tmp_path: Path) -> None:
    add_blog(stage, tmp_path)
    stage.announcer.mute([SHOP])
    stage.arrive("ab")
    stage.announcer.pause()
    stage.arrive("c")
    stage.announcer.arrived(BLOG, make_message("x"))
    stage.announcer.arrived(BLOG, make_message("y"))
    stage.announcer.resume()
    await until(lambda: stage.desk.notices)
    assert stage.desk.notices == [("2 messages while paused", "Newest: y")]
    stage.announcer.pause()
    stage.announcer.mute([])
    stage.arrive("d")
    stage.announcer.resume()
    await until(lambda: len(stage.desk.notices) == 2)
    assert stage.desk.notices[1] == ("4 messages while paused", "Newest: d")


async def test_missed_messages_of_a_muted_server_are_counted_when_the_mute_ends(stage: Stage) -> None:
    stage.announcer.mute([SHOP])
    stage.announcer.catch_ups.connection_lost(SHOP)
    assert stage.announcer.catch_ups.begin(SHOP, snapshot("0", "a", "b")) == 2
    stage.change(Change(gone=("b",)))
    stage.arrive("c")
    stage.announcer.mute([])
    await until(lambda: stage.desk.notices)
    assert stage.desk.notices == [("2 messages while muted", "Newest: c")]


async def test_a_muted_server_reports_no_smtp_errors(stage: Stage) -> None:
    error = Refused(ip="1.2.3.4", text="553 no")
    stage.announcer.mute([SHOP])
    stage.announcer.show_smtp_error(SHOP, error)
    stage.announcer.mute([])
    stage.arrive("a")
    await until(lambda: stage.desk.notices)
    assert [title for title, _ in stage.desk.notices] == ["a"]


async def test_a_burst_that_is_open_when_its_server_is_muted_is_counted_once(stage: Stage) -> None:
    stage.arrive("abcdef")
    stage.announcer.mute([SHOP])
    stage.arrive("g")
    await until(lambda: len(stage.desk.notices) == 3)
    stage.announcer.mute([])
    await until(lambda: len(stage.desk.notices) == 4)
    assert stage.desk.notices[3] == ("4 messages while muted", "Newest: g")
