"""The whole program, from SMTP to the browser: in a process of its own, against the stand-in and a real Mailpit."""

import random
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from notification_service import NotificationService, PrivateBus
from program import PATIENCE, PYTHON, Program, running, virtual_display, wait_until
from standin import MAILPIT_BIN, RealMailpit, Server, StandIn
from wayland import sway

KINDS = [
    StandIn,
    pytest.param(
        RealMailpit,
        marks=[pytest.mark.real, pytest.mark.skipif(not MAILPIT_BIN, reason="MAILPIT_BIN names no real Mailpit")],
    ),
]


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as started:
        yield started


def test_a_message_is_one_notification_and_a_click_opens_its_page(
    server: Server, program: Program, service: NotificationService
) -> None:
    program.by = PYTHON
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        sent = server.send("Your code & more", to="ann@example.test", text="Use 482913. It is <new>.\n")
        service.wait_for(lambda: service.named("Notify"))
        others = [server.send(f"Later {number}", to=["b@x.test", "c@x.test"]) for number in range(2)]
        service.wait_for(lambda: len(service.named("Notify")) == 3)
        first, *later = service.notices
        assert (first["summary"], first["body"]) == (
            "Your code & more",
            "ann@example.test.\nIt is &lt;new&gt;.",
        )
        assert first["app_name"] == "Mailpit Notifier"
        assert first["hints"]["desktop-entry"] == "mailpit-notifier"
        assert {notice["summary"] for notice in later} == {"Later 0", "Later 1"}
        assert later[0]["body"].startswith("To b@x.test and 1 more.\n")

        service.do("invoke", id=first["id"], token="tok-1")
        wait_until(program.opened, "opening the page")
        assert program.opened() == [(f"{server.url}view/{sent}", "tok-1")]
        for notice in random.sample(later, 2):
            service.do("invoke", id=notice["id"])
        wait_until(lambda: len(program.opened()) == 3, "opening the other pages")
        assert {page for page, _ in program.opened()} == {f"{server.url}view/{name}" for name in (sent, *others)}
        assert len(service.notices) == 3


def test_counts_follow_what_is_done_in_the_web_ui(server: Server, program: Program) -> None:
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        ids = [server.send(f"Mail {number}") for number in range(4)]
        program.wait_for_server(total=4, unread=4)
        server.rest("PUT", "api/v1/messages", {"IDs": ids[:2], "Read": True})
        program.wait_for_server(total=4, unread=2)
        server.rest("DELETE", "api/v1/messages", {"IDs": ids[:1]})
        program.wait_for_server(total=3, unread=2)
        server.rest("PUT", "api/v1/messages", {"Read": True})
        program.wait_for_server(total=3, unread=0)
        server.clear()
        program.wait_for_server(total=0, unread=0)


def test_a_server_behind_a_webroot_and_a_password_is_watched(program: Program, service: NotificationService) -> None:
    with StandIn(webroot="mail", auth="ann:s3cret-pass") as server:
        with running(program, "--hidden", "--server", server.url_with_password):
            program.wait_for_server(state="connected", total=0, url=server.url)
            sent = server.send("Hello")
            service.wait_for(lambda: service.named("Notify"))
            service.do("invoke", id=service.notices[0]["id"])
            wait_until(program.opened, "opening the page")
            assert program.opened() == [(f"{server.url}view/{sent}", "")]
        everything = [path.read_text() for path in program.folder.rglob("*.txt")]
        assert any(everything)
        assert not [text for text in everything if "s3cret" in text]


def test_the_service_may_restart_and_lose_everything(program: Program, service: NotificationService) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Before")
        service.wait_for(lambda: len(service.named("Notify")) == 1)
        service.do("restart")
        sent = server.send("After")
        service.wait_for(lambda: len(service.named("Notify")) == 2)
        service.do("invoke", id=service.notices[1]["id"])
        wait_until(program.opened, "opening the page")
        assert program.opened() == [(f"{server.url}view/{sent}", "")]


def test_without_a_service_notifications_are_printed(program: Program) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Hello", text="Somebody there?\n")
        wait_until(lambda: program.output, "a printed line")
        assert program.output == ["Notification: Hello | To ann@example.test. | Somebody there?"]


def test_the_demo_shows_an_arriving_message(program: Program, service: NotificationService) -> None:
    program.by = PYTHON
    with running(program, "--hidden", "--demo"):
        service.wait_for(lambda: len(service.named("Notify")) >= 1)
        program.wait_for_server(state="connected", name="Demo")


def test_a_second_start_shows_the_window_of_the_first(program: Program) -> None:
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        second = program.command()
        assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
        refused = program.command("--demo")
        assert refused.returncode == 2
        assert "already running" in refused.stderr


def test_without_a_display_the_program_names_the_remedy(tmp_path: Path) -> None:
    refused = Program(tmp_path).command()
    assert refused.returncode == 2
    assert refused.stderr.startswith("There is no display")


@pytest.mark.parametrize("address", ["ftp://x/", "http://user:s3cret@", "http://host:port/"])
def test_a_wrong_address_is_refused_in_a_sentence(tmp_path: Path, address: str) -> None:
    refused = Program(tmp_path).command("--server", address)
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "s3cret" not in refused.stderr


def by_command(program: Program) -> None:
    assert program.command("quit").returncode == 0


def by_signal(program: Program) -> None:
    assert program.process
    program.process.send_signal(signal.SIGTERM)


def by_ctrl_c(program: Program) -> None:
    assert program.process
    program.process.send_signal(signal.SIGINT)


def by_closed_terminal(program: Program) -> None:
    assert program.process
    program.process.send_signal(signal.SIGHUP)


@contextmanager
def x_server() -> Iterator[dict[str, str]]:
    with virtual_display() as display:
        yield {"DISPLAY": display}


@contextmanager
def compositor() -> Iterator[dict[str, str]]:
    with sway() as session:
        yield {"WAYLAND_DISPLAY": str(session.socket), "QT_QPA_PLATFORM": "wayland"}


@pytest.mark.parametrize("display", [x_server, compositor])
def test_the_end_of_the_display_is_reported_in_one_sentence(
    tmp_path: Path,
    bus: PrivateBus,
    service: NotificationService,
    display: Callable[[], AbstractContextManager[dict[str, str]]],
) -> None:
    program = Program(tmp_path, bus=bus.address)
    try:
        with StandIn() as server, display() as environment:
            program.environment |= environment
            program.start("--server", server.url)
            server.send("Hello")
            service.wait_for(lambda: service.notices)
        assert program.process
        assert program.process.wait(PATIENCE) == 2
    finally:
        program.kill()
    last = program.log.splitlines()[-1]
    assert last.endswith("mailpit_notifier.main: The display server closed the connection. Mailpit Notifier exits.")
    assert program.log.count("display") == program.log.count("exits") == 1
    assert "connection broke" not in program.log
    assert "Traceback" not in program.log


@pytest.mark.parametrize(
    ("state", "how"),
    [
        *((state, by_signal) for state in ("idle", "connecting", "stuck", "gone", "flooded")),
        *((state, by_command) for state in ("idle", "flooded")),
        *((state, by_ctrl_c) for state in ("idle", "stuck")),
        ("idle", by_closed_terminal),
    ],
)
def test_it_ends_with_exit_code_0_from_every_state(
    program: Program, service: NotificationService, state: str, how: Callable[[Program], None]
) -> None:
    with StandIn() as server, socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/" if state in {"connecting", "stuck"} else server.url
        program.start("--hidden", "--server", url)
        if state == "stuck":
            accepted, _ = silent.accept()
            with accepted:
                assert accepted.recv(10)
                assert program.end(how) == 0
        elif state == "connecting":
            assert program.end(how) == 0
        else:
            program.wait_for_server(state="connected")
            if state == "gone":
                server.stop()
                program.wait_for_server(state="disconnected", fault="refused")
            if state == "flooded":
                server.burst(2_000)
                service.wait_for(lambda: service.named("Notify"))
            assert program.end(how) == 0
        assert "Traceback" not in program.log
