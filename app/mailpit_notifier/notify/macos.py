"""What macOS needs beyond desktop-notifier: the user's permission, and banners while a window of ours is active.

A module of its own because it can be imported on macOS only. It was written from the sources of desktop-notifier 6.2
and rubicon-objc 0.5, and never run on macOS: the tests use a stand-in for the bridge to Objective-C.
"""

import asyncio
from typing import Any

from desktop_notifier.backends.macos import NotificationCenterDelegate
from rubicon.objc import objc_method, py_from_ns
from rubicon.objc.runtime import objc_block, objc_id

from mailpit_notifier.runtime.bridge import call_soon, settle

DENIED = 1
"""UNAuthorizationStatusDenied (UNNotificationSettings.h). Before the user was asked it is another: 0."""

SOUND, LIST, BANNER = 1 << 1, 1 << 3, 1 << 4
"""UNNotificationPresentationOptions (UNUserNotificationCenter.h)."""


async def is_denied(center: Any) -> bool:
    """Return whether the user has turned the notifications off, asking this UNUserNotificationCenter.

    The library's own `has_authorisation` is also false before the user was asked, and sets its result twice: the second
    time raises an exception in a callback of the system.
    """
    loop = asyncio.get_running_loop()
    status: asyncio.Future[int] = loop.create_future()

    def on_settings(settings: objc_id) -> None:
        # On a thread of the system, which frees the object when this returns.
        call_soon(loop, settle, status.set_result, status, int(py_from_ns(settings).authorizationStatus))

    center.getNotificationSettingsWithCompletionHandler(on_settings)
    return await status == DENIED


class Delegate(NotificationCenterDelegate):
    """The library's delegate, which also answers whether to show a notification while the program is active.

    Without an answer, macOS shows none while the window with recent messages has the focus.
    """

    @objc_method  # type: ignore[untyped-decorator]
    def userNotificationCenter_willPresentNotification_withCompletionHandler_(  # noqa: N802 - the name is Apple's
        self,
        _center: objc_id,
        _notification: objc_id,
        completion_handler: objc_block,
    ) -> None:
        """Show it."""
        completion_handler(SOUND | LIST | BANNER)


def show_while_active(back_end: Any) -> None:
    """Replace the delegate of the library's back end, which must be the only one: the last one gets the clicks."""
    delegate = Delegate.alloc().init()
    delegate.implementation = back_end
    back_end.nc_delegate = delegate  # the notification center itself does not keep it alive
    back_end.nc.delegate = delegate
