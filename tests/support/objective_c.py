"""A stand-in for rubicon-objc, the bridge to Objective-C, with a notification center that behaves like that of macOS.

What it does was read in Apple's documentation and in the sources of desktop-notifier and rubicon-objc. The back end of
desktop-notifier for macOS runs on it unchanged.
"""

# ruff: noqa: N802, N803 - the names are Apple's

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

NOT_ASKED, DENIED, ALLOWED = 0, 1, 2
OPEN = "com.apple.UNNotificationDefaultActionIdentifier"


class Center:
    """UNUserNotificationCenter. Its completion handlers are called on a thread of the system.

    `status` is the user's permission, `active` whether a window of the program has the focus.
    """

    def __init__(self) -> None:
        self.status = ALLOWED
        self.active = False
        self.delegate: Any = None
        self.categories: dict[str, Any] = {}
        self.banners: list[Any] = []
        self.errors: list[BaseException] = []
        """Exceptions of completion handlers: Python would print them, and the program report them."""

    def requestAuthorizationWithOptions(self, options: int, completionHandler: Callable[..., None]) -> None:
        self.status = self.status or ALLOWED
        self._call(completionHandler, self.status == ALLOWED, None)

    def getNotificationSettingsWithCompletionHandler(self, handler: Callable[..., None]) -> None:
        self._call(handler, SimpleNamespace(authorizationStatus=self.status))

    def getNotificationCategoriesWithCompletionHandler(self, handler: Callable[..., None]) -> None:
        self._call(handler, Set(self.categories.values()))

    def setNotificationCategories(self, categories: "Set") -> None:
        self.categories = {category.identifier: category for category in categories.all}

    def addNotificationRequest(self, request: Any, withCompletionHandler: Callable[..., None]) -> None:
        self._call(withCompletionHandler, None)
        answers: list[int] = []
        name = "userNotificationCenter_willPresentNotification_withCompletionHandler_"
        if self.active and hasattr(self.delegate, name):
            getattr(self.delegate, name)(self, SimpleNamespace(request=request), answers.append)
        if not self.active or (answers and answers[0] & 1 << 4):
            self.banners.append(request)

    def removeDeliveredNotificationsWithIdentifiers(self, identifiers: list[str]) -> None:
        self.banners = [banner for banner in self.banners if banner.identifier not in identifiers]

    def removeAllDeliveredNotifications(self) -> None:
        self.banners.clear()

    def buttons(self) -> list[str]:
        """The titles on the last banner: from its category, if that is still registered."""
        category = self.categories.get(self.banners[-1].content.categoryIdentifier)
        return [action.title for action in category.actions] if category else []

    def click(self, action: str = OPEN) -> None:
        """Click the last banner, or a button of it, which calls the delegate."""
        response = SimpleNamespace(
            notification=SimpleNamespace(request=self.banners.pop()), actionIdentifier=action, userText=""
        )
        name = "userNotificationCenter_didReceiveNotificationResponse_withCompletionHandler_"
        getattr(self.delegate, name)(self, response, lambda: None)

    def _call(self, handler: Callable[..., None], *arguments: object) -> None:
        def call() -> None:
            try:
                handler(*arguments)
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()


class Set:
    """NSSet."""

    def __init__(self, members: Any = ()) -> None:
        self.all = tuple(members)

    def allObjects(self) -> tuple[Any, ...]:
        return self.all

    def setByAddingObject(self, member: Any) -> "Set":
        return Set((*self.all, member))


class NSObject:
    """An object with `alloc` and `init`."""

    @classmethod
    def alloc(cls) -> Any:
        return cls()

    def init(self) -> Any:
        return self


class Content(NSObject, SimpleNamespace):
    """UNMutableNotificationContent."""


class SetClass(NSObject, Set):
    """NSSet, made empty."""


def _classes(center: Center) -> dict[str, Any]:
    def action(identifier: str, title: str, options: int) -> Any:
        return SimpleNamespace(identifier=identifier, title=title)

    def category(identifier: str, actions: Any, intentIdentifiers: Any, options: int) -> Any:
        return SimpleNamespace(identifier=identifier, actions=actions)

    def request(identifier: str, content: Any, trigger: None) -> Any:
        return SimpleNamespace(identifier=identifier, content=content)

    bundle = SimpleNamespace(mainBundle=SimpleNamespace(bundleIdentifier="mailpit-notifier", bundleURL=None))
    return {
        "NSBundle": bundle,
        "NSSet": SetClass,
        "UNMutableNotificationContent": Content,
        "UNNotificationAction": SimpleNamespace(actionWithIdentifier=action),
        "UNNotificationCategory": SimpleNamespace(categoryWithIdentifier=category),
        "UNNotificationRequest": SimpleNamespace(requestWithIdentifier=request),
        "UNNotificationSound": SimpleNamespace(defaultSound="default"),
        "UNUserNotificationCenter": SimpleNamespace(currentNotificationCenter=lambda: center),
    }


@contextmanager
def macos() -> Iterator[Center]:
    """Let desktop-notifier take this for macOS with a signed application; yield its notification center."""
    center = Center()
    classes = _classes(center)
    bridge, runtime = ModuleType("rubicon.objc"), ModuleType("rubicon.objc.runtime")
    bridge.__dict__.update(
        NSObject=NSObject,
        ObjCClass=lambda name: classes.get(name, name),
        objc_method=lambda method: method,
        py_from_ns=lambda value: value,
        runtime=runtime,
    )
    security = SimpleNamespace(SecStaticCodeCreateWithPath=lambda *_: 0, SecStaticCodeCheckValidity=lambda *_: 0)
    runtime.__dict__.update(load_library=lambda _name: security, objc_block=object, objc_id=object)
    ours = ("desktop_notifier.backends.macos", "mailpit_notifier.notify.macos")
    with pytest.MonkeyPatch.context() as patch:
        for name, module in {
            "rubicon": ModuleType("rubicon"),
            bridge.__name__: bridge,
            runtime.__name__: runtime,
        }.items():
            patch.setitem(sys.modules, name, module)
        patch.setattr("platform.system", lambda: "Darwin")
        patch.setattr("platform.mac_ver", lambda: ("14.0", ("", "", ""), "arm64"))
        for name in [name for name in sys.modules if name.startswith(ours)]:
            patch.delitem(sys.modules, name)
        yield center
        for name in [name for name in sys.modules if name.startswith(ours)]:
            del sys.modules[name]
