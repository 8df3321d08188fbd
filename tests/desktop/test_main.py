"""How the command line is parsed, and how the process ends."""

import argparse
import ctypes
import io
import linecache
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailpit_notifier import main
from mailpit_notifier.cli import common, standalone
from mailpit_notifier.cli.arguments import parse, parser
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.main import NoLines
from mailpit_notifier.runtime.processes import capture_output, resolve_command
from mailpit_notifier.upgrade import keep_options


@pytest.mark.parametrize("command", ["pause", "wait"])
def test_two_dashes_without_a_command_are_wrong_usage(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        parse([command, "--"])
    assert left.value.code == 2
    assert "the command after -- is missing" in capsys.readouterr().err
    assert parse([command, "--", "--"]).words == ["--"]


@pytest.mark.parametrize(
    "arguments",
    [[], ["--hidden"], ["--server", "localhost"], ["--server", "a", "--hidden", "--server", "http://b/", "--hidden"]],
)
def test_a_usual_start_is_read_as_the_parser_would(arguments: list[str]) -> None:
    options = main.usual_options(arguments)
    assert options
    assert vars(options) == vars(parse(arguments))


@pytest.mark.parametrize(
    "arguments", [["--demo"], ["status"], ["--server"], ["--server", "--hidden"], ["--server=a"], ["--"]]
)
def test_all_other_arguments_are_left_to_the_parser(arguments: list[str]) -> None:
    assert main.usual_options(arguments) is None


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_process_ends_also_where_there_is_no_console(stream: str) -> None:
    code = f"import sys; from mailpit_notifier.main import leave; sys.{stream} = None; leave(7)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


def test_ctrl_c_ends_a_command_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # `wait` in another test may have set its own
    monkeypatch.setattr(standalone, "run", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    try:
        assert main.main(["doctor"]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr() == ("", "")


def test_text_for_a_file_or_pipe_is_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")  # what Windows has for them
    monkeypatch.setattr(sys, "stdout", file)
    common.clean_terminal()
    print("Überraschung 🎉 …")
    file.flush()
    assert file.buffer.getvalue().splitlines() == ["Überraschung 🎉 …".encode()]  # type: ignore[attr-defined]


def test_a_program_without_a_console_shows_in_a_message_box_why_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shown: list[str] = []
    user32 = SimpleNamespace(MessageBoxW=lambda _window, text, title, _kind: shown.append(f"{title}: {text}"))
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(user32=user32), raising=False)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit):
        main.main(["--serverr", "x"])
    assert main.main(["--server", "ftp://x"]) == 2
    assert [text.partition("\n")[0].partition(": ")[0] for text in shown] == ["Mailpit Notifier"] * 2
    assert "error: unknown option --serverr. Did you mean --server?" in shown[0]
    assert "starts with http" in shown[1]


def test_a_start_names_the_variable_with_a_wrong_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAILPIT_URL", "ftp://x")
    assert main.main([]) == 2
    assert capsys.readouterr().err.startswith("MAILPIT_URL: The address of a Mailpit starts with http")


def test_after_an_upgrade_the_options_of_before_apply_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    started = ["--hidden", "--server", "http://127.0.0.1:1/ä b/", "--config", "my config.toml"]
    (tmp_path / "my config.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", *started])
    keep_options()
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", "--after-upgrade", "--hidden"])
    options = main.options_after_upgrade()
    assert (options.hidden, options.server, options.config) == (True, [started[2]], Path("my config.toml"))
    assert Path.cwd() == tmp_path
    assert sys.argv[1:] == [*started, "--hidden"]  # a restart, or the next upgrade, has them too
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", "--after-upgrade"])
    assert not main.options_after_upgrade().server


def test_options_of_an_earlier_upgrade_do_not_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", "--hidden"])
    keep_options()
    os.utime(state_folder() / "options-for-upgrade.json", (0, 0))
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", "--after-upgrade"])
    assert not main.options_after_upgrade().hidden


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"folder": "/", "options": 1}', '{"folder": "/nowhere/x"}'])
def test_options_that_cannot_be_read_are_none(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    state_folder().mkdir(parents=True)
    (state_folder() / "options-for-upgrade.json").write_text(kept)
    monkeypatch.setattr(sys, "argv", ["mailpit-notifier", "--after-upgrade"])
    assert not main.options_after_upgrade().hidden


def test_a_password_command_is_found_like_any_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, text = ("secret.CMD", "@echo s3cret") if sys.platform == "win32" else ("secret", "#!/bin/sh\necho s3cret")
    (tmp_path / name).write_text(f"{text}\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    assert capture_output(["secret"], 10, most=100).printed.split() == [b"s3cret"]


def test_a_program_is_started_from_where_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PATHEXT", ".CMD")
    program = tmp_path / ("npx.CMD" if sys.platform == "win32" else "npx")
    program.touch(0o755)
    assert resolve_command(["npx", "test"]) == [str(program), "test"]
    assert resolve_command(["./none", "npx"]) == ["./none", "npx"]


def test_help_describes_every_command_and_option() -> None:
    top = parser()
    # argparse has no public way to list what it parses.
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
def test_a_command_that_ignores_the_configuration_rejects_its_options(
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
