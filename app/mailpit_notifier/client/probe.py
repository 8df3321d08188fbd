"""One look at a server, step by step as a session takes them: whether REST answers, whether live updates get through.

For who wants to know it once, `doctor` and the settings window's Test. Runs on any loop; a cancelled look waits for
nothing.
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
    """What REST says of the server's mails, within bounds. Raises FaultError."""
    calls = Calls("probe", url, dial, timing)
    try:
        return await calls.call(lambda rest: rest.snapshot(1))
    finally:
        calls.close()


async def explain_rest_fault(url: ServerUrl, dial: Dial, error: FaultError, timing: Timing = TIMING) -> FaultError:
    """Return the fault that one of REST is, told by whether live updates get through, as a session tells it."""
    if (fault := fault_beside_live_updates(error.fault)) is not error.fault:
        with contextlib.suppress(FaultError):
            await check_live_updates(url, dial, timing)
            return FaultError(fault, error.detail)
    return error


async def check_live_updates(url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> None:
    """Open a websocket and close it again, after REST has answered. Raises FaultError, with the fault of a session."""
    heard: asyncio.Queue[str | Event | Opened | Closed] = asyncio.Queue()
    channel = Channel(asyncio.get_running_loop(), heard.put_nowait)
    feed = Feed(url, channel.put, dial, timing)
    feed.start()
    first: str | Event | Opened | Closed = Closed(fault=Fault.TIMEOUT, detail="the websocket did not open in time")
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timing.probe):
                first = await heard.get()
    finally:
        feed.close()
        channel.close()
    if isinstance(first, Closed):
        raise FaultError(Fault.NO_UPGRADE if first.fault in REST_MAY_WORK else first.fault, first.detail)
