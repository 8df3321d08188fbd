"""The status of one server, from what its session meets: state, fault and counts, for the window and for the log.

REST and the websocket fail independently. A fault of REST is part of the status only after several snapshots in a row
have failed, and until one succeeds.
"""

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
        self._is_open = False  # whether there is a websocket
        self._untrusted: FaultError | None = None  # REST's certificate, until REST works again
        self._rest_fault: Fault | None = None  # what is wrong with REST while the websocket works

    def connected(self) -> None:
        """Report that the websocket is open."""
        log.info("%s: connected", self.status.url)
        self._is_open = True
        if self._untrusted:  # that ends this connection, too, as soon as REST is used
            self.detail = self._untrusted.detail
            self._set(Link.DISCONNECTED, self._untrusted.fault)
        else:
            self._set(Link.CONNECTED, self._rest_fault)

    def untrusted(self, error: FaultError) -> None:
        """Report that REST's certificate is not trusted, which ends the connection, until REST works again."""
        self._untrusted = error

    def disconnected(self, fault: Fault, detail: str = "") -> None:
        """Report that there is no connection; `detail` as in FaultError."""
        self._is_open = False
        self.detail = detail
        self._set(Link.DISCONNECTED, fault)

    def polling(self) -> None:
        """Report that REST works and live updates do not."""
        self._is_open = False
        self._set(Link.POLLING, Fault.NO_UPGRADE)

    def polling_failed(self, error: Exception) -> None:
        """Report that REST failed where live updates do not work, either."""
        found = self.faults.fault_from(error)
        self.faults.add("polling", found.fault, f"polling failed: {found}")
        self.disconnected(found.fault, found.detail)

    def snapshot_failed(self, error: FaultError) -> None:
        """Log it; report the third in a row."""
        self.detail = error.detail
        self.faults.add("snapshot", error.fault, f"no snapshot: {error}")
        self._failed_snapshots += 1
        if self._failed_snapshots >= UNREADABLE_AFTER:
            self._rest_fault = fault_beside_live_updates(error.fault)
            if self.status.link is Link.CONNECTED:
                self._set(Link.CONNECTED, self._rest_fault)

    def rest_works(self) -> None:
        """Take back what `snapshot_failed` and `untrusted` have reported."""
        self._failed_snapshots = 0
        stood, self._untrusted, self._rest_fault = self._untrusted or self._rest_fault, None, None
        if stood and self._is_open:
            self._set(Link.CONNECTED, None)

    def counts_changed(self) -> None:
        """Report the inbox's new counts."""
        self._set(self.status.link, self.status.fault)

    def rename(self, name: str) -> None:
        """Report the name that the server or its project gave itself."""
        self.status = replace(self.status, name=name)
        self._on_status(self.status)

    def _set(self, link: Link, fault: Fault | None) -> None:
        if fault is Fault.AUTH:
            self._on_rejected()
        status = replace(self.status, link=link, fault=fault, total=self._inbox.total, unread=self._inbox.unread)
        if status != self.status:
            self.status = status
            self._on_status(status)
