"""Every window and page with sample content, and what is measured in pictures of them: contrast, rings and edges."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)

from look import glance, samples
from look_settings import window_on
from mailpit_notifier.client.certificates import Certificate
from mailpit_notifier.core.contents import Attachment, ContentLink, Contents
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.pauses import FOREVER
from mailpit_notifier.core.settings import COLORS
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.ui import clipboard, theme
from mailpit_notifier.ui.dialogs import CertificateDialog, PasswordDialog
from mailpit_notifier.ui.timing import Throttle, Timing
from mailpit_notifier.ui.window.header import SearchField
from mailpit_notifier.ui.window.list_model import MessageListModel, Role
from mailpit_notifier.ui.window.message_list import MessageList
from mailpit_notifier.ui.window.placeholder import FoundServer, Welcome
from mailpit_notifier.ui.window.window import RecentWindow

STYLES = {"light": theme.LIGHT, "dark": theme.DARK, "white": theme.WHITE, "black": theme.BLACK}

CONTROLS = (QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QTextEdit, QAbstractItemView)

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
CERTIFICATE = Certificate(subject="shop.test", issuer="shop.test", begins=BEGUN, ends=BEGUN)


def refresh(window: RecentWindow) -> None:
    """Draw all changes of the window now. It would draw them at most four times a second."""
    window.findChild(Throttle).due.emit()


def recent(
    folder: Path,
    *,
    fault: Fault | None = None,
    empty: bool = False,
    timing: Timing = Timing(),  # noqa: B008 - immutable
    **more: object,
) -> RecentWindow:
    """Return the window with three servers; `more` are fields of their statuses."""
    messages, model = samples(), MessageListModel(quick_findings=glance)
    link = Link.DISCONNECTED if fault else Link.CONNECTED
    fields = {"link": link, "fault": fault, "total": 3, "unread": 1, **more}
    statuses = tuple(
        ServerStatus(url=url, name=f"server{place}", color=COLORS[place], **fields)  # type: ignore[arg-type]
        for place, url in enumerate(messages)
    )
    model.set_servers(statuses)
    for url in messages if not empty else ():
        model.apply(url, Change(added=messages[url]))
    model.update_rows()
    window = RecentWindow(model, folder / "window.ini", lambda: True, timing)
    window.set_statuses(statuses)
    refresh(window)
    return window


def changed(act: Callable[[RecentWindow], object], **fields: object) -> Callable[[Path], QWidget]:
    """Return a function that makes the window and changes it."""

    def make(folder: Path) -> QWidget:
        window = recent(folder, **fields)  # type: ignore[arg-type]
        act(window)
        refresh(window)
        return window

    return make


def _show_quick_look(window: RecentWindow) -> None:
    window.findChild(MessageList).show_newest()
    window.quick_look.open()
    links = tuple(ContentLink(url=f"https://acme.test/{number}", words=f"Link {number}") for number in range(5))
    files = (Attachment(name="Invoice.pdf", kind="application/pdf", size=12_345),)
    row = window.findChild(MessageList).currentIndex().data(Role.ROW)
    window.quick_look.show_contents(row, Contents(text="Hello.\n", code="482913", links=links, attachments=files))


def _show_welcome(window: RecentWindow, *, found: bool) -> None:
    page = Welcome("localhost:8025", has_demo=True)
    window.set_welcome(page)
    if found:
        servers = [FoundServer(name=f"shop{place}", address="", color=COLORS[place], running=True) for place in (0, 1)]
        page.set_found(servers, with_usual=True)
    else:
        page.set_not_found()


def _copying(_folder: Path) -> QWidget:
    window = clipboard.CopyWindow()
    window.ask("482913")
    return window


def _failed_settings(_folder: Path) -> QWidget:
    window = window_on("Servers", overridden=True)
    window.show_error("config.toml cannot be written: no space left.", {"Open the file": lambda: None})
    return window


CHOICES: dict[str, Callable[[], object]] = {"&Watch it": lambda: None, "I&gnore": lambda: None}

WINDOWS: dict[str, Callable[[Path], QWidget]] = {
    "recent": changed(lambda window: window.set_unloaded({next(iter(samples())): 7})),
    "failing": changed(lambda _: None, fault=Fault.REFUSED),
    "muted": changed(lambda _: None, muted_until=FOREVER),
    "offer": changed(lambda window: window.set_offer("blog is running.", CHOICES)),
    "question": changed(lambda window: window.ask("Watch blog as well?", CHOICES)),
    "error": changed(lambda window: window.show_error("Could not delete: it does not answer.")),
    "undo": changed(lambda window: window.set_deleted(("Your Acme code",))),
    "quick look": changed(_show_quick_look),
    "nothing found": changed(lambda window: window.findChild(SearchField).setText("zzz")),
    "empty page": changed(lambda _: None, empty=True, total=0, unread=0),
    "error page": changed(lambda _: None, fault=Fault.AUTH, empty=True, asks_password=True),
    "found page": changed(partial(_show_welcome, found=True), empty=True),
    "not found page": changed(partial(_show_welcome, found=False), empty=True),
    "copy": _copying,
    "password": lambda _: PasswordDialog("shop", "http://shop.test/", "", can_keep=True),
    "certificate": lambda _: CertificateDialog("shop", "ab" * 32, CERTIFICATE, "cd" * 32),
    "failed settings": _failed_settings,
    **{
        page: lambda _, page=page: window_on(page, overridden=False)
        for page in ("Servers", "Notifications", "Rules", "General", "Diagnostics")
    },
}
"""Name -> function that makes it; the folder is for its state."""


def controls(window: QWidget) -> list[QWidget]:
    """Return the controls that Tab can reach and that are enabled and visible."""
    return [
        one
        for one in window.findChildren(QWidget)
        if isinstance(one, CONTROLS)
        and one.isVisibleTo(window)
        and one.isEnabled()
        and one.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not one.focusProxy()
    ]


def picture(widget: QWidget) -> QImage:
    """Return what a widget shows."""
    QApplication.processEvents()
    return widget.grab().toImage()


@cache
def contrast(one: int, other: int) -> float:
    """Return the contrast of two colors (0xAARRGGBB) as WCAG 2 defines it."""
    return theme.contrast(QColor(one).name(), QColor(other).name())


def pixels(image: QImage) -> memoryview:
    """Return the colors of an image, row by row."""
    copied = image.convertToFormat(QImage.Format.Format_RGB32)  # whose lines are as long as it is wide
    return memoryview(bytes(copied.constBits())).cast("I")


def text_contrast(image: QImage, place: QRect | None = None) -> float:
    """Return the contrast of the strongest pixels in a place to its most frequent color."""
    counts = Counter(pixels(image.copy(place.intersected(image.rect())) if place else image))
    ground = counts.most_common(1)[0][0]
    return max(contrast(one, ground) for one in counts)


def texts(window: QWidget) -> dict[str, float]:
    """Return the contrast of each visible text of a window, disabled ones and hints included."""
    found: dict[str, float] = {}
    for one in window.findChildren(QWidget):
        if not one.isVisibleTo(window):
            continue
        if isinstance(one, QAbstractItemView):
            image = picture(one.viewport())
            for row in range(one.model().rowCount()):
                place = one.visualRect(one.model().index(row, 0))
                if one.viewport().rect().contains(place) and type(one) is not MessageList:
                    found[str(one.model().index(row, 0).data())] = text_contrast(image, place.adjusted(6, 4, -6, -4))
        elif isinstance(one, QLineEdit | QComboBox | QPlainTextEdit | QTextEdit):
            inside = one.rect().adjusted(5, 5, -26 if isinstance(one, QComboBox) else -5, -5)
            shown = one.currentText() if isinstance(one, QComboBox) else one.placeholderText() or _text(one)
            if shown:
                found[f"{one.accessibleName()}: {shown}"[:60]] = text_contrast(picture(one), inside)
        elif isinstance(one, QLabel | QAbstractButton) and one.text() and not _is_hidden_text(one):
            found[one.text()] = text_contrast(picture(one), one.rect().adjusted(3, 3, -3, -3))
    return found


def _text(field: QLineEdit | QPlainTextEdit | QTextEdit) -> str:
    return field.text() if isinstance(field, QLineEdit) else field.toPlainText()


def _is_hidden_text(one: QWidget) -> bool:
    return min(one.width(), one.height()) <= 6


def edges(window: QWidget) -> dict[str, float]:
    """Return the contrast of the edge of each control to what is around it."""
    image = picture(window)
    found: dict[str, float] = {}
    for one in window.findChildren(QWidget):
        flat = isinstance(one, QPushButton) and one.isFlat()
        if one.isVisibleTo(window) and isinstance(one, QPushButton | QComboBox | QLineEdit | QCheckBox) and not flat:
            corner = one.mapTo(window, QPoint(0, 0))
            if not image.rect().contains(QRect(corner, one.size())) or is_scrolled_away(one, window):
                continue
            # Several lines: the edge of a disabled control is dashed.
            rows = range(corner.y() + one.height() // 3, corner.y() + one.height() // 2)
            line = [image.pixel(x, y) for y in rows for x in range(max(0, corner.x() - 2), corner.x() + 7)]
            name = one.accessibleName() or (one.text() if isinstance(one, QAbstractButton) else type(one).__name__)
            found[name] = max(contrast(color, line[0]) for color in line)
    return found


def is_scrolled_away(one: QWidget, window: QWidget) -> bool:
    """Return whether a part of a widget is not visible."""
    return bool(one.visibleRegion().boundingRect() != one.rect())


def ring(control: QWidget, elsewhere: QWidget) -> int:
    """Return the width in pixels of the ring that a control has only while it has the focus."""
    elsewhere.setFocus()
    before = pixels(picture(control))
    control.setFocus(Qt.FocusReason.TabFocusReason)
    image = picture(control)
    now, width = pixels(image), image.width()
    elsewhere.setFocus()
    columns = range(0, width, max(1, width // 12))
    return max(_longest(list(now[x::width]), list(before[x::width])) for x in columns)


def _longest(now: list[int], before: list[int]) -> int:
    """Return how many pixels in a row differ from before and from what is three pixels away."""
    best = run = 0
    last = len(now) - 1
    for y, (color, old) in enumerate(zip(now, before, strict=True)):
        inner = now[min(y + 3, last)], now[max(0, y - 3)]
        run = run + 1 if color != old and any(contrast(color, one) >= 2.95 for one in inner) else 0
        best = max(best, run)
    return best
