"""A message on its way to Windows: the real library on a stand-in for winrt, up to the page that a click opens."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QApplication
from test_event_order import NO_CALLBACKS
from test_message_notifications import NOW, SHOP, Alone, Finder, message
from test_windows import Locked, needs_windows

from conditions import until
from hostile import PATIENCE, Mailpit, hostile, summary
from mailpit_notifier.actions import Actions
from mailpit_notifier.announce.announcer import Announcer
from mailpit_notifier.announce.journal import Journal
from mailpit_notifier.announce.message_notifications import Outgoing
from mailpit_notifier.announce.timing import Timing
from mailpit_notifier.core.limits import BurstTiming
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.notify.desktop import DesktopNotifier
from mailpit_notifier.notify.notice import Key, Notice
from mailpit_notifier.protocol.events import Snapshot
from mailpit_notifier.runtime.text import line, lines
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.servers.timing import Timing as ServerTiming
from mailpit_notifier.ui.icons import app_icon_file
from windows_runtime import Desk, windows

pytest.importorskip("desktop_notifier", reason="desktop-notifier is not installed")

CODE, LINK = "Your code is 482913.", "https://acme.test/confirm?token=abc"


class Browser(QObject):
    """Opens pages in place of the desktop."""

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
    servers = Servers(notifier, folder, NO_CALLBACKS, ServerTiming(announce=Timing(only_source_wait=PATIENCE)))
    actions = Actions(servers, lambda _token: None, lambda *_: None)
    acting.append(actions.run_action)
    servers.start(Settings(servers=servers_from([url])))
    (session,) = servers.sessions.values()
    await until(lambda: session.inbox.total == 0 and servers.messages.quick_findings(url, message("any")) is not None)
    yield servers
    await asyncio.gather(servers.stop(), actions.stop())


def receive(mailpit: Mailpit, snippet: str, text: str, **fields: object) -> str:
    """Let Mailpit receive a message; return its ID."""
    message = summary(1, **{"Subject": "Your Acme code", "Snippet": snippet, **fields})
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


@needs_windows
def test_the_icon_stays_while_a_toast_shows_it(tmp_path: Path, qapp: QApplication) -> None:
    icon = app_icon_file(tmp_path)
    assert icon
    locked = Locked(icon)
    assert app_icon_file(tmp_path) == icon
    locked.close()


HOSTILE = {
    "markup": "</text><image src='https://evil.test/x'/><actions><action content=\"Pay\" arguments='x'/>&amp;&#0;<!--",
    "the end of character data": "]]> <![CDATA[x]]> <?xml version='1.0'?> <!DOCTYPE x [<!ENTITY a 'b'>]> &a;",
    "characters that XML cannot hold": "a\x00b\x08c\x1bd\ufffee\uffff fg",
    "reversed": "\u202egpj.exe\u202c and \u2066isolated",
    "emoji": "🎉" * 200,
    "Han characters": "漢字" * 400,
    "only quotation marks": "\"'" * 400,
    "only ampersands": "&" * 400,
    "lines": "one\r\ntwo\ntab\tend",
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_a_hostile_message_is_a_toast_with_its_words_and_our_buttons_and_a_click_opens_it(
    tmp_path: Path, desk: Desk, browser: Browser, kind: str
) -> None:
    text, mailpit, folder = HOSTILE[kind], Mailpit(), tmp_path / "Bob's Übung & co"
    folder.mkdir()
    with hostile(mailpit) as server:
        async with listening(folder, server.url()):
            to = [{"Name": text, "Address": f'"{text}"@evil.test'}]
            message_id = receive(mailpit, f"{CODE} {text}", f"{CODE} {LINK}", Subject=text, To=to)
            await until(lambda: desk.toasts)
            [toast] = desk.toasts
            assert [element.tag for element in toast.xml.iter()] == TAGS
            assert list(toast.buttons) == ["Copy 482913", "Open acme.test", "Mark as read"]
            assert toast.texts == list(map(lines, toast.texts))
            title, body = toast.texts
            assert line(text).startswith(title.removesuffix("…"))
            assert (len(title) <= 120, "482913" in body) == (True, False)  # the code is on its button
            assert Path(url2pathname(urlsplit(toast.icon).path)).is_file()
            toast.click()
            await until(lambda: browser.opened)
    assert browser.opened == [f"{server.url()}view/{message_id}"]


TAGS = ["toast", "visual", "binding", "text", "text", "image", "actions", "action", "action", "action", "audio"]


async def test_only_messages_that_a_toast_shows_or_counts_are_recorded(tmp_path: Path, desk: Desk) -> None:
    timing = Timing(burst=BurstTiming(few=1, quiet=1e6), first_summary=0, between_updates=1e6, only_source_wait=0)
    announcer = Announcer(DesktopNotifier(lambda *_: None), Alone(), Finder(), timing)
    announcer.add_server(SHOP, tmp_path / "journal")
    announcer.catch_ups.begin(SHOP, Snapshot(messages=(), total=0, unread=0, date=NOW))
    task = asyncio.create_task(announcer.run())

    def arrive(*names: str) -> None:
        for name in names:
            announcer.arrived(SHOP, message(name))

    def recorded() -> list[str]:
        journal = Journal(tmp_path / "journal")
        return [name for name in "abcdef" if name in journal]

    arrive("a", "b", "c")
    await until(lambda: len(desk.toasts) == 2)
    assert {toast.texts[0] for toast in desk.toasts} == {"a", "2 new messages"}
    await until(lambda: recorded() == ["a", "b", "c"])
    arrive("d", "e")  # no toast counts them yet
    update = Notice(key=(SHOP, "f"), title="f", update=True)
    announcer._outbox.put(Outgoing(notice=update, announces={SHOP: ("f",)}))
    desk.is_broken = True
    announcer._outbox.put(Outgoing(notice=replace(update, update=False), announces={SHOP: ("f",)}))
    done = asyncio.Event()
    announcer._outbox.call_after(done.set)
    await done.wait()
    assert recorded() == ["a", "b", "c"]
    await announcer.stop()
    task.cancel()
    await asyncio.wait([task])
