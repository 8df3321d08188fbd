"""Decisions of the announcer about a message: rules, samples, and servers that are removed and added again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bystanders import Blind, running
from conditions import until
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.limits import Suppression, SuppressionReason
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Notifications, Settings
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result
from mailpit_notifier.protocol.events import Refused, Snapshot
from mailpit_notifier.protocol.model import Message

SHOP, BLOG = "http://shop.test/", "http://blog.test/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Desk(Notifier):
    """A desktop that records its notifications. It shows none while `open` is not set."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.titles: list[str] = []
        self.withdrawn: list[Key] = []
        self.open = asyncio.Event()
        self.open.set()

    async def show(self, notice: Notice) -> Result:
        self.asked.append(notice.title)
        await self.open.wait()
        self.titles.append(notice.title)
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        self.withdrawn.append(key)


class Directory:
    """Two servers, and what rules did with their messages."""

    def __init__(self) -> None:
        self.opened: list[Key] = []
        self.ran: list[tuple[str, str, str]] = []

    def name(self, key: str) -> str:
        return key.removeprefix("http://").removesuffix(".test/")

    def color(self, key: str) -> str:
        return ""

    def names(self, key: str) -> tuple[str, ...]:
        return key, self.name(key)

    def open(self, key: Key) -> None:
        self.opened.append(key)

    def run(self, rule: Rule, server: str, message: Message) -> None:
        self.ran.append((rule.name, server, message.id))


class Stage:
    """An announcer of two servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk, self.directory = Desk(), Directory()
        self.announcer = Announcer(self.desk, self.directory, Blind(), Timing(first_summary=0.01, settle=0.01))
        for server in (SHOP, BLOG):
            self.add(server)

    def add(self, server: str, snapshot: Snapshot | None = None) -> None:
        self.announcer.add_server(server, self._journal(server))
        self.announcer.catch_ups.begin(server, snapshot or Snapshot(messages=(), total=0, unread=0, date=NOW))

    def arrive(self, name: str, server: str = SHOP, *, snippet: str = "") -> bool:
        return self.announcer.arrived(server, Message(id=name, subject=name, created=NOW, snippet=snippet))

    def knows(self, name: str, server: str = SHOP) -> bool:
        """Return whether a message would be known after a restart."""
        return name in Journal(self._journal(server))

    def _journal(self, server: str) -> Path:
        return self.folder / self.directory.name(server)

    async def shown(self, *titles: str) -> None:
        """Wait until exactly these titles were shown."""
        await until(lambda: len(self.desk.titles) >= len(titles))
        assert self.desk.titles == list(titles)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path)
    async with running(stage.announcer):
        yield stage


def snapshot_of(*names: str) -> Snapshot:
    messages = tuple(Message(id=name, subject=name, created=NOW) for name in names)
    return Snapshot(messages=messages, total=len(names), unread=len(names), date=NOW)


def rules(*outcomes: Outcome) -> Settings:
    """Return settings with one rule for each outcome. It applies to the subject with its name."""
    found = (Rule(outcome=one, name=f"my {one.value}", subject=one.value, command=("x",)) for one in outcomes)
    return Settings(servers=(), rules=tuple(found))


async def test_each_outcome_of_a_rule_replaces_the_notification(stage: Stage) -> None:
    stage.announcer.update_settings(rules(*Outcome))
    news = {outcome: stage.arrive(outcome.value) for outcome in Outcome}
    assert news == {
        Outcome.NOTIFY: True,
        Outcome.SILENT: False,
        Outcome.HIDE: False,
        Outcome.OPEN: True,
        Outcome.RUN: True,
    }
    await stage.shown("notify")
    assert stage.directory.opened == [(SHOP, "open")]
    assert stage.directory.ran == [("my run", SHOP, "run")]
    for outcome in set(Outcome) - {Outcome.NOTIFY}:
        by_rule = SuppressionReason(Suppression.RULE, f"my {outcome.value}")
        assert stage.announcer.suppression_reason((SHOP, outcome.value)) == by_rule
        assert stage.knows(outcome.value)
        message = Message(id="x", subject=outcome.value, created=NOW)
        assert stage.announcer.is_hidden(SHOP, message) == (outcome is Outcome.HIDE)
    stage.announcer.update_settings(Settings(servers=()))
    stage.arrive("silent again")
    await stage.shown("notify", "silent again")


async def test_a_sample_is_shown_in_spite_of_rules_and_pause(stage: Stage) -> None:
    stage.announcer.update_settings(rules(Outcome.SILENT))
    stage.announcer.pause()
    stage.announcer.always_announce("sample-4711")
    assert stage.arrive("silent sample", snippet="This is sample-4711.")
    await stage.shown("silent sample")
    assert not stage.arrive("silent again", snippet="This is sample-4711.")
    assert stage.arrive("counted")
    stage.announcer.resume()
    await stage.shown("silent sample", "counted")


async def test_a_server_that_is_added_again_before_its_journal_is_closed_continues(stage: Stage) -> None:
    stage.desk.open.clear()
    stage.arrive("before")
    await until(lambda: stage.desk.asked == ["before"])
    stage.announcer.remove_server(SHOP)
    stage.add(SHOP)
    stage.desk.open.set()
    await stage.shown("before")
    stage.arrive("after")
    await stage.shown("before", "after")
    await until(lambda: stage.knows("before") and stage.knows("after"))


async def test_nothing_of_a_removed_server_is_shown_or_counted(stage: Stage) -> None:
    stage.arrive("visible")
    await stage.shown("visible")
    stage.announcer.pause()
    stage.arrive("paused")
    stage.arrive("also paused", BLOG)
    assert stage.announcer.suppression_reason((SHOP, "paused"))
    stage.announcer.remove_server(SHOP)
    await until(lambda: stage.desk.withdrawn == [(SHOP, "visible")])
    assert stage.announcer.suppression_reason((SHOP, "paused")) is None
    stage.announcer.resume()
    await stage.shown("visible", "also paused")
    stage.add(SHOP, snapshot_of("visible", "paused"))
    await stage.shown("visible", "also paused", "paused")


async def test_the_missed_messages_of_a_removed_server_are_not_summed_up(stage: Stage) -> None:
    stage.arrive("known")
    stage.arrive("known in blog", BLOG)
    await stage.shown("known", "known in blog")
    for server, name in ((SHOP, "known"), (BLOG, "known in blog")):
        stage.announcer.catch_ups.begin(server, snapshot_of(name, "missed"))
    stage.announcer.remove_server(SHOP)
    await stage.shown("known", "known in blog", "missed")
    assert not stage.knows("missed")
    await until(lambda: stage.knows("missed", BLOG))


async def test_an_emptied_server_has_no_notification_left(stage: Stage) -> None:
    stage.arrive("one")
    stage.arrive("two", BLOG)
    await stage.shown("one", "two")
    stage.announcer.apply_change(SHOP, Change(emptied=True), pending=())
    await until(lambda: stage.desk.withdrawn == [(SHOP, "one")])


async def test_smtp_errors_are_shown_only_where_the_settings_ask_for_them(stage: Stage) -> None:
    error = Refused(ip="127.0.0.1", text="553 no")
    for is_shown in (False, True):
        stage.announcer.update_settings(Settings(servers=(), notifications=Notifications(smtp_errors=is_shown)))
        stage.announcer.show_smtp_error(SHOP, error)
        stage.arrive(f"after {is_shown}")
    await until(lambda: "after True" in stage.desk.titles)
    assert [title for title in stage.desk.titles if not title.startswith("after")] == [
        "Mailpit rejected a message in shop"
    ]


async def test_a_message_that_waits_to_be_announced_is_not_missed_when_the_server_is_connected_again(
    stage: Stage,
) -> None:
    stage.desk.open.clear()
    names = [f"m{number}" for number in range(8)]
    for name in names:  # the last ones are a burst
        stage.arrive(name)
    assert stage.announcer.suppression_reason((SHOP, names[0])) is None
    assert stage.announcer.suppression_reason((SHOP, names[-1])) == SuppressionReason(Suppression.BURST)
    stage.announcer.mute([BLOG])
    stage.arrive("muted", BLOG)
    for server, listed in ((SHOP, names), (BLOG, ["muted"])):
        stage.add(server, snapshot_of(*listed))
    stage.desk.open.set()
    stage.announcer.mute([])
    stage.arrive("last", BLOG)
    await until(lambda: all(map(stage.knows, names)) and "last" in stage.desk.titles)
    assert sorted(stage.desk.titles) == ["5 new messages in shop", "last", *names[:3], "muted"]


async def test_a_message_that_was_deleted_while_it_waited_is_no_news_after_a_restart(stage: Stage) -> None:
    stage.announcer.pause()
    stage.arrive("deleted")
    stage.arrive("kept")
    stage.announcer.apply_change(SHOP, Change(gone=("deleted",)), pending=())
    assert stage.knows("deleted")
    assert not stage.knows("kept")
    stage.announcer.apply_change(SHOP, Change(emptied=True), pending=())
    assert stage.knows("kept")
    stage.announcer.resume()
    stage.arrive("next")
    await stage.shown("next")


async def test_a_message_that_the_desktop_has_not_answered_yet_is_not_missed(stage: Stage) -> None:
    stage.arrive("known", BLOG)
    await stage.shown("known")
    stage.desk.open.clear()
    stage.arrive("in flight")
    await until(lambda: "in flight" in stage.desk.asked)
    stage.add(SHOP, snapshot_of("in flight"))
    stage.add(BLOG, snapshot_of("known", "missed"))  # else nothing would show that the search is over
    stage.desk.open.set()
    await stage.shown("known", "in flight", "missed")
