"""Test a server once, step by step and as a session would: for `doctor` and for the Test button of the settings.

Runs on any loop; a cancelled test waits for nothing.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import TypeVar

from mailpit_notifier.core.settings import Access, Server
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.protocol.faults import REST_MAY_WORK, Fault, FaultError, fault_beside_live_updates, stopped_or
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Channel, in_thread

from .calls import Calls
from .feed import Closed, Feed, Item, Opened, Unanswered
from .live_updates import cut_early
from .rest import Rest
from .timing import TIMING, Timing
from .transport import Dial, Transport, certificate, choose_proxy, dial, is_local, resolve

SENDS_COUNTS = (1, 21)
"""The oldest version known to send something right after each connect and to answer pings (see recordings)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """The host's addresses."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The proxy that is used, "" for none, and the reason as in `choose_proxy`."""

    proxy: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """REST works. `snapshot` has the counts. Live updates are watched next, for `seconds`."""

    snapshot: Snapshot
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveUpdatesWork:
    """The websocket stayed open. `is_silent`: nothing was received. The cause may be an old Mailpit or a proxy."""

    is_silent: bool


Answer = TypeVar("Answer")

Step = Resolved | Route | Answers | LiveUpdatesWork


async def examine(
    server: Server,
    unlock: Callable[[Server], ServerUrl],
    timing: Timing = TIMING,
    environ: Mapping[str, str] = os.environ,
) -> AsyncGenerator[Step, None]:
    """Yield the steps that succeed. Raises FaultError, as a session would report it, for the first that does not.

    `unlock` returns the URL with the password and runs in a thread. Live updates are watched for `Timing.steady`.
    """
    addresses = await in_thread("dns", resolve, server.url.host)
    proxy, reason = choose_proxy(server.url, addresses, environ, server.proxy)
    url = await in_thread("password", unlock, server)
    if addresses:
        yield Resolved(addresses=addresses)
    elif proxy is None:
        raise FaultError(Fault.DNS)
    yield Route(proxy=proxy.netloc if proxy else "", reason=reason)
    way: Dial = partial(dial, access=server.access)
    try:
        snapshot = await _ask(url, way, timing, lambda rest: rest.snapshot(1))
    except FaultError as error:
        is_routed = is_local(url, addresses) and not url.is_local_name
        raise await _explain_rest(error, server, url, way, timing, is_routed=is_routed) from None
    yield Answers(snapshot=snapshot, seconds=timing.steady)
    is_heard = await check_live_updates(url, way, timing)
    is_silent = not is_heard and timing.steady > timing.ping_after  # long enough for the answer to a ping
    if is_silent and await _sends_counts(url, way, timing):
        raise FaultError(Fault.SILENT, f"nothing came within {timing.steady:g} s")
    yield LiveUpdatesWork(is_silent=is_silent)


async def _ask(url: ServerUrl, way: Dial, timing: Timing, call: Callable[[Rest], Answer]) -> Answer:
    calls = Calls("probe", url, way, timing)
    try:
        return await calls.call(call)
    finally:
        calls.close()


async def _sends_counts(url: ServerUrl, way: Dial, timing: Timing) -> bool:
    with contextlib.suppress(FaultError):
        numbers = re.match(r"v?(\d+)\.(\d+)", await _ask(url, way, timing, Rest.version))
        return numbers is not None and tuple(map(int, numbers.groups())) >= SENDS_COUNTS
    return False


async def explain_no_websocket(
    error: FaultError, ask: Callable[[], Awaitable[object]], has_tls: Callable[[], Awaitable[str]]
) -> FaultError:
    """Return why there is no websocket. `ask` makes a call of REST; `has_tls` is for a port that answers nothing."""
    if error.fault not in REST_MAY_WORK:
        return error
    try:
        await ask()
    except FaultError as found:
        if found.fault is Fault.CUT_OFF and (address := await has_tls()):
            return FaultError(Fault.TLS_NEEDED, found.detail, about=address)
        detail = f"{error.detail}; REST: {found.detail}"
        return FaultError(found.fault, detail, about=found.about, retry_after=found.retry_after)
    return FaultError(Fault.NO_UPGRADE, error.detail)


async def has_tls(server: Server, timing: Timing = TIMING) -> str:
    """Return the https address if the port of an http address speaks TLS, else ""."""
    url = replace(server.url, user="", password="")
    if not url.secure and await in_thread("tls", _speaks_tls, url, server.access, timing.tls_check):
        return server.url.with_tls(secure=True)
    return ""


def _speaks_tls(url: ServerUrl, access: Access, seconds: float) -> bool:
    transport = Transport()
    try:
        certificate(url, seconds, transport, access=access)
    except (FaultError, OSError, ValueError):
        return False
    finally:
        transport.close()
    return True


async def _explain_rest(
    error: FaultError, server: Server, url: ServerUrl, way: Dial, timing: Timing, *, is_routed: bool
) -> FaultError:
    """Return the fault that a session would report for this fault of REST: it depends on whether live updates work."""
    if (fault := fault_beside_live_updates(error.fault)) is not error.fault:
        with contextlib.suppress(FaultError):
            await check_live_updates(url, way, replace(timing, steady=0.0))
            return FaultError(fault, error.detail)
    if error.fault is Fault.CUT_OFF and (address := await has_tls(server, timing)):
        return FaultError(Fault.TLS_NEEDED, error.detail, about=address)
    return stopped_or(error, is_routed=is_routed)


async def check_live_updates(url: ServerUrl, way: Dial, timing: Timing = TIMING) -> bool:
    """Open a websocket, watch it for `Timing.steady`, and return whether anything was received. Raises FaultError.

    It sends pings as rarely as a session: more of them would keep a proxy with a short timeout from cutting it.
    """
    received: asyncio.Queue[Item] = asyncio.Queue()
    channel = Channel(asyncio.get_running_loop(), received.put_nowait)
    feed = Feed(url, channel.put, way, timing)
    feed.start()
    is_heard, opened, left = False, 0.0, timing.probe
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left) as limit:
                while not isinstance(item := await received.get(), Closed):
                    if isinstance(item, Opened):
                        opened = monotonic()
                        limit.reschedule(asyncio.get_running_loop().time() + timing.steady)
                    is_heard = is_heard or not isinstance(item, Opened | Unanswered)
                raise _ended(item, monotonic() - opened)
    finally:
        feed.close()
        channel.close()
    if not opened:
        raise FaultError(Fault.NO_UPGRADE, "the websocket did not open in time")
    return is_heard


def _ended(closed: Closed, lasted: float) -> FaultError:
    if closed.was_open:
        return cut_early(lasted)
    error = closed.error
    return FaultError(Fault.NO_UPGRADE, error.detail) if error.fault in REST_MAY_WORK else error
