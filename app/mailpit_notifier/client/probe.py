"""Test a server once, with the steps of a session: does REST answer, do live updates work?

For `doctor` and for the Test button of the settings window. Runs on any loop; a cancelled test waits for nothing.
"""

import asyncio
import contextlib

from mailpit_notifier.protocol.events import Event, Snapshot
from mailpit_notifier.protocol.faults import REST_MAY_WORK, Fault, FaultError, fault_beside_live_updates
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Channel

from .calls import Calls
from .feed import Closed, Feed, Opened
from .timing import TIMING, Timing
from .transport import Dial


async def check_rest(url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> Snapshot:
    """Return the newest message and the counts, within `Timing.call`. Raises FaultError."""
    calls = Calls("probe", url, dial, timing)
    try:
        return await calls.call(lambda rest: rest.snapshot(1))
    finally:
        calls.close()


async def explain_rest_fault(url: ServerUrl, dial: Dial, error: FaultError, timing: Timing = TIMING) -> FaultError:
    """Return the fault that a session would report for this fault of REST: it depends on whether live updates work."""
    if (fault := fault_beside_live_updates(error.fault)) is not error.fault:
        with contextlib.suppress(FaultError):
            await check_live_updates(url, dial, timing)
            return FaultError(fault, error.detail)
    return error


async def check_live_updates(url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> None:
    """Open a websocket and close it again, after `check_rest`. Raises FaultError, as a session reports it."""
    received: asyncio.Queue[str | Event | Opened | Closed] = asyncio.Queue()
    channel = Channel(asyncio.get_running_loop(), received.put_nowait)
    feed = Feed(url, channel.put, dial, timing)
    feed.start()
    first: str | Event | Opened | Closed = Closed(fault=Fault.TIMEOUT, detail="the websocket did not open in time")
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timing.probe):
                first = await received.get()
    finally:
        feed.close()
        channel.close()
    if isinstance(first, Closed):
        raise FaultError(Fault.NO_UPGRADE if first.fault in REST_MAY_WORK else first.fault, first.detail)
