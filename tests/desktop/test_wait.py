"""`wait`: a test suite gets its own message beside any others and during faults of the server."""

import contextlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import smtp
from campaign.proxy import FaultProxy, Mode
from hostile import Visit, hostile
from platforms import IS_WINDOWS, needs_signals
from program import wait_until
from standin import RealMailpit, Server, StandIn, real
from waiting import Outcome, Waiter, wait

BOTH = [pytest.param(StandIn, id="standin"), pytest.param(RealMailpit, id="mailpit", marks=real)]
MIXED = {"to": "Ann <ann@example.test>, bob@example.test", "sender": "Acme <no-reply@acme.test>"}


@pytest.fixture(scope="module", params=BOTH)
def shared(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param(limit=0) as found:
        yield found


@pytest.fixture
def server(shared: Server) -> Server:
    """A server without messages."""
    shared.clear()
    return shared


@pytest.fixture
def proxy(server: Server) -> Iterator[FaultProxy]:
    """A proxy in front of it that causes faults."""
    found = FaultProxy(server.http_port)
    yield found
    found.close()


def code_mail(code: str, to: str = "ann@example.test") -> bytes:
    return smtp.compose("Your Acme code", to, text=f"Your code is {code}.\n")


def sending(server: Server, folder: Path, *sources: bytes, then: str = "") -> list[str]:
    """A command that sends messages and then runs this code."""
    script = folder / "send.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(smtp.__file__).parent)!r}); import smtp\n"
        f"for source in {sources!r}:\n    smtp.send({server.smtp_port}, source, ['ann@example.test'])\n{then}\n"
    )
    return [sys.executable, str(script)]


def python(code: str, *arguments: str) -> list[str]:
    """A command that does this."""
    return [sys.executable, "-c", code, *arguments]


def test_eight_parallel_runs_each_find_their_message_in_a_burst(server: Server) -> None:
    codes = {f"user{number}@example.test": f"{random.randrange(10**6):06}" for number in range(8)}
    sources = [code_mail(code, to) for to, code in codes.items()]
    sources += [code_mail(f"{number:06}", f"other{number}@example.test") for number in range(192)]
    random.shuffle(sources)
    with contextlib.ExitStack() as stack:
        waiters = {to: stack.enter_context(Waiter(server.url, "--to", to, "--print", "code")) for to in codes}
        for waiter in waiters.values():
            waiter.listens()
        smtp.send_many(server.smtp_port, sources)
        answers = {to: waiter.outcome() for to, waiter in waiters.items()}
    assert answers == {to: Outcome(code=0, answer=f"{code}\n", stderr="") for to, code in codes.items()}
    assert not any(row["Read"] for row in server.rows())


@pytest.mark.parametrize("minutes", [0, 5, -5])
def test_a_message_that_arrived_just_before_is_found_for_any_clock_of_the_server(
    server: Server, proxy: FaultProxy, minutes: int
) -> None:
    proxy.skew = timedelta(minutes=minutes)
    sent = time.monotonic()
    message_id = server.send("Just now", "ann@example.test")
    wait_until(lambda: time.monotonic() - sent > 1, "a second")
    since = ["--since", "1m"] if IS_WINDOWS else []  # under wine, a program may need ten seconds to start
    assert wait(proxy.url, "--to", "ANN@*", *since).answer == f"{message_id}\n"
    assert wait(proxy.url, "--since", "0", "--timeout", "1").code == 1


@pytest.mark.parametrize("minutes", [0, 5, -5])
def test_an_older_message_is_found_only_with_since(minutes: int) -> None:
    with StandIn() as server:
        old = server.send("An hour ago")
        server.stop()
        rows = [json.loads(line) for line in server.database.read_text().splitlines()]
        server.database.write_text(
            "".join(json.dumps({**row, "created": row["created"] - 3600 * 10**9}) for row in rows)
        )
        server.start()
        proxy = FaultProxy(server.http_port)
        proxy.skew = timedelta(minutes=minutes)
        none = wait(proxy.url, "--timeout", "1")
        found = [wait(proxy.url, "--since", since).answer for since in ("all", "61m")]
        proxy.close()
    assert (none.code, none.answer, found) == (1, "", [f"{old}\n"] * 2)


def test_with_a_command_only_later_messages_count(server: Server, tmp_path: Path) -> None:
    server.send_source(code_mail("111111"))
    command = sending(server, tmp_path, code_mail("222222"), code_mail("333333"), then="print('from the command')")
    outcome = wait(server.url, "--print", "code", command=command)
    assert outcome == Outcome(code=0, answer="333333\n", stderr="from the command\n")


def test_a_command_that_fails_decides(server: Server, tmp_path: Path) -> None:
    command = sending(server, tmp_path, code_mail("222222"), then="sys.exit(7)")
    assert wait(server.url, command=command) == Outcome(code=4, answer="", stderr="The command failed with status 7.\n")
    missing = wait(server.url, command=["./no-such-command"])
    assert (missing.code, missing.stderr.partition(": ")[0]) == (2, "Cannot start ./no-such-command")


@pytest.mark.parametrize(
    "how",
    [
        "timeout",
        *(pytest.param(name, marks=needs_signals) for name in ("SIGINT", "SIGTERM", "SIGHUP")),
    ],
)
def test_a_command_that_never_ends_is_ended_with_all_that_it_started(server: Server, tmp_path: Path, how: str) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, pathlib, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)'])\n"
        "part = pathlib.Path(sys.argv[1] + '.part')\n"
        "part.write_text(f'{os.getpid()} {child.pid}')\n"
        "part.rename(sys.argv[1])\n"
        "child.wait()\n"
    )
    command = python(code, str(pids))
    first = "30" if IS_WINDOWS else "3"  # under wine, the command itself may need ten seconds to start
    timeout = first if how == "timeout" else "60"
    with Waiter(server.url, "--timeout", timeout, command=command) as waiter:
        waiter.listens()
        wait_until(pids.exists, "a running command")
        number = signal.Signals[how] if how != "timeout" else 0
        if number:
            waiter.process.send_signal(number)
        outcome = waiter.outcome()
    assert (outcome.code, outcome.answer) == (128 + number if number else 1, "")
    assert "Traceback" not in outcome.stderr
    assert (f"The command did not end within {timeout} s." in outcome.stderr) is (how == "timeout")
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: is_gone(int(pid)), "the end of the command")


def is_gone(pid: int) -> bool:
    if IS_WINDOWS:
        listed = subprocess.run(
            ["tasklist", "/fi", f"PID eq {pid}"], capture_output=True, text=True, check=False
        ).stdout
        return str(pid) not in listed.split()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


MISSED = {
    ("--to", "ann@"): "different recipient (--to)",
    ("--from", "*@example.test"): "different sender (--from)",
    ("--subject", "Bye", "--to", "c*"): "different recipient (--to), different subject (--subject)",
    ("--text", "/pass.?word/"): "different text (--text)",
    (
        "--print",
        "link",
        "--text",
        "nothing here",
        "--to",
        "dan@*",
    ): "contains no recognizable link (choose one with --link)",
}


def test_a_timeout_lists_the_messages_and_why_none_matched(server: Server) -> None:
    server.send_source(
        smtp.compose("\u202eHello\x1b[2J  there", **MIXED, Cc="dan@example.test", text="Nothing\nhere.\n")
    )
    with contextlib.ExitStack() as stack:
        waiters = [
            stack.enter_context(Waiter(server.url, "--since", "1m", "--timeout", "2", *options)) for options in MISSED
        ]
        outcomes = [waiter.outcome() for waiter in waiters]
    for outcome, missed in zip(outcomes, MISSED.values(), strict=True):
        assert (outcome.code, outcome.answer) == (1, "")
        first, second = outcome.stderr.splitlines()
        assert first == "No matching message within 2 s. Received:"
        assert re.fullmatch(r"  Hello\S* there, to ann@example.test, bob@example.test, dan@example.test: (.+)", second)
        assert second.endswith(f": {missed}")
        assert outcome.stderr.replace("\n", "").isprintable()


def test_each_kind_of_answer_is_printed(server: Server) -> None:
    source = smtp.compose(
        "Your Acme code",
        **MIXED,
        Cc="cid@example.test",
        text="Your code is 482913.\n",
        html='<p>Your code is <b>482913</b></p><p><a href="http://localhost:3000/verify?t=k3J">Verify your e-mail</a>',
        attachments=[("a.bin", b"1")],
    )
    message_id = server.send_source(source, ["ann@example.test", "bob@example.test", "hidden@example.test"])
    server.send("A later one", "bob@example.test", text="Nothing to be found.\n")
    of_any_age = ("--since", "all")  # a slow machine takes longer than the ten seconds that `wait` includes
    answers = {
        kind: wait(server.url, *of_any_age, "--to", to, "--print", kind).answer
        for to, kinds in {"hidden@*": ("id", "url", "raw"), "bob*": ("code", "link")}.items()
        for kind in kinds
    }
    assert answers.pop("raw").replace("\r\n", "\n").endswith(source.decode().replace("\r\n", "\n")[-40:])
    assert answers == {
        "id": f"{message_id}\n",
        "url": f"{server.url}view/{message_id}\n",
        "code": "482913\n",
        "link": "http://localhost:3000/verify?t=k3J\n",
    }
    assert wait(server.url, *of_any_age, "--subject", "code", "--print", "text").answer == "Your code is 482913.\n"
    both = wait(server.url, *of_any_age, "--print", "json", "--count", "2").answer
    first, second = (json.loads(line) for line in both.splitlines())
    keys = (
        "id server url created from to cc bcc subject snippet tags attachments size code link text html links headers"
    )
    assert " ".join(first) == keys
    assert (first["text"], first["links"]) == ("Your code is 482913.\n", ["http://localhost:3000/verify?t=k3J"])
    assert (first["headers"]["Subject"], "<b>482913</b>" in first["html"]) == (["Your Acme code"], True)
    assert (first["from"], first["attachments"]) == ({"name": "Acme", "address": "no-reply@acme.test"}, 1)
    assert [person["address"] for key in ("to", "cc", "bcc") for person in first[key]] == [
        f"{name}@example.test" for name in ("ann", "bob", "cid", "hidden")
    ]
    assert (second["subject"], second["code"], second["link"]) == ("A later one", None, None)
    assert not any(row["Read"] for row in server.rows())


def test_html_headers_and_attachments_are_printed(server: Server) -> None:
    files = [("../../x", b"abc"), ("März.pdf", b"%PDF" * 1000)]
    html = "<p>Grüße\x07<b>x</b></p>"
    source = smtp.compose("Grüße", text="Text.\n", html=html, attachments=files, X_Thing="a" * 90 + " ü")
    server.send_source(source)
    html, headers, listed = (
        wait(server.url, "--since", "all", "--print", kind).answer for kind in ("html", "headers", "attachments")
    )
    assert html == "<p>Grüße<b>x</b></p>\n"
    assert {"Subject: Grüße", "To: ann@example.test", f"X-Thing: {'a' * 90} ü"} <= set(headers.splitlines())
    assert json.loads(listed) == [
        {"name": name, "type": "application/octet-stream", "size": len(content)} for name, content in files
    ]


def test_attachments_are_saved_by_parallel_runs_into_one_folder(server: Server, tmp_path: Path) -> None:
    files = {"../../x": b"abc", "CON": b"%PDF" * 100_000, "a" * 400: b"1"}
    source = smtp.compose("Files", attachments=list(files.items()))
    server.send_source(source)
    folder = tmp_path / "new" / "files"
    waiters = [Waiter(server.url, "--since", "all", "--save", str(folder)) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        outcomes = [stack.enter_context(waiter).outcome() for waiter in waiters]
    assert [outcome.code for outcome in outcomes] == [0] * 3
    saved = [one for outcome in outcomes for one in json.loads(outcome.answer)]
    paths = {Path(one["path"]) for one in saved}
    assert (len(paths), paths) == (9, set(folder.iterdir()))
    assert {path.read_bytes() for path in paths} == set(files.values())
    refused = wait(server.url, "--since", "all", "--save", str(next(iter(paths))))
    assert (refused.code, refused.stderr[:22]) == (2, "Cannot make the folder")


def test_patterns_choose_the_link_and_the_code(server: Server) -> None:
    html = '<a href="https://acme.test/a?t=1">A</a> <a href="https://acme.test/b?t=2">B</a>'
    server.send_source(smtp.compose("Order 111222", text="Order 111222, code 333444.\n", html=html))
    of_any_age = ("--since", "all")
    assert wait(server.url, *of_any_age, "--link", "*/b?t=*").answer == "https://acme.test/b?t=2\n"
    both = wait(server.url, *of_any_age, "--link", "/a/", "--code", "/^333/", "--print", "json").answer
    assert [json.loads(both)[key] for key in ("link", "code")] == ["https://acme.test/a?t=1", "333444"]


def test_exactly_fails_if_more_arrive_within_the_settling_time(server: Server) -> None:
    one = server.send("One")
    with (
        Waiter(server.url, "--since", "0", "--exactly", "1") as crowded,
        Waiter(server.url, "--since", "all", "--exactly", "1", "--timeout", "1") as alone,
    ):
        crowded.listens()
        assert alone.outcome() == Outcome(code=0, answer=f"{one}\n", stderr="")
        smtp.send_many(server.smtp_port, [code_mail("1111"), code_mail("2222")])
        reason = "More than 1 message matched:\n" + "  Your Acme code, to ann@example.test\n" * 2
        assert crowded.outcome() == Outcome(code=1, answer="", stderr=reason)


def test_none_succeeds_only_without_a_matching_message(server: Server) -> None:
    server.send("For Ann", "ann@example.test")
    assert wait(server.url, "--none", "--to", "bob@*", "--timeout", "1") == Outcome(code=0, answer="", stderr="")
    with Waiter(server.url, "--none", "--to", "bob@*") as waiter:
        waiter.listens()
        message_id = server.send("For Bob", "bob@example.test")
        outcome = waiter.outcome()
    assert (outcome.code, outcome.answer) == (1, f"{message_id}\n")
    assert outcome.stderr == "A message matched: For Bob, to bob@example.test\n"


SLOW = "a" * 60 + "!"
"""A text on which /^(a|a)+$/ never ends."""


def test_a_regular_expression_that_takes_too_long_is_reported_at_the_timeout(server: Server) -> None:
    server.send(SLOW, "ann@example.test", text=f"{SLOW}\n")
    with contextlib.ExitStack() as stack:
        choices = (("--subject",), ("--text",), ("--none", "--subject"))
        timeout = "20s" if IS_WINDOWS else "3s"  # by then, the list must have been read, also on a busy machine
        waiters = [
            Waiter(server.url, "--since", "1m", "--timeout", timeout, *choice, "/^(a|a)+$/") for choice in choices
        ]
        subject, text, none = [stack.enter_context(waiter).outcome() for waiter in waiters]
    for outcome, option in ((subject, "--subject"), (text, "--text")):
        assert (outcome.code, outcome.answer) == (1, "")
        first, second = outcome.stderr.splitlines()
        assert first == f"No matching message within {timeout.removesuffix('s')} s. Received:"
        assert second.endswith(f": {option} takes too long")
    assert none == Outcome(
        code=2, answer="", stderr="Whether a message matched is unknown: --subject takes too long.\n"
    )


def test_a_message_that_takes_too_long_does_not_hide_the_one_that_matches(server: Server) -> None:
    server.send(SLOW, "ann@example.test")
    good = server.send("aaa", "ann@example.test")
    answer = wait(server.url, "--since", "1m", "--subject", "/^(a|a)+$/", "--timeout", "20s").answer
    assert answer == f"{good}\n"


def test_none_fails_if_the_command_was_cut_off(server: Server) -> None:
    seconds = "20" if IS_WINDOWS else "1"  # under wine, a command may need ten seconds to start
    cut_off = wait(server.url, "--none", "--timeout", seconds, command=python("import time; time.sleep(1000)"))
    assert cut_off == Outcome(code=1, answer="", stderr=f"The command did not end within {seconds} s.\n")
    assert wait(server.url, "--none", "--timeout", seconds, command=python("")) == Outcome(code=0, answer="", stderr="")


def test_it_waits_until_there_are_enough(server: Server) -> None:
    ids = [server.send("One")]
    with Waiter(server.url, "--count", "3") as waiter:
        waiter.listens()
        ids += [server.send("Two"), server.send("Three")]
        assert waiter.outcome().answer.split() == ids


def test_a_server_that_is_not_there_yet_is_waited_for(server: Server, proxy: FaultProxy) -> None:
    proxy.set(Mode.REFUSED)
    never = wait(proxy.url, "--timeout", "0.5")
    assert (never.code, never.answer) == (3, "")
    assert never.stderr.endswith(": nothing is listening there. Start Mailpit or check the port.\n")
    assert wait(proxy.url, "--timeout", "0.5", "--none").code == 3
    with Waiter(proxy.url) as waiter:
        proxy.set(Mode.PASS)
        waiter.listens()
        message_id = server.send("At last")
        assert waiter.outcome().answer == f"{message_id}\n"


def test_messages_received_while_the_server_was_unreachable_are_found(server: Server, proxy: FaultProxy) -> None:
    with Waiter(proxy.url, "--since", "0", "--to", "ann@*") as waiter:
        waiter.listens()
        proxy.set(Mode.REFUSED)
        message_id = server.send("Meanwhile")
        proxy.set(Mode.PASS)
        assert waiter.outcome().answer == f"{message_id}\n"


@pytest.mark.parametrize("mode", [Mode.NO_UPGRADE, Mode.SLOW])
def test_it_works_through_a_proxy_without_websockets_and_a_slow_one(
    server: Server, proxy: FaultProxy, tmp_path: Path, mode: Mode
) -> None:
    proxy.set(mode)
    outcome = wait(proxy.url, "--print", "code", command=sending(server, tmp_path, code_mail("482913")))
    assert (outcome.code, outcome.answer) == (0, "482913\n")


def test_several_servers_are_reached_by_address_name_and_password(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Path(os.environ["XDG_CONFIG_HOME"]) / "mailpit-notifier" / "config.toml"
    config.parent.mkdir(parents=True)
    monkeypatch.setenv("SHOP", "s3cret")
    with StandIn(auth="ann:s3cret", webroot="mail") as locked:
        config.write_text(
            f'[[server]]\nname = "Shop"\nurl = "{locked.url}"\nuser = "ann"\npassword_env = "SHOP"\n'
            f'[[server]]\nname = "Blog"\nurl = "{server.url}"\n'
            '[[server]]\nname = "off"\nenabled = false\nurl = "http://127.0.0.1:1"\n'
        )
        for names in (["--server", "shop", "--server", server.url], []):
            with Waiter("", *names, "--print", "json", "--since", "0") as waiter:
                waiter.listens()
                locked.send("To the shop")
                found = json.loads(waiter.outcome().answer)
                assert (found["server"], found["subject"]) == ("Shop", "To the shop")
        wrong = wait(locked.url.replace("//", "//ann:wr0ng@"), "--timeout", "2")
        assert (wrong.code, "wr0ng" in wrong.stderr) == (3, False)
        assert "user name and password" in wrong.stderr
    unknown = wait("", "--server", "shoop")
    assert unknown.code == 2
    assert 'No server named "shoop"' in unknown.stderr


def test_a_server_that_hangs_does_not_delay_the_others(server: Server, tmp_path: Path) -> None:
    with hostile(Visit.hold) as silent:
        command = sending(server, tmp_path, code_mail("482913"))
        options = ("--server", silent.url("/"), "--server", server.url, "--print", "code")
        assert wait("", *options, command=command).answer == "482913\n"
        alone = wait(silent.url("/"), "--timeout", "0.5")
    assert (alone.code, "it does not answer" in alone.stderr) == (3, True)


@pytest.mark.parametrize(
    "options",
    [
        ("--timeout", "soon"), ("--timeout", "0"), ("--since", "-1"), ("--count", "0"), ("--none", "--count", "2"),
        ("--print", "body"), ("--to", ""), ("--subject", "/(/"), ("--server", "ftp://x"), ("--server", "http://"),
        ("--text", "/(a{1000}){1000}/"), ("--link", "confirm"), ("--code", "/(/"), ("--link", "*", "--code", "*"),
        ("--exactly", "0"), ("--exactly", "1", "--none"), ("--save", "/proc/no/x"), ("--save", "x", "--print", "code"),
        ("--save", "x", "--none"),
    ],
)  # fmt: skip
def test_wrong_usage_exits_with_2(options: tuple[str, ...]) -> None:
    outcome = wait("http://127.0.0.1:1/", *options)
    assert (outcome.code, outcome.answer) == (2, "")
    assert outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_it_needs_no_qt(server: Server) -> None:
    code = (
        "import sys; sys.modules['PySide6'] = None; sys.argv[1:] = ['wait', '--none', '--timeout', '1']\n"
        "from mailpit_notifier.main import main; sys.exit(main())"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "MAILPIT_URL": server.url}, check=True)
