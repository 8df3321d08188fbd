"""An action on a server that was removed from the settings changes nothing, and shows an error."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from test_event_order import NO_CALLBACKS

from conditions import until
from hostile import Mailpit, hostile, summary
from mailpit_notifier.actions import Actions
from mailpit_notifier.core.settings import Button, Settings, servers_from
from mailpit_notifier.notify import notice
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.servers.timing import Timing

pytestmark = pytest.mark.usefixtures("qapp")

TIMING = Timing()
NOT_THERE = "Its server is no longer in the settings."


class Desk(Notifier):
    """A desktop that records the titles of the notifications it shows."""

    def __init__(self) -> None:
        self.shown: dict[Key, str] = {}

    async def show(self, notice: Notice) -> Result:
        self.shown[notice.key] = notice.title
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        self.shown.pop(key, None)


class Here:
    """A server whose newest message has just been announced, and the errors that were shown."""

    def __init__(self, url: str, folder: Path, timing: Timing) -> None:
        self.desk = Desk()
        self.not_deleted: list[tuple[Key, FaultError | None]] = []
        self.texts: list[tuple[str, str]] = []
        callbacks = replace(NO_CALLBACKS, not_deleted=lambda key, error: self.not_deleted.append((key, error)))
        self.servers = Servers(self.desk, folder, callbacks, timing)
        self.actions = Actions(self.servers, lambda _token: None, lambda what, why: self.texts.append((what, why)))
        self.settings = Settings(servers=servers_from([url]))
        self.key = (self.settings.servers[0].key, "id1")

    def act(self, *actions: str) -> None:
        for action in actions:
            self.actions.run_action(self.key, action, "")


@asynccontextmanager
async def here(folder: Path, mailpit: Mailpit, timing: Timing = TIMING) -> AsyncIterator[Here]:
    with hostile(mailpit) as server:
        found = Here(server.url(), folder, timing)
        found.servers.start(found.settings)
        try:
            (session,) = found.servers.sessions.values()
            await until(lambda: mailpit.streams and session.inbox.total == 0)
            mailpit.messages.append(summary(1))
            mailpit.push("new", summary(1))
            await until(lambda: found.desk.shown == {found.key: "Subject 1"})
            yield found
        finally:
            await found.actions.stop()
            await found.servers.stop()


async def test_a_pending_deletion_is_not_done_when_its_server_is_removed(tmp_path: Path) -> None:
    mailpit = Mailpit()
    async with here(tmp_path, mailpit) as found:
        found.act(Button.DELETE)
        await until(lambda: found.desk.shown == {found.key: "Deleted: Subject 1"})
        found.servers.update_settings(Settings(servers=()))
        assert found.not_deleted == [(found.key, None)]
        assert found.servers.deletions.undoable == []
        await until(lambda: not found.desk.shown)
        assert not mailpit.writes


async def test_a_pending_deletion_is_done_when_its_server_only_changes(tmp_path: Path) -> None:
    mailpit = Mailpit()
    async with here(tmp_path, mailpit, Timing(undo=0.01)) as found:
        found.act(Button.DELETE)
        found.servers.update_settings(Settings(servers=(replace(found.settings.servers[0], name="shop"),)))
        await until(lambda: mailpit.writes)
        assert found.not_deleted == []
        assert json.loads(mailpit.writes[0].body) == {"IDs": ["id1"]}


async def test_a_click_on_a_notification_of_a_removed_server_shows_an_error(tmp_path: Path) -> None:
    mailpit = Mailpit()
    async with here(tmp_path, mailpit) as found:
        found.servers.update_settings(Settings(servers=()))
        found.act(Button.READ, Button.DELETE)
        found.actions.send_test(found.key[0])
        assert found.texts == [
            ("Could not mark as read", NOT_THERE),
            ("Could not delete the message", NOT_THERE),
            ("Could not send the test message", NOT_THERE),
        ]
        assert found.key not in found.servers.deletions


async def test_a_notice_about_no_single_message_deletes_and_marks_none(tmp_path: Path) -> None:
    mailpit = Mailpit()
    async with here(tmp_path, mailpit) as found:
        found.key = (found.key[0], "")
        found.act(Button.DELETE, Button.READ, notice.UNDO)
        assert found.key not in found.servers.deletions
        assert (found.texts, mailpit.writes) == ([], [])
