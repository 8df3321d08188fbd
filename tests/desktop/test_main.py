"""What the command line is taken for, and how the process ends."""

import argparse
import linecache
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mailpit_notifier.cli.arguments import parse, parser
from mailpit_notifier.main import NoLines
from mailpit_notifier.runtime.processes import resolve_command


@pytest.mark.parametrize("command", ["pause", "wait"])
def test_two_dashes_without_a_command_are_wrong_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse([command, "--"])
    assert left.value.code == 2
    assert "the command after -- is missing" in capsys.readouterr().err
    assert parse([command, "--", "--"]).words == ["--"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_process_ends_also_where_there_is_no_console(stream: str) -> None:
    code = f"import sys; from mailpit_notifier.main import leave; sys.{stream} = None; leave(7)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_a_program_is_started_from_where_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PATHEXT", ".CMD")
    program = tmp_path / ("npx.CMD" if sys.platform == "win32" else "npx")
    program.touch(0o755)
    assert resolve_command(["npx", "test"]) == [str(program), "test"]
    assert resolve_command(["./none", "npx"]) == ["./none", "npx"]


def test_help_says_what_every_command_and_option_is_for() -> None:
    top = parser()
    (commands,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    for command in (top, *commands.choices.values()):
        assert command.description, command.prog
        assert [action.dest for action in command._actions if action is not commands and not action.help] == []


def test_the_pages_name_every_command_and_option() -> None:
    pages = Path(__file__).parents[2] / "packaging" / "docs"
    text = "".join((pages / name).read_text("utf-8") for name in ("commands.md", "recipes.md"))
    top = parser()
    (commands,) = (action for action in top._actions if isinstance(action, argparse._SubParsersAction))
    assert [name for name in commands.choices if not re.search(rf"`(mailpit-notifier )?{name}\b", text)] == []
    shown = (action for one in (top, *commands.choices.values()) for action in one._actions if action.option_strings)
    options = {action.option_strings[-1] for action in shown if action.help != argparse.SUPPRESS}
    assert {option for option in options - {"--help", "--version"} if option not in text} == set()


@pytest.mark.parametrize("command", [[], ["doctor"], ["wait"], ["send-test"], ["extract", "mail.eml"]])
def test_a_configuration_that_is_named_must_be_there(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "conifg.toml"
    with pytest.raises(SystemExit) as left:
        parse(["--config", str(config), *command])
    assert left.value.code == 2
    assert f"argument --config: cannot read {config}: " in capsys.readouterr().err
    config.touch()
    assert parse(["--config", str(config), *command]).config == config


@pytest.mark.parametrize("option", [["--config", __file__], ["--server", "http://mail.test"]])
def test_a_command_that_is_about_no_other_configuration_says_so(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        parse([*option, "forget"])
    assert left.value.code == 2
    assert "forget does not accept --server or --config" in capsys.readouterr().err


def test_modules_without_source_files_can_be_imported_as_in_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    class Loader:
        def get_source(self, _name: str) -> None:
            return None

    monkeypatch.setattr(linecache, "cache", NoLines())
    assert linecache.getlines("/not/there/module.py", {"__name__": "module", "__loader__": Loader()}) == []
