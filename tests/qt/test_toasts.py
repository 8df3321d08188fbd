"""A message on its way to Windows: the real library on a stand-in for winrt, up to the page that a click opens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QApplication
from test_overtaking import NOBODY
from test_survival import until

from hostile import Mailpit, hostile, summary
from mailpit_notifier.actions import Actions
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.notify.desktop import DesktopNotifier
from mailpit_notifier.notify.notice import Key
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.icons import app_icon_file
from winrt import Desk, windows

pytest.importorskip("desktop_notifier", reason="desktop-notifier is not installed")

CODE, LINK = "Your code is 482913.", "https://acme.test/confirm?token=abc"


class Browser(QObject):
    """What opens pages, in the place of the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def browser(qapp: QApplication) -> Iterator[Browser]:
    browser = Browser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, browser, "open")
    yield browser
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with windows() as desk:
        yield desk


@asynccontextmanager
async def listening(folder: Path, url: str) -> AsyncIterator[Servers]:
    """Notify of the messages of this server through desktop-notifier."""
    acting: list[Callable[..., None]] = []

    def act(key: Key, action: str, token: str) -> None:
        acting[0](key, action, token)

    notifier = DesktopNotifier(act, icon=app_icon_file(folder))
    servers = Servers(notifier, folder, NOBODY)
    actions = Actions(servers, lambda _token: None, lambda *_: None)
    acting.append(actions.run_action)
    servers.start(Settings(servers=servers_from([url])))
    (session,) = servers.sessions.values()
    await until(lambda: session.inbox.total == 0 and servers._finder.ready)
    yield servers
    await asyncio.gather(servers.stop(), actions.stop())


def receive(mailpit: Mailpit, snippet: str, text: str) -> str:
    """Let Mailpit receive a message; return its ID."""
    message = summary(1, Subject="Your Acme code", Snippet=snippet)
    message_id = str(message["ID"])
    mailpit.sources[message_id] = f"Subject: Your Acme code\r\n\r\n{text}\r\n".encode()
    mailpit.messages.insert(0, message)
    mailpit.push("new", message)
    return message_id


async def test_a_message_is_a_toast_with_text_buttons_and_icon_and_a_click_opens_it(
    tmp_path: Path, desk: Desk, browser: Browser
) -> None:
    mailpit = Mailpit()
    with hostile(mailpit) as server:
        async with listening(tmp_path, server.url()):
            message_id = receive(mailpit, CODE, CODE)
            await until(lambda: desk.toasts)
            [toast] = desk.toasts
            assert toast.texts == ["Your Acme code", "ann@example.com."]
            assert list(toast.buttons) == ["Copy 482913", "Mark as read"]
            icon = Path(url2pathname(urlsplit(toast.icon).path))
            assert icon.read_bytes().startswith(b"\x89PNG")
            assert QImage(str(icon)).width() >= 256
            toast.click()
            await until(lambda: browser.opened)
    assert browser.opened == [f"{server.url()}view/{message_id}"]


@pytest.mark.parametrize("snippet", ["Hello.", CODE])
async def test_the_first_toast_waits_for_the_source_because_none_can_be_updated(
    tmp_path: Path, desk: Desk, browser: Browser, snippet: str
) -> None:
    mailpit = Mailpit()
    with hostile(mailpit) as server:
        async with listening(tmp_path, server.url()):
            receive(mailpit, snippet, f"{CODE} Or open this link: {LINK}")
            await until(lambda: desk.toasts)
            assert list(desk.toasts[0].buttons) == ["Copy 482913", "Open acme.test", "Mark as read"]
            desk.toasts[0].click("Open acme.test")
            await until(lambda: browser.opened)
    assert browser.opened == [LINK]
