"""REST calls against servers that do their worst; the calls that could destroy something refuse to."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone

import pytest

from hostile import Hostile, Mailpit, Request, Script, Visit, hostile, saying, summary, wait_for
from mailpit_notifier.mailpit import rest as rest_module
from mailpit_notifier.mailpit.dial import Line, dial
from mailpit_notifier.mailpit.fault import Fault, FaultError
from mailpit_notifier.mailpit.rest import Rest
from mailpit_notifier.mailpit.urls import ServerUrl

SECRETS = ("s3cret", "YW5uOnMzY3JldA")


@contextmanager
def talking(script: Script, path: str = "/") -> Iterator[tuple[Rest, Hostile]]:
    with hostile(script) as server:
        rest = Rest(ServerUrl.parse(server.url(path, "ann:s3cret@")))
        try:
            yield rest, server
        finally:
            rest.close()


def fault_of_call(script: Script, caplog: pytest.LogCaptureFixture) -> Fault:
    caplog.set_level(logging.DEBUG)
    with talking(script) as (rest, _), pytest.raises(FaultError) as caught:
        rest.snapshot(50)
    told = caplog.text + repr((rest, vars(rest))) + "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in SECRETS if secret in told]
    return caught.value.fault


def test_the_snapshot_is_what_the_server_has() -> None:
    mailpit = Mailpit(summary(2), summary(1, Read=True))
    with talking(mailpit, "/mail") as (rest, server):
        snapshot = rest.snapshot(50)
        rest.snapshot(7)
        assert len(server.visits) == 1
    assert [message.id for message in snapshot.messages] == ["id2", "id1"]
    assert (snapshot.total, snapshot.unread) == (2, 1)
    assert [request.path for request in mailpit.reads] == [f"/mail/api/v1/messages?limit={n}" for n in (50, 7)]
    headers = mailpit.reads[0].headers
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["authorization"] == "Basic YW5uOnMzY3JldA=="
    assert headers["accept-encoding"] == "identity"  # nothing here could unpack another
    assert headers["user-agent"].startswith("mailpit-notifier/")
    assert "content-type" not in headers


def test_a_page_is_asked_for_by_place_and_by_time_of_which_rest_has_milliseconds() -> None:
    mailpit = Mailpit(*(summary(number) for number in (5, 4, 3, 2, 1)))
    with talking(mailpit) as (rest, _):
        before = datetime(2026, 5, 1, 12, 0, 3, 124_999, tzinfo=timezone(timedelta(hours=2)))
        page = rest.snapshot(3, start=7, before=before)
    (request,) = mailpit.reads
    assert request.path == "/api/v1/messages?limit=3&start=7&before=2026-05-01T10:00:03.124Z"
    assert not page.more
    with talking(Answering(with_body(json.dumps({"messages": mailpit.messages}).encode()))) as (rest, _):
        page = rest.snapshot(3)  # of a server that does not look at what is asked
    assert [message.id for message in page.messages] == ["id5", "id4", "id3"]
    assert page.more


@pytest.mark.parametrize("length", [[b"Content-Length: 9000000"], [b"Transfer-Encoding: chunked"]])
def test_of_a_list_that_is_too_long_the_beginning_is_read_over_a_connection_of_its_own(length: list[bytes]) -> None:
    people = [{"Name": "", "Address": f"{number}@example.test"} for number in range(3_000)]
    rows = [summary(number, To=people) for number in range(9, 0, -1)]
    body = json.dumps({"total": 60, "unread": 3, "messages": rows}).encode()
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if b"chunked" in length[0] else body.ljust(9_000_000)
    cut = b"".join([OK, *length, b"\r\n\r\n", chunk])
    with talking(Answering(cut, with_body(b'{"messages": []}'))) as (rest, listening):
        page = rest.snapshot(50, most=len(body) - 1_000)
        assert [message.id for message in page.messages] == [f"id{number}" for number in range(9, 1, -1)]
        assert (page.total, page.unread, page.more) == (60, 3, True)
        assert len(page.messages[0].to) == 1_000
        assert not rest.snapshot(50).messages
        assert len(listening.visits) == 2


def test_marking_read_names_the_messages() -> None:
    mailpit = Mailpit()
    with talking(mailpit) as (rest, _):
        rest.set_read(["a", "b"], read=True)
        for none in ([], [""], ["a", ""]):
            with pytest.raises(ValueError, match="no IDs"):
                rest.set_read(none, read=True)
    (request,) = mailpit.writes
    assert (request.method, request.path) == ("PUT", "/api/v1/messages")
    assert json.loads(request.body) == {"IDs": ["a", "b"], "Read": True}


def test_deleting_names_the_one_message() -> None:
    mailpit = Mailpit()
    with talking(mailpit) as (rest, _):
        rest.delete("a")
        with pytest.raises(ValueError, match="no ID"):
            rest.delete("")
    (request,) = mailpit.writes
    assert (request.method, request.path) == ("DELETE", "/api/v1/messages")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {"IDs": ["a"]}


OK = b"HTTP/1.1 200 OK\r\n"


class Answering:
    """A server that gives each request its next answer, and the requests."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = list(answers)
        self.asked: list[Request] = []

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        while True:
            self.asked.append(visit.request())
            visit.send(self.answers.pop(0))


def with_body(body: bytes, *headers: bytes) -> bytes:
    return OK + b"".join(header + b"\r\n" for header in headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_of_a_long_source_only_the_beginning_is_read_and_the_next_call_is_not_confused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rest_module, "MAX_SOURCE", 10)
    server = Answering(*[with_body(b"0123456789 and the rest" * 1_000)] * 2, with_body(b"short"))
    with talking(server, "/mail") as (rest, listening):
        assert rest.source("a/b") == b"0123456789"
        assert len(rest.whole_source("a/b")) == 23_000
        assert rest.source("a/b") == b"short"
        assert len(listening.visits) == 2
    assert {request.path for request in server.asked} == {"/mail/api/v1/message/a%2Fb/raw"}
    assert {request.method for request in server.asked} == {"GET"}  # what would mark it read is never asked for


@pytest.mark.parametrize(
    ("body", "label"),
    [
        (b'{"Label": "  The shop "}', "The shop"),
        (b'{"Label": "%s"}' % (b"x" * 61), "x" * 60),
        (b'{"Label": "two\\nlines"}', ""),
        (b'{"Label": 7}', ""),
        (b"{}", ""),
        (b"[]", ""),
    ],
)
def test_the_name_that_a_server_was_given_is_one_short_line(body: bytes, label: str) -> None:
    server = Answering(with_body(body))
    with talking(server) as (rest, _):
        assert rest.label() == label
    assert (server.asked[0].method, server.asked[0].path) == ("GET", "/api/v1/webui")


@pytest.mark.parametrize(
    ("header", "date"),
    [
        (b"Date: Sun, 22 Nov 2026 13:00:00 +0100", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        (b"Date: Sun, 22 Nov 2026 12:00:00 -0000", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        (b"Date: yesterday", None),
        (b"Date: Fri, 31 Dec 9999 23:59:59 -0100", None),
        (b"Date: Fri, 31 Dec 9999 23:59:59 GMT", None),
        (b"Date: Thu, 1 Jan 1970 00:00:10 GMT", datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC)),
        (b"X: y", None),
    ],
)
def test_a_snapshot_has_the_server_s_own_time(header: bytes, date: datetime | None) -> None:
    with talking(Answering(with_body(b'{"messages": []}', header))) as (rest, _):
        assert rest.snapshot(1).date == date


def test_a_mail_is_handed_in_over_a_connection_of_its_own_and_has_an_id_afterwards() -> None:
    server = Answering(with_body(b'{"messages": []}'), with_body(b'{"ID": "A1"}'), with_body(b'{"ID": ""}'))
    with talking(server) as (rest, listening):
        rest.snapshot(1)
        assert rest.send({"Subject": "Hello"}) == "A1"
        assert len(listening.visits) == 2
        with pytest.raises(FaultError, match="gave the mail no ID") as caught:
            rest.send({})
    assert caught.value.fault is Fault.NOT_MAILPIT
    request = server.asked[1]
    assert (request.method, request.path, request.body) == ("POST", "/api/v1/send", b'{"Subject": "Hello"}')


def test_a_connection_that_the_server_ends_by_saying_so_is_not_used_again() -> None:
    answer = with_body(b'{"messages": []}', b"Connection: close")
    with talking(Answering(answer, answer)) as (rest, listening):
        rest.snapshot(1)
        rest.snapshot(1)
        assert len(listening.visits) == 2


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", Fault.AUTH),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", Fault.ORIGIN),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 99999999999\r\n\r\n", Fault.NOT_FOUND),
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", Fault.PROXY),
        (b"HTTP/1.1 503 Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n", Fault.STOPPED),
        (b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", Fault.NOT_MAILPIT),
        (OK + b"Content-Length: 6\r\n\r\n<html>", Fault.NOT_MAILPIT),
        (OK + b"Content-Length: 2\r\n\r\n[]", Fault.NOT_MAILPIT),
        (OK + b'Content-Length: 17\r\n\r\n{"messages": {}}}', Fault.NOT_MAILPIT),
        (OK + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000, Fault.NOT_MAILPIT),
        (OK + b"X: y\r\n" * 200 + b"\r\n", Fault.NOT_MAILPIT),
        (OK + b"X" * 99_999, Fault.NOT_MAILPIT),
        (b"220 mail.example.com ESMTP\r\n\r\n", Fault.NOT_MAILPIT),
        (b"\xff\xfe\r\n\r\n", Fault.NOT_MAILPIT),
    ],
    ids=[
        "401",
        "403",
        "404, endless body",
        "407",
        "503, no body",
        "redirect",
        "page",
        "list",
        "junk after JSON",
        "deep JSON",
        "many headers",
        "long header",
        "smtp",
        "junk",
    ],
)
def test_an_odd_answer_is_a_fault(caplog: pytest.LogCaptureFixture, answer: bytes, fault: Fault) -> None:
    assert fault_of_call(saying(answer), caplog) is fault


@pytest.mark.parametrize(
    "answer",
    [b"", OK + b"Content-Length: 99\r\n\r\n{", OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\n{"],
    ids=["nothing", "half a body", "half a chunk"],
)
def test_a_server_that_hangs_up_early_is_no_stranger(caplog: pytest.LogCaptureFixture, answer: bytes) -> None:
    assert fault_of_call(lambda visit: (visit.request(), visit.send(answer)), caplog) is Fault.CUT_OFF


def test_an_endless_answer_is_refused(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "MAX_BODY", 100_000)

    def script(visit: Visit) -> None:
        visit.request()
        visit.send(OK + b"\r\n")
        while True:
            visit.send(bytes(65_536))

    assert fault_of_call(script, caplog) is Fault.NOT_MAILPIT


def test_a_server_that_never_answers_is_given_up_in_time(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest_module, "TIMEOUT", 0.1)
    assert fault_of_call(Visit.hold, caplog) is Fault.TIMEOUT


def test_what_the_dialling_left_of_its_time_is_not_what_a_call_has() -> None:
    used: list[socket.socket] = []

    def late(url: ServerUrl, timeout: float, line: Line) -> socket.socket:
        used.append(dial(url, timeout, line))
        used[0].settimeout(0.001)
        return used[0]

    with hostile(Mailpit()) as server:
        rest = Rest(ServerUrl.parse(server.url()), late)
        rest.snapshot(1)
        assert used[0].gettimeout() == rest_module.TIMEOUT
        rest.close()
        assert used[0].fileno() < 0


def test_a_kept_connection_that_the_server_dropped_is_replaced() -> None:
    """A server closes idle connections without a word."""
    mailpit = Mailpit()

    def script(visit: Visit) -> None:
        mailpit(Once(visit))

    with talking(script) as (rest, server):
        for _ in range(3):
            rest.snapshot(50)
            wait_for(lambda: server.visits[-1].sock.fileno() < 0)
        rest.set_read(["a"], read=True)
    assert len(mailpit.reads) == 3
    assert len(mailpit.writes) == 1


def test_a_call_that_failed_leaves_the_next_one_a_fresh_connection() -> None:
    scripts = iter([saying(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n"), Mailpit(summary(1))])

    def script(visit: Visit) -> None:
        next(scripts)(visit)

    with talking(script) as (rest, _):
        with pytest.raises(FaultError):
            rest.snapshot(50)
        assert rest.snapshot(50).total == 1


@pytest.mark.parametrize("kept", [False, True])
def test_aborting_wakes_a_call_for_good(kept: bool) -> None:
    mailpit = Mailpit()
    faults: list[FaultError] = []

    def call() -> None:
        try:
            rest.snapshot(50)
        except FaultError as error:
            faults.append(error)

    with talking(mailpit) as (rest, _):
        if kept:
            rest.snapshot(50)
        mailpit.gate.clear()
        thread = threading.Thread(target=call)
        thread.start()
        wait_for(lambda: mailpit.busiest and len(mailpit.reads) == 1 + kept)
        rest.abort()
        thread.join(rest_module.TIMEOUT / 2)
        call()
        mailpit.gate.set()
        assert len(mailpit.reads) == 1 + kept, "asked again"
    assert [error.fault for error in faults] == [Fault.CUT_OFF] * 2


class Once(Visit):
    """A visit whose second request is never read."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.sock)
        self.asked = False

    def request(self) -> Request:
        if self.asked:
            raise ConnectionError("hung up")
        self.asked = True
        return super().request()
