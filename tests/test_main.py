"""What the command line is taken for, and how the process ends."""

import subprocess
import sys

import pytest

from mailpit_notifier.arguments import parse


@pytest.mark.parametrize("command", ["pause", "wait"])
def test_two_dashes_without_a_command_are_wrong_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse([command, "--"])
    assert left.value.code == 2
    assert "there is no command after --" in capsys.readouterr().err
    assert parse([command, "--", "--"]).words == ["--"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_process_ends_also_where_there_is_no_console(stream: str) -> None:
    code = f"import sys; from mailpit_notifier.main import leave; sys.{stream} = None; leave(7)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7
