"""Long-running parts survive unexpected errors: a desktop that fails, an unusual server, a thread that ends."""

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from test_event_order import NO_CALLBACKS
from test_session import Recorder, at_work

from certificates import der, self_signed, serving
from conditions import until
from hostile import Mailpit, hostile, summary, wait_for
from mailpit_notifier.client.feed import Closed, Feed
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.client.transport import Transport
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.notify.backends import FallbackNotifier
from mailpit_notifier.notify.notice import Key, Notice, Notifier, Result
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.servers.servers import Servers

QUICK = Timing(first_retry=0.01)


class OddDesk(Notifier):
    """A desktop that raises when it starts, and for a notice with `odd` in its title or key."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.withdrawn: list[Key] = []

    async def start(self) -> bool:
        raise RuntimeError("start")

    async def show(self, notice: Notice) -> Result:
        if "odd" in notice.title:
            raise RuntimeError("show")
        self.shown.append(notice.title)
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        if "odd" in key[1]:
            raise RuntimeError("withdraw")
        self.withdrawn.append(key)


@pytest.fixture
async def reported() -> list[str]:
    """The errors reported to the loop."""
    found: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: found.append(f"{context['message']}: {context['exception']}"))
    return found


@pytest.mark.process
async def test_notifications_go_on_after_a_failing_desktop(tmp_path: Path, reported: list[str]) -> None:
    mailpit, desk = Mailpit(), OddDesk()
    with hostile(mailpit) as server:
        servers = Servers(desk, tmp_path, NO_CALLBACKS)
        servers.start(Settings(servers=servers_from([server.url()])))
        (session,) = servers.sessions.values()
        await until(lambda: session.inbox.total == 0)
        servers.withdraw_notice(("odd", "odd"))
        servers.withdraw_notice(("fine", ""))
        for number, subject in enumerate(["One", "An odd one", "Two"], 1):
            mailpit.messages.insert(0, summary(number, Subject=subject))
            mailpit.push("new", mailpit.messages[0])
        await until(lambda: desk.shown == ["One", "Two"])
        assert desk.withdrawn == [("fine", "")]
        await servers.stop()

        again = OddDesk()  # a notice that the desktop did not accept is not lost
        mailpit.messages[1]["Subject"] = "The third"
        servers = Servers(again, tmp_path, NO_CALLBACKS)
        servers.start(Settings(servers=servers_from([server.url()])))
        await until(lambda: again.shown == ["The third"])
        await servers.stop()
    assert reported == [
        *("The start of notifications: start", "A notification: withdraw", "A notification: show"),
        "The start of notifications: start",
    ]


async def test_a_failing_notifier_falls_back_to_the_next(reported: list[str]) -> None:
    class Fine(OddDesk):
        async def start(self) -> bool:
            return True

        async def show(self, notice: Notice) -> Result:
            self.shown.append(notice.title)
            return Result.SHOWN

    odd, fine = OddDesk(), Fine()
    chain = FallbackNotifier([odd, fine])
    assert await chain.start()
    assert await chain.show(Notice(key=("a", ""), title="odd"))
    await chain.withdraw(("a", "odd"))
    assert (odd.shown, fine.shown) == ([], ["odd"])
    assert [line.partition(": ")[2] for line in reported] == ["start", "show", "withdraw", "withdraw"]


async def test_a_session_continues_after_a_failing_callback(reported: list[str]) -> None:
    mailpit = Mailpit()
    with hostile(mailpit) as server:
        recorder = Recorder(server.url(), QUICK)
        ended = list[ServerStatus]()

        def listen(status: ServerStatus) -> None:
            if status.link is Link.DISCONNECTED:
                ended.append(status)
                if len(ended) == 1:
                    raise RuntimeError("Broken")

        recorder.listeners["status"] = listen
        async with at_work(recorder):
            await until(lambda: recorder.caught_up)
            mailpit.streams[0].close()
            await until(lambda: len(recorder.caught_up) == 2)
    assert reported == [f"The session of {recorder.session.server.key}: Broken"]


def test_a_reader_reports_its_end_after_any_exception() -> None:
    items = list[object]()

    def dial(_url: ServerUrl, _timeout: float, _line: Transport) -> None:
        raise SystemExit  # or a panic of a library in Rust

    Feed(ServerUrl.parse("http://127.0.0.1:1/"), items.append, dial).start()  # type: ignore[arg-type]
    wait_for(lambda: items)
    assert items == [Closed(fault=Fault.CUT_OFF, detail="SystemExit")]


# Servers that are removed from the settings


@pytest.mark.process
async def test_a_removed_server_leaves_no_state_and_loses_no_message(tmp_path: Path, reported: list[str]) -> None:
    shop, blog, desk = Mailpit(), Mailpit(), OddDesk()
    with hostile(shop) as here, hostile(blog) as there:
        both = servers_from([here.url(), there.url()])
        servers = Servers(desk, tmp_path, NO_CALLBACKS)
        servers.start(Settings(servers=both))
        key = both[0].key
        await until(lambda: all(session.inbox.total == 0 for session in servers.sessions.values()))
        shop.push("error", {"Level": "error", "Type": "smtpd", "IP": "127.0.0.1", "Message": "553 no"})
        shop.messages.insert(0, summary(1))
        shop.push("new", summary(1))
        await until(lambda: len(desk.shown) == 2)
        servers.pause(True)
        shop.messages.insert(0, summary(2))
        shop.push("new", summary(2))
        await until(lambda: servers.sessions[key].inbox.total == 2 or len(servers.sessions[key].inbox.rows) == 2)

        servers.update_settings(Settings(servers=both[1:]))
        await until(lambda: (key, "id1") in desk.withdrawn)  # a click could not open a page
        assert servers.messages.suppression((key, "id2")) is None
        servers.pause(False)

        servers.update_settings(Settings(servers=both))
        await until(lambda: desk.shown[2:] == ["Subject 2"])
        await servers.stop()
    assert reported == ["The start of notifications: start"]


# Certificates


class Swapped:
    """TLS of a server that shows one certificate after the other, and `then` to all later connections."""

    def __init__(self, *first: Path, then: Path) -> None:
        self._contexts: Iterator[object] = iter([serving(file) for file in first])
        self._then = serving(then)

    def wrap_socket(self, *args: object, **options: object) -> object:
        return next(self._contexts, self._then).wrap_socket(*args, **options)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    first, second = (self_signed(tmp_path_factory.mktemp("certificate")) for _ in range(2))
    return first, second


@pytest.mark.process
async def test_a_certificate_that_is_swapped_for_rest_alone_is_reported(certificates: tuple[Path, Path]) -> None:
    files, mailpit = certificates, Mailpit(summary(1))
    with hostile(mailpit, tls=Swapped(files[0], then=files[1])) as server:  # type: ignore[arg-type]
        recorder = Recorder(server.url(), fingerprint=sha256(der(files[0])).hexdigest())
        async with at_work(recorder):
            await until(lambda: recorder.session.status.fault)
            assert recorder.session.status.link is Link.DISCONNECTED
            assert recorder.session.status.fault is Fault.CERTIFICATE_CHANGED
            assert [status.link for status in recorder.statuses] == [Link.CONNECTED, Link.DISCONNECTED]
            with pytest.raises(FaultError, match="certificate_changed"):
                await recorder.session.mark_read(["id1"])
    assert mailpit.reads == mailpit.writes == []


@pytest.mark.process
async def test_the_fault_of_a_swapped_certificate_stays_until_rest_works_again(certificates: tuple[Path, Path]) -> None:
    good, other = certificates
    mailpit = Mailpit(summary(1))
    tls = Swapped(good, other, good, other, good, other, then=good)  # websocket and REST in turn
    with hostile(mailpit, tls=tls) as server:  # type: ignore[arg-type]
        recorder = Recorder(server.url(), Timing(late_retry=0.01), fingerprint=sha256(der(good)).hexdigest())
        async with at_work(recorder):
            await until(lambda: recorder.rows)
    seen = [(status.link, status.fault) for status in recorder.statuses]
    assert len(mailpit.streams) == 4
    assert list(dict.fromkeys(seen)) == [
        (Link.CONNECTED, None),
        (Link.DISCONNECTED, Fault.CERTIFICATE_CHANGED),
    ]
    changes = [after for before, after in pairwise([None, *seen]) if after != before]
    assert changes == [*dict.fromkeys(seen), (Link.CONNECTED, None)]
