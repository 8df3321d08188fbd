"""Commands of rules: the program's own end counts, whatever it leaves behind; one that hangs is ended as a whole."""

import asyncio
import os
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.mailpit.model import Message
from mailpit_notifier.notify.notice import Notice
from mailpit_notifier.servers import rule_commands
from mailpit_notifier.servers.finder import SourceFinder
from mailpit_notifier.servers.rule_commands import RuleCommands, outcome_of
from program import wait_until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are a shell's")


def is_gone(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def shell(script: str) -> tuple[str, ...]:
    return "sh", "-c", script


def test_it_gets_the_mail_and_what_it_says_is_told_when_it_fails(tmp_path: Path) -> None:
    mail = b"x" * 200_000
    assert outcome_of(shell(f"cat > {shlex.quote(str(tmp_path / 'got'))}"), mail) == ""
    assert (tmp_path / "got").read_bytes() == mail
    assert outcome_of(("true",), mail) == ""
    assert outcome_of(shell("echo no luck >&2; exit 3"), mail) == "sh ended with status 3. no luck"
    assert outcome_of(shell("echo no luck >&2; exit 3"), mail, hides=True) == "sh ended with status 3."
    assert outcome_of(("./none",), mail) == "./none cannot be run: No such file or directory."


def test_what_it_leaves_in_the_background_is_not_waited_for(tmp_path: Path) -> None:
    left = tmp_path / "left"
    assert outcome_of(shell(f"sleep 1000 & echo $! > {shlex.quote(str(left))}"), b"{}") == ""
    pid = left.read_text().strip()
    assert not is_gone(pid)
    os.kill(int(pid), 9)


def test_one_that_takes_too_long_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_commands, "TIMEOUT", 1.0)
    pids = tmp_path / "pids"
    problem = outcome_of(shell(f"sleep 1000 & echo $$ $! > {shlex.quote(str(pids))}; wait"), b"{}")
    assert problem == "sh was ended after 1 seconds."
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: is_gone(pid), "the end of the command")


async def test_too_many_mails_are_told_of_once_until_all_have_had_their_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule_commands, "MOST_WAITING", 2)
    told: list[Notice] = []
    commands = RuleCommands(SourceFinder(dict), told.append, hides=lambda: False)
    gate = tmp_path / "gate"
    open_gate = f"until [ -e {shlex.quote(str(gate))} ]; do sleep 0.01; done"
    rule = Rule(outcome=Outcome.RUN, command=shell(open_gate))
    mail = Message(id="1", created=datetime.now(UTC))

    for round_number in (1, 2):
        runs = [asyncio.ensure_future(commands.run(rule, "s", "Shop", "http://s/", mail)) for _ in range(5)]
        await asyncio.wait(runs[2:])
        assert [notice.body for notice in told] == ["Too many mails wait for it."] * round_number
        gate.touch()
        await asyncio.wait(runs)
        gate.unlink()
    commands.stop()
