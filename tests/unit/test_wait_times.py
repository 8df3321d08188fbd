"""`wait` and messages that arrived too early, or whose date is not the one of their arrival."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from test_session import threads

import waiting
from hostile import Hostile, Mailpit, Visit, hostile, summary, wait_for
from mailpit_notifier.cli import standalone
from mailpit_notifier.cli import wait as wait_command
from mailpit_notifier.cli.listener import WAIT_TIMING, WaitTiming
from mailpit_notifier.client.rest import received_from
from platforms import IS_WINDOWS

full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
NOW = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)


class Clock(Mailpit):
    """A Mailpit that sends the time in each answer."""

    def list(self, visit: Visit, path: str) -> None:
        """Answer with the messages."""
        answer = visit.answer

        def dated(status: int, body: bytes = b"", *headers: str) -> None:
            answer(status, body, *headers, f"Date: {format_datetime(NOW, usegmt=True)}")

        visit.answer = dated  # type: ignore[method-assign]
        super().list(visit, path)
        visit.answer = answer  # type: ignore[method-assign]


@pytest.fixture
def mailpit() -> Clock:
    return Clock()


@pytest.fixture
def server(mailpit: Clock) -> Iterator[Hostile]:
    with hostile(mailpit) as server:
        yield server


def message(number: int, age: float, *, whole: bool = False, **fields: Any) -> dict[str, Any]:
    created = NOW - timedelta(seconds=age)
    return summary(number, Created=f"{created:%Y-%m-%dT%H:%M:%S}{'' if whole else '.123'}Z", **fields)


def received(age: float) -> bytes:
    """Return the source of a message that arrived at this age."""
    arrived = (NOW - timedelta(seconds=age)).strftime("%a, %d %b %Y %H:%M:%S +0000 (UTC)")
    return f"Received: from [127.0.0.1]\r\n        by vm (Mailpit)\r\n        for <a>; {arrived}\r\n\r\n".encode()


SHORT = 3 if IS_WINDOWS else 0.8
"""Seconds in which a server of this process is connected and has answered, also on a busy machine. wine is slower."""


SETTLED = WaitTiming(settling=0.0)


def wait(server: Hostile, *options: str, timing: WaitTiming = WAIT_TIMING) -> int:
    command = ["--server", server.url(), "wait", "--timeout", f"{SHORT}s", *options]
    code = wait_command.run(standalone.parsed(command), timing)
    wait_for(lambda: not threads())
    return code


def test_an_old_match_is_listed_with_the_option_that_finds_it(
    mailpit: Clock, server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    mailpit.messages = [message(2, 42), message(1, 50, Subject="Another")]
    assert wait(server, "--subject", "Subject 2") == 1
    assert capsys.readouterr().err.splitlines() == [
        "listening",
        f"No matching message within {SHORT} s. Nothing was received.",
        "Matching messages that arrived too early to count:",
        "  Subject 2, to ann@example.com: it arrived 42 s before this wait began; --since 51s finds it",
    ]
    assert wait(server, "--subject", "Subject 2", "--since", "51s") == 0


def test_an_old_message_that_does_not_match_is_not_listed(
    mailpit: Clock, server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    mailpit.messages = [message(2, 42)]
    assert wait(server, "--subject", "Another") == 1
    assert "too early" not in capsys.readouterr().err


@pytest.mark.process
def test_with_a_command_no_option_would_have_helped(mailpit: Clock, server: Hostile) -> None:
    mailpit.messages = [message(2, 3)]
    command = [sys.executable, "-c", ""]
    outcome = waiting.wait(server.url(), "--subject", "Subject 2", "--timeout", f"{2 * SHORT}s", command=command)
    assert outcome.code == 1
    assert "it was there before the command started; without a command, --since 4s finds it" in outcome.stderr


@pytest.mark.process
@pytest.mark.skipif(sys.platform == "win32", reason="a shell redirects it")
@pytest.mark.parametrize("redirection", [">&-", "| head -c 0", pytest.param(">/dev/full", marks=full)])
def test_an_answer_that_cannot_be_written_is_a_sentence(mailpit: Clock, server: Hostile, redirection: str) -> None:
    mailpit.messages = [message(2, 3)]
    command = f'"$0" -m mailpit_notifier --server {server.url()} wait --timeout 5s {redirection}'
    shell = ["bash", "-o", "pipefail", "-c", command, sys.executable]
    ended = subprocess.run(shell, capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr
    if redirection == ">&-":
        assert ended.returncode == 2
        assert "The answer could not be written: standard output is closed." in ended.stderr
    if redirection == ">/dev/full":
        assert ended.returncode == 2
        assert "The answer could not be written: No space left on device." in ended.stderr


def test_exactly_ends_when_the_settling_time_is_over(
    mailpit: Clock, server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    mailpit.messages = [message(3, 3, Subject="Another"), message(2, 4)]
    assert wait(server, "--exactly", "1", "--subject", "Subject 2", "--timeout", "60s", timing=SETTLED) == 0
    assert capsys.readouterr().out == "id2\n"
    assert wait(server, "--exactly", "1", "--timeout", "60s", timing=SETTLED) == 1
    assert capsys.readouterr().err.splitlines()[1:] == [
        "More than 1 message matched:",
        "  Subject 2, to ann@example.com",
        "  Another, to ann@example.com",
    ]


@pytest.mark.parametrize("number", ["--exactly=1", "--exactly=2"])
def test_exactly_is_not_sure_of_a_server_that_cannot_be_reached(
    mailpit: Clock, server: Hostile, number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mailpit.messages = [message(2, 3)]
    is_enough = number.endswith("1")
    assert wait(server, "--server", "http://127.0.0.1:1/", "--server", server.url(), number) == (3 if is_enough else 1)
    assert "127.0.0.1:1: nothing is listening there." in capsys.readouterr().err


def test_a_message_with_an_old_date_that_has_just_arrived_counts(mailpit: Clock, server: Hostile) -> None:
    mailpit.messages = [message(2, 9_000, whole=True)]
    mailpit.sources = {"id2": received(3)}
    assert wait(server, "--subject", "Subject 2") == 0


def test_a_message_with_a_later_date_that_arrived_long_ago_does_not_count(
    mailpit: Clock, server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    mailpit.messages = [message(2, -9_000, whole=True)]
    mailpit.sources = {"id2": received(600)}
    assert wait(server, "--subject", "Subject 2") == 1
    assert "it arrived 600 s before this wait began; --since 13m finds it" in capsys.readouterr().err
    mailpit.sources = {"id2": b"Subject: without the field\r\n\r\n"}  # the server sends no time
    assert wait(server, "--subject", "Subject 2") == 0


@pytest.mark.parametrize(
    ("head", "arrived"),
    [
        (received(5), NOW - timedelta(seconds=5)),
        (b"Subject: x\nReceived: a;b; Fri, 01 May 2026 12:00:00 -0200\n\n", NOW + timedelta(hours=2)),
        (b"Received: a; yesterday\n\n", None),
        (b"Received: a\n\n", None),
        (b"Received: a; \xff\n\n", None),
        (b"", None),
    ],
)
def test_the_time_of_arrival_is_in_the_first_received_field(head: bytes, arrived: datetime | None) -> None:
    assert received_from(head) == arrived


@pytest.mark.parametrize(
    ("to", "is_found"),
    [
        ("Ann <ann@example.com>", True),
        ("  ann@example.com\t", True),
        ('"Ann, A." <ANN@example.com>', True),
        ("ann@example.com, bob@example.com", None),
        ("Ann", False),
        ("Ann Example", None),
        ("Ann <>", None),
    ],
)
def test_an_address_may_have_a_name_and_what_is_no_address_is_refused(
    mailpit: Clock, server: Hostile, capsys: pytest.CaptureFixture[str], to: str, is_found: bool | None
) -> None:
    mailpit.messages = [message(2, 3)]
    assert wait(server, "--to", to) == {True: 0, False: 1, None: 2}[is_found]
    if is_found is None:
        error = "--to must be one address, such as ann@example.test or *@example.test.\n"
        assert capsys.readouterr().err == error


@pytest.mark.parametrize(
    "words",
    [["--save", ""], ["--count", "0"], ["--count", "000010000099"], ["--count", "9" * 5_000], ["--timeout", "0"]],
)
def test_a_value_that_means_nothing_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        standalone.main(["wait", *words])
    assert f"argument {words[0]}: must be " in capsys.readouterr().err
