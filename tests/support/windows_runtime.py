"""A stand-in for the modules of winrt, the bridge to the Windows Runtime. Toasts are kept instead of shown.

What it does was read in Microsoft's documentation and in the sources of desktop-notifier. The back end of
desktop-notifier for Windows runs on it unchanged, on any system.
"""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

PREFIX = "action=button&amp;id="
"""What the library puts before the identifier of a button."""


MAX_BYTES = 5_000
"""Of a toast, by the documentation of toast content."""


class Toast:
    """ToastNotification."""

    def __init__(self, document: "Document") -> None:
        self.xml = document.root
        self.tag = self.group = ""
        self.priority: object = None
        self.handlers: dict[str, Callable[..., None]] = {}

    def add_activated(self, handler: Callable[..., None]) -> None:
        self.handlers["activated"] = handler

    def add_dismissed(self, handler: Callable[..., None]) -> None:
        self.handlers["dismissed"] = handler

    def add_failed(self, handler: Callable[..., None]) -> None:
        self.handlers["failed"] = handler

    @property
    def texts(self) -> list[str]:
        """Title and body."""
        return [element.text or "" for element in self.xml.iter("text")]

    @property
    def buttons(self) -> dict[str, str]:
        """The labels of the buttons, and what a click on them reports."""
        return {element.attrib["content"]: element.attrib["arguments"] for element in self.xml.iter("action")}

    @property
    def icon(self) -> str:
        """The URL of its icon."""
        return next(element.attrib["src"] for element in self.xml.iter("image"))

    def click(self, label: str = "") -> None:
        """Click the toast, or the button with this label. Windows reports it on a thread of its own."""
        arguments = SimpleNamespace(
            arguments=self.buttons[label] if label else self.xml.attrib["launch"], user_input={}
        )
        box = SimpleNamespace(as_=lambda _kind: arguments)
        thread = threading.Thread(target=self.handlers["activated"], args=(self, box))
        thread.start()
        thread.join()


class Document:
    """XmlDocument."""

    def load_xml(self, text: str) -> None:
        if len(text.encode()) > MAX_BYTES:
            raise OSError("the toast is too large")
        self.root = ET.fromstring(text)


class Desk:
    """ToastNotificationManager, its notifier and its history.

    `is_there`: whether the class is registered. `is_broken`: whether showing a toast fails.
    """

    def __init__(self) -> None:
        self.toasts: list[Toast] = []
        self.is_there = True
        self.is_broken = False
        self.setting = "enabled"

    def get_default(self) -> "Desk":
        if not self.is_there:
            raise OSError("class not registered")
        return self

    def create_toast_notifier_with_id(self, _app: str) -> "Desk":
        return self

    @property
    def history(self) -> "Desk":
        return self

    def show(self, toast: Toast) -> None:
        if self.is_broken:
            raise OSError("element not found")
        self.toasts = [*(other for other in self.toasts if other.tag != toast.tag), toast]

    def remove_grouped_tag_with_id(self, tag: str, _group: str, _app: str) -> None:
        self.toasts = [toast for toast in self.toasts if toast.tag != tag]

    def clear_with_id(self, _app: str) -> None:
        self.toasts.clear()


def _modules(desk: Desk) -> Iterator[ModuleType]:
    names: dict[str, dict[str, Any]] = {
        "winrt": {},
        "winrt.system": {"Object": object, "unbox_string": str},
        "winrt.windows": {},
        "winrt.windows.applicationmodel": {},
        "winrt.windows.applicationmodel.core": {"CoreApplication": SimpleNamespace(id="")},
        "winrt.windows.data": {},
        "winrt.windows.data.xml": {},
        "winrt.windows.data.xml.dom": {"XmlDocument": Document},
        "winrt.windows.ui": {},
        "winrt.windows.ui.notifications": {
            "NotificationSetting": SimpleNamespace(ENABLED="enabled"),
            "ToastActivatedEventArgs": object,
            "ToastDismissalReason": SimpleNamespace(USER_CANCELED=0),
            "ToastDismissedEventArgs": object,
            "ToastFailedEventArgs": object,
            "ToastNotification": Toast,
            "ToastNotificationManager": desk,
            "ToastNotificationPriority": SimpleNamespace(DEFAULT=0, HIGH=1),
        },
    }
    names["winreg"] = {
        "HKEY_CURRENT_USER": 0,
        "REG_SZ": 1,
        "ConnectRegistry": lambda *_: None,
        "CreateKeyEx": lambda *_: nullcontext(),
        "SetValueEx": lambda *_: None,
    }
    for name, values in names.items():
        module = ModuleType(name)
        module.__dict__.update(values)
        yield module


@contextmanager
def windows() -> Iterator[Desk]:
    """Let desktop-notifier take this for Windows; yield what shows its toasts."""
    desk = Desk()
    name = "desktop_notifier.backends.winrt"
    with pytest.MonkeyPatch.context() as patch:
        for module in _modules(desk):
            patch.setitem(sys.modules, module.__name__, module)
        patch.setattr("platform.system", lambda: "Windows")
        patch.setattr("platform.version", lambda: "10.0.19045")
        patch.setattr(sys, "getwindowsversion", lambda: SimpleNamespace(build=19045), raising=False)
        patch.delitem(sys.modules, name, raising=False)
        yield desk
        sys.modules.pop(name, None)
