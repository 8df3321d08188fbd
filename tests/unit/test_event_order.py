"""Frames in an unexpected order: a notification is withdrawn when its message is deleted, and not before."""

from dataclasses import replace
from pathlib import Path

from conditions import until
from hostile import Mailpit, hostile, summary
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result
from mailpit_notifier.servers.servers import ServerCallbacks, Servers

NO_CALLBACKS = ServerCallbacks(
    changed=lambda _server, _change, _news: None,
    status_changed=lambda: None,
    open_wanted=lambda _key: None,
    not_deleted=lambda _key, _error: None,
    deletions_changed=lambda: None,
)


class Desk(Notifier):
    """A desktop that records its notifications."""

    def __init__(self) -> None:
        self.shown: list[Key] = []

    async def show(self, notice: Notice) -> Result:
        self.shown.append(notice.key)
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        if key in self.shown:
            self.shown.remove(key)


def asked(mailpit: Mailpit) -> int:
    """Number of snapshots."""
    return sum("/messages" in request.path for request in mailpit.reads)


async def test_a_message_is_announced_before_it_is_a_row(tmp_path: Path) -> None:
    order = list[str]()

    class Recording(Desk):
        async def show(self, notice: Notice) -> Result:
            order.append("announced")
            return await super().show(notice)

    def changed(_server: str, change: Change, _news: int) -> None:
        order.extend("row" for _ in change.added if change.arrived)

    mailpit = Mailpit()
    with hostile(mailpit) as server:
        servers = Servers(Recording(), tmp_path, replace(NO_CALLBACKS, changed=changed))
        (named,) = servers_from([server.url()])
        servers.start(Settings(servers=(replace(named, name="shop"),)))
        (session,) = servers.sessions.values()
        await until(lambda: session.inbox.total == 0)
        mailpit.push("new", {"Subject": "Without an ID, and so without a source to wait for"})
        await until(lambda: len(order) == 2)
        await servers.stop()
    assert order == ["announced", "row"]


async def test_a_late_truncate_or_count_takes_back_no_notification_of_a_message_that_is_there(tmp_path: Path) -> None:
    mailpit = Mailpit(summary(1))
    with hostile(mailpit) as server:
        desk = Desk()
        servers = Servers(desk, tmp_path, NO_CALLBACKS)
        servers.start(Settings(servers=servers_from([server.url()])))
        (session,) = servers.sessions.values()
        key = session.server.key
        await until(lambda: session.inbox.total == 1)

        mailpit.messages[:] = [summary(2)]  # all was deleted, then this one arrived; the frames have the other order
        mailpit.push("new", summary(2))
        await until(lambda: desk.shown == [(key, "id2")])
        mailpit.push("truncate")
        mailpit.push("stats", {"Total": 0, "Unread": 0})
        await until(lambda: asked(mailpit) >= 2 and session.inbox.total == 1)
        mailpit.messages.insert(0, summary(3))
        mailpit.push("new", summary(3))
        await until(lambda: (key, "id3") in desk.shown)
        assert desk.shown == [(key, "id2"), (key, "id3")]

        mailpit.messages.clear()
        mailpit.push("truncate")
        await until(lambda: not desk.shown)
        await servers.stop()
