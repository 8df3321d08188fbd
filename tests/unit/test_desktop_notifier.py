"""Notifications on macOS and Windows, with the real library and a simulated platform."""

import asyncio
import sys
import threading
from typing import Any

import pytest

from mailpit_notifier.cli import doctor
from mailpit_notifier.core.settings import Button
from mailpit_notifier.notify.desktop import COPY_LABEL, DesktopNotifier, Timing, problem
from mailpit_notifier.notify.notice import DEFAULT, Action, Key, Notice, Result, Urgency
from windows_runtime import windows

library = pytest.importorskip("desktop_notifier", reason="desktop-notifier is not installed")
base = pytest.importorskip("desktop_notifier.backends.base")

KEY = ("http://localhost:8025/", "a1")
BUTTONS = (
    Action(key=DEFAULT, label="Open"),
    Action(key=Button.COPY, label="Copy 482913"),
    Action(key=Button.LINK, label="Open acme.test"),
    Action(key=Button.READ, label="Mark as read"),
)


class Platform(base.DesktopNotifierBackend):  # type: ignore[misc, name-defined]
    """The library's back end for a platform; this one shows nothing, and fails or hangs on demand."""

    def __init__(self, app_name: str, app_icon: object = None) -> None:
        super().__init__(app_name, app_icon)
        self.shown: dict[str, object] = {}
        self.popped_up: list[object] = []
        self.error: Exception | None = None
        self.hanging = False
        self.offers = frozenset(library.Capability)

    async def _trouble(self) -> None:
        if self.hanging:
            await asyncio.Event().wait()
        if self.error:
            raise self.error

    async def request_authorisation(self) -> bool:
        await self._trouble()
        return True

    async def has_authorisation(self) -> bool:
        return True

    async def _send(self, notification: "library.Notification") -> None:
        await self._trouble()
        self.shown[notification.identifier] = notification
        self.popped_up.append(notification)

    async def _clear(self, identifier: str) -> None:
        await self._trouble()
        self.shown.pop(identifier)

    async def _clear_all(self) -> None:
        await self._trouble()
        self.shown.clear()

    async def _get_capabilities(self) -> "frozenset[library.Capability]":
        await self._trouble()
        return self.offers

    def touch(self, how: str, *arguments: str) -> None:
        """Simulate an action of the user, which the platform reports on its own thread."""
        [identifier] = self.shown
        del self.shown[identifier]
        notification = self._clear_notification_from_cache(identifier)
        handler = getattr(self, f"handle_{how}")
        thread = threading.Thread(target=handler, args=(identifier, *arguments, notification))
        thread.start()
        thread.join()


SHORT = Timing(send=0.05, stop=0.05)
"""Short timeouts, for a platform that hangs."""


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Platform:
    """The platform that the library finds."""
    found = Platform("", None)
    monkeypatch.setattr("desktop_notifier.main.get_backend_class", lambda: lambda *_: found)
    return found


def notice(**changes: object) -> Notice:
    return Notice(**{"key": KEY, "title": "Your Acme code", "body": "Code 482913", "actions": BUTTONS, **changes})


async def started(acted: list[tuple[Key, str, str]] | None = None, **options: Any) -> DesktopNotifier:
    recorded = [] if acted is None else acted
    notifier = DesktopNotifier(lambda *what: recorded.append(what), timing=SHORT, **options)
    assert await notifier.start()
    return notifier


def titles(notification: "library.Notification") -> list[str]:
    return [button.title for button in notification.buttons]


async def test_text_buttons_and_sound_are_those_of_the_notice(platform: Platform) -> None:
    notifier = await started(copy_label="")
    assert await notifier.show(notice())
    assert await notifier.show(notice(key=("", "b"), sound=True, urgency=Urgency.CRITICAL))
    plain, loud = platform.shown.values()
    assert (plain.title, plain.message) == ("Your Acme code", "Code 482913")
    assert (plain.sound, plain.urgency) == (None, library.Urgency.Normal)
    assert (loud.sound, loud.urgency) == (library.DEFAULT_SOUND, library.Urgency.Critical)
    assert titles(plain) == ["Copy 482913", "Open acme.test", "Mark as read"]  # a click on it needs no button
    assert all(len(identifier) <= 16 for identifier in platform.shown)


async def test_the_copy_button_has_a_fixed_label_where_labels_cannot_change(platform: Platform) -> None:
    notifier = await started(copy_label="Copy code")
    await notifier.show(notice())
    assert titles(platform.popped_up[0]) == ["Copy code", "Open acme.test", "Mark as read"]
    assert (COPY_LABEL == "Copy code") == (sys.platform == "darwin")


async def test_an_update_is_skipped_because_it_would_pop_up_again(platform: Platform) -> None:
    notifier = await started()
    assert not notifier.can_update
    assert await notifier.show(notice(title="4 new messages")) is Result.SHOWN
    assert await notifier.show(notice(title="5 new messages", update=True)) is Result.SKIPPED
    assert await notifier.show(notice(title="7 new messages")) is Result.SHOWN
    assert [shown.title for shown in platform.popped_up] == ["4 new messages", "7 new messages"]
    assert len(platform.shown) == 1  # in place


async def test_where_the_copy_button_does_not_have_the_code_the_body_has_it(platform: Platform) -> None:
    for label, body in (("", "ann@example.com."), ("Copy code", "Code 482913, to ann@example.com.")):
        notifier = await started(copy_label=label)
        await notifier.show(notice(body="ann@example.com.", body_without_buttons="Code 482913, to ann@example.com."))
        assert platform.popped_up[-1].message == body


@pytest.mark.parametrize(
    ("how", "arguments", "action"),
    [
        ("clicked", [], [DEFAULT]),
        ("button", [Button.COPY], [Button.COPY]),
        ("button", [Button.DELETE], []),
        ("dismissed", [], []),
    ],
)
async def test_clicks_are_handled_on_the_event_loop(
    platform: Platform, how: str, arguments: list[str], action: list[str]
) -> None:
    acted: list[tuple[Key, str, str]] = []
    notifier = await started(acted)
    await notifier.show(notice())
    platform.touch(how, *arguments)
    assert not acted
    await asyncio.sleep(0)
    assert acted == [(KEY, done, "") for done in action]
    await notifier.withdraw(KEY)  # it is gone already: the platform is not asked


async def test_a_notice_is_withdrawn_and_all_are_at_the_end(platform: Platform) -> None:
    notifier = await started()
    for number in range(3):
        await notifier.show(notice(key=("", str(number)), title=str(number)))
    await notifier.withdraw(("", "1"))
    await notifier.withdraw(("", "never shown"))
    assert [shown.title for shown in platform.shown.values()] == ["0", "2"]
    await notifier.stop()
    assert not platform.shown


async def test_the_oldest_notices_are_withdrawn_if_there_are_many(platform: Platform) -> None:
    notifier = await started(max_shown=2)
    for number in range(4):
        await notifier.show(notice(key=("", str(number)), title=str(number)))
    assert [shown.title for shown in platform.shown.values()] == ["2", "3"]


@pytest.mark.parametrize("error", [OSError("0x80070490"), RuntimeError("no center"), AttributeError("objc"), None])
async def test_a_platform_that_fails_or_hangs_raises_nothing(platform: Platform, error: Exception | None) -> None:
    notifier = await started()
    await notifier.show(notice())
    platform.error, platform.hanging = error, error is None
    assert not await notifier.show(notice(key=("", "b")))
    await notifier.withdraw(KEY)
    await notifier.stop()


async def test_without_a_platform_there_is_no_back_end(platform: Platform) -> None:
    for trouble in (OSError("no WinRT"), None):
        platform.error, platform.offers = trouble, frozenset()
        notifier = DesktopNotifier(lambda *_: None)
        assert not await notifier.start()
        assert not await notifier.show(notice())
        await notifier.stop()


async def test_without_the_library_there_is_no_back_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "desktop_notifier", None)
    assert not await DesktopNotifier(lambda *_: None).start()


def test_blocked_notifications_are_detected_without_showing_one() -> None:
    with windows() as desk:
        assert problem() == ""
        assert list(doctor.back_end()) == [(True, "Notifications are available.")]
        desk.is_there = False
        assert problem() == "The library for notifications does not work: OSError: class not registered."
        [(good, sentence)] = doctor.back_end()
        assert not good
        assert sentence.startswith("Notifications cannot be shown. The library")
