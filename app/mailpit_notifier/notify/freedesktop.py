"""Notifications on Linux and the BSDs, over D-Bus.

Maps the service's IDs to the keys of notices, and converts notices into the service's arguments: the body is escaped
if and only if the service reads markup, the summary never; buttons are sent only where the service supports them.
"""

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache, partial
from typing import Any

from dbus_fast import Variant

from mailpit_notifier import APP_ID, APP_NAME

from .notice import DEFAULT, Activated, Emblem, Key, Notice, Notifier, Result, Urgency
from .service import SERVICE_TIMING, Capability, NotificationService, ServiceError, ServiceTiming

log = logging.getLogger(__name__)

STOP_TIMEOUT = 0.1
"""Seconds for withdrawing everything when the program ends; the user waits for that."""

AT_ONCE = 32
"""D-Bus messages sent without waiting for the bus: dbus-fast drops the connection when the socket is full."""

EXPIRED = 1
"""Reason of NotificationClosed: the popup's time is over. Plasma keeps an entry in its history all the same."""

MAX_EXPIRED = 500
"""Expired notifications that can still be withdrawn; of as many messages code and link are kept for a click."""

EMBLEM_SIZE = 64
"""Pixels. Desktops scale it down: they show 32 to 48."""

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
    `max_expired`: expired notices that are kept for a click.
    """

    def __init__(
        self,
        activated: Activated,
        *,
        icon: str = APP_ID,
        default_label: str = "Open",
        address: str = "",
        is_needed: bool = True,
        max_expired: int = MAX_EXPIRED,
        timing: ServiceTiming = SERVICE_TIMING,
    ) -> None:
        self._activated = activated
        self._icon = icon
        self._default_label = default_label
        self._is_needed = is_needed
        self._max_expired = max_expired
        self._service = NotificationService(self._on_signal, self._forget_all, address, timing)
        self._ids: dict[Key, int] = {}
        self._shown: dict[int, Notice] = {}
        self._expired: OrderedDict[int, None] = OrderedDict()  # those of `_shown` that may be left in a history only
        self._tokens: dict[int, str] = {}
        self._in_flight: dict[Key, bool] = {}  # calls in flight; False: withdrawn meanwhile
        self._unsent = 0  # calls that the bus may not have read yet
        self._failing = False

    async def start(self) -> bool:
        """Connect and read the capabilities, so that the first notice does not wait for them."""
        try:
            await self._service.capabilities()
        except ServiceError as error:
            self._failed(error)
            return False
        return True

    @property
    def can_update(self) -> bool:
        """Whether a visible notice can be updated: `Notify` replaces it in place."""
        return True

    async def show(self, notice: Notice) -> Result:
        """Show or replace a notice; FAILED when there is no service, or no reply from it."""
        key = notice.key
        if notice.update and not self._is_visible(key):
            return Result.SKIPPED
        self._in_flight[key] = True
        try:
            arguments = self._arguments(notice, await self._service.capabilities())
            await self._service.call("Notify", "susssasa{sv}i", arguments, answered=partial(self._on_shown, notice))
        except ServiceError as error:
            self._in_flight.pop(key, None)
            self._failed(error)
            return Result.FAILED
        except Exception:
            self._in_flight.pop(key, None)
            raise
        self._failing = False
        return Result.SHOWN

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice, also one that has expired, or whose call is in flight."""
        if key in self._in_flight:
            self._in_flight[key] = False
        if key in self._ids:
            self._close(self._ids[key])
            self._unsent += 1
            if self._unsent >= AT_ONCE:
                with contextlib.suppress(ServiceError):
                    await self._flush()

    async def stop(self) -> None:
        """Withdraw everything, because a click would no longer open anything, and disconnect.

        Waits for the bus, which passes the calls on, but for the service only if a notice is in flight: it can only be
        withdrawn by the ID in the answer.
        """
        try:
            async with asyncio.timeout(STOP_TIMEOUT):
                await self._withdraw_all({*self._ids, *self._in_flight})
        except (ServiceError, TimeoutError) as error:
            log.debug("Notifications may be left on the screen: %s", error)
        await self._service.close()

    async def _withdraw_all(self, keys: AbstractSet[Key]) -> None:
        for key in keys:
            await self.withdraw(key)
        if self._in_flight:
            await self._service.answers()
        if keys:
            await self._flush()

    async def _flush(self) -> None:
        self._unsent = 0
        await self._service.flush()

    def _is_visible(self, key: Key) -> bool:
        return key in self._ids and self._ids[key] not in self._expired

    def _arguments(self, notice: Notice, capabilities: frozenset[Capability]) -> Sequence[Any]:
        body, actions = notice.body_without_buttons, list[str]()
        if Capability.ACTIONS in capabilities:
            body = notice.body_without_buttons if Capability.NO_BUTTONS in capabilities else notice.body
            actions = [DEFAULT, self._default_label]
            for action in notice.actions:
                actions += action.key, action.label
        if Capability.BODY_MARKUP in capabilities:
            body = _escaped(body)
        replaces = self._ids.get(notice.key, 0)
        hints = _HINTS[notice.urgency] | (_SOUND if notice.sound else {})
        if notice.emblem:
            hints |= {"image-data": _image(notice.emblem)}
        return [APP_NAME, replaces, self._icon, notice.title, body, actions, hints, SERVICE_DECIDES]

    def _on_shown(self, notice: Notice, body: Sequence[Any]) -> None:
        is_wanted = self._in_flight.pop(notice.key, True)
        match body:
            case [int(shown)]:
                self._forget(shown)  # IDs wrap around: the newest notice with an ID owns it
                self._forget(self._ids.get(notice.key, 0))  # expired, and the service gave the notice another ID
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
            case "NotificationClosed", [int(shown), int(reason)] if reason == EXPIRED and shown in self._shown:
                self._expired[shown] = None
                if len(self._expired) > self._max_expired:
                    self._forget(next(iter(self._expired)))
            case "NotificationClosed", [int(shown), _]:
                self._forget(shown)

    def _close(self, shown: int) -> None:
        self._forget(shown)
        self._service.post("CloseNotification", "u", [shown])

    def _forget(self, shown: int) -> None:
        self._tokens.pop(shown, None)
        self._expired.pop(shown, None)
        notice = self._shown.pop(shown, None)
        if notice and self._ids.get(notice.key) == shown:
            del self._ids[notice.key]

    def _forget_all(self) -> None:
        self._ids.clear()
        self._shown.clear()
        self._expired.clear()
        self._tokens.clear()

    def _failed(self, error: ServiceError) -> None:
        level = logging.WARNING if self._is_needed and not self._failing else logging.DEBUG
        log.log(level, "No desktop notifications: %s", error)
        self._failing = True


def _escaped(text: str) -> str:
    """Return a text as markup. The library's html.escape comes with a table of 2,200 names, 0.4 MiB."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@lru_cache(maxsize=32)
def _image(emblem: Emblem) -> Variant:
    """Return an icon as the hint `image-data`: width, height, bytes per line, has alpha, bits, channels, RGBA."""
    from mailpit_notifier.ui.icons import initial_image  # only with several servers: the rest needs no Qt

    image = initial_image(emblem.color, emblem.initial, EMBLEM_SIZE)
    return Variant("(iiibiiay)", [image.width(), image.height(), image.bytesPerLine(), True, 8, 4, bytes(image.bits())])
