"""Notifications on Linux and the BSDs, over D-Bus.

Maps the service's IDs to the keys of notices, and converts notices into the service's arguments: the body is escaped
if and only if the service reads markup, the summary never; buttons are sent only where the service supports them.
"""

import asyncio
import contextlib
import html
import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any

from dbus_fast import Variant

from mailpit_notifier import APP_ID, APP_NAME

from .notice import DEFAULT, Activated, Key, Notice, Notifier, Urgency
from .service import NO_START, Capability, NotificationService, ServiceError

log = logging.getLogger(__name__)

STOP_TIMEOUT = 0.1
"""Seconds for withdrawing everything when the program ends; the user waits for that."""

AT_ONCE = 32
"""D-Bus messages sent without waiting for a reply: dbus-fast drops the connection when the socket is full."""

SERVICE_DECIDES = -1
"""`expire_timeout`: the desktop decides how long a notification stays."""

_HINTS = {
    urgency: {
        "desktop-entry": Variant("s", APP_ID),
        "category": Variant("s", "email.arrived"),
        "urgency": Variant("y", urgency.value),
    }
    for urgency in Urgency
}
_SOUND = {"sound-name": Variant("s", "message-new-email")}
"""A name of the sound naming specification. The desktop decides which sound that is, and whether it is played."""


class FreedesktopNotifier(Notifier):
    """Show notices through `org.freedesktop.Notifications`.

    `icon` is a name from the icon theme or a file URI; `default_label` labels a click on the notification itself;
    `address` is the bus, "" for the session bus; `is_needed`: whether to log a warning when there is no service.
    """

    def __init__(
        self,
        activated: Activated,
        *,
        icon: str = APP_ID,
        default_label: str = "Open",
        address: str = "",
        is_needed: bool = True,
    ) -> None:
        self._activated = activated
        self._icon = icon
        self._default = (DEFAULT, default_label)
        self._is_needed = is_needed
        self._service = NotificationService(self._on_signal, self._forget_all, address)
        self._ids: dict[Key, int] = {}
        self._shown: dict[int, Notice] = {}
        self._tokens: dict[int, str] = {}
        self._in_flight: dict[Key, bool] = {}  # calls in flight; False: withdrawn meanwhile
        self._unanswered = 0
        self._failing = False

    async def start(self) -> bool:
        """Connect and read the capabilities, so that the first notice does not wait for them."""
        try:
            await self._service.capabilities()
        except ServiceError as error:
            return self._failed(error)
        return True

    async def show(self, notice: Notice) -> bool:
        """Show or replace a notice; return False when there is no service, or no reply from it."""
        key = notice.key
        self._in_flight[key] = True
        try:
            arguments = self._arguments(notice, await self._service.capabilities())
            await self._service.call("Notify", "susssasa{sv}i", arguments, answered=partial(self._on_shown, notice))
        except ServiceError as error:
            self._in_flight.pop(key, None)
            return self._failed(error)
        except Exception:
            self._in_flight.pop(key, None)
            raise
        self._failing = False
        return True

    def shows(self, key: Key) -> bool:
        """Return True until the service reports that the notification was closed."""
        return key in self._ids

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice, also one whose call is in flight."""
        if key in self._in_flight:
            self._in_flight[key] = False
        if key in self._ids:
            self._close(self._ids[key])
            self._unanswered += 1
            if self._unanswered >= AT_ONCE:
                with contextlib.suppress(ServiceError):
                    await self._round_trip()

    async def stop(self) -> None:
        """Withdraw everything, because a click would no longer open anything, and disconnect."""
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._withdraw_all({*self._ids, *self._in_flight})
        except (ServiceError, TimeoutError) as error:
            log.debug("Notifications may be left on the screen: %s", error)
        await self._service.close()

    async def _withdraw_all(self, keys: AbstractSet[Key]) -> None:
        for key in keys:
            await self.withdraw(key)
        if keys:
            await self._round_trip()

    async def _round_trip(self) -> None:
        """Wait for a reply. Replies come in order, so the service has handled all earlier messages then."""
        self._unanswered = 0
        await self._service.call("GetServerInformation", flags=NO_START)

    def _arguments(self, notice: Notice, capabilities: frozenset[Capability]) -> Sequence[Any]:
        body = html.escape(notice.body, quote=False) if Capability.BODY_MARKUP in capabilities else notice.body
        actions: list[str] = []
        if Capability.ACTIONS in capabilities:
            labels = dict([self._default, *((action.key, action.label) for action in notice.actions)])
            actions = [text for action in labels.items() for text in action]
        replaces = self._ids.get(notice.key, 0)
        hints = _HINTS[notice.urgency] | (_SOUND if notice.sound else {})
        return [APP_NAME, replaces, self._icon, notice.title, body, actions, hints, SERVICE_DECIDES]

    def _on_shown(self, notice: Notice, body: Sequence[Any]) -> None:
        is_wanted = self._in_flight.pop(notice.key, True)
        match body:
            case [int(shown)]:
                self._forget(shown)  # IDs wrap around: the newest notice with an ID owns it
                self._ids[notice.key], self._shown[shown] = shown, notice
                if not is_wanted:
                    self._close(shown)

    def _on_signal(self, member: str, body: Sequence[Any]) -> None:
        match member, body:
            case "ActivationToken", [int(shown), str(token)] if shown in self._shown:
                self._tokens[shown] = token
            case "ActionInvoked", [int(shown), str(action)] if shown in self._shown:
                notice, token = self._shown[shown], self._tokens.pop(shown, "")
                if notice.offers(action):
                    self._activated(notice.key, action, token)
            case "NotificationClosed", [int(shown), _]:
                self._forget(shown)

    def _close(self, shown: int) -> None:
        self._forget(shown)
        self._service.post("CloseNotification", "u", [shown])

    def _forget(self, shown: int) -> None:
        self._tokens.pop(shown, None)
        notice = self._shown.pop(shown, None)
        if notice and self._ids.get(notice.key) == shown:
            del self._ids[notice.key]

    def _forget_all(self) -> None:
        self._ids.clear()
        self._shown.clear()
        self._tokens.clear()

    def _failed(self, error: ServiceError) -> bool:
        level = logging.WARNING if self._is_needed and not self._failing else logging.DEBUG
        log.log(level, "No desktop notifications: %s", error)
        self._failing = True
        return False
