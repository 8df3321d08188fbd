"""`doctor` names each fault in a sentence, and never prints a password."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from test_discovery import Programs
from test_session import FAULTS, UNREADABLE, Mangling

from fronts import Modern
from hostile import Mailpit, Script, Visit, black_hole, hostile
from mailpit_notifier.cli import doctor
from mailpit_notifier.cli import standalone as alone
from mailpit_notifier.client.timing import Timing
from mailpit_notifier.control.command_server import ControlServer
from mailpit_notifier.control.instance import Answer
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.desktop.obstacles import Obstacle
from mailpit_notifier.protocol.faults import Fault
from notification_service import NotificationService, PrivateBus
from program import Program
from standin import StandIn

BRIEF = Timing(steady=0.05, tls_check=0.1)
"""Live updates are watched only for a moment."""


def lines(url: str, timing: Timing = BRIEF) -> list[tuple[bool, str]]:
    return list(doctor.examine(servers_from([url])[0], timing=timing))


def test_a_server_that_works_is_all_well() -> None:
    with StandIn(auth="ann:s3cret", webroot="mail") as server:
        found = lines(server.url_with_password)
        assert all(good for good, _ in found)
        assert "live updates work" in found[-1][1]
        assert "connecting directly (local address)" in found[1][1]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_the_last_sentence(name: str) -> None:
    script, fault = FAULTS[name]
    timing = Timing(call=0.2, probe=0.2, io=0.1, handshake_step=0.1) if fault is Fault.TIMEOUT else BRIEF
    with hostile(script) as server:
        found = lines(server.url("/", "ann:s3cret@"), timing)
        assert [good for good, _ in found].count(False) == 1
        good, sentence = found[-1]
        assert not good
        assert fault.sentence in sentence
        assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("status", "detail"), [(403, "status 403"), (404, "status 404"), (None, "did not open in time")], ids=str
)
def test_a_blocked_websocket_is_explained_with_proxy_settings(status: int | None, detail: str) -> None:
    def script(visit: Visit) -> None:
        if visit.request().path != "/api/events":
            visit.answer(200, b'{"messages": [], "total": 0, "unread": 0}')
        elif status is None:
            visit.hold()
        else:
            visit.answer(status)

    with hostile(script) as server:
        found = lines(server.url("/"), Timing(probe=0.2) if status is None else BRIEF)
    assert "Mailpit answers" in found[-2][1]
    assert found[-1][0] is False
    assert Fault.NO_UPGRADE.sentence in found[-1][1]
    assert detail in found[-1][1]


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_rest_answers_beside_live_updates_are_reported(name: str) -> None:
    with hostile(Mangling(Mailpit(), UNREADABLE[name])) as server:
        found = lines(server.url("/"))
    assert [good for good, _ in found].count(False) == 1
    assert found[-1][0] is False
    assert Fault.UNREADABLE.sentence in found[-1][1]


def test_no_server_listens() -> None:
    with black_hole() as port:
        pass
    found = lines(f"http://127.0.0.1:{port}/")
    assert found[-1] == (False, f"127.0.0.1:{port}: {Fault.REFUSED.sentence}")


def test_a_name_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert lines("http://nowhere.example.test/") == [(False, f"nowhere.example.test: {Fault.DNS.sentence}")]


def test_the_command_names_each_problem_and_exits_1(
    program: Program, service: NotificationService, tmp_path: Path
) -> None:
    with StandIn() as server:
        well = program.command("--server", server.url, "doctor", "--watch", "0")
        assert (well.returncode, well.stderr) == (0, ""), well.stdout
        assert "A notification service is available." in well.stdout
    ill = program.command("--server", server.url, "doctor", "--watch", "0")
    assert ill.returncode == 1
    assert "FAULT" in ill.stdout
    broken = tmp_path / "broken.toml"
    broken.write_text("[[server]]\n")
    refused = program.command("--config", str(broken), "doctor")
    assert refused.returncode == 2
    assert "url is missing" in refused.stderr


def test_notifications_that_the_user_does_not_see_are_a_fault(
    bus: PrivateBus, service: NotificationService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "XFCE")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (True, "A notification service is available.") in doctor.desktop(within=0.1)
    Programs(tmp_path).script("xfconf-query", "echo true")
    assert (False, Obstacle.DO_NOT_DISTURB.value) in doctor.desktop(within=0.1)
    service.do("hang")
    assert (False, Obstacle.SILENT.value) in doctor.desktop(within=0.1)
    service.do("hang", hanging=False)


def test_a_container_is_recognized(tmp_path: Path) -> None:
    with StandIn() as server:
        result = Program(tmp_path).command("--server", server.url, "doctor", "--watch", "0")
    assert result.returncode == 1
    assert "There is no display" in result.stdout
    assert "There is no session bus" in result.stdout


def test_a_disabled_server_is_named_and_not_tested(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[server]]\nname = "Shop"\nurl = "http://127.0.0.1:1/"\nenabled = false\ncolour = "red"\n')
    assert alone.main(["--config", str(config), "doctor"]) == 0
    output = capsys.readouterr()
    assert output.out == "ok     Shop: disabled (enabled = false), not tested.\n"
    assert 'unknown setting "colour" was ignored' in output.err
    for words in (["--server", "shop", "doctor"], ["doctor", "--server", "shop"]):
        assert alone.main(["--config", str(config), *words]) == 1
        assert Fault.REFUSED.sentence in capsys.readouterr().out


def test_a_reader_that_ends_first_is_no_error() -> None:
    """As in `doctor | head -1`."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "mailpit_notifier", "--server", "http://127.0.0.1:1/", "doctor"]
    ended = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (128 + signal.SIGPIPE, "")


# The report of the running application


@asynccontextmanager
async def application(path: Path, *servers: dict[str, object]) -> AsyncIterator[None]:
    """Answer `status` as a running application would."""

    async def status(*_: object) -> Answer:
        return Answer(data={"paused_until": None, "servers": list(servers)})

    server = ControlServer(path, status)
    await server.start()
    try:
        yield
    finally:
        await server.stop()


def said_of(url: str, **more: object) -> dict[str, object]:
    connected = {"name": "shop", "url": url, "state": "connected", "fault": None, "problem": None, "total": 3}
    return connected | more


async def examined(*options: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-m", "mailpit_notifier", "doctor", "--watch", "0", *options]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return await process.wait(), [
        line for line in output.decode().splitlines() if "127.0.0.1" in line or "local" in line
    ]


async def test_without_a_server_those_of_the_running_application_are_tested(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "mailpit-notifier").mkdir(mode=0o700)
    with hostile(Modern()) as server, hostile(refusing(401)) as locked, hostile(refusing(404)) as routed:
        cut = said_of(server.url("/b/"), state="polling", fault="cut_early", problem="live updates are cut off.")
        servers = [
            said_of(server.url()),
            cut,
            said_of(locked.url()),  # --server had the password, which doctor does not know
            said_of(routed.url(), state="disconnected", fault="stopped", problem="it is stopped."),
        ]
        async with application(tmp_path / "mailpit-notifier" / "control", *servers):
            _, lines = await examined()
    label, other, third = (f"127.0.0.1:{one.port}" for one in (server, locked, routed))
    assert [line for line in lines if "resolves" not in line and "directly" not in line] == [
        f"ok     {label}: the running application says: connected",
        f"ok     {label}: Mailpit answers (0 messages, 0 unread).",
        f"ok     {label}: live updates work.",
        f"FAULT  {label}/b: the running application says: polling, live updates are cut off.",
        f"ok     {label}/b: Mailpit answers (0 messages, 0 unread).",
        f"ok     {label}/b: live updates work.",
        f"ok     {other}: the running application says: connected",
        f"FAULT  {third}: the running application says: disconnected, it is stopped.",
        f"FAULT  {third}: it is stopped. (status 404)",
    ]


def refusing(status: int) -> Script:
    def script(visit: Visit) -> None:
        while True:
            visit.request()
            visit.answer(status)

    return script
