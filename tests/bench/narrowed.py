"""One process that searches and scrolls in a window: `python narrowed.py ours|bare ROWS`.

It prints milliseconds for a key in the search and for a frame of scrolling, from the event to the painted rows: median
and maximum of both. All idle work of the window is done by then; the first search without it is printed last.
"""

import sys
import tempfile
from collections.abc import Callable
from statistics import median
from time import perf_counter

from opened import SERVER, BareList, messages, note_paintings, until_painted
from PySide6.QtCore import QSortFilterProxyModel, QStringListModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QVBoxLayout, QWidget

WORDS = "order 12", "order 499", "very much", "ann", "zzz"
"""Typed letter by letter and deleted again. They match most, few, a fifth, all and none of the rows."""

FRAMES, STEP = 300, 61
"""Frames of scrolling, and pixels per frame."""


def measure(kind: str, count: int) -> None:
    """Search and scroll, and print the figures."""
    app = QApplication(sys.argv[:1])
    window, prepare = ours(count) if kind == "ours" else bare(count)
    window.show()
    app.processEvents()
    view = next(one for one in window.findChildren(QListView) if one.isVisible())
    field = next(one for one in window.findChildren(QLineEdit) if one.isVisible())
    first = key(app, field, Qt.Key.Key_O)
    key(app, field, Qt.Key.Key_Backspace)
    prepare()
    keys = [took for word in WORDS for took in typed(app, field, word)]
    bar = view.verticalScrollBar()
    frames = [until_painted(app, lambda: bar.setValue((bar.value() + STEP) % bar.maximum())) for _ in range(FRAMES)]
    print(median(keys), max(keys), median(frames), max(frames), first)


def typed(app: QApplication, field: QLineEdit, word: str) -> list[float]:
    """Return the milliseconds of each key."""
    there = [key(app, field, Qt.Key(ord(letter.upper()))) for letter in word]
    return there + [key(app, field, Qt.Key.Key_Backspace) for _ in word]


def key(app: QApplication, field: QLineEdit, what: Qt.Key) -> float:
    """Press one key. If no row changes, nothing is painted, so this measures one pass of the loop."""
    began = perf_counter()
    QTest.keyClick(field, what)
    app.processEvents()
    return (perf_counter() - began) * 1000


def ours(count: int) -> tuple[QWidget, Callable[[], object]]:
    """Return the application's window."""
    from pathlib import Path

    from mailpit_notifier.core.inbox import Change
    from mailpit_notifier.core.status import Link, ServerStatus
    from mailpit_notifier.findings.extraction import quick
    from mailpit_notifier.ui.window.list_model import MessageListModel
    from mailpit_notifier.ui.window.message_list import MessageList
    from mailpit_notifier.ui.window.window import RecentWindow

    note_paintings(MessageList)
    quick("", "")
    model = MessageListModel(quick_findings=lambda _server, message: quick(message.subject, message.snippet))
    statuses = (ServerStatus(url=SERVER, name="bench", link=Link.CONNECTED, total=count, unread=count),)
    model.set_servers(statuses)
    model.apply(SERVER, Change(added=messages(count)))
    window = RecentWindow(model, Path(tempfile.mkdtemp()) / "window.ini")
    window.set_statuses(statuses)

    def prepare() -> None:
        model.update_rows()  # an empty list shows some rows only at first
        while model.prepare_search():
            pass

    return window, prepare


def bare(count: int) -> tuple[QWidget, Callable[[], object]]:
    """Return a list view of text lines with Qt's filter."""
    window = QWidget()
    note_paintings(BareList)
    view, field = BareList(), QLineEdit()
    found = QSortFilterProxyModel(view)
    found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    found.setSourceModel(QStringListModel([message.subject for message in messages(count)], view))
    view.setModel(found)
    view.setUniformItemSizes(True)
    view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
    field.textChanged.connect(found.setFilterFixedString)
    layout = QVBoxLayout(window)
    layout.addWidget(field)
    layout.addWidget(view)
    window.resize(420, 640)
    return window, lambda: None


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # for the window's state
        measure(sys.argv[1], int(sys.argv[2]))
