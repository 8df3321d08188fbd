"""Actions of the window change the server, files and the clipboard, and their result is shown."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtGui import QGuiApplication

from campaign.inside import NO_CALLBACKS
from conditions import until
from mailpit_notifier.actions import Actions
from mailpit_notifier.controllers.row_actions import RowActions
from mailpit_notifier.controllers.window_controller import RowContents, RowFindings
from mailpit_notifier.core.contents import Contents
from mailpit_notifier.core.settings import Settings, servers_from
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.notify.notice import Notice, Notifier, Result
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.servers.servers import Servers
from mailpit_notifier.ui.window.list_model import Row
from mailpit_notifier.ui.window.message_actions import MessageAction
from standin import RealMailpit, Server, StandIn, real

LINK = "https://acme.test/confirm/8f3a2c1d"

pytestmark = pytest.mark.usefixtures("qapp")


class Quiet(Notifier):
    """A notifier that accepts every notice and shows none."""

    async def show(self, notice: Notice) -> Result:
        return Result.SHOWN


class Desk:
    """The row actions for one server, with a record of the texts shown."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.texts: list[str] = []
        self.deleted: list[list[str]] = []
        self.learned: dict[str, Findings] = {}
        self.servers = Servers(Quiet(), folder, replace(NO_CALLBACKS, deletions_changed=self._on_deletions))
        actions = Actions(self.servers, lambda _token: None, self._say)
        self.actions = RowActions(self.servers, actions, lambda text, _spoken="": self.texts.append(text), self._say)
        self.looks = RowFindings(self.servers, lambda row, found: self.learned.update({row.message.subject: found}))
        self.servers.start(Settings(servers=servers_from([server.url])))

    @property
    def rows(self) -> list[Row]:
        (session,) = self.servers.sessions.values()
        return [
            Row(server=session.server.key, message=message)
            for message in self.servers.messages.rows(session.server.key)
        ]

    def row(self, subject: str) -> Row:
        return next(row for row in self.rows if row.message.subject == subject)

    def _say(self, what: str, why: str) -> None:
        self.texts.append(f"{what}: {why}")

    def _on_deletions(self) -> None:
        self.deleted.append([message.subject for message in self.servers.messages.undoable.values()])


@asynccontextmanager
async def desk(server: Server, folder: Path, count: int) -> AsyncIterator[Desk]:
    """Yield a Desk once the server's messages are loaded."""
    found = Desk(server, folder)
    try:
        await until(lambda: len(found.rows) == min(count, 200))
        yield found
    finally:
        for part in (found.actions, found.looks, found.servers):
            await part.stop()


@pytest.fixture(params=[StandIn, pytest.param(RealMailpit, marks=real)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as started:
        yield started


async def test_a_message_is_saved_whole_and_stays_unread(server: Server, tmp_path: Path) -> None:
    message_id = server.send("Large", text="x" * 500_000)
    async with desk(server, tmp_path, 1) as here:
        here.actions.save(here.row("Large"), tmp_path / "large.eml")
        await until(lambda: here.texts == ["Saved large.eml"])
        assert (tmp_path / "large.eml").read_bytes() == server.rest("GET", f"api/v1/message/{message_id}/raw")[2]
        here.actions.save(here.row("Large"), tmp_path / "nowhere" / "large.eml")
        await until(lambda: here.texts[1:] == ["The message was not saved: No such file or directory."])
        assert not server.rows()[0]["Read"]
        assert [path.name for path in tmp_path.glob("*.eml*")] == ["large.eml"]


async def test_codes_and_links_are_copied_and_found_in_the_source_where_need_be(server: Server, tmp_path: Path) -> None:
    server.send("Report", text="Nothing to see here.\n" * 9)
    server.send("Welcome", text="Hello.\n" * 60 + "Your verification code is 482913.\n", html="")
    async with desk(server, tmp_path, 2) as here:
        await until(lambda: here.servers.messages.quick_findings(here.rows[0].server, here.rows[0].message) is not None)
        here.actions.do(MessageAction.COPY_CODE, here.row("Welcome"))
        await until(lambda: here.texts == ["Copied 482913"])
        assert QGuiApplication.clipboard().text() == "482913"
        here.actions.do(MessageAction.COPY_CODE, here.row("Report"))
        here.actions.do(MessageAction.OPEN_LINK, here.row("Report"))
        await until(lambda: here.texts[1:] == ["No code in this message", "No link in this message"])
        here.actions.do(MessageAction.COPY_ADDRESS, here.row("Report"))
        here.actions.do(MessageAction.COPY_URL, here.row("Report"))
        assert [text[:28] for text in here.texts[3:]] == ["Copied ann@example.test", f"Copied {server.url}"[:28]]
        here.looks.request(tuple(here.rows))
        await until(lambda: here.learned == {"Welcome": Findings(code="482913"), "Report": Findings()})


async def test_a_message_that_is_too_large_to_be_read_whole_is_reported(server: Server, tmp_path: Path) -> None:
    server.send("Report", text="Nothing to see here.\n" * 60_000)
    async with desk(server, tmp_path, 1) as here:
        await until(lambda: here.servers.messages.quick_findings(here.rows[0].server, here.rows[0].message) is not None)
        here.actions.do(MessageAction.COPY_CODE, here.row("Report"))
        here.actions.do(MessageAction.OPEN_LINK, here.row("Report"))
        await until(lambda: len(here.texts) == 2)
        assert here.texts == [f"No {what} in the part that could be read" for what in ("code", "link")]


async def test_a_failed_request_is_not_taken_for_an_answer(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.send("Report", text="Nothing to see here.\n" * 9)
    async with desk(server, tmp_path, 1) as here:
        await until(lambda: here.servers.messages.quick_findings(here.rows[0].server, here.rows[0].message) is not None)
        row = here.row("Report")
        gone = replace(row, message=replace(row.message, id="gone", subject="Gone"))
        here.looks.request((gone, row))
        await until(lambda: here.learned)
        assert here.learned == {"Report": Findings()}
        server.stop()
        here.actions.do(MessageAction.COPY_CODE, row)
        here.actions.do(MessageAction.OPEN_LINK, row)
        await until(lambda: len(here.texts) == 2)
        assert [text.partition(":")[0] for text in here.texts] == ["No code was copied", "No link was opened"]


async def test_a_missing_browser_is_reported_and_no_link_is_in_the_log(
    server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.send("Confirm your address", html=f'<p><a href="{LINK}">Confirm my address</a></p>')
    async with desk(server, tmp_path, 1) as here:  # under Qt's offscreen plugin there never is one
        here.actions.do(MessageAction.OPEN_LINK, here.row("Confirm your address"))
        await until(lambda: here.texts)
        assert here.texts == ["Could not open the page: No browser is installed, or it failed to start."]
        warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert warnings == ["No browser opened a page of acme.test"]


async def test_read_and_unread_and_deletions_that_are_undone(server: Server, tmp_path: Path) -> None:
    for subject in ("one", "two", "three"):
        server.send(subject)
    async with desk(server, tmp_path, 3) as here:
        here.actions.do(MessageAction.MARK_READ, here.row("one"))
        await until(lambda: here.row("one").message.read)
        here.actions.do(MessageAction.MARK_UNREAD, here.row("one"))
        await until(lambda: not here.row("one").message.read)
        for subject in ("two", "three"):
            here.actions.do(MessageAction.DELETE, here.row(subject))
        assert [row.message.subject for row in here.rows] == ["one"]
        here.actions.pause_undo(True)
        here.actions.undo()
        assert [row.message.subject for row in here.rows] == ["three", "one"]
        here.actions.pause_undo(False)
        here.actions.undo()
        here.actions.undo()
        assert here.deleted == [["two"], ["two", "three"], ["two"], []]
        assert len(server.rows()) == 3


async def test_more_rows_are_loaded_on_request(server: Server, tmp_path: Path) -> None:
    server.burst(450)
    async with desk(server, tmp_path, 450) as here:
        (key,) = here.servers.sessions
        await until(lambda: here.servers.messages.loadable() == {key: 250})
        here.actions.load_more((key,))
        await until(lambda: len(here.rows) == 450)
        assert here.servers.messages.loadable() == {key: 0}
        server.send("Newest")
        await until(lambda: here.rows[0].message.subject == "Newest")
        assert len(here.rows) == 451


async def test_a_message_that_cannot_be_read_has_the_whole_reason() -> None:
    async def contents(_server: str, _message: Message) -> AsyncIterator[Contents]:
        raise FaultError(Fault.TLS_NEEDED, about="https://mail.test/")
        yield Contents()

    failures = asyncio.Queue[str]()
    servers = cast("Servers", SimpleNamespace(messages=SimpleNamespace(contents=contents)))
    reader = RowContents(servers, lambda _row, _contents: None, lambda _row, text: failures.put_nowait(text))
    reader.request(Row(server="shop", message=Message(id="id", created=datetime(2026, 5, 1, tzinfo=UTC))))
    assert (await failures.get()).endswith("it requires https. Change its address to https://mail.test/.")
    await reader.stop()
