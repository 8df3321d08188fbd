"""Make the blocking calls of `Rest` from the event loop: one worker thread per server, in order, with a time limit.

Rest itself limits single reads only: against a server that sends one byte at a time, that is no limit at all.

`AuthenticatedCalls` are the REST calls of a session: they get the password, and make each call on the right one of the
server's connections. They run on the loop; getting the password may block and runs in a thread.

`ServerNames` asks for the name of a server that the user gave none: its own label, or the project on this machine that
it belongs to.
"""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from mailpit_notifier.core.settings import Server
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.bridge import Worker, call_soon, in_thread

from .rest import Rest
from .timing import TIMING, Timing
from .transport import Dial, dial

Result = TypeVar("Result")


class Calls:
    """Runs calls one after the other. `name` becomes part of the thread's name."""

    def __init__(self, name: str, url: ServerUrl, dial: Dial, timing: Timing = TIMING) -> None:
        self._name = name
        self._dial = dial
        self._timing = timing
        self._url = url
        self._start()

    async def call(self, function: Callable[[Rest], Result]) -> Result:
        """Run a call in the thread. Raises FaultError: TIMEOUT after `Timing.queue` and `Timing.call`."""
        worker = self._worker
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timing.queue) as limit:

                def begun(rest: Rest) -> Result:
                    call_soon(loop, _reschedule, limit, loop, self._timing.call)
                    return function(rest)

                return await worker.call(begun, self._rest)
        except TimeoutError:
            if worker is self._worker:
                self.renew(self._url)
            raise FaultError(Fault.TIMEOUT, "a REST call did not end") from None

    def renew(self, url: ServerUrl) -> None:
        """Abandon the thread, with a call that hangs in it, and use another one with this address."""
        self.close()
        self._url = url
        self._start()

    def expire(self) -> None:
        """Make the next call over a new connection."""
        self._rest.expire()

    def drop(self) -> None:
        """Close the connection; the call in progress is repeated over a new one."""
        self._rest.drop()

    def close(self) -> None:
        """Abort the call in progress and end the thread, without waiting for it."""
        self._rest.abort()
        self._worker.stop(self._rest.close)

    def _start(self) -> None:
        self._rest = Rest(self._url, self._dial, timing=self._timing)
        self._worker = Worker(f"rest {self._name}")


def _reschedule(limit: asyncio.Timeout, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
    """Start the time limit of the call itself, once it has left the queue."""
    with contextlib.suppress(RuntimeError):  # it was cancelled
        limit.reschedule(loop.time() + seconds)


Answer = TypeVar("Answer")

UNTRUSTED = frozenset({Fault.TLS, Fault.CERTIFICATE_CHANGED})
"""Faults of REST that end the websocket, too: the server, or another in its place, shows a certificate not trusted."""


class AuthenticatedCalls:
    """The REST calls to one server.

    `unlock` returns the server's address with its password; it may block or raise FaultError. `on_untrusted` is called
    when a call fails because the certificate is not trusted.
    """

    def __init__(
        self,
        server: Server,
        unlock: Callable[[Server], ServerUrl],
        on_untrusted: Callable[[FaultError], None],
        timing: Timing = TIMING,
    ) -> None:
        self.dial: Dial = partial(dial, access=server.access)
        self._server = server
        self._unlock = unlock
        self._on_untrusted = on_untrusted
        self._timing = timing
        self._url: ServerUrl | None = None  # with the password, once it is known
        self._unlock_done = asyncio.Event()
        self.calls = Calls(server.label, server.url, self.dial, timing)
        # A connection of its own for sources: a notification needs one, and must not wait behind a listing.
        self._source_calls = Calls(f"{server.label} sources", server.url, self.dial, timing)

    async def url(self, on_late: Callable[[], None]) -> ServerUrl:
        """Return the address with the password, which is fetched once. Raises FaultError.

        `on_late` is called when fetching it takes longer than `Timing.unlock`.
        """
        if self._url is None:
            late = asyncio.get_running_loop().call_later(self._timing.unlock, on_late)
            try:
                self._url = await in_thread(f"password {self._server.label}", self._unlock, self._server)
                self.calls.renew(self._url)
                self._source_calls.renew(self._url)
            finally:
                late.cancel()
                self._unlock_done.set()
        return self._url

    def forget_password(self) -> None:
        """Fetch the password again for the next connection: it was rejected, and may have been changed since."""
        self._url = None

    async def password_known(self) -> None:
        """Wait until `url` has the password, which ends all calls made before. Raises FaultError."""
        try:
            async with asyncio.timeout(self._timing.queue):
                await self._unlock_done.wait()
        except TimeoutError:
            raise FaultError(Fault.AUTH, "the password is not known yet") from None

    async def ask(self, call: Callable[[Rest], Answer]) -> Answer:
        """Make a call. Raises FaultError."""
        return await self._call(self.calls, call)

    async def read_source(self, call: Callable[[Rest], Answer], *, apart: bool) -> Answer:
        """Make a call on the sources' connection, or on one for this call alone (`apart`). Raises FaultError."""
        if not apart:
            return await self._call(self._source_calls, call)
        url = self._url or self._server.url
        calls = Calls(f"{self._server.label} large source", url, self.dial, self._timing)
        try:
            return await self._call(calls, call)
        finally:
            calls.close()

    def expire(self) -> None:
        """Make the next calls over new connections."""
        self.calls.expire()
        self._source_calls.expire()

    def drop(self) -> None:
        """Close the connections and repeat the calls in progress over new ones."""
        self.calls.drop()
        self._source_calls.drop()

    def close(self) -> None:
        """End the calls in progress and release their threads."""
        self.calls.close()
        self._source_calls.close()

    async def _call(self, calls: Calls, call: Callable[[Rest], Answer]) -> Answer:
        try:
            return await calls.call(call)
        except FaultError as error:
            if error.fault in UNTRUSTED:
                self._on_untrusted(error)
            raise


ProjectOf = Callable[[ServerUrl], str]
"""Returns the name of the project (DDEV, Compose …) that an address of this machine belongs to, or "". May block."""


class ServerNames:
    """Finds the name of one server."""

    def __init__(self, url: ServerUrl, project_of: ProjectOf) -> None:
        self._url = url
        self._project_of = project_of
        self._project: str | None = None  # None: not looked up yet

    async def name(self, calls: Calls, *, may_be_project: bool) -> str:
        """Return the server's name, or "". The label may change between calls; the project is looked up once."""
        with contextlib.suppress(FaultError):
            if label := await calls.call(Rest.label):
                return label
        if self._project is None and may_be_project:
            self._project = await in_thread(f"project {self._url.label}", self._project_of, self._url)
        return self._project or ""
