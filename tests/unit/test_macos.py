"""Notifications on macOS: the real library on a stand-in for the bridge to Objective-C."""

import asyncio
from collections.abc import Iterator

import pytest

from mailpit_notifier.notify.desktop import DesktopNotifier
from mailpit_notifier.notify.notice import DEFAULT, Action, Key, Notice
from objective_c import ALLOWED, DENIED, NOT_ASKED, Center, macos

pytest.importorskip("desktop_notifier", reason="desktop-notifier is not installed")

KEY = ("http://localhost:8025/", "a1")
NOTICE = Notice(key=KEY, title="Your Acme code", actions=(Action(key="copy", label="Copy 482913"),))


@pytest.fixture
def center() -> Iterator[Center]:
    with macos() as center:
        yield center


async def started(acted: list[tuple[Key, str]]) -> DesktopNotifier:
    notifier = DesktopNotifier(lambda key, action, _token: acted.append((key, action)))
    assert await notifier.start()
    return notifier


async def test_a_click_arrives_also_after_the_permission_was_queried(center: Center) -> None:
    acted: list[tuple[Key, str]] = []
    notifier = await started(acted)
    await notifier.show(NOTICE)
    assert not await notifier.is_turned_off()
    assert center.buttons() == ["Copy 482913"]
    center.click("copy")
    await asyncio.sleep(0)
    await notifier.show(NOTICE)
    center.click()
    await asyncio.sleep(0)
    assert acted == [(KEY, "copy"), (KEY, DEFAULT)]


@pytest.mark.parametrize(("status", "off"), [(NOT_ASKED, False), (DENIED, True), (ALLOWED, False)])
async def test_only_what_the_user_has_denied_is_off(center: Center, status: int, off: bool) -> None:
    notifier = await started([])
    center.status = status
    assert await notifier.is_turned_off() == off
    assert not center.errors  # the answer of the library raises in a callback of the system


async def test_a_banner_is_shown_while_our_window_is_active(center: Center) -> None:
    notifier = await started([])
    center.active = True
    await notifier.show(NOTICE)
    assert [banner.content.title for banner in center.banners] == ["Your Acme code"]
