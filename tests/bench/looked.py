"""One process that opens the quick look and prints how long it took: `python looked.py`.

It prints milliseconds from the key press to the painted text, once the content was read: the first time, and the worst
of several kinds of text of 20 kB. The window is open before, and its modules are loaded, as in the program.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mailpit_notifier.core.contents import Attachment, ContentLink, Contents
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.ui.window.list_model import MessageListModel, Row
from mailpit_notifier.ui.window.quick_look_host import load_quick_look
from mailpit_notifier.ui.window.window import RecentWindow

SERVER = "http://localhost:8025/"
ROWS = 200
TEXTS = (
    "A line of a message, as long as most of them are.\n" * 400,
    "a\n" * 10_000,
    "word " * 4_000,
    "x" * 20_000,
    "\u05d0a" * 6_600,
    "\u4e2d\u6587" * 3_300,
)
"""Usual text, and what takes Qt longest: short lines, one long line with and without spaces, mixed directions."""

LINKS = tuple(ContentLink(url=f"https://a{number}.test/", words="Open") for number in range(20))
FILES = tuple(Attachment(name=f"{number}.pdf", kind="application/pdf", size=number) for number in range(20))


def main() -> None:
    """Print the first time, and the longest of the others."""
    app = QApplication(sys.argv[:1])
    load_quick_look()
    status = ServerStatus(url=SERVER, name="shop", link=Link.CONNECTED, total=ROWS, unread=ROWS)
    people = (Person(address="ann@example.test"),)
    messages = (Message(id=str(n), created=datetime.now(UTC), subject=f"Mail {n}", to=people) for n in range(ROWS))
    model = MessageListModel()
    model.set_servers((status,))
    model.apply(SERVER, Change(added=tuple(messages)))
    window = RecentWindow(model, Path(tempfile.mkdtemp()) / "window.ini")
    window.set_statuses((status,))
    contents = Contents()

    def show(row: Row) -> None:
        window.quick_look.show_contents(row, contents)

    window.quick_look.contents_requested.connect(show)
    window.present()
    times = []
    for text in (TEXTS[0], *TEXTS):
        contents = Contents(text=text, code="482913", links=LINKS, attachments=FILES)
        for _ in range(5):
            app.processEvents()
        began = perf_counter()
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
        app.processEvents()  # lays out and paints
        times.append((perf_counter() - began) * 1000)
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    print(times[0], max(times[1:]))


if __name__ == "__main__":
    main()
