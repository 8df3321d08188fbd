"""Commands of rules: only the program itself is waited for, not its children; one that hangs is stopped with them."""

import asyncio
import os
import shlex
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailpit_notifier.client.session import Session
from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.notify.notice import Notice
from mailpit_notifier.protocol.model import Message
from mailpit_notifier.runtime import processes
from mailpit_notifier.servers.rule_commands import Limits, RuleCommands, run_command
from mailpit_notifier.servers.source_finder import SourceFinder
from program import wait_until

SECONDS = 30.0

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are a shell's")


def is_gone(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def shell(script: str) -> tuple[str, ...]:
    return "sh", "-c", script


def test_a_command_gets_the_message_and_its_errors_are_shown(tmp_path: Path) -> None:
    message = b"x" * 200_000
    assert run_command(shell(f"cat > {shlex.quote(str(tmp_path / 'got'))}"), message, SECONDS) == ""
    assert (tmp_path / "got").read_bytes() == message
    assert run_command(("true",), message, SECONDS) == ""
    assert run_command(shell("echo no luck >&2; exit 3"), message, SECONDS) == "sh exited with status 3. no luck"
    assert run_command(shell("echo no luck >&2; exit 3"), message, SECONDS, hides=True) == "sh exited with status 3."
    assert run_command(("./none",), message, SECONDS) == "Cannot run ./none: No such file or directory."


def test_background_processes_of_a_command_are_not_waited_for(tmp_path: Path) -> None:
    left = tmp_path / "left"
    assert run_command(shell(f"sleep 1000 & echo $! > {shlex.quote(str(left))}"), b"{}", SECONDS) == ""
    pid = left.read_text().strip()
    assert not is_gone(pid)
    os.kill(int(pid), 9)


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    problem = run_command(shell(f"sleep 1000 & echo $$ $! > {shlex.quote(str(pids))}; wait"), b"{}", 0.2)
    assert problem == "sh was stopped after 0 seconds."
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: is_gone(pid), "the end of the command")


def test_endless_output_of_a_command_is_dropped(tmp_path: Path) -> None:
    spam = "[ -p /dev/stderr ] || exit 9; echo no luck >&2; head -c 20000000 /dev/zero >&2; exit 3"
    assert run_command(shell(spam), b"{}", SECONDS) == "sh exited with status 3. no luck"
    done = tmp_path / "done"
    behind = f"(read -r line; head -c 2000000 /dev/zero >&2; echo $? > {shlex.quote(str(done))}) < {{gate}} & exit 0"
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    assert run_command(shell(behind.format(gate=shlex.quote(str(gate)))), b"{}", SECONDS) == ""
    gate.write_text("go\n")  # the process that remains keeps printing, which neither blocks nor ends it
    wait_until(lambda: done.exists() and done.read_text() == "0\n", "the end of the process that the command started")


def test_a_command_that_takes_too_long_gets_sigterm_first(tmp_path: Path) -> None:
    asked, deaf = tmp_path / "asked", tmp_path / "deaf"
    run_command(shell(f"trap 'echo TERM > {shlex.quote(str(asked))}; exit' TERM; sleep 1000 & wait"), b"{}", 0.2)
    assert asked.read_text() == "TERM\n"
    script = f"trap '' TERM; sleep 1000 & echo $$ $! > {shlex.quote(str(deaf))}; wait"
    program = processes.Program(shell(script))
    wait_until(lambda: deaf.exists() and len(deaf.read_text().split()) == 2, "the command")
    program.end(grace=0.05)
    assert program.returncode == -signal.SIGKILL
    for pid in deaf.read_text().split():
        wait_until(lambda pid=pid: is_gone(pid), "the end of the command")


async def test_a_slow_command_delays_no_other(tmp_path: Path) -> None:
    notices: list[Notice] = []
    commands = RuleCommands(SourceFinder(dict), notices.append, lambda: False)
    gate, running = tmp_path / "gate", tmp_path / "running"
    running.mkdir()
    wait = f"touch {running}/$$; until [ -e {gate} ]; do sleep 0.01; done; rm {running}/$$"
    slow = Rule(outcome=Outcome.RUN, name="slow", command=shell(wait))
    quick = Rule(outcome=Outcome.RUN, name="quick", command=shell("exit 3"))
    message = Message(id="1", created=datetime.now(UTC))
    hanging = [asyncio.ensure_future(commands.run(slow, "s", "Shop", "http://s/", message)) for _ in range(9)]
    await commands.run(quick, "s", "Shop", "http://s/", message)
    assert [notice.body for notice in notices] == ["sh exited with status 3."]
    await asyncio.to_thread(wait_until, lambda: len(list(running.iterdir())) == 3, "three of the slow ones")
    assert not any(one.done() for one in hanging)
    gate.touch()
    await asyncio.wait(hanging)
    assert list(running.iterdir()) == []


async def test_a_command_runs_for_a_message_with_an_unreadable_source(tmp_path: Path) -> None:
    reported: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: reported.append(str(context["exception"])))

    def odd() -> dict[str, Session]:
        raise ValueError("odd source")

    notices: list[Notice] = []
    rule = Rule(outcome=Outcome.RUN, command=shell("cat >&2; exit 3"))
    message = Message(id="1", created=datetime.now(UTC), subject="Hello")
    await RuleCommands(SourceFinder(odd), notices.append, lambda: False).run(rule, "s", "Shop", "http://s/", message)
    assert '"subject": "Hello"' in notices[0].body
    assert reported == ["odd source"]


async def test_a_full_queue_is_reported_once_until_it_is_empty(tmp_path: Path) -> None:
    notices: list[Notice] = []
    commands = RuleCommands(SourceFinder(dict), notices.append, lambda: False, Limits(queued=2))
    gate = tmp_path / "gate"
    open_gate = f"until [ -e {shlex.quote(str(gate))} ]; do sleep 0.01; done"
    rule = Rule(outcome=Outcome.RUN, command=shell(open_gate))
    message = Message(id="1", created=datetime.now(UTC))

    for round_number in (1, 2):
        runs = [asyncio.ensure_future(commands.run(rule, "s", "Shop", "http://s/", message)) for _ in range(5)]
        await asyncio.wait(runs[2:])
        assert [notice.body for notice in notices] == ["Too many messages are waiting for it."] * round_number
        gate.touch()
        await asyncio.wait(runs)
        gate.unlink()
