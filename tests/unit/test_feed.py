"""One websocket connection to hostile servers."""

import contextlib
import gc
import logging
import queue
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from hostile import (
    BINARY,
    CLOSE,
    CONTINUED,
    PATIENCE,
    PING,
    PONG,
    TEXT,
    Script,
    Visit,
    accepting,
    black_hole,
    frame_header,
    hostile,
    saying,
    wait_for,
)
from mailpit_notifier.client.feed import MAX_FRAME, Closed, Feed, Heard, Item, Opened, Unanswered
from mailpit_notifier.client.timing import TIMING, Timing
from mailpit_notifier.protocol.events import Stats
from mailpit_notifier.protocol.faults import Fault
from mailpit_notifier.protocol.urls import ServerUrl

CREDENTIALS = "ann:s3cret@"
SECRETS = ("s3cret", "YW5uOnMzY3JldA")
"""The password, and its form in the header."""


@dataclass
class Received:
    """The items that a feed has put."""

    items: queue.Queue[str | Opened | Closed] = field(default_factory=queue.Queue)

    def next(self) -> str | Opened | Closed:
        return self.items.get(timeout=PATIENCE)

    def all(self) -> list[str | Opened | Closed]:
        """Return all items, up to Closed."""
        found = [self.next()]
        while not isinstance(found[-1], Closed):
            found.append(self.next())
        wait_for(lambda: not readers())
        assert self.items.empty(), "something came after Closed"
        return found


def readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("feed ")]


@contextlib.contextmanager
def reading(url: str, timing: Timing = TIMING) -> Iterator[tuple[Feed, Received]]:
    output = Received()
    feed = Feed(ServerUrl.parse(url), output.items.put, timing=timing)
    feed.start()
    try:
        yield feed, output
    finally:
        feed.close()
        wait_for(lambda: not readers())


def all_from(script: Script, path: str = "/", timing: Timing = TIMING) -> list[str | Opened | Closed]:
    with hostile(script) as server, reading(server.url(path, CREDENTIALS), timing) as (_, output):
        return output.all()


def streaming(send: Callable[[Visit], object]) -> Script:
    def script(visit: Visit) -> None:
        visit.upgrade()
        send(visit)
        visit.hold()

    return script


# The handshake


def test_it_requests_the_events_below_the_webroot_without_an_origin() -> None:
    def script(visit: Visit) -> None:
        request = visit.request()
        assert (request.method, request.path) == ("GET", "/mail/api/events")
        assert request.headers["authorization"] == "Basic YW5uOnMzY3JldA=="
        assert "origin" not in request.headers
        visit.upgrade(request)
        visit.frame("hello")
        visit.frame(b"", CLOSE)

    opened, hello, closed = all_from(script, "/mail")
    assert (opened, hello) == (Opened(), "hello")
    assert closed == Closed(fault=Fault.CUT_OFF, detail="closed by the server")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", Fault.NOT_MAILPIT),
        (b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n", Fault.AUTH),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 31\r\n\r\nBlocked due to CORS", Fault.ORIGIN),
        (b"HTTP/1.0 404\r\n\r\n", Fault.NOT_FOUND),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 99_999, Fault.NOT_FOUND),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: many\r\n\r\n", Fault.NOT_FOUND),
        (b"HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n", Fault.STOPPED),
        (b"HTTP/1.1 101 Whatever\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Fault.NOT_MAILPIT),
        (b"HTTP/1.1 101 Whatever\r\nSet-Cookie: \x01=\xc3\xa9\r\n\r\n", Fault.NOT_MAILPIT),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Endless: \xff\r\n" * 99_999, Fault.NOT_MAILPIT),
        (b"X" * 999_999, Fault.NOT_MAILPIT),
        (b"220 mail.example.com ESMTP\r\n\r\n", Fault.NOT_MAILPIT),
        (b"\r\n\r\n\r\n", Fault.NOT_MAILPIT),
    ],
    ids=[
        "page",
        "401",
        "403, body shorter than told",
        "404 of 1.0",
        "404, endless body",
        "404, no number",
        "502",
        "101 without a key",
        "101, odd cookie",
        "endless header",
        "endless line",
        "smtp",
        "empty lines",
    ],
)
def test_a_refusal_is_a_fault(answer: bytes, fault: Fault) -> None:
    (closed,) = all_from(saying(answer))
    assert isinstance(closed, Closed)
    assert closed.fault is fault


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with hostile(Visit.hold) as other:
        answer = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url('/api/events')}\r\n\r\n".encode()
        (closed,) = all_from(saying(answer))
        assert not other.visits
        assert closed.fault is Fault.REDIRECTED
        assert closed.error.about == other.url()


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 10"])
def test_a_server_that_hangs_up_instead_of_answering(after: bytes) -> None:
    (closed,) = all_from(lambda visit: (visit.request(), visit.send(after)))
    assert isinstance(closed, Closed)
    assert closed.fault is Fault.NOT_MAILPIT


def test_a_silent_server_is_a_timeout() -> None:
    (closed,) = all_from(Visit.hold, timing=Timing(handshake_step=0.1))
    assert isinstance(closed, Closed)
    assert closed.fault is Fault.TIMEOUT


def test_a_closed_port_is_refused() -> None:
    with hostile(Visit.hold) as server:
        pass
    with reading(server.url()) as (_, output):
        assert output.all() == [Closed(fault=Fault.REFUSED)]


def test_no_cookie_is_kept_for_any_server() -> None:
    """The cookie jar of websocket-client is shared by the whole process; both servers have the same name."""
    cookies: list[str | None] = []

    def script(visit: Visit) -> None:
        request = visit.request()
        cookies.append(request.headers.get("cookie"))
        key = request.headers["sec-websocket-key"]
        fields = "".join(f"Set-Cookie: {name}=s3cret; Domain=127.0.0.1; Path=/\r\n" for name in ("one", "two"))
        visit.send(accepting(key, fields))
        visit.hold()

    with hostile(script) as server, hostile(script) as other:
        for url in (server.url(), other.url(), server.url()):
            with reading(url) as (_, output):
                assert output.next() == Opened()
    assert cookies == [None, None, None]


def test_an_interim_answer_is_followed_by_the_answer() -> None:
    def script(visit: Visit) -> None:
        request = visit.request()
        visit.send(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n" * 3)
        visit.upgrade(request)
        visit.frame("hello")
        visit.frame(b"", CLOSE)

    assert all_from(script)[:2] == [Opened(), "hello"]


def test_endless_interim_answers_are_no_websocket() -> None:
    (closed,) = all_from(saying(b"HTTP/1.1 102 Processing\r\n\r\n" * 9_999))
    assert isinstance(closed, Closed)
    assert closed.fault is Fault.NOT_MAILPIT


# Frames


def test_texts_arrive_complete_and_in_order() -> None:
    def send(visit: Visit) -> None:
        visit.frame("one")
        visit.frame("tw", fin=False)
        visit.frame(b"between", PING)
        visit.frame("o", CONTINUED)
        visit.frame(b"\xff\xc3\xa9\xc3")
        visit.frame("")
        for byte in frame_header(300) + b"x" * 300:
            visit.send(bytes([byte]))
        visit.frame(b"", CLOSE)

    assert all_from(streaming(send))[1:-1] == ["one", "two", "\ufffdé\ufffd", "", "x" * 300]


def test_a_frame_is_parsed_in_the_thread_while_the_loop_wakes_up_for_it() -> None:
    counts, items = '{"Type":"stats","Data":{"Total":0,"Unread":0}}', list[Item]()

    def replace(item: Item, make: Callable[[], Item]) -> None:
        assert items.pop() == item == counts
        items.append(make())

    with hostile(streaming(lambda visit: (visit.frame(counts), visit.frame(b"", CLOSE)))) as server:
        Feed(ServerUrl.parse(server.url()), items.append, replace=replace).start()
        wait_for(lambda: len(items) == 3)
    wait_for(lambda: not readers())
    assert items[1] == Stats(total=0, unread=0)


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_texts_of_all_lengths_are_read_however_they_are_cut(length: int) -> None:
    def send(visit: Visit) -> None:
        text = frame_header(length, TEXT) + b"x" * length
        visit.send(text + text[:3])
        visit.send(text[3:] + text[:-1])
        visit.send(text[-1:] + text)
        visit.frame(b"", CLOSE)

    assert all_from(streaming(send))[1:-1] == ["x" * length] * 4


def test_a_binary_frame_does_no_harm() -> None:
    def send(visit: Visit) -> None:
        visit.frame(b"\0\xff", BINARY, fin=False)
        visit.frame(b"\0", CONTINUED)
        visit.frame("after")
        visit.frame(b"", CLOSE)

    assert all_from(streaming(send))[-2] == "after"


@pytest.mark.parametrize(
    "send",
    [
        lambda visit: visit.frame("x", rsv=4),
        lambda visit: visit.frame("x", opcode=3),
        lambda visit: visit.frame("x", CONTINUED),
        lambda visit: visit.frame(b"x" * 126, PING),
        lambda visit: visit.frame(b"x", CLOSE),
        lambda visit: (visit.frame("x", fin=False), visit.frame("y")),
        lambda visit: (visit.send(frame_header(9, TEXT) + b"half"), visit.close()),
        lambda visit: (visit.send(b"\x81"), visit.close()),
        lambda visit: visit.send(frame_header(2**63 - 1)),
        lambda visit: visit.frame(b"x", PING, fin=False),
        lambda visit: visit.send(b"\x81\x81\0\0\0\0x"),
    ],
    ids=[
        *("rsv", "opcode", "continued", "ping", "close", "nested", "mid-frame", "mid-header", "huge"),
        *("ping in parts", "masked"),
    ],
)
def test_protocol_errors_end_the_connection(send: Callable[[Visit], object]) -> None:
    opened, closed = all_from(streaming(send))
    assert opened == Opened()
    assert isinstance(closed, Closed)
    assert closed.fault is Fault.CUT_OFF


def one_frame_of_50_mb(visit: Visit) -> None:
    visit.send(frame_header(50 * 2**20))
    chunk = bytes(65_536)
    for _ in range(800):
        visit.send(chunk)


def a_message_in_800_fragments(visit: Visit) -> None:
    chunk = b"x" * 65_536
    visit.frame(chunk, fin=False)
    for _ in range(799):
        visit.frame(chunk, CONTINUED, fin=False)


@pytest.mark.parametrize("send", [one_frame_of_50_mb, a_message_in_800_fragments])
def test_a_message_that_is_too_large_is_rejected_without_using_memory(send: Callable[[Visit], None]) -> None:
    tracemalloc.start()
    try:
        closed = all_from(streaming(send))[-1]
        gc.collect()
        left, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(closed, Closed)
    assert closed.fault is Fault.CUT_OFF
    assert "too large" in closed.detail
    assert most < 4 * MAX_FRAME
    assert left < MAX_FRAME / 4


def test_the_largest_allowed_message_is_received() -> None:
    def send(visit: Visit) -> None:
        visit.frame(b"x" * MAX_FRAME)
        visit.frame(b"", CLOSE)

    assert all_from(streaming(send))[1] == "x" * MAX_FRAME


# Half-open connections


def test_a_half_open_connection_is_noticed() -> None:
    timing = Timing(ping_after=0.05, dead_after=0.12)
    assert all_from(streaming(lambda _: None), timing=timing)[-1] == Closed(
        fault=Fault.TIMEOUT, detail="no answer to our pings"
    )


def test_a_server_that_never_answers_is_kept_as_long_as_it_lives_elsewhere() -> None:
    timing = Timing(ping_after=0.02, pong=0.02, dead_after=0.1, never_answered=60.0)
    pinged = threading.Event()

    def send(visit: Visit) -> None:
        for _ in range(8):  # longer than `dead_after`
            assert visit.read_frame()[0] == PING
        pinged.set()

    with hostile(streaming(send)) as server, reading(server.url(), timing) as (feed, output):
        assert output.next() == Opened()
        while not pinged.wait(0.005):
            feed.server_lives()
        assert output.items.empty()
        assert output.all()[-1] == Closed(fault=Fault.TIMEOUT, detail="no answer to our pings")


def test_a_server_that_sends_counts_answers_pings_and_is_dead_without() -> None:
    timing = Timing(ping_after=0.02, pong=0.02, dead_after=0.1, never_answered=60.0)
    counts = '{"Type":"stats","Data":{"Total":0,"Unread":0,"Version":"v1.30.5"}}'
    with (
        hostile(streaming(lambda visit: visit.frame(counts))) as server,
        reading(server.url(), timing) as (feed, output),
    ):
        assert [output.next(), output.next(), output.next()] == [Opened(), counts, Unanswered()]
        while output.items.empty():
            feed.server_lives()
        assert output.all()[-1] == Closed(fault=Fault.TIMEOUT, detail="no answer to our pings")


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system does not tell how long it slept")
def test_a_connection_counts_as_dead_after_this_machine_slept(monkeypatch: pytest.MonkeyPatch) -> None:
    slept, clock = [0.0], time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: clock(which) + slept[0])

    def send(visit: Visit) -> None:
        for seconds in (TIMING.slept - 1, TIMING.slept + 1):
            assert visit.read_frame()[0] == PING
            visit.frame(b"", PONG)
            slept[0] = seconds

    closed = all_from(streaming(send), timing=Timing(ping_after=0.02))[-1]
    assert closed == Closed(fault=Fault.CUT_OFF, detail="this machine has slept")


def test_a_quiet_server_that_answers_pings_is_kept() -> None:
    def send(visit: Visit) -> None:
        for _ in range(12):
            opcode, payload = visit.read_frame()
            assert opcode == PING
            visit.frame(payload, PONG)
        visit.frame("still here")
        visit.frame(b"", CLOSE)

    timing = Timing(ping_after=0.05, dead_after=0.5)  # a busy machine answers late
    assert "still here" in all_from(streaming(send), timing=timing)


def test_the_server_s_pings_are_answered() -> None:
    def send(visit: Visit) -> None:
        visit.frame(b"are you there", PING)
        assert visit.read_frame() == (PONG, b"are you there")
        visit.frame("thanks")
        visit.frame(b"", CLOSE)

    assert all_from(streaming(send))[1:3] == [Heard(), "thanks"]


# Closing


@contextlib.contextmanager
def server_of(script: Script, scheme: str = "http") -> Iterator[str]:
    with hostile(script) as server:
        yield f"{scheme}://127.0.0.1:{server.port}/"


@contextlib.contextmanager
def silent_port() -> Iterator[str]:
    with black_hole() as port:
        yield f"http://127.0.0.1:{port}/"


PLACES = {
    "dialling": silent_port,
    "tls": lambda: server_of(Visit.hold, "https"),
    "handshake": lambda: server_of(saying(b"HTTP/1.1 101 Swi")),
    "reading": lambda: server_of(streaming(lambda visit: visit.frame("hello"))),
    "half a frame": lambda: server_of(streaming(lambda visit: (visit.frame("hello"), visit.send(b"\x81\x7f")))),
}


@pytest.mark.parametrize("state", PLACES)
def test_closing_wakes_the_reader_in_any_state(state: str) -> None:
    timing = Timing(handshake_step=60.0)  # longer than this test may last
    with PLACES[state]() as url, reading(url, timing) as (feed, output):
        if state in {"reading", "half a frame"}:
            assert [output.next(), output.next()] == [Opened(), "hello"]
        else:
            # The server cannot see how far the client is. Only the transport knows its sockets.
            wait_for(lambda: len(feed._transport._sockets) == {"dialling": 1, "tls": 2, "handshake": 2}[state])
        feed.close()
        feed.close()
        (closed,) = output.all()
        assert isinstance(closed, Closed)
        feed.close()


def test_a_feed_closed_during_a_dns_lookup_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    looking, found = threading.Event(), threading.Event()

    def look_up(*_: object, **__: object) -> list[tuple[object, ...]]:
        looking.set()
        found.wait(PATIENCE)
        return [(0, 0, 0, "", ("127.0.0.1", 0))]

    with hostile(Visit.hold) as server:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        with reading(f"http://{CREDENTIALS}mail.test:{server.port}/") as (feed, output):
            looking.wait(PATIENCE)
            feed.close()
            found.set()
            assert len(output.all()) == 1
        assert not any(visit.received for visit in server.visits)


# Secrets


def test_credentials_are_sent_to_the_server_only(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(visit: Visit) -> None:
        secret = visit.request().headers["authorization"].encode()
        visit.send(b"HTTP/1.1 403 " + secret + b"\r\nX: " + secret + b"\r\nContent-Length: 9\r\n\r\n" + secret)

    with hostile(echo) as server, reading(server.url("/", CREDENTIALS)) as (feed, output):
        texts = caplog.text + repr((feed, vars(feed), output.all()))
    assert not [secret for secret in SECRETS if secret in texts]
