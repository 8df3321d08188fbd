"""The effect of each action of a notification on the servers, and the error that the user sees."""

import asyncio
from typing import cast

import pytest

from mailpit_notifier.actions import Actions
from mailpit_notifier.core.settings import Button
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.notify import notice
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.servers.servers import Servers

SHOP = "http://shop.test/"
ONE: Key = (SHOP, "one")


class Recorder:
    """Servers; one is named shop. They record each request, and refuse it while `fault` is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.fault: Fault | None = None
        self.found = NOTHING
        self.pending: set[Key] = set()
        self.sessions = {SHOP: self}
        self.messages = self.deletions = self.server = self
        self.key, self.url = SHOP, ServerUrl.parse(SHOP)

    def __contains__(self, key: Key) -> bool:
        return key in self.pending

    def announced_findings(self, key: Key) -> Findings:
        return self.found

    def add(self, key: Key) -> None:
        self.pending.add(key)

    def undo(self, key: Key) -> None:
        self.pending.discard(key)

    def show_undo(self, key: Key) -> None:
        self.asked.append(("undo?", key))

    def display_name(self, server: str) -> str:
        return "shop"

    async def mark_read(self, ids: tuple[str, ...], *, read: bool) -> None:
        await self.record("read" if read else "unread", ids)

    async def send_test(self, server: str) -> None:
        await self.record("test", server)

    async def record(self, *what: object) -> None:
        self.asked.append(what)
        if self.fault:
            raise FaultError(self.fault)


class Stage:
    """Actions with their servers. `windows` counts how often the window was shown, `errors` has the errors shown."""

    def __init__(self) -> None:
        self.servers = Recorder()
        self.windows = 0
        self.errors: list[tuple[str, str]] = []
        self.actions = Actions(
            cast("Servers", self.servers), self._show_window, lambda what, why: self.errors.append((what, why))
        )

    def _show_window(self, token: str) -> None:
        assert token == "token"
        self.windows += 1

    def act(self, action: str, key: Key = ONE) -> None:
        self.actions.run_action(key, action, "token")


async def soon() -> None:
    """Let the tasks of actions run to their end: no step of them waits."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_notification_of_no_single_message_opens_the_window() -> None:
    stage = Stage()
    stage.act(notice.DEFAULT, (SHOP, ""))
    stage.act(notice.DEFAULT, ("http://removed.test/", "one"))
    stage.act(Button.DELETE)
    stage.act(notice.DEFAULT)  # its deletion can still be undone
    assert (stage.windows, stage.servers.pending) == (3, {ONE})
    assert stage.servers.asked == [("undo?", ONE)]
    stage.act(notice.UNDO)
    assert not stage.servers.pending
    stage.act(Button.DELETE, (SHOP, ""))
    assert not stage.servers.pending


async def test_a_message_without_a_code_or_link_offers_neither() -> None:
    stage = Stage()
    stage.act(Button.COPY)
    stage.act(Button.LINK)
    await soon()
    assert (stage.servers.asked, stage.errors, stage.windows) == ([], [], 0)


async def test_messages_are_marked_and_the_caller_is_called_only_on_success() -> None:
    stage, done = Stage(), list[str]()
    stage.act(Button.READ)
    stage.actions.mark_read(SHOP, ("one", "two"), read=False, done=lambda: done.append("unread"))
    stage.actions.mark_read(SHOP, (), done=lambda: done.append("no ID means all messages"))
    stage.actions.mark_read(SHOP, ("one", ""), done=lambda: done.append("nor does an empty one"))
    await soon()
    assert stage.servers.asked == [("read", ("one",)), ("unread", ("one", "two"))]
    assert (done, stage.errors) == (["unread"], [])
    stage.servers.fault = Fault.REFUSED
    stage.actions.mark_read(SHOP, ("one",), done=lambda: done.append("failed"))
    await soon()
    assert done == ["unread"]
    assert [what for what, _ in stage.errors] == ["Could not mark as read"]
    assert stage.errors[0][1].startswith("shop: ")


async def test_a_failure_is_shown_with_its_server_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()
    stage.actions.send_test(SHOP)
    await soon()
    assert (stage.servers.asked, stage.errors) == ([("test", SHOP)], [])
    stage.servers.fault = Fault.TIMEOUT
    stage.actions.send_test(SHOP)
    await soon()
    ((what, why),) = stage.errors
    assert (what, why.partition(":")[0]) == ("Could not send the test message", "shop")
    assert f"{SHOP}: Could not send the test message" in caplog.text


async def test_an_action_on_a_removed_server_is_explained() -> None:
    stage = Stage()
    stage.servers.sessions.clear()
    for action in (Button.READ, Button.DELETE):
        stage.act(action)
    stage.actions.send_test(SHOP)
    await soon()
    assert stage.errors == [
        (f"Could not {what}", "Its server is no longer in the settings.")
        for what in ("mark as read", "delete the message", "send the test message")
    ]
    assert (stage.servers.asked, stage.servers.pending) == ([], set())
