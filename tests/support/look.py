"""Show the window and the tray with sample messages, for manual inspection.

Nothing is connected: rows and states are made up here, also those that are rare. `packaging/dev screenshots` takes
pictures of the whole program with the same messages.
"""

import argparse
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import COLORS
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.findings.extraction import quick
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime import translation
from mailpit_notifier.ui.theme import DARK, palette
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.window.list_model import MessageListModel, Row
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.window import RecentWindow

MAIN, SHOP, BLOG = (f"http://localhost:{port}/" for port in (8025, 8026, 8027))
ORDER = "Order 100482913 received"
ORDERS = "orders@shop.test ann@example.test bob@example.test"
SHORTLY = timedelta(seconds=20)


def aged(
    minutes: float, subject: str, sender: str = "", snippet: str = "", to: str = "ann@example.test", **more
) -> Message:
    """Return a message that is `minutes` old; its subject is its ID."""
    return Message(
        id=f"{subject[:40]}-{minutes}",
        created=datetime.now(UTC) - timedelta(minutes=minutes) - SHORTLY,
        sender=Person(name=sender, address="noreply@example.test") if sender else None,
        to=tuple(Person(address=address) for address in to.split()),
        subject=subject,
        snippet=snippet,
        **more,
    )


def samples() -> dict[str, tuple[Message, ...]]:
    """Return the sample messages by server."""
    return {
        MAIN: (
            aged(0, "Your sign-in code", "Acme", "Use 482 913 to sign in. It expires in 10 minutes."),
            aged(1, "Confirm your e-mail address", "Acme", "Welcome! Please confirm this address.", "bob@example.test"),
            aged(12, "Monthly report", "Reports", "The figures for October", read=True, attachments=1),
            aged(60, "Ünïcødé 🎉 日本語 العربية", "Zoë Łukasz", "héllo 🎉 日本語", read=True),
            aged(120, "<b>Bold</b> & <script>alert(1)", "<i>Eve</i>", "markup is only text here", read=True),
            aged(3000, "Re: an older mail", "Bob", "That was two days ago", read=True, tags=("archive",)),
        ),
        SHOP: (
            aged(4, ORDER, "Shop", "Thank you, Ann. Total 129.90 €", ORDERS, tags=("billing",), attachments=2),
            aged(26, "", "noreply", "no subject, no From header", "qa@example.test", read=True),
        ),
        BLOG: (
            aged(2, "New comment on your post", "Blog", "Bob wrote: nice one!", tags=("comments",)),
            aged(90, "Weekly digest", "Blog", "Five posts and twelve comments", read=True),
        ),
    }  # fmt: skip


def hostile() -> dict[str, tuple[Message, ...]]:
    """Return messages with hostile texts."""
    return {
        MAIN: (
            aged(0, "Long " * 200, "Sender " * 100, "snippet " * 120, "x" * 300 + "@example.test"),
            aged(1, "<h1>HTML</h1><img src=x onerror=alert(1)>", "<b>bold</b>", "<a href='http://x'>link</a>"),
            aged(2, "\u202egpj.exe\u202c\u2066bidi\u2069\x00nul\x07bell", "\u202eevil", "\u200f\u202eright to left"),
            aged(3, "مرحبا بالعالم", "أحمد", "هذه رسالة باللغة العربية", "ahmad@example.test"),
            aged(4, "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪" * 12, "🎉", "🎉" * 90),
            aged(5, "Z̷̢͠a̴l̵g̶o̷" * 12, "t\ta\tb", "line\r\nbreak & ampersand &amp;"),
            aged(6, "Many tags", "Tags", "", tags=tuple(f"tag number {n}" for n in range(30)), attachments=12),
            aged(7, "Many recipients", "Me", "to everyone", " ".join(f"r{n}@example.test" for n in range(120))),
            aged(8, "", "", "", ""),
        )
    }


def connected(url: str = MAIN, name: str = "localhost:8025", **more: Any) -> ServerStatus:
    """Return the status of a connected server."""
    usual = {"url": url, "name": name, "color": COLORS[0], "link": Link.CONNECTED, "total": 340, "unread": 3}
    return ServerStatus(**usual | more)


def scene(name: str) -> tuple[tuple[ServerStatus, ...], dict[str, tuple[Message, ...]]]:
    """Return the servers and messages of a scene."""
    by_server = samples()
    several = (connected(), connected(SHOP, "shop", color=COLORS[1]), connected(BLOG, "blog", color="#2a1a5e"))
    stopped = replace(several[1], link=Link.DISCONNECTED, fault=Fault.STOPPED)
    match name:
        case "servers":
            return several, by_server
        case "stopped":
            return (several[0], stopped, several[2]), by_server
        case "polling":
            return (several[0], several[1], replace(several[2], link=Link.POLLING, fault=Fault.NO_UPGRADE)), by_server
        case "wrong":
            return (connected(link=Link.DISCONNECTED, fault=Fault.AUTH),), {MAIN: by_server[MAIN]}
        case "empty":
            return (connected(total=0, unread=0),), {}
        case "connecting":
            return (connected(link=Link.CONNECTING, total=None),), {}
        case "disconnected":
            return (connected(link=Link.DISCONNECTED, fault=Fault.REFUSED, total=None),), {}
        case "hostile":
            return (connected(),), hostile()
    return (connected(),), {MAIN: (*by_server[MAIN], *by_server[SHOP])}


def glance(_server: str, message: Message) -> Findings:
    """Return the findings of the summaries, and for one message those of its source."""
    link = "https://acme.test/confirm/8f3a2c" if message.subject.startswith("Confirm") else None
    return Findings(code=quick(message.subject, message.snippet).code, link=link)


def options() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="mail")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("--language", default="en_GB", help="de, or pseudo: longer, from right to left")
    parser.add_argument("--ask", action="store_true", help="with a question in the window")
    parser.add_argument("--refused", action="store_true", help="after a click on a mail that cannot be opened")
    parser.add_argument("--only", default="", help="the name of the server chosen in the filter")
    parser.add_argument("--beyond", type=int, default=0, help="how many mails could still be loaded")
    parser.add_argument("--search", default="", help="what is searched for")
    parser.add_argument("--deleted", action="store_true", help="with deletes that can be taken back")
    parser.add_argument("--end", action="store_true", help="scrolled to the end")
    parser.add_argument("--menu", action="store_true", help="the newest mail's menu")
    return parser.parse_args()


def speak(app: QApplication, language: str) -> None:
    """Set the language."""
    QLocale.setDefault(QLocale(language.replace("pseudo", "en_GB")))
    translation.install(app)
    if language == "pseudo":
        from pseudo import speak_pseudo  # with packaging/ in PYTHONPATH

        speak_pseudo(app)


def set_style(app: QApplication, chosen: argparse.Namespace) -> None:
    """Apply the language, colors and direction of the options."""
    speak(app, chosen.language)
    if chosen.dark:
        app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
        app.setPalette(palette(DARK))  # for platforms that have no scheme to set
    if chosen.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)


def shown_window(chosen: argparse.Namespace) -> RecentWindow:
    """Return the window with the scene's messages and servers."""
    statuses, by_server = scene(chosen.scene)
    model = MessageListModel(quick_findings=glance)
    model.set_servers(statuses)
    for server, messages in by_server.items():
        model.apply(server, Change(added=messages))
    window = RecentWindow(model, Path(tempfile.mkdtemp()) / "window.ini", lambda: not chosen.ask)
    window.set_statuses(statuses)
    window.set_unloaded(dict.fromkeys(by_server, chosen.beyond))
    for intent in (window.message_opened, window.mailbox_opened, window.marked_all_read, window.search_requested):
        intent.connect(print)
    window.action_requested.connect(lambda action, row: window.show_status(f"{action.name}: {row.message.subject}"))
    window.present()
    return window


def bring_about(window: RecentWindow, chosen: argparse.Namespace) -> None:
    """Carry out the input that the options require."""
    view = window.findChild(MessageList)
    if chosen.ask:
        QTest.keyClick(window, Qt.Key.Key_Escape)
    if chosen.only:
        window.findChild(QComboBox).setCurrentText(chosen.only)
    if chosen.refused:
        gone = next(status.url for status in scene(chosen.scene)[0] if status.link is Link.DISCONNECTED)
        window.open_row(Row(server=gone, message=scene(chosen.scene)[1][gone][0]))
    if chosen.search:
        window.findChild(QLineEdit).setText(chosen.search)
    if chosen.deleted:
        window.set_deleted(("Monthly report", "Your Acme code"))
    if chosen.end:
        view.scrollToBottom()
    if chosen.menu:
        QTest.keyClick(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)


def shown_tray(window: RecentWindow, chosen: argparse.Namespace) -> Tray:
    """Return a tray icon with the same state."""
    statuses, by_server = scene(chosen.scene)
    tray = Tray()
    tray.set_statuses(statuses)
    tray.set_unseen(3 * bool(by_server))
    tray.set_newest(tuple(Row(server=server, message=one) for server, found in by_server.items() for one in found[:2]))
    tray.window_toggled.connect(window.toggle)
    tray.message_opened.connect(print)
    tray.show()
    return tray


def main() -> int:
    """Show a scene until the window is closed."""
    chosen = options()
    app = QApplication(sys.argv[:1])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    set_style(app, chosen)
    window = shown_window(chosen)
    tray = shown_tray(window, chosen)
    for quitting in (tray.quit_requested, window.quit_requested):
        quitting.connect(app.quit)
    bring_about(window, chosen)
    return app.exec()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # for all that main puts aside
        code = main()
    sys.exit(code)
