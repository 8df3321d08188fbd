"""The status of one server, from what its session meets: state, fault and counts, for the window and for the log.

REST and the websocket fail independently. A fault of REST is part of the status only after several snapshots in a row
have failed, and until one succeeds.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from mailpit_notifier.core.inbox import Inbox
from mailpit_notifier.core.settings import Server
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault, FaultError, fault_beside_live_updates

from .retry_policy import FaultLog

log = logging.getLogger(__name__)

UNREADABLE_AFTER = 3
"""Snapshots that must fail in a row beside a live websocket before that is a fault; the third is taken after 3 s."""


class StatusReporter:
    """`on_status` is called with each status that differs from the last, `on_rejected` when the password is wrong."""

    def __init__(
        self,
        server: Server,
        inbox: Inbox,
        on_status: Callable[[ServerStatus], None],
        on_rejected: Callable[[], None],
    ) -> None:
        self.status = ServerStatus(url=server.key, name=server.label, asks_password=server.asks_password)
        self._inbox = inbox
        self._on_status = on_status
        self._on_rejected = on_rejected
        self.faults = FaultLog(server.key)
        self.detail = ""
        """What is known of the last fault beyond its sentence, as in FaultError."""
        self._failed_snapshots = 0
        self._is_open = False  # whether there is a websocket that is relied on
        self._untrusted: FaultError | None = None  # REST's certificate, until REST works again
        self._rest_fault: FaultError | None = None  # what is wrong with REST while the websocket works
        self._owes_counts = False  # they are reported soon

    def connected(self) -> None:
        """Report that the websocket is open."""
        if self.status.link is not Link.CONNECTED:
            log.info("%s: connected", self.status.url)
        self._is_open = True
        if self._untrusted:  # that ends this connection, too, as soon as REST is used
            self._set(Link.DISCONNECTED, self._untrusted)
        else:
            self._set(Link.CONNECTED, self._rest_fault)

    def untrusted(self, error: FaultError) -> None:
        """Report that REST's certificate is not trusted, which ends the connection, until REST works again."""
        self._untrusted = error

    def disconnected(self, error: FaultError) -> None:
        """Report that there is no connection."""
        self._is_open = False
        self._set(Link.DISCONNECTED, error)

    def polling(self, error: FaultError) -> None:
        """Report that REST works, and what is wrong with live updates."""
        self._is_open = False
        self._set(Link.POLLING, error)

    def polling_failed(self, error: FaultError) -> None:
        """Report that REST failed where live updates do not work, either."""
        self.faults.add("polling", error.fault, f"polling failed: {error}")
        self.disconnected(error)

    def snapshot_failed(self, error: FaultError) -> None:
        """Log it; report the third in a row."""
        self.faults.add("snapshot", error.fault, f"no snapshot: {error}")
        self._failed_snapshots += 1
        if self._failed_snapshots >= UNREADABLE_AFTER:
            self._set_rest_fault(FaultError(fault_beside_live_updates(error.fault), error.detail))

    def rest_works(self) -> None:
        """Take back what `snapshot_failed` and `untrusted` have reported."""
        self._failed_snapshots = 0
        untrusted, self._untrusted = self._untrusted, None
        if self._rest_fault:
            self._set_rest_fault(None)
        if untrusted and self._is_open:
            self._set(Link.CONNECTED, None)

    def counts_changed(self) -> None:
        """Report the inbox's new counts soon, once for all messages that are delivered together."""
        if not self._owes_counts:
            self._owes_counts = True
            asyncio.get_running_loop().call_soon(self._report_counts)

    def _report_counts(self) -> None:
        self._owes_counts = False
        self._change(self.status)

    def rename(self, name: str) -> None:
        """Report the name that the server or its project gave itself."""
        self.status = replace(self.status, name=name)
        self._on_status(self.status)

    def _set_rest_fault(self, error: FaultError | None) -> None:
        self._rest_fault = error
        if self.status.link is Link.CONNECTED:
            self._set(Link.CONNECTED, error)

    def _set(self, link: Link, error: FaultError | None) -> None:
        self.detail = error.detail if error else self.detail
        if error and error.fault is Fault.AUTH:
            self._on_rejected()
        fault, about = (error.fault, error.about) if error else (None, "")
        self._change(replace(self.status, link=link, fault=fault, about=about))

    def _change(self, status: ServerStatus) -> None:
        status = replace(status, total=self._inbox.total, unread=self._inbox.unread)
        if status != self.status:
            self.status = status
            self._on_status(status)
