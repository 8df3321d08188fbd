"""The listener of `wait`: each message of a server is judged once, also if the connection fails."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from test_large_mailboxes import SIZE, Dated, row

from conditions import until
from hostile import PATIENCE, Hostile, Mailpit, Visit, hostile, summary
from mailpit_notifier.cli.answers import Verdict
from mailpit_notifier.cli.listener import CaughtUp, Connected, Disconnected, Listener
from mailpit_notifier.client.rest import Rest
from mailpit_notifier.core.settings import Server, servers_from
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message

Event = Connected | CaughtUp | Disconnected | Verdict


def missed(server: Server, message: Message, _mailbox: Rest) -> Verdict:
    return Verdict(server=server, message=message, missed=("no match",))


class Listening:
    """A running listener, and its reports."""

    def __init__(self, server: Server, judge: Callable[[Server, Message, Rest], Verdict], since: float | None) -> None:
        self.events: list[Event] = []
        self.listener = Listener(server, judge, self.events.append, since=since, enough=1)

    @property
    def judged(self) -> list[str]:
        return [event.message.id for event in self.events if isinstance(event, Verdict)]

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@asynccontextmanager
async def listening(
    server: Hostile,
    judge: Callable[[Server, Message, Rest], Verdict] = missed,
    since: float | None = None,
    **options: object,
) -> AsyncIterator[Listening]:
    (named,) = servers_from([server.url()])
    found = Listening(Server(url=named.url, **options), judge, since)  # type: ignore[arg-type]
    task = asyncio.create_task(found.listener.run())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize("upgrades", [True, False])
async def test_a_whole_mailbox_is_judged_page_by_page_and_what_failed_is_judged_again(upgrades: bool) -> None:
    mailpit, failures = Dated(), [FaultError(Fault.CUT_OFF, "in the middle")]
    mailpit.upgrades = upgrades

    def judge(server: Server, message: Message, mailbox: Rest) -> Verdict:
        if message.id == "id-700" and failures:
            raise failures.pop()
        return missed(server, message, mailbox)

    with hostile(mailpit) as server:
        async with listening(server, judge) as found:
            await until(lambda: found.count(CaughtUp))
            assert found.judged == [f"id{-number}" for number in range(SIZE)]
            (lost,) = [event for event in found.events if isinstance(event, Disconnected)]
            assert (lost.error.fault, lost.error.detail) == (Fault.CUT_OFF, "in the middle")
            mailpit.messages.insert(0, row(1))
            if upgrades:
                mailpit.push("new", row(1))
            await until(lambda: found.judged[SIZE:] == ["id1"])


async def test_a_check_finds_a_message_without_a_frame() -> None:
    mailpit = Mailpit(summary(1))
    with hostile(mailpit) as server:
        async with listening(server) as found:
            await until(lambda: found.count(CaughtUp))
            mailpit.messages.insert(0, summary(2))
            found.listener.check_again()
            await until(lambda: found.count(CaughtUp) == 2)
            assert found.judged == ["id1", "id2"]
            assert found.events[-1] == CaughtUp(key=server.url(), checks=1)


async def test_of_a_server_without_a_clock_only_live_messages_count() -> None:
    mailpit = Mailpit(summary(1))
    with hostile(mailpit) as server:
        async with listening(server, since=10.0) as found:
            await until(lambda: found.count(CaughtUp))
            mailpit.push("new", summary(2))
            await until(lambda: found.judged == ["id2"])


@pytest.mark.process
async def test_a_password_that_is_rejected_is_asked_for_once(tmp_path: Path) -> None:
    asked, refused = tmp_path / "asked", []

    def script(visit: Visit) -> None:
        visit.request()
        refused.append(visit)
        visit.answer(401)

    code = "import sys; print('once', file=open(sys.argv[1], 'a')); print('wrong')"
    command = (sys.executable, "-c", code, str(asked))
    with hostile(script) as server:
        async with listening(server, user="ann", password_command=command) as found:
            await until(lambda: found.count(Disconnected))
            assert [event.error.fault for event in found.events if isinstance(event, Disconnected)] == [Fault.AUTH]
    assert len(refused) == 2
    assert asked.read_text() == "once\n"


async def test_a_message_that_may_count_in_spite_of_its_date_is_judged_before_the_answer_is_certain() -> None:
    held = threading.Event()

    def judge(server: Server, message: Message, mailbox: Rest) -> Verdict:
        held.wait(PATIENCE)
        return missed(server, message, mailbox)

    with hostile(Mailpit(summary(1, Created="2001-05-01T10:00:00Z"))) as server:
        async with listening(server, judge, since=10.0) as found:
            await until(lambda: found.count(CaughtUp))
            assert not found.listener.is_idle
            held.set()
            await until(lambda: found.listener.is_idle)
