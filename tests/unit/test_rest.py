"""REST calls to hostile servers; and calls that would delete or mark everything are refused."""

import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from hostile import PATIENCE, Hostile, Mailpit, Request, Script, Visit, hostile, saying, summary, wait_for
from mailpit_notifier.client.rest import Rest
from mailpit_notifier.client.source import Source
from mailpit_notifier.client.source_stream import Limits
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.client.transport import Transport, dial
from mailpit_notifier.protocol.faults import Fault, FaultError
from mailpit_notifier.protocol.urls import ServerUrl

SECRETS = ("s3cret", "YW5uOnMzY3JldA")


@contextmanager
def talking(script: Script, path: str = "/", timing: Timing = TIMING) -> Iterator[tuple[Rest, Hostile]]:
    with hostile(script) as server:
        rest = Rest(ServerUrl.parse(server.url(path, "ann:s3cret@")), timing=timing)
        try:
            yield rest, server
        finally:
            rest.close()


def fault_of_call(script: Script, caplog: pytest.LogCaptureFixture, timing: Timing = TIMING) -> Fault:
    caplog.set_level(logging.DEBUG)
    with talking(script, timing=timing) as (rest, _), pytest.raises(FaultError) as caught:
        rest.snapshot(50)
    texts = caplog.text + repr((rest, vars(rest))) + "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in SECRETS if secret in texts]
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


def test_a_page_is_requested_by_position_and_by_time_in_milliseconds() -> None:
    mailpit = Mailpit(*(summary(number) for number in (5, 4, 3, 2, 1)))
    mailpit.ignores_before = True
    with talking(mailpit) as (rest, _):
        before = datetime(2026, 5, 1, 12, 0, 3, 124_999, tzinfo=timezone(timedelta(hours=2)))
        page = rest.snapshot(2, start=1, before=before)
    (request,) = mailpit.reads
    assert request.path == "/api/v1/messages?limit=2&start=1&before=2026-05-01T10:00:03.124Z"
    assert [message.id for message in page.messages] == ["id4", "id3"]  # a server of 2023 ignores the time
    assert page.more


@pytest.mark.parametrize("length", [[b"Content-Length: 9000000"], [b"Transfer-Encoding: chunked"]])
def test_only_the_beginning_of_a_list_that_is_too_long_is_read(length: list[bytes]) -> None:
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
    """A server that sends the next answer to each request, and keeps the requests."""

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


def test_a_source_is_read_only_as_far_as_needed_and_the_next_call_works() -> None:
    text = (
        b"Subject: Hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: text/html\n\n<p>\n"
    )
    short, long = text + b"--b--\n" + b"x" * 5_000, text + b"--b--\n" + b"x" * 999_999
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(short), short)
    server = Answering(with_body(short), chunked, with_body(long), with_body(long), with_body(b"\nshort"))
    with talking(server, "/mail") as (rest, listening):
        for _ in range(3):
            assert rest.source("a/b") == Source(subject="Hi", text="Text", html="<p>")
        assert len(listening.visits) == 1  # a little more is read, as a new connection costs more
        assert rest.raw_source("a/b") == long
        assert len(listening.visits) == 2
        assert rest.source("a/b") == Source(text="short")
    assert {request.path for request in server.asked} == {"/mail/api/v1/message/a%2Fb/raw"}
    assert {request.method for request in server.asked} == {"GET"}  # a request that would mark it as read is never sent


def test_a_slow_source_is_cut_and_a_missing_one_is_a_fault() -> None:
    def dripping(visit: Visit) -> None:
        visit.request()
        visit.send(OK + b"Content-Length: 999\r\n\r\n" + text)
        visit.hold()

    limits = Limits(local_seconds=0.1)
    text = b"Subject: Hi\n\nText"
    with talking(dripping) as (rest, _):
        found = rest.source("a", limits)
        assert found == Source(subject="Hi", text="Text", is_text_cut=True, is_html_cut=True, is_partial=True)
        text = b""
        with pytest.raises(FaultError) as caught:
            rest.source("a", limits)
        assert caught.value.fault is Fault.TIMEOUT


def test_a_source_that_ends_too_early_is_a_fault() -> None:
    def ending(visit: Visit) -> None:
        visit.request()
        visit.send(OK + b"Content-Length: 999\r\n\r\n\nText")

    with talking(ending) as (rest, _), pytest.raises(FaultError) as caught:
        rest.source("a")
    assert caught.value.fault is Fault.CUT_OFF


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
def test_the_label_of_a_server_is_one_short_line(body: bytes, label: str) -> None:
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
def test_a_snapshot_has_the_time_of_the_server(header: bytes, date: datetime | None) -> None:
    with talking(Answering(with_body(b'{"messages": []}', header))) as (rest, _):
        assert rest.snapshot(1).date == date


def test_a_message_is_sent_over_a_new_connection_and_its_id_returned() -> None:
    server = Answering(with_body(b'{"messages": []}'), with_body(b'{"ID": "A1"}'), with_body(b'{"ID": ""}'))
    with talking(server) as (rest, listening):
        rest.snapshot(1)
        assert rest.send({"Subject": "Hello"}) == "A1"
        assert len(listening.visits) == 2
        with pytest.raises(FaultError, match="the sent message got no ID") as caught:
            rest.send({})
    assert caught.value.fault is Fault.NOT_MAILPIT
    request = server.asked[1]
    assert (request.method, request.path, request.body) == ("POST", "/api/v1/send", b'{"Subject": "Hello"}')


def test_a_connection_that_the_server_announces_to_close_is_not_used_again() -> None:
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
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", Fault.PROXY_AUTH),
        (b"HTTP/1.1 503 Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n", Fault.STOPPED),
        (b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n", Fault.REDIRECTED),
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
def test_a_server_that_closes_early_is_cut_off(caplog: pytest.LogCaptureFixture, answer: bytes) -> None:
    assert fault_of_call(lambda visit: (visit.request(), visit.send(answer)), caplog) is Fault.CUT_OFF


def test_an_endless_answer_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    def script(visit: Visit) -> None:
        visit.request()
        visit.send(OK + b"\r\n")
        while True:
            visit.send(bytes(65_536))

    assert fault_of_call(script, caplog) is Fault.NOT_MAILPIT


def test_a_server_that_never_answers_is_a_timeout(caplog: pytest.LogCaptureFixture) -> None:
    assert fault_of_call(Visit.hold, caplog, Timing(io=0.1)) is Fault.TIMEOUT


def test_the_time_limit_of_connecting_does_not_apply_to_the_call() -> None:
    used: list[socket.socket] = []

    def late(url: ServerUrl, timeout: float, line: Transport) -> socket.socket:
        used.append(dial(url, timeout, line))
        used[0].settimeout(0.001)
        return used[0]

    with hostile(Mailpit()) as server:
        rest = Rest(ServerUrl.parse(server.url()), late)
        rest.snapshot(1)
        assert used[0].gettimeout() == TIMING.io
        rest.close()
        assert used[0].fileno() < 0


def test_a_kept_connection_that_the_server_dropped_is_replaced() -> None:
    """Servers close idle connections without notice."""
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


class Forgetful:
    """A router before a Mailpit that forgets connections without notice: requests on them are never answered."""

    def __init__(self, mailpit: Mailpit) -> None:
        self._mailpit = mailpit
        self._visits: list[Losable] = []

    @property
    def swallowed(self) -> list[Request]:
        """The requests that were never answered."""
        return [request for visit in self._visits for request in visit.swallowed]

    def lose_all(self) -> None:
        """Forget all current connections; new ones work."""
        for visit in self._visits:
            visit.lost = True

    def __call__(self, visit: Visit) -> None:
        """Serve one connection."""
        self._visits.append(Losable(visit.sock))
        self._mailpit(self._visits[-1])


class Losable(Visit):
    """A connection that can be forgotten."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.lost = False
        self.swallowed: list[Request] = []

    def request(self) -> Request:
        request = super().request()
        if self.lost:
            self.swallowed.append(request)
            self.hold()
        return request


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def forgetting(mailpit: Mailpit, **options: Any) -> Iterator[tuple[Rest, Hostile, Forgetful]]:
    way = Forgetful(mailpit)
    with hostile(way) as server:
        rest = Rest(ServerUrl.parse(server.url()), **options)
        try:
            yield rest, server, way
        finally:
            rest.close()


def test_a_call_over_a_dead_connection_is_repeated_in_time() -> None:
    mailpit = Mailpit()
    with forgetting(mailpit, timing=Timing(answer=0.03)) as (rest, server, way):
        rest.snapshot(1)
        way.lose_all()
        rest.set_read(["a"], read=True)
        assert len(way.swallowed) == 1
        assert len(server.visits) == 2
        way.lose_all()
        assert rest.snapshot(1).total == 0
    assert [json.loads(request.body)["IDs"] for request in mailpit.writes] == [["a"]]
    # The repeat has most of the time that a call has.
    assert TIMING.answer * 2 < TIMING.call


def test_a_connection_is_not_used_again_after_half_a_minute() -> None:
    clock = Clock()
    with forgetting(Mailpit(), clock=clock) as (rest, server, way):
        rest.snapshot(1)
        clock.now += 29
        rest.snapshot(1)
        clock.now += 29
        rest.snapshot(1)
        assert len(server.visits) == 1
        clock.now += 31  # such as a sleeping one
        way.lose_all()
        rest.snapshot(1)
        assert len(server.visits) == 2
        assert not way.swallowed


def test_a_slow_server_gets_the_time_of_its_last_answer() -> None:
    clock, used, waits = Clock(), list[socket.socket](), list[float | None]()

    def dial_and_record(url: ServerUrl, timeout: float, line: Transport) -> socket.socket:
        used.append(dial(url, timeout, line))
        return used[-1]

    def slow(visit: Visit) -> None:
        while True:
            visit.request()
            waits.append(used[-1].gettimeout())
            clock.now += 5
            visit.send(with_body(b'{"messages": []}'))

    with hostile(slow) as server:
        rest = Rest(ServerUrl.parse(server.url()), dial_and_record, clock=clock)
        for _ in range(2):
            rest.snapshot(1)
        rest.close()
    assert waits == [TIMING.io, TIMING.answer + 5]


def test_a_dropped_connection_is_replaced_and_its_call_repeated() -> None:
    mailpit = Mailpit(summary(1))
    mailpit.gate.clear()
    totals: list[int] = []
    with talking(mailpit) as (rest, server):
        thread = threading.Thread(target=lambda: totals.append(rest.snapshot(1).total))
        thread.start()
        wait_for(lambda: len(mailpit.reads) == 1)
        rest.drop()
        wait_for(lambda: len(mailpit.reads) == 2)
        mailpit.gate.set()
        thread.join(PATIENCE)
        assert totals == [1]
        rest.drop()
        rest.snapshot(1)
        assert len(server.visits) == 3
        rest.snapshot(1)
        assert len(server.visits) == 3


def test_an_expired_connection_is_replaced_after_its_call() -> None:
    mailpit = Mailpit(summary(1))
    mailpit.gate.clear()
    totals: list[int] = []
    with talking(mailpit) as (rest, server):
        thread = threading.Thread(target=lambda: totals.append(rest.snapshot(1).total))
        thread.start()
        wait_for(lambda: len(mailpit.reads) == 1)
        rest.expire()
        mailpit.gate.set()
        thread.join(PATIENCE)
        assert (totals, len(server.visits)) == ([1], 1)
        for _ in range(2):
            rest.snapshot(1)
            assert len(server.visits) == 2


def test_the_server_explains_why_it_rejects_a_message() -> None:
    body = b'{"Error":"invalid To address: \\u202enonsense."}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(body)
    with talking(Answering(head + body)) as (rest, _), pytest.raises(FaultError) as caught:
        rest.send({})
    assert caught.value.explain() == "it rejects this request: invalid To address: nonsense."


def test_a_mailpit_that_is_too_old_to_be_sent_a_message_is_not_taken_for_another_program() -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    for listing, fault in ((with_body(b'{"messages": []}'), Fault.TOO_OLD), (missing, Fault.NOT_FOUND)):
        with talking(Answering(missing, listing)) as (rest, _), pytest.raises(FaultError) as caught:
            rest.send({})
        assert caught.value.fault is fault


def test_a_message_is_not_sent_twice_when_the_connection_is_dropped() -> None:
    asked = threading.Event()
    faults: list[Fault] = []

    def send() -> None:
        with pytest.raises(FaultError) as caught:
            rest.send({})
        faults.append(caught.value.fault)

    def script(visit: Visit) -> None:
        visit.request()
        asked.set()
        visit.hold()

    with talking(script) as (rest, server):
        thread = threading.Thread(target=send)
        thread.start()
        asked.wait(PATIENCE)
        rest.drop()
        thread.join(PATIENCE)
        assert (faults, len(server.visits)) == ([Fault.CUT_OFF], 1)


def test_the_rest_of_a_long_answer_is_not_read_as_the_next_one() -> None:
    longer = OK + b'Content-Length: 16\r\n\r\n{"messages": []}' + b"and more " * 20_000
    scripts = iter([saying(longer), Mailpit(summary(1))])

    def script(visit: Visit) -> None:
        next(scripts)(visit)

    with talking(script) as (rest, _):
        assert rest.snapshot(1).total == 0
        assert rest.snapshot(1).total == 1


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_answers_are_skipped(interim: bytes) -> None:
    hint = b"HTTP/1.1 " + interim + b"\r\nLink: </a.css>\r\n\r\n"
    answer = hint * 2 + with_body(b'{"messages": [], "total": 7}')
    with talking(Answering(answer, answer)) as (rest, server):
        assert [rest.snapshot(1).total for _ in range(2)] == [7, 7]
        assert len(server.visits) == 1


@pytest.mark.parametrize("interim", [b"100 Continue", b"103 Early Hints"])
def test_endless_interim_answers_are_a_fault(caplog: pytest.LogCaptureFixture, interim: bytes) -> None:
    endless = (b"HTTP/1.1 " + interim + b"\r\n\r\n") * 9_999
    assert fault_of_call(saying(endless), caplog) is Fault.NOT_MAILPIT


@pytest.mark.parametrize("kept", [False, True])
def test_abort_ends_the_current_call_and_all_later_ones(kept: bool) -> None:
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
        thread.join(TIMING.io / 2)
        call()
        mailpit.gate.set()
        assert len(mailpit.reads) == 1 + kept, "asked again"
    assert [error.fault for error in faults] == [Fault.CUT_OFF] * 2


class Once(Visit):
    """A connection whose second request is never read."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(visit.sock)
        self.asked = False

    def request(self) -> Request:
        if self.asked:
            raise ConnectionError("hung up")
        self.asked = True
        return super().request()
