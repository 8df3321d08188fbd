"""Behind proxies that treat websockets and answers badly, messages are announced soon and once, and the state is right.

Delays are counted in polls: a message that the program learns of by the next poll is announced within `Timing.polling`.
"""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from test_session import Recorder, at_work, threads

from certificates import self_signed, serving
from conditions import until
from fronts import Front, Modern, answer
from hostile import Mailpit, hostile, summary, wait_for
from mailpit_notifier.cli import doctor, standalone
from mailpit_notifier.cli import wait as wait_command
from mailpit_notifier.cli.listener import WaitTiming
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.core.status import Link
from mailpit_notifier.protocol.faults import Fault

QUICK = Timing(
    polling=0.02,
    upgrade=0.05,
    first_retry=0.01,
    longest_local_retry=0.02,
    between_snapshots=0.005,
    steady=0.5,
    ping_after=0.2,
    pong=0.1,
    frame_late=0.05,
    tls_check=0.2,
)
"""The times of a session, shortened."""

WATCH = Timing(steady=0.3, ping_after=0.05, tls_check=0.2)
"""Times with which `doctor` watches live updates for a moment only."""


@contextmanager
def behind(mailpit: Mailpit, **ways: object) -> Iterator[Front]:
    with hostile(mailpit) as server, Front(server.port, **ways).running() as front:  # type: ignore[arg-type]
        yield front


@asynccontextmanager
async def session(front: Front, timing: Timing = QUICK) -> AsyncIterator[Recorder]:
    async with at_work(Recorder(front.url, timing)) as recorder:
        yield recorder


def findings(url: str, timing: Timing = WATCH) -> list[str]:
    return [doctor.line(*found) for found in doctor.examine(servers_from([url])[0], timing=timing)]


def link(recorder: Recorder) -> tuple[Link, Fault | None]:
    return recorder.session.status.link, recorder.session.status.fault


# A proxy that cuts


@pytest.mark.parametrize("ways", [{"cut_after": 0.05}, {"frames": 1}], ids=["after a time", "after a frame"])
async def test_after_the_second_early_cut_it_polls_and_messages_are_live(ways: dict[str, object]) -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, **ways) as front:
        async with session(front) as recorder:
            await until(lambda: link(recorder) == (Link.POLLING, Fault.CUT_EARLY))
            assert front.upgrades == 2
            assert recorder.session.status.about.endswith(" s")
            await until(lambda: recorder.rows == ["id1"])
            caught_up = len(recorder.caught_up)
            mailpit.messages.insert(0, summary(2))
            polls = front.polls
            await until(lambda: recorder.arrived == ["id2"])
            assert front.polls <= polls + 2
            tries = front.upgrades
            await until(lambda: front.upgrades > tries + 1)  # in the background
            assert link(recorder) == (Link.POLLING, Fault.CUT_EARLY)
            front.cut_after = front.frames = None
            tries = front.upgrades
            await until(lambda: link(recorder) == (Link.CONNECTED, None))  # steady
            assert front.upgrades <= tries + 1
            mailpit.deliver(3)
            await until(lambda: recorder.arrived == ["id2", "id3"])
            assert len(recorder.caught_up) == caught_up


async def test_a_single_early_cut_is_no_reason_to_poll() -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, cut_after=0.05, cuts=1) as front:
        async with session(front) as recorder:
            await until(lambda: Link.DISCONNECTED in {status.link for status in recorder.statuses})
            await until(lambda: link(recorder) == (Link.CONNECTED, None))
            assert Link.POLLING not in {status.link for status in recorder.statuses}


async def test_a_frame_of_a_message_that_was_polled_reports_it_no_second_time() -> None:
    mailpit = Modern()
    with behind(mailpit, frames=1) as front:
        async with session(front) as recorder:
            await until(lambda: link(recorder)[0] is Link.POLLING and recorder.caught_up)
            front.frames = None
            for number in range(1, 20):
                await until(lambda: recorder.session.inbox.total == len(mailpit.messages))
                mailpit.deliver(number)
            await until(lambda: link(recorder)[0] is Link.CONNECTED)
            mailpit.deliver(20)
            await until(lambda: recorder.arrived[-1:] == ["id20"])
            arrived = recorder.arrived
            assert len(set(arrived)) == len(arrived)
            # One that arrives between two connections is reported as missed.
            missed = {message.id for snapshot in recorder.caught_up for message in snapshot.messages}
            assert {*arrived, *missed} == {f"id{number}" for number in range(1, 21)}


# A proxy that passes nothing back, or late


async def test_beside_a_silent_websocket_it_polls_until_the_first_frame() -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, holds=10**6) as front:
        async with session(front) as recorder:
            await until(lambda: front.polls > 4)
            assert link(recorder) == (Link.CONNECTED, None)  # silence is no proof
            polls = front.polls
            mailpit.deliver(2)
            await until(lambda: recorder.arrived == ["id2"])
            assert front.polls <= polls + 2
            await until(lambda: link(recorder) == (Link.POLLING, Fault.SILENT))
            assert front.upgrades == 1
            front.release()
            await until(lambda: link(recorder) == (Link.CONNECTED, None))
            mailpit.deliver(3)
            await until(lambda: recorder.arrived == ["id2", "id3"])
            assert len(recorder.caught_up) == 1


async def test_a_frame_of_any_kind_ends_the_polling() -> None:
    mailpit = Modern()
    with behind(mailpit, holds=10**6) as front:
        async with session(front, replace(QUICK, ping_after=5.0)) as recorder:
            await until(lambda: front.polls > 2)
            front.release()
            sync = recorder.session._sync  # only Sync knows whether one more poll will follow
            await until(lambda: not sync._polls and not sync._owes_poll)
            polls = front.polls
            mailpit.deliver(1)
            await until(lambda: recorder.arrived == ["id1"])
            assert front.polls == polls


async def test_frames_that_arrive_in_bulk_are_not_relied_on_twice() -> None:
    mailpit = Modern()
    with behind(mailpit, holds=1_000) as front:
        async with session(front) as recorder:
            await until(lambda: recorder.caught_up)
            for number in range(1, 30):
                mailpit.deliver(number)
                await until(lambda: len(recorder.arrived) == len(mailpit.messages))
                if number in {1, 8}:
                    await until(lambda: link(recorder) == (Link.POLLING, Fault.SILENT))
            assert recorder.arrived == [f"id{number}" for number in range(1, 30)]


async def test_a_server_that_answers_no_ping_stays_connected_and_is_polled() -> None:
    mailpit = Mailpit(summary(1))  # as servers of 2023: no counts, no pongs
    with behind(mailpit) as front:
        timing = replace(QUICK, ping_after=0.05, pong=0.05, dead_after=0.4, frame_late=60.0)
        async with session(front, timing) as recorder:
            await until(lambda: front.polls > 2)
            for number in (2, 3):
                mailpit.messages.insert(0, summary(number))
                mailpit.push("new", summary(number))
                await until(lambda number=number: recorder.arrived[-1:] == [f"id{number}"])
                polls = front.polls
                await until(lambda polls=polls: front.polls > polls + 25)  # longer than `dead_after`
            assert {status.link for status in recorder.statuses} == {Link.CONNECTED}
            assert front.upgrades == 1


# Errors while polling

ERRORS = {
    "502 once": [answer(502)],
    "500 and 522": [answer(500), answer(522)],
    "a page": [answer(200, b"<html>Please wait</html>")],
}


@pytest.mark.parametrize("name", ERRORS)
async def test_polling_survives_errors(name: str) -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, upgrade=answer(403)) as front:
        async with session(front) as recorder:
            await until(lambda: recorder.caught_up)
            front.rest += ERRORS[name]
            await until(lambda: not front.rest)
            mailpit.deliver(2)
            await until(lambda: "id2" in recorder.rows)
            await until(lambda: link(recorder) == (Link.POLLING, Fault.NO_UPGRADE))
            if len(ERRORS[name]) == 1:
                assert recorder.arrived == ["id2"]
                assert Link.DISCONNECTED not in {status.link for status in recorder.statuses}


async def test_a_limited_rate_is_respected_and_no_outage() -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, upgrade=answer(403)) as front:
        async with session(front) as recorder:
            await until(lambda: recorder.caught_up)
            front.rest += [answer(429, b"", "Retry-After: 1")]
            await until(lambda: link(recorder) == (Link.POLLING, Fault.RATE_LIMITED))
            polls = front.polls
            mailpit.deliver(2)
            await until(lambda: recorder.arrived == ["id2"])
            assert front.polls <= polls + 10  # a second of polling without the limit has fifty
            await until(lambda: link(recorder) == (Link.POLLING, Fault.NO_UPGRADE))
            assert Link.DISCONNECTED not in {status.link for status in recorder.statuses}


async def test_after_an_outage_polling_is_back_with_the_first_delay() -> None:
    mailpit = Modern(summary(1))
    timing = replace(QUICK, longest_local_retry=60.0, steady=0.0)
    with behind(mailpit, upgrade=answer(403)) as front:
        async with session(front, timing) as recorder:
            await until(lambda: front.upgrades > 8)  # the back-off of the websocket is at its end by now
            front.always = answer(502)
            await until(lambda: link(recorder)[0] is Link.DISCONNECTED)
            front.always = b""
            await until(lambda: link(recorder) == (Link.POLLING, Fault.NO_UPGRADE))


@pytest.mark.parametrize("status", [200, 400, 401, 404, 426, 429, 500, 502, 520])
async def test_a_refused_websocket_alone_means_polling(status: int) -> None:
    with behind(Modern(summary(1)), upgrade=answer(status, b"", "WWW-Authenticate: Basic realm=x")) as front:
        async with session(front) as recorder:
            await until(lambda: link(recorder) == (Link.POLLING, Fault.NO_UPGRADE))
            assert Fault.AUTH not in recorder.faults


async def test_answers_of_http_1_0_are_understood() -> None:
    mailpit = Modern(summary(1))
    with behind(mailpit, http10=True, upgrade=answer(400)) as front:
        async with session(front) as recorder:
            await until(lambda: recorder.rows == ["id1"])
            mailpit.deliver(2)
            await until(lambda: recorder.arrived == ["id2"])


# Sentences


LOGIN = b"<!doctype html><form><input type='password' name='p'></form>"

SENTENCES: dict[str, tuple[dict[str, object], str]] = {
    "cut": ({"cut_after": 0.05}, "live updates are cut off after 0."),
    "silent": ({"holds": 10**6}, "live updates do not get through in time; checking every few seconds."),
    "200": ({"upgrade": answer(200)}, "live updates are blocked. A proxy in front of Mailpit may block WebSockets."),
    "https": (
        {"always": answer(301, b"", "Location: https://127.0.0.1/api/v1/messages?limit=1")},
        "it requires https. Change its address to https://127.0.0.1/.",
    ),
    "moved": (
        {"always": answer(302, b"", "Location: http://mail.example.test:8025/m/api/v1/messages?limit=1&token=s3cret")},
        "it redirects to http://mail.example.test:8025/m/. If that is your Mailpit, enter that address.",
    ),
    "sso": (
        {"always": answer(302, b"", "Location: https://login.example.test/oauth2/authorize?state=s3cret")},
        "a log-in page answers. This program can only use Basic authentication.",
    ),
    "log-in page": ({"always": answer(200, LOGIN)}, "a log-in page answers."),
    "captive portal": ({"always": answer(511, b"<html>")}, "a log-in page answers."),
    "digest": (
        {"always": answer(401, b"", 'WWW-Authenticate: Digest realm="x", qop="auth", nonce="y"')},
        "it requires Digest authentication. This program can only use Basic authentication.",
    ),
    "ntlm": (
        {"always": answer(401, b"", "WWW-Authenticate: NTLM", "WWW-Authenticate: Negotiate")},
        "it requires NTLM authentication. This program can only use Basic authentication.",
    ),
    "client certificate": (
        {"always": answer(400, b"<center>No required SSL certificate was sent</center>")},
        "it requires a client certificate, which is not supported.",
    ),
    "plain on TLS": (
        {"always": answer(400, b"Client sent an HTTP request to an HTTPS server.\n")},
        "it requires https. Change its address to https://127.0.0.1:",
    ),
    "429": ({"always": answer(429)}, "too many requests for it (429). New messages may be shown late."),
    "407": ({"always": answer(407)}, "the proxy wants a user name and password."),
    "522": ({"always": answer(522)}, "it reports an error of its own (status 522). This usually passes."),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_doctor_names_the_cause(name: str) -> None:
    ways, sentence = SENTENCES[name]
    if "always" in ways:
        ways = {"upgrade": ways["always"], **ways}
    mailpit = Modern(summary(1))
    with behind(mailpit, **ways) as front:
        if name == "silent":  # silence of an unknown version proves nothing
            assert "nothing has come yet" in findings(front.url)[-1]
            front.rest = [answer(200, b'{"messages": []}'), answer(200, b'{"Version": "v1.30.5"}')]
            found = findings(front.url, replace(WATCH, steady=1.05))[-1]
        else:
            found = findings(front.url)[-1]
    assert found.startswith("FAULT")
    assert sentence in found
    assert "s3cret" not in found


@pytest.mark.parametrize("name", sorted(set(SENTENCES) - {"cut", "silent", "200", "429"}))
async def test_the_status_names_the_cause(name: str) -> None:
    ways, sentence = SENTENCES[name]
    with behind(Modern(), upgrade=ways["always"], **ways) as front:
        async with session(front) as recorder:
            await until(lambda: recorder.session.status.fault)
            assert recorder.session.status.explain().startswith(sentence)
            assert "s3cret" not in repr(recorder.statuses)


def test_doctor_is_content_with_a_modern_server_and_with_one_of_2023() -> None:
    with hostile(Modern(summary(1))) as server:
        assert findings(server.url())[-2:] == [
            f"ok     127.0.0.1:{server.port}: Mailpit answers (1 message, 1 unread).",
            f"ok     127.0.0.1:{server.port}: live updates work.",
        ]
    with hostile(Mailpit()) as server:
        assert findings(server.url())[-1].startswith("ok")


@pytest.mark.process
def test_a_port_that_only_speaks_tls_is_named(tmp_path: Path) -> None:
    with behind(Modern(), tls=serving(self_signed(tmp_path))) as front:
        found = findings(front.url.replace("https:", "http:"))[-1]
    assert f"it requires https. Change its address to {front.url}" in found


def test_an_https_address_of_a_plain_port_is_named() -> None:
    # It reads all: what is left unread makes Windows drop the answer.
    with hostile(lambda visit: (visit.sock.recv(4096), visit.answer(400))) as server:
        found = findings(f"https://127.0.0.1:{server.port}/")[-1]
    assert f"this port does not use https. Change its address to http://127.0.0.1:{server.port}/." in found


def test_a_404_of_a_local_router_is_a_stopped_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", 0))])
    with hostile(lambda visit: (visit.request(), visit.answer(404))) as server:
        assert Fault.STOPPED.sentence in findings(f"http://shop.ddev.site:{server.port}/")[-1]
        assert Fault.NOT_FOUND.sentence in findings(server.url())[-1]


# `wait`

WAYS: dict[str, dict[str, object]] = {
    "cut": {"cut_after": 0.05},
    "cut after a frame": {"frames": 1},
    "silent": {"holds": 10**6},
    "no websockets": {"upgrade": answer(200)},
    "limited": {"upgrade": answer(403), "rest": [answer(429), answer(429)]},
    "failing": {"upgrade": answer(502), "rest": [answer(502), answer(520)]},
    "old": {"upgrade": answer(400), "http10": True},
}


@pytest.mark.parametrize("name", WAYS)
def test_wait_finds_a_message_behind_each(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    timing = WaitTiming(client=replace(QUICK, late_retry=2.0))
    mailpit = Modern(summary(1))
    with behind(mailpit, **WAYS[name]) as front:
        polled = 4 + len(front.rest)  # and so after the first snapshot
        sender = threading.Thread(target=lambda: (wait_for(lambda: front.polls > polled), mailpit.deliver(2)))
        sender.start()
        options = standalone.parsed(["--server", front.url, "wait", "--subject", "Subject 2", "--timeout", "8s"])
        assert wait_command.run(options, timing) == 0
        sender.join()
        wait_for(lambda: not threads())
    assert capsys.readouterr().out == "id2\n"


@pytest.mark.parametrize("name", ["moved", "digest", "407"])
def test_wait_names_the_cause(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    ways, sentence = SENTENCES[name]
    with behind(Modern(), upgrade=ways["always"], **ways) as front:
        assert standalone.main(["--server", front.url, "wait", "--timeout", "0.7s"]) == 3
        wait_for(lambda: not threads())
    assert sentence in capsys.readouterr().err
