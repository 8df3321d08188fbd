"""From a server's event to the notification service: complete when shown, of one urgency, gone when read."""

import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conditions import until
from hostile import PATIENCE, Mailpit, Visit, hostile, summary
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.notify.freedesktop import FreedesktopNotifier
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.servers.servers import ServerCallbacks, Servers
from mailpit_notifier.servers.timing import Timing as ServersTiming
from notification_service import Event, NotificationService, private_bus

NO_CALLBACKS = ServerCallbacks(
    changed=lambda _server, _change, _news: None,
    status_changed=lambda: None,
    open_wanted=lambda _key: None,
    not_deleted=lambda _key, _error: None,
    deletions_changed=lambda: None,
)
SOURCE = b"Subject: Your code\n\nYour code is 482913.\n"
FOREVER = 1e6
"""Seconds that no test waits."""


class SlowMailpit(Mailpit):
    """A Mailpit whose sources can be kept back."""

    def __init__(self) -> None:
        super().__init__()
        self.sources_open = threading.Event()
        self.sources_open.set()

    def __call__(self, visit: Visit) -> None:
        answer = visit.answer

        def answering(status: int, body: bytes = b"", *headers: str) -> None:
            if body == SOURCE:
                self.sources_open.wait(PATIENCE)
            answer(status, body, *headers)

        visit.answer = answering  # type: ignore[method-assign]
        super().__call__(visit)

    def arrive(self, number: int, **fields: object) -> None:
        """Capture a message."""
        message = summary(number, **fields)
        self.sources[message["ID"]] = SOURCE
        self.messages.insert(0, message)
        self.push("new", message)

    def read(self, number: int) -> None:
        """Mark a message as read."""
        self.push("update", {"ID": f"id{number}", "Read": True})


@pytest.fixture
def mailpit() -> SlowMailpit:
    return SlowMailpit()


@pytest.fixture
def bus() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, private_bus(Path(folder)) as private:
        yield private.address


@pytest.fixture
def service(bus: str) -> Iterator[NotificationService]:
    with NotificationService(bus) as recording:
        yield recording


def is_ready(servers: Servers) -> bool:
    """Return whether codes and links are found without asking the server."""
    return servers.messages.quick_findings("", Message(id="", created=datetime.now(UTC))) is not None


@asynccontextmanager
async def announcing(
    mailpit: SlowMailpit, service: NotificationService, folder: Path, bus: str, timing: Timing
) -> AsyncIterator[FreedesktopNotifier]:
    with hostile(mailpit) as server:
        notifier = FreedesktopNotifier(lambda *_: None, address=bus)
        servers = Servers(notifier, folder, NO_CALLBACKS, ServersTiming(announce=timing))
        servers.start(Settings(servers=servers_from([server.url()])))
        (session,) = servers.sessions.values()
        await until(lambda: mailpit.streams and session.inbox.total == 0 and is_ready(servers))
        yield notifier
        mailpit.sources_open.set()
        await servers.stop()
        await notifier.stop()


def buttons(notice: Event) -> list[str]:
    return notice["actions"][::2]


async def test_the_first_notification_is_complete(
    mailpit: SlowMailpit, service: NotificationService, bus: str, tmp_path: Path
) -> None:
    async with announcing(mailpit, service, tmp_path, bus, Timing(source_wait=FOREVER)):
        mailpit.arrive(1)
        await service.until(lambda: service.named("Notify"))
        (notice,) = service.notices
        assert buttons(notice) == ["default", "copy", "read"]


async def test_a_late_source_updates_a_notification_with_the_same_urgency_unless_it_has_expired(
    mailpit: SlowMailpit, service: NotificationService, bus: str, tmp_path: Path
) -> None:
    mailpit.sources_open.clear()
    async with announcing(mailpit, service, tmp_path, bus, Timing(source_wait=0.001)) as notifier:
        mailpit.arrive(1)
        mailpit.arrive(2)
        await service.until(lambda: len(service.named("Notify")) == 2)
        service.do("close", id=2, reason=1)
        await notifier._service.answers()  # now it has read the signal
        mailpit.sources_open.set()
        await service.until(lambda: len(service.named("Notify")) == 3)
        mailpit.arrive(3, Snippet="Your code is 482913.")  # its notification is sent after all updates
        await service.until(lambda: len(service.named("Notify")) == 4)
        first, second, update, _ = service.notices
        assert [buttons(notice) for notice in (first, second)] == [["default", "read"]] * 2
        assert (update["replaces_id"], buttons(update)) == (first["id"], ["default", "copy", "read"])
        assert {notice["hints"]["urgency"] for notice in service.notices} == {1}


async def test_an_expired_notification_is_closed_when_its_message_is_read_and_at_the_end(
    mailpit: SlowMailpit, service: NotificationService, bus: str, tmp_path: Path
) -> None:
    async with announcing(mailpit, service, tmp_path, bus, Timing(source_wait=FOREVER)) as notifier:
        for number in (1, 2):
            mailpit.arrive(number)
        await service.until(lambda: len(service.named("Notify")) == 2)
        for notice in service.notices:
            service.do("close", id=notice["id"], reason=1)
        await notifier._service.answers()  # it has read the signals
        mailpit.read(1)
        await service.until(lambda: service.named("CloseNotification"))
    await service.until(lambda: len(service.named("CloseNotification")) == 2)
    assert {closed["id"] for closed in service.named("CloseNotification")} == {1, 2}


async def test_all_versions_of_a_burst_have_the_urgency_of_the_first(
    mailpit: SlowMailpit, service: NotificationService, bus: str, tmp_path: Path
) -> None:
    burst = BurstTiming(few=1, quiet=0.2)
    timing = Timing(burst=burst, first_summary=0, on_screen=0, between_updates=0)
    async with announcing(mailpit, service, tmp_path, bus, timing):
        mailpit.arrive(1, Snippet="Your code is 482913.")
        for number in range(2, 5):
            mailpit.arrive(number)
            title = "1 new message" if number == 2 else f"{number - 1} new messages"
            await service.until(
                lambda title=title: [notice["summary"] for notice in service.named("Notify")][-1:] == [title]
            )
        _, *versions = service.notices
        assert len({notice["id"] for notice in versions}) == 1
        assert {notice["hints"]["urgency"] for notice in service.notices} == {1}
