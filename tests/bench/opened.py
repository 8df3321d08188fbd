"""One process that opens a window with rows and prints how long it took: `python opened.py ours|bare ROWS`.

It prints milliseconds from the call to the painted rows: the first time, and the median of later times. The application
starts without a window, so building the window is included.
"""

import importlib
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from PySide6.QtCore import QStringListModel
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QListView, QWidget

from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.model import Message, Person

AGAIN = 5
SERVER = "http://localhost:8025/"


PAINTED: list[QListView] = []
"""The lists painted since this was last cleared."""


def note_paintings(view: type[QListView]) -> None:
    """Record paintings of this class. An event filter would load Python code that the window avoids."""
    paint = view.paintEvent

    def noted(self: QListView, event: QPaintEvent) -> None:
        paint(self, event)
        PAINTED.append(self)

    view.paintEvent = noted  # type: ignore[method-assign]


def until_painted(app: QApplication, open_window: Callable[[], None]) -> float:
    """Return the milliseconds until the rows are painted: painting ends in the same pass of the loop."""
    PAINTED.clear()
    began = perf_counter()
    open_window()
    while not PAINTED:
        app.processEvents()
    return (perf_counter() - began) * 1000


def measure(kind: str, count: int) -> None:
    """Open, hide and open again; print the first time and the median of the others."""
    app = QApplication(sys.argv[:1])
    open_window = ours(count) if kind == "ours" else bare(count)
    for _ in range(5):
        app.processEvents()
    first, again = until_painted(app, open_window), []
    for _ in range(AGAIN):
        for window in QApplication.topLevelWidgets():
            window.hide()
        app.processEvents()
        again.append(until_painted(app, open_window))
    print(first, median(again))


class BareList(QListView):
    """A list view of Qt."""


def bare(count: int) -> Callable[[], None]:
    """Return a list view with as many text lines."""
    note_paintings(BareList)
    windows: list[QWidget] = []

    def open_window() -> None:
        if not windows:
            view = BareList()
            view.setModel(QStringListModel([message.subject for message in messages(count)], view))
            view.resize(420, 640)
            windows.append(view)
        windows[0].show()

    return open_window


def ours(count: int) -> Callable[[], None]:
    """Return the application's window, created as on the first use."""
    importlib.import_module("mailpit_notifier.runtime.loop").collect_on_loop()  # as the program does, and the next soon
    importlib.import_module("mailpit_notifier.controllers.window_controller").import_window()
    note_paintings(importlib.import_module("mailpit_notifier.ui.window.message_list").MessageList)
    statuses = (ServerStatus(url=SERVER, name="bench", link=Link.CONNECTED, total=count, unread=count),)
    change, state = Change(added=messages(count)), Path(tempfile.mkdtemp()) / "window.ini"
    windows: list[Any] = []

    def open_window() -> None:
        if not windows:
            from mailpit_notifier.ui.window.list_model import MessageListModel
            from mailpit_notifier.ui.window.window import RecentWindow

            model = MessageListModel()
            model.set_servers(statuses)
            model.apply(SERVER, change)
            windows.append(RecentWindow(model, state))
            windows[0].set_statuses(statuses)
        windows[0].present()

    return open_window


def messages(count: int) -> tuple[Message, ...]:
    """Return messages as in development."""
    now, to = datetime.now(UTC), (Person(name="Ann", address="ann@example.test"),)
    return tuple(
        Message(
            id=f"{number:022}",
            created=now - timedelta(minutes=number),
            read=number % 3 == 0,
            sender=Person(name="Acme", address="no-reply@acme.test"),
            to=to,
            subject=f"Order {number} received, thank you {'very ' * (number % 5)}much",
            snippet="Hello Ann, we have your order and will be in touch about delivery within two days.",
            tags=("billing",) if number % 7 == 0 else (),
            attachments=number % 4 == 0,
        )
        for number in range(count)
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as tempfile.tempdir:  # for the window's state
        measure(sys.argv[1], int(sys.argv[2]))
