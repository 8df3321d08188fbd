"""Notifications of messages: complete when they are shown, and updated only where that adds something."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bystanders import Alone, running
from conditions import until
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.message_notifications import Outbox, Outgoing
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Notifications, Settings
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result
from mailpit_notifier.notify.texts import AnnouncedMessage
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import NO_ID, Message

SHOP = "http://shop.test/"
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
CODE, LINK = Findings(code="482913"), Findings(link="https://acme.test/confirm")
BOTH = CODE.completed_by(LINK)
FOREVER = 1e6
"""Seconds that no test waits."""


class Desk(Notifier):
    """A desktop that records its notifications, and skips updates of those that are not visible."""

    def __init__(self, *, can_update: bool = True) -> None:
        self._can_update = can_update
        self.shown: list[Notice] = []
        self.visible: set[Key] = set()
        self.withdrawn: list[str] = []

    @property
    def can_update(self) -> bool:
        return self._can_update

    async def show(self, notice: Notice) -> Result:
        if notice.update and not (self.can_update and notice.key in self.visible):
            return Result.SKIPPED
        self.shown.append(notice)
        self.visible.add(notice.key)
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        self.visible.discard(key)
        self.withdrawn.append(key[1])

    @property
    def buttons(self) -> list[tuple[str, list[str]]]:
        """Return ID and buttons for code and link of each notice."""
        return [
            (notice.key[1], [action.key for action in notice.actions if action.key in {"copy", "link"}])
            for notice in self.shown
        ]


class Finder:
    """A finder whose sources arrive when a test sends them; `quickly` has the findings of summaries."""

    def __init__(self) -> None:
        self.quickly: dict[str, Findings] = {}
        self.sources: dict[str, asyncio.Future[Findings]] = {}

    def quick(self, message: Message) -> Findings:
        return self.quickly.get(message.id, NOTHING)

    async def full(self, server: str, message_id: str) -> Findings:
        return await self.source(message_id)

    def source(self, message_id: str) -> "asyncio.Future[Findings]":
        if message_id not in self.sources:
            self.sources[message_id] = asyncio.get_running_loop().create_future()
        return self.sources[message_id]


class Stage:
    """An announcer of one server with its desktop and finder."""

    def __init__(self, folder: Path, timing: Timing, *, can_update: bool) -> None:
        self.folder = folder
        self.desk, self.finder = Desk(can_update=can_update), Finder()
        self.announcer = Announcer(self.desk, Alone(), self.finder, timing)
        self.announcer.add_server(SHOP, folder / "journal")
        self.announcer.catch_ups.begin(SHOP, Snapshot(messages=(), total=0, unread=0, date=NOW))

    def arrive(self, *names: str) -> None:
        for name in names:
            self.announcer.arrived(SHOP, message(name))

    def change(self, change: Change) -> None:
        self.announcer.apply_change(SHOP, change, pending=())

    def knows(self, name: str) -> bool:
        """Return whether a message would be known after a restart."""
        return name in Journal(self.folder / "journal")

    async def all_shown(self) -> None:
        """Wait until everything queued so far was shown, and everything found so far is queued."""
        for _ in range(5):
            await asyncio.sleep(0)
        done = asyncio.Event()
        self.announcer._outbox.call_after(done.set)  # the outbox keeps this order
        await done.wait()


def message(name: str, **fields: object) -> Message:
    return Message(id=name, subject=name, created=NOW, **fields)  # type: ignore[arg-type]


@asynccontextmanager
async def stage(
    folder: Path, *, can_update: bool = True, source_wait: float = FOREVER, only_source_wait: float = FOREVER
) -> AsyncIterator[Stage]:
    timing = Timing(source_wait=source_wait, only_source_wait=only_source_wait)
    stage = Stage(folder, timing, can_update=can_update)
    async with running(stage.announcer):
        yield stage


@pytest.mark.parametrize(("found", "buttons"), [(CODE, ["copy"]), (LINK, ["link"]), (BOTH, ["copy", "link"])])
async def test_a_code_in_the_summary_is_shown_at_once(tmp_path: Path, found: Findings, buttons: list[str]) -> None:
    async with stage(tmp_path) as running:
        running.finder.quickly["a"] = found
        running.arrive("a")
        await running.all_shown()
        assert running.desk.buttons == [("a", buttons)]
        assert running.knows("a")
        assert ("a" in running.finder.sources) == (found != BOTH)


@pytest.mark.parametrize("source", [BOTH, CODE, NOTHING, FaultError(Fault.TIMEOUT, "")])
async def test_otherwise_one_complete_notification_waits_for_the_source(
    tmp_path: Path, source: Findings | FaultError
) -> None:
    async with stage(tmp_path) as running:
        running.arrive("a")
        await running.all_shown()
        assert not running.desk.shown
        if isinstance(source, FaultError):
            running.finder.source("a").set_exception(source)
        else:
            running.finder.source("a").set_result(source)
        await until(lambda: running.desk.shown)
        await running.all_shown()
        found = source if isinstance(source, Findings) else NOTHING
        buttons = ["copy"] * bool(found.code) + ["link"] * bool(found.link)
        assert running.desk.buttons == [("a", buttons)]
        assert running.announcer.message_notifications.found((SHOP, "a")) == found


async def test_a_message_waits_for_its_own_source_only(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.finder.quickly["code"] = BOTH
        running.arrive("first", "second", "code")
        running.finder.source("second").set_result(LINK)
        await running.all_shown()
        assert running.desk.buttons == [("code", ["copy", "link"]), ("second", ["link"])]
        running.finder.source("first").set_result(NOTHING)
        await running.all_shown()
        assert running.desk.buttons[2:] == [("first", [])]


async def test_a_late_source_updates_what_is_visible_with_the_same_urgency_and_no_sound(tmp_path: Path) -> None:
    async with stage(tmp_path, source_wait=0.001) as running:
        running.announcer.update_settings(Settings(servers=(), notifications=Notifications(sound=True)))
        running.arrive("seen", "closed", "same")
        await until(lambda: len(running.desk.shown) == 3)
        running.desk.visible.remove((SHOP, "closed"))
        for name, found in (("seen", BOTH), ("closed", BOTH), ("same", NOTHING)):
            running.finder.source(name).set_result(found)
        await running.all_shown()
        assert running.desk.buttons[3:] == [("seen", ["copy", "link"])]
        assert {notice.urgency for notice in running.desk.shown} == {running.desk.shown[0].urgency}
        assert [notice.sound for notice in running.desk.shown] == [True, True, True, False]
        assert running.announcer.message_notifications.found((SHOP, "closed")) == BOTH  # for a click in a history


async def test_a_source_that_adds_nothing_that_is_shown_causes_no_update(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.announcer.update_settings(Settings(servers=(), notifications=Notifications(buttons=("copy",))))
        running.finder.quickly["a"] = CODE
        running.arrive("a")
        await running.all_shown()
        running.finder.source("a").set_result(LINK)
        await running.all_shown()
        assert running.desk.buttons == [("a", ["copy"])]
        assert running.announcer.message_notifications.found((SHOP, "a")) == BOTH


async def test_where_nothing_can_be_added_later_code_and_link_are_waited_for(tmp_path: Path) -> None:
    async with stage(tmp_path, can_update=False, source_wait=0) as running:
        running.finder.quickly |= {"code": CODE, "both": BOTH}
        running.arrive("code", "both", "none")
        await running.all_shown()
        assert running.desk.buttons == [("both", ["copy", "link"])]
        running.finder.source("code").set_result(LINK)
        running.finder.source("none").set_result(LINK)
        await running.all_shown()
        assert running.desk.buttons[1:] == [("code", ["copy", "link"]), ("none", ["link"])]


async def test_without_updates_the_wait_for_the_source_is_bounded(tmp_path: Path) -> None:
    async with stage(tmp_path, can_update=False, only_source_wait=0.001) as running:
        running.finder.quickly["code"] = CODE
        running.arrive("code")
        await until(lambda: running.desk.shown)
        running.finder.source("code").set_result(LINK)
        await running.all_shown()
        assert running.desk.buttons == [("code", ["copy"])]


async def test_a_message_without_an_id_has_no_source_to_wait_for(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.arrive(f"{NO_ID}1")
        await running.all_shown()
        assert len(running.desk.shown) == 1


@pytest.mark.parametrize("change", [Change(removed=("a",), gone=("a",)), Change(counts=True, emptied=True)])
async def test_a_message_deleted_while_it_waits_is_recorded_and_not_shown(tmp_path: Path, change: Change) -> None:
    async with stage(tmp_path) as running:
        running.arrive("a")
        await running.all_shown()
        running.change(change)
        running.finder.source("a").set_result(BOTH)
        await running.all_shown()
        assert not running.desk.shown
        assert running.knows("a")


async def test_a_message_read_while_it_waits_counts_as_shown(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.arrive("a")
        running.change(Change(updated=(message("a", read=True),)))
        running.finder.source("a").set_result(BOTH)
        await running.all_shown()
        assert (running.desk.buttons, running.desk.withdrawn) == ([("a", [])], ["a"])
        assert running.knows("a")


async def test_a_message_with_a_pending_deletion_offers_undo(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.arrive("a")
        running.announcer.show_undo(AnnouncedMessage(server_url=SHOP, message=message("a")))
        running.finder.source("a").set_result(BOTH)
        await running.all_shown()
        assert [[action.key for action in notice.actions] for notice in running.desk.shown] == [["read"], ["undo"]]


async def test_a_message_that_waits_at_the_end_is_announced_by_the_next_run(tmp_path: Path) -> None:
    async with stage(tmp_path) as running:
        running.arrive("a")
        await running.all_shown()
    assert not running.desk.shown
    assert not running.knows("a")


async def test_waiting_messages_of_a_removed_server_are_not_shown(tmp_path: Path) -> None:
    async with stage(tmp_path, source_wait=0.001) as running:
        running.arrive("a")
        running.announcer.remove_server(SHOP)
        running.finder.source("a").set_result(BOTH)
        await running.all_shown()
        assert not running.desk.shown


async def test_only_shown_messages_are_recorded(tmp_path: Path) -> None:
    class Fussy(Notifier):
        async def show(self, notice: Notice) -> Result:
            return Result[notice.title]

    announced: list[str] = []
    outbox = Outbox(Fussy(), lambda _server, ids: announced.extend(ids), stop_timeout=1)
    task = asyncio.create_task(outbox.run())
    for result in Result:
        outbox.put(Outgoing(notice=Notice(key=("", ""), title=result.name), announces={SHOP: [result.name]}))
    done = asyncio.Event()
    outbox.call_after(done.set)
    await done.wait()
    task.cancel()
    await asyncio.wait([task])
    assert announced == ["SHOWN"]
