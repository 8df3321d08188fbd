"""Messages that could only be read in part: `wait` and `extract` report that, and give no wrong answer."""

import asyncio
import contextlib
import json
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conditions import until
from hostile import Mailpit, hostile, summary
from mailpit_notifier.cli import extract
from mailpit_notifier.cli.answers import Conditions, Question, Verdict
from mailpit_notifier.cli.arguments import parse
from mailpit_notifier.cli.listener import Disconnected, Listener
from mailpit_notifier.cli.progress import Progress
from mailpit_notifier.client.rest import Rest
from mailpit_notifier.core.settings import Server, servers_from
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.model import Message, message_from
from mailpit_notifier.protocol.urls import ServerUrl
from waiting import Outcome, Waiter, wait

FILLING = b"Nothing to see here.\n" * 60_000
HEADER = b"Subject: Report\n\n"
TOO_LONG = HEADER + FILLING + b"Your code is 482913.\n"
CODE_FIRST = HEADER + b"Your code is 482913.\n" + FILLING
BASE64 = b"Subject: Report\nContent-Transfer-Encoding: base64\n\n" + b"SGVsbG8u" * 200_000
UNREADABLE = b"Subject: Report\nContent-Type: text/html\n\n<p>&#" + b"9" * 5_000 + b";</p><p>Your code is 482913."


def waited(source: bytes, *options: str) -> Outcome:
    """The outcome of a wait for a message with this source."""
    mailpit = Mailpit(summary(1, Subject="Report"))
    mailpit.sources = {"id1": source}
    with hostile(mailpit) as server:
        return wait(server.url(), "--since", "all", *options)


@pytest.mark.process
def test_a_cut_text_is_printed_with_a_warning() -> None:
    outcome = waited(BASE64, "--print", "text")
    assert (outcome.code, outcome.answer[:12]) == (2, "Hello.Hello.")
    assert outcome.stderr == "Only part of this message could be read and printed: Report, to ann@example.com\n"


@pytest.mark.process
def test_none_gives_no_answer_if_the_text_may_be_in_the_missing_part() -> None:
    outcome = waited(TOO_LONG, "--none", "--text", "482913", "--timeout", "1.5")
    reason = "Only part of this message could be read, so it may match: Report, to ann@example.com\n"
    assert outcome == Outcome(code=2, answer="", stderr=reason)


@pytest.mark.process
def test_no_answer_is_final_while_a_message_is_not_judged() -> None:
    mailpit, end = Mailpit(summary(1)), threading.Event()

    class NeverSent(dict[str, bytes]):
        def get(self, key: str, default: Any = None) -> Any:
            end.wait()
            return default

    mailpit.sources = NeverSent()
    with hostile(mailpit) as server, contextlib.ExitStack() as stack:
        options = ("--since", "all", "--text", "x", "--timeout", "1")
        waiters = [Waiter(server.url(), *options, *more) for more in ((), ("--none",))]
        outcome, none = [stack.enter_context(waiter).outcome() for waiter in waiters]
        end.set()
    reason = "Not all messages could be checked within 1 s, so one may match.\n"
    assert none == Outcome(code=2, answer="", stderr=reason)
    assert outcome == Outcome(code=2, answer="", stderr=f"{reason}No matching message within 1 s.\n")


@pytest.mark.parametrize(
    ("source", "kind", "text", "missed", "is_cut"),
    [
        (UNREADABLE, "text", None, "", False),
        (
            TOO_LONG,
            "code",
            None,
            "contains no recognizable code (choose one with --code), in the part that was read",
            True,
        ),
        (TOO_LONG, "id", "482913", "different text (--text), in the part that was read", True),
        (TOO_LONG, "json", None, "", True),
        (CODE_FIRST, "id", "482913", "", False),
        (HEADER + b"Nothing", "code", None, "contains no recognizable code (choose one with --code)", False),
        (HEADER + b"Nothing", "id", "482913", "different text (--text)", False),
        (HEADER + b"Nothing", "html", None, "contains no html", False),
        (HEADER + b"Nothing", "attachments", None, "contains no attachments", False),
        (TOO_LONG, "headers", None, "", False),
        (b"Content-Type: text/html\n\n" + b"<p>Hello</p>\n" * 9_000 + b"482913", "id", "482913", "", False),
        (b"Content-Type: text/html\n\n" + b"<b>" * 99_000 + b"482913", "id", "482913", "different text (--text)", True),
    ],
)
def test_a_message_counts_as_no_match_only_if_it_was_read_completely(
    source: bytes, kind: str, text: str | None, missed: str, is_cut: bool
) -> None:
    mailpit = Mailpit()
    mailpit.sources = {"id1": source}
    with hostile(mailpit) as listening, closing(Rest(ServerUrl.parse(listening.url()))) as rest:
        message = message_from(summary(1), datetime.now(UTC))
        (server,) = servers_from([listening.url()])
        judged = Question(conditions=Conditions(text=text), kind=kind).judge(server, message, rest)
    assert judged.is_cut is is_cut
    assert ", ".join(judged.missed).startswith(missed)
    assert bool(judged.missed) is bool(missed)


async def test_a_listener_survives_unexpected_exceptions() -> None:
    events: list[object] = []

    def judge(server: Server, message: Message, _mailbox: Rest) -> Verdict:
        if not any(isinstance(event, Disconnected) for event in events):
            raise RuntimeError(message.subject)
        return Verdict(server=server, message=message, answer=b"yes")

    with hostile(Mailpit(summary(1))) as listening:
        (server,) = servers_from([listening.url()])
        listener = asyncio.create_task(Listener(server, judge, events.append, since=None, enough=1).run())
        await until(lambda: any(isinstance(event, Verdict) and event.answer == b"yes" for event in events))
        listener.cancel()
        await asyncio.wait([listener])
    lost = next(event for event in events if isinstance(event, Disconnected))
    assert (lost.error.fault, lost.error.detail) == (Fault.CUT_OFF, "RuntimeError")


def test_extract_reports_unreadable_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"cut.eml": TOO_LONG, "found.eml": UNREADABLE, "first.eml": CODE_FIRST}
    for name, source in names.items():
        (tmp_path / name).write_bytes(source)
    paths = [str(tmp_path / name) for name in names]
    assert extract.run(parse(["extract", "--json", *paths])) == 2
    output = capsys.readouterr()
    assert [json.loads(line)["code"] for line in output.out.splitlines()] == [None, "482913", "482913"]
    part = "only part of it could be read; the rest may contain a code or a link."
    assert output.err.splitlines() == [f"{paths[0]}: {part}", f"{paths[2]}: {part}"]
    assert extract.run(parse(["extract", paths[1]])) == 0


def test_a_list_that_cannot_be_read_is_reported_without_what_the_application_shows() -> None:
    (server,) = servers_from(["http://mail.test/"])
    progress = Progress([server])
    progress.apply(Disconnected(key=server.key, error=FaultError(Fault.UNREADABLE, "it is compressed")))
    (sentence,) = progress.faults()
    assert sentence.startswith("mail.test: its list of messages cannot be read.")
    assert sentence.endswith("(it is compressed)")
