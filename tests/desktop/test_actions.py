"""Effects of notifications, rules, pauses and commands on messages, the desktop, the server and the browser."""

import json
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from test_announcing import buttons, clipboard, notice_of

from notification_service import NotificationService
from program import Program, running, wait_until
from standin import RealMailpit, Server, StandIn, real


@pytest.fixture(params=[StandIn, pytest.param(RealMailpit, marks=real)])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as server:
        yield server


def configured(program: Program, server: Server, text: str) -> Path:
    """A configuration with this server, which is called shop."""
    path = program.folder / "config.toml"
    path.write_text(f'{text}\n[[server]]\nurl = "{server.url}"\nname = "shop"\n', "utf-8")
    return path


def closed(service: NotificationService) -> list[int]:
    return [event["id"] for event in service.named("CloseNotification")]


def titles(service: NotificationService) -> list[str]:
    return [notice["summary"] for notice in service.notices]


DELETE = '[notifications]\nbuttons = ["delete"]'


def test_a_delete_waits_for_its_undo(program: Program, service: NotificationService, server: Server) -> None:
    with running(program, "--hidden", "--config", str(configured(program, server, DELETE))):
        program.wait_for_server(state="connected", total=0)
        kept = server.send("Your Acme code")
        first = notice_of(service, "Your Acme code", "delete")
        service.do("invoke", id=first["id"], action="delete")
        undo = notice_of(service, "Deleted: Your Acme code", "undo")
        assert program.command("open").stderr == "There are no messages.\n"  # its deletion can still be undone
        assert [row["ID"] for row in server.rows()] == [kept]
        service.do("invoke", id=undo["id"], action="undo")
        wait_until(lambda: program.command("open").stdout == 'Opened "Your Acme code"\n', "the restored message")

        service.do("invoke", id=notice_of(service, "Deleted: Your Acme code")["id"], action="default")
        gone = server.send("Goodbye")
        service.do("invoke", id=notice_of(service, "Goodbye")["id"], action="delete")
        notice = notice_of(service, "Deleted: Goodbye")
        wait_until(lambda: [row["ID"] for row in server.rows()] == [kept], f"the server to delete {gone}")
        service.wait_for(lambda: notice["id"] in closed(service))  # nothing is left to be undone


def test_quitting_before_the_time_is_over_deletes_nothing(
    program: Program, service: NotificationService, server: Server
) -> None:
    with running(program, "--hidden", "--config", str(configured(program, server, DELETE))):
        program.wait_for_server(state="connected", total=0)
        server.send("Your Acme code")
        service.do("invoke", id=notice_of(service, "Your Acme code", "delete")["id"], action="delete")
        notice_of(service, "Deleted: Your Acme code")
    assert len(server.rows()) == 1


def test_the_notification_of_a_read_or_deleted_message_is_withdrawn(
    program: Program, service: NotificationService, server: Server
) -> None:
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        ids = {name: server.send(name) for name in ("read", "deleted")}
        shown = {name: notice_of(service, name)["id"] for name in ids}
        server.rest("PUT", "api/v1/messages", {"IDs": [ids["read"]], "Read": True})
        service.wait_for(lambda: closed(service) == [shown["read"]])
        server.rest("DELETE", "api/v1/messages", {"IDs": [ids["deleted"]]})
        service.wait_for(lambda: closed(service) == [shown["read"], shown["deleted"]])
        server.send("truncated")
        last = notice_of(service, "truncated")["id"]
        server.clear()
        service.wait_for(lambda: last in closed(service))


def test_the_notification_of_a_pruned_message_is_withdrawn(
    program: Program, service: NotificationService, server: Server
) -> None:
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("first")
        shown = notice_of(service, "first")["id"]
        server.burst(250)
        program.wait_for_server(total=251)
        server.send("Kept", to="bob@example.test")
        program.wait_for_server(total=252)
        server.rest("DELETE", "api/v1/search?query=to%3Aann")  # more than 200 at once are reported by one `prune`
        service.wait_for(lambda: shown in closed(service))
        program.wait_for_server(total=1)


def test_a_click_opens_the_right_one_of_fifty_messages(program: Program, service: NotificationService) -> None:
    program.by = sys.executable, str(Path(__file__).parents[1] / "bench/unlimited.py")
    with StandIn() as server:
        program.launch("--hidden", "--server", server.url)
        try:
            wait_until(lambda: program.status() is not None, "answering commands")
            program.wait_for_server(state="connected", total=0)
            ids = {f"Mail {number}": server.send(f"Mail {number}") for number in range(50)}
            service.wait_for(lambda: set(ids) <= set(titles(service)), 30)
            notices = [notice for notice in service.notices if notice["summary"] in ids]
            random.shuffle(notices)
            for notice in notices:
                service.do("invoke", id=notice["id"])
            wanted = {f"{server.url}view/{message_id}" for message_id in ids.values()}
            wait_until(lambda: {page for page, _ in program.opened()} == wanted, "fifty opened pages", 30)
            assert len(program.opened()) == 50
        finally:
            program.end()


def test_a_pause_ends_in_one_summary_and_outlives_a_restart(program: Program, service: NotificationService) -> None:
    with StandIn() as server:
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=0)
            server.burst(5)
            summary = notice_of(service, "2 new messages", "pause")
            assert buttons(summary)["pause"] == "Pause 1 hour"
            service.do("invoke", id=summary["id"], action="pause")
            wait_until(lambda: (program.status() or {}).get("paused_until"), "the pause")
            server.burst(3)
            program.wait_for_server(total=8)
        with running(program, "--hidden", "--server", server.url):
            program.wait_for_server(state="connected", total=8)
            server.burst(2)
            program.wait_for_server(total=10)
            assert "paused until" in program.command("status").stdout
            before = len(service.notices)
            assert program.command("resume").stdout == "Notifications are on again.\n"
            service.wait_for(lambda: titles(service)[before:] == ["5 messages while paused"])
            server.send("Live again")
            notice_of(service, "Live again")


def test_pause_runs_a_command_and_exits_with_its_status(program: Program, service: NotificationService) -> None:
    def paused() -> str | None:
        status = program.status()
        return status["paused_until"] if status else None

    marker = program.folder / "go on"
    waiting = f"import os, sys, time\nwhile not os.path.exists({str(marker)!r}): time.sleep(0.01)\nsys.exit(7)"
    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        command = [sys.executable, "-m", "mailpit_notifier", "pause", "--", sys.executable, "-c", waiting]
        with subprocess.Popen(command, env=program.environment) as process:
            wait_until(paused, "the pause")
            server.send("Of a test")
            program.wait_for_server(total=1)
            marker.touch()
            assert process.wait() == 7
        assert paused() is None
        notice_of(service, "Of a test")  # a message shows more than a summary of one
        assert program.command("pause", "--", "/no/such/program").returncode == 127
        assert paused() is None
        assert program.command("pause", "forever").stdout == "Notifications are paused until you resume.\n"
        assert program.command("pause", "--", "true").returncode == 0
        assert paused()  # a pause of the user stays
    assert program.command("pause", "--", sys.executable, "-c", "exit(3)").returncode == 3
    answer = program.command("resume")
    assert (answer.returncode, answer.stderr) == (0, "Mailpit Notifier is not running.\n")


def test_smtp_errors_are_shown_until_they_are_switched_off(
    program: Program, service: NotificationService, server: Server
) -> None:
    def refuse() -> None:
        with (
            socket.create_connection(("127.0.0.1", server.smtp_port)) as connection,
            connection.makefile("rwb") as lines,
        ):
            lines.readline()
            for line in (b"HELO localhost", b"MAIL FROM:<nobody>"):
                lines.write(line + b"\r\n")
                lines.flush()
                reply = lines.readline()
            assert reply.startswith(b"553"), reply

    path = configured(program, server, "# mine")
    with running(program, "--hidden", "--config", str(path)):
        program.wait_for_server(state="connected", total=0)
        refuse()
        notice = notice_of(service, "Mailpit rejected a message", "hide-errors")
        assert notice["body"] == "553 5.1.3 The address is not a valid RFC 5321 address (from 127.0.0.1)"
        service.do("invoke", id=notice["id"], action="hide-errors")
        wait_until(lambda: "smtp_errors = false" in path.read_text("utf-8"), "the written setting")
        assert path.read_text("utf-8").startswith("# mine\n")
        refuse()
        server.send("Afterwards")
        notice_of(service, "Afterwards")
        assert [title for title in titles(service) if title != "Afterwards"] == ["Mailpit rejected a message"]


RULES = """
[[rule]]
name = "CI"
outcome = "silent"
to = "ci+*@example.test"
[[rule]]
outcome = "hide"
subject = "/^noise/"
[[rule]]
outcome = "open"
subject = "preview"
[[rule]]
name = "deploy"
outcome = "run"
subject = "deploy"
command = {command}
"""


def test_rules_decide_what_happens_with_a_message(
    program: Program, service: NotificationService, server: Server
) -> None:
    record = program.folder / "record.json"
    script = f"import sys\nopen({str(record)!r}, 'w').write(sys.stdin.read())\nsys.exit('no room')"
    rules = RULES.format(command=json.dumps([sys.executable, "-c", script]))
    with running(program, "--hidden", "--config", str(configured(program, server, rules))):
        program.wait_for_server(state="connected", total=0)
        server.send("Nightly", to="ci+7@example.test")
        server.send("noise from cron")
        preview = server.send("Your preview")
        deployed = server.send("deploy 482913", text="Your login code is 482913.\n")
        server.send("Announced")
        notice_of(service, "Announced")
        wait_until(lambda: [page for page, _ in program.opened()] == [f"{server.url}view/{preview}"], "the preview")
        failed = notice_of(service, 'The command of rule "deploy" failed')
        assert failed["body"].endswith("exited with status 1. no room")
        message = json.loads(record.read_text("utf-8"))
        assert (message["id"], message["server"], message["code"]) == (deployed, "shop", "482913")
        assert message["url"] == f"{server.url}view/{deployed}"
        assert sorted(titles(service)) == ["Announced", 'The command of rule "deploy" failed']
        server.rest("DELETE", "api/v1/messages", {"IDs": [server.rows()[0]["ID"]]})
        wait_until(
            lambda: program.command("open").stdout == 'Opened "deploy 482913"\n',
            "the newest message that is not hidden",
        )


def test_commands_open_and_copy_from_the_newest_message(program: Program, server: Server) -> None:
    link = "http://localhost:3000/confirm?token=a1B2c3D4e5F6g7H8"
    with running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        answer = program.command("copy")
        assert (answer.returncode, answer.stderr) == (1, "There are no messages.\n")
        server.send("Your Acme code", text="Hello.\n\n" + "Words. " * 60 + "\n\nYour sign-in code is 482913.\n")
        program.wait_for_server(total=1)
        assert program.command("copy").stdout == 'Copied 482913 from "Your Acme code"\n'
        assert clipboard(program) == "482913"
        answer = program.command("link")
        assert (answer.returncode, answer.stderr) == (1, '"Your Acme code" has no link.\n')
        server.send("Confirm your address", html=f'<p><a href="{link}">Confirm my address</a></p>')
        program.wait_for_server(total=2)
        assert program.command("link").stdout == f'Opened {link} from "Confirm your address"\n'
        wait_until(lambda: [page for page, _ in program.opened()] == [link], "the opened link")
        server.send("Report", text="Nothing to see here. " * 60)
        program.wait_for_server(total=3)
        copied = 'Copied 482913 from "Your Acme code", less than a minute old'
        assert program.command("copy").stdout == f'"Report" has no code. {copied}\n'
        server.stop()
        answer = program.command("copy")
        assert (answer.returncode, answer.stdout) == (1, "")
        assert '"Report" has no code' not in answer.stderr


@pytest.mark.parametrize(("minutes", "age"), [(9, "9 minutes"), (11, "11 minutes"), (200, "3 hours")])
def test_the_code_of_an_older_message_is_copied_while_it_may_be_valid(program: Program, minutes: int, age: str) -> None:
    sent = datetime.now(UTC) - timedelta(minutes=minutes, seconds=10)
    with StandIn(use_message_dates=True) as server, running(program, "--hidden", "--server", server.url):
        program.wait_for_server(state="connected", total=0)
        server.send("Your Acme code", text="Your sign-in code is 482913.\n", Date=format_datetime(sent))
        server.send("Report", text="Nothing to see here.\n")
        program.wait_for_server(total=2)
        answer = program.command("copy")
        if minutes < 10:
            text = f'"Report" has no code. Copied 482913 from "Your Acme code", {age} old\n'
            assert (answer.returncode, answer.stdout) == (0, text)
        else:
            text = f'"Report" has no code. The newest message with a code is "Your Acme code", {age} old.\n'
            assert (answer.returncode, answer.stderr) == (1, text)
