"""Shows the recent window and the tray with sample mails, to be looked at; `--shot FILE` saves a picture and ends.

Nothing is connected: rows and states are made up here. `packaging/dev screenshots` takes its pictures with this.
"""

import argparse
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.settings import COLORS
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.mailpit.fault import Fault
from mailpit_notifier.mailpit.model import Message, Person
from mailpit_notifier.ui.list_model import MessageListModel
from mailpit_notifier.ui.mail_list import MailList
from mailpit_notifier.ui.theme import DARK, palette
from mailpit_notifier.ui.tray import Tray
from mailpit_notifier.ui.window import RecentWindow

MAIN, SHOP, BLOG = (f"http://localhost:{port}/" for port in (8025, 8026, 8027))
ORDER = "Order 100482913 received"
ORDERS = "orders@shop.test ann@example.test bob@example.test"
SHORTLY = timedelta(seconds=20)


def mail(
    minutes: float, subject: str, sender: str = "", snippet: str = "", to: str = "ann@example.test", **more
) -> Message:
    """A message `minutes` old; its subject is its ID."""
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
    """The mails of the proposal, by server."""
    return {
        MAIN: (
            mail(0, "Your sign-in code", "Acme", "Use 482 913 to sign in. It expires in 10 minutes."),
            mail(1, "Confirm your e-mail address", "Acme", "Welcome! Please confirm this address.", "bob@example.test"),
            mail(12, "Monthly report", "Reports", "The figures for October", read=True, attachments=1),
            mail(60, "Ünïcødé 🎉 日本語 العربية", "Zoë Łukasz", "héllo 🎉 日本語", read=True),
            mail(120, "<b>Bold</b> & <script>alert(1)", "<i>Eve</i>", "markup is only text here", read=True),
            mail(3000, "Re: an older mail", "Bob", "That was two days ago", read=True, tags=("archive",)),
        ),
        SHOP: (
            mail(4, ORDER, "Shop", "Thank you, Ann. Total 129.90 €", ORDERS, tags=("billing",), attachments=2),
            mail(26, "", "noreply", "no subject, no From header", "qa@example.test", read=True),
        ),
        BLOG: (
            mail(2, "New comment on your post", "Blog", "Bob wrote: nice one!", tags=("comments",)),
            mail(90, "Weekly digest", "Blog", "Five posts and twelve comments", read=True),
        ),
    }  # fmt: skip


def hostile() -> dict[str, tuple[Message, ...]]:
    """Mails that want to be shown as something else."""
    return {
        MAIN: (
            mail(0, "Long " * 200, "Sender " * 100, "snippet " * 120, "x" * 300 + "@example.test"),
            mail(1, "<h1>HTML</h1><img src=x onerror=alert(1)>", "<b>bold</b>", "<a href='http://x'>link</a>"),
            mail(2, "\u202egpj.exe\u202c\u2066bidi\u2069\x00nul\x07bell", "\u202eevil", "\u200f\u202eright to left"),
            mail(3, "مرحبا بالعالم", "أحمد", "هذه رسالة باللغة العربية", "ahmad@example.test"),
            mail(4, "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪" * 12, "🎉", "🎉" * 90),
            mail(5, "Z̷̢͠a̴l̵g̶o̷" * 12, "t\ta\tb", "line\r\nbreak & ampersand &amp;"),
            mail(6, "Many tags", "Tags", "", tags=tuple(f"tag number {n}" for n in range(30)), attachments=12),
            mail(7, "Many recipients", "Me", "to everyone", " ".join(f"r{n}@example.test" for n in range(120))),
            mail(8, "", "", "", ""),
        )
    }


def connected(url: str = MAIN, name: str = "localhost:8025", **more: Any) -> ServerStatus:
    """A server as it mostly is."""
    usual = {"url": url, "name": name, "color": COLORS[0], "link": Link.CONNECTED, "total": 340, "unread": 3}
    return ServerStatus(**usual | more)


def scene(name: str) -> tuple[tuple[ServerStatus, ...], dict[str, tuple[Message, ...]]]:
    """What servers and mails a scene has."""
    mails = samples()
    several = (connected(), connected(SHOP, "shop", color=COLORS[1]), connected(BLOG, "blog", color="#2a1a5e"))
    stopped = replace(several[1], link=Link.DISCONNECTED, fault=Fault.STOPPED)
    match name:
        case "servers":
            return several, mails
        case "stopped":
            return (several[0], stopped, several[2]), mails
        case "polling":
            return (several[0], several[1], replace(several[2], link=Link.POLLING, fault=Fault.NO_UPGRADE)), mails
        case "wrong":
            return (connected(link=Link.DISCONNECTED, fault=Fault.AUTH),), {MAIN: mails[MAIN]}
        case "empty":
            return (connected(total=0, unread=0),), {}
        case "connecting":
            return (connected(link=Link.CONNECTING, total=None),), {}
        case "disconnected":
            return (connected(link=Link.DISCONNECTED, fault=Fault.REFUSED, total=None),), {}
        case "hostile":
            return (connected(),), hostile()
    return (connected(),), {MAIN: (*mails[MAIN], *mails[SHOP])}


def main() -> int:
    """Show a scene until it is closed, or save a picture of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scene", nargs="?", default="mail")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--rtl", action="store_true")
    parser.add_argument("--ask", action="store_true", help="with a question in the window")
    parser.add_argument("--refused", action="store_true", help="after a click on a mail that cannot be opened")
    parser.add_argument("--only", default="", help="the name of the server chosen in the filter")
    parser.add_argument("--shot", type=Path)
    options = parser.parse_args()
    app = QApplication(sys.argv[:1])
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    QLocale.setDefault(QLocale("en_GB"))
    if options.dark:
        app.styleHints().setColorScheme(Qt.ColorScheme.Dark)
        app.setPalette(palette(DARK))  # for platforms that have no scheme to set
    if options.rtl:
        app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    statuses, mails = scene(options.scene)
    model, tray = MessageListModel(), Tray()
    model.set_servers(statuses)
    for server, messages in mails.items():
        model.apply(server, Change(added=messages))
    window = RecentWindow(model, Path(tempfile.mkdtemp()) / "window.ini")
    window.set_statuses(statuses)
    tray.set_statuses(statuses)
    tray.set_unseen(3 * bool(mails))
    tray.set_newest(tuple(row for server in mails for row in model.rows_of(server)[:2]))
    tray.window_toggled.connect(window.toggle)
    for quitting in (tray.quit_requested, window.quit_requested):
        quitting.connect(app.quit)
    for intent in (tray.message_opened, window.message_opened, window.mailbox_opened, window.marked_all_read):
        intent.connect(print)
    tray.show()
    window.set_tray_available(not options.ask)
    window.present()
    if options.ask:
        QTest.keyClick(window, Qt.Key.Key_Escape)
    if options.only:
        window.findChild(QComboBox).setCurrentText(options.only)
    if options.refused:
        gone = next(status.url for status in statuses if status.link is Link.DISCONNECTED)
        window.findChild(MailList).row_opened.emit(model.rows_of(gone)[0])
    if options.shot:
        QTimer.singleShot(400, lambda: (window.grab().save(str(options.shot)), app.quit()))
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
