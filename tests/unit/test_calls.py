"""REST calls from the loop: in order, with a time limit, and not blocked by one that hangs."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

import pytest

from conditions import until
from hostile import Mailpit, Script, hostile, summary
from mailpit_notifier.client.calls import Calls
from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.client.transport import dial
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl


def changeable() -> Any:
    """Return the times of `Timing`. A test can change them between two calls."""
    return SimpleNamespace(**asdict(TIMING))


@asynccontextmanager
async def calling(script: Script, timing: Timing = TIMING) -> AsyncIterator[Calls]:
    with hostile(script) as server:
        calls = Calls("shop", ServerUrl.parse(server.url()), dial, timing)
        try:
            yield calls
        finally:
            calls.close()


def total(rest: Rest) -> int:
    return rest.snapshot(1).total


async def test_a_call_that_hangs_is_abandoned_and_blocks_no_other() -> None:
    found = threading.Event()  # like the look-up of a name, which cannot be interrupted
    timing = changeable()
    async with calling(Mailpit(summary(1)), timing) as calls:
        timing.call = 0.02
        with pytest.raises(FaultError) as caught:
            await calls.call(lambda _: found.wait())
        timing.call = TIMING.call
        assert caught.value.fault is Fault.TIMEOUT
        assert await calls.call(total) == 1
        assert not found.is_set()
        found.set()


async def test_the_time_limit_of_a_call_starts_when_it_leaves_the_queue() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(rest: Rest) -> int:
        begun.set()
        go_on.wait()
        return total(rest)

    timing = changeable()
    async with calling(Mailpit(summary(1)), timing) as calls:
        first = asyncio.create_task(calls.call(slow))
        await until(begun.is_set)
        await asyncio.sleep(0)  # the limit of the call is set in the next turn of the loop
        timing.call = 0.01
        second = asyncio.create_task(calls.call(total))
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.02, over.set)
        await over.wait()
        timing.call = TIMING.call
        go_on.set()
        assert await asyncio.gather(first, second) == [1, 1]


async def test_a_call_queued_behind_a_cancelled_one_that_hangs_is_a_timeout() -> None:
    begun, found = threading.Event(), threading.Event()
    timing = changeable()
    async with calling(Mailpit(summary(1)), timing) as calls:
        hanging = asyncio.create_task(calls.call(lambda _: begun.set() or found.wait()))
        await until(begun.is_set)
        hanging.cancel()
        timing.queue = 0.02
        with pytest.raises(FaultError) as caught:
            await calls.call(total)
        timing.queue = TIMING.queue
        assert caught.value.fault is Fault.TIMEOUT
        assert await calls.call(total) == 1
        found.set()


async def test_after_a_new_address_calls_go_there() -> None:
    with hostile(Mailpit(summary(1), summary(2))) as other:
        async with calling(Mailpit()) as calls:
            assert await calls.call(total) == 0
            calls.renew(ServerUrl.parse(other.url()))
            assert await calls.call(total) == 2


async def test_close_ends_the_call_in_progress() -> None:
    mailpit = Mailpit()
    mailpit.gate.clear()
    async with calling(mailpit) as calls:
        under_way = asyncio.create_task(calls.call(total))
        await until(lambda: mailpit.reads)
        calls.close()
        with pytest.raises(FaultError):
            await under_way
        assert not mailpit.gate.is_set()
        mailpit.gate.set()
