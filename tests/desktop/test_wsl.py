"""In WSL: commands for the application on Windows are passed on to its program for the terminal."""

import sys
from pathlib import Path

import pytest

from mailpit_notifier.cli import remote
from mailpit_notifier.main import main
from mailpit_notifier.servers.discovery import wsl_containers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="WSL is a Linux")

HOLDING = """
if [ "$2" = --until-eof ]; then
  echo paused >> "$RECORD"; echo paused; cat > /dev/null; echo resumed >> "$RECORD"; exit
fi
"""
"""What mailpit-notifier.exe does for a command in WSL."""


class Wsl:
    """The PATH of WSL, and a record of the programs that were run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._record = folder / "record"
        monkeypatch.setenv("WSL_DISTRO_NAME", "Ubuntu")
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        monkeypatch.setenv("RECORD", str(self._record))

    def add(self, name: str, text: str = "") -> None:
        """Add a program that records its arguments."""
        path = self._folder / name
        path.write_text(f'#!/bin/sh\n{text}\necho "{name} $@" >> "$RECORD"\n')
        path.chmod(0o755)

    @property
    def ran(self) -> list[str]:
        return self._record.read_text().splitlines() if self._record.exists() else []


@pytest.fixture
def wsl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wsl:
    return Wsl(tmp_path, monkeypatch)


def test_a_command_is_run_in_a_pause_of_the_application_on_windows(wsl: Wsl) -> None:
    wsl.add("mailpit-notifier.exe", HOLDING)
    wsl.add("tests", "[ -t 0 ] || exit 3")
    assert main(["pause", "--", "tests", "a b"]) == 3
    wsl.add("tests")
    assert main(["pause", "--", "tests", "a b"]) == 0
    assert wsl.ran == ["paused", "resumed", "paused", "tests a b", "resumed"]


def test_a_missing_windows_program_is_reported_as_not_paused(wsl: Wsl, capsys: pytest.CaptureFixture[str]) -> None:
    wsl.add("tests")
    assert main(["pause", "--", "tests"]) == 0
    assert wsl.ran == ["tests "]
    assert capsys.readouterr().err == (
        "Nothing was paused. Mailpit Notifier is not running in WSL, and mailpit-notifier.exe is not on the PATH.\n"
    )


def test_a_program_that_does_not_run_on_windows_is_reported_as_not_paused(
    wsl: Wsl, capfd: pytest.CaptureFixture[str]
) -> None:
    wsl.add("mailpit-notifier.exe", "echo Mailpit Notifier is not running. >&2; exit 2")
    wsl.add("tests")
    assert main(["pause", "--", "tests"]) == 0
    assert capfd.readouterr().err == "Mailpit Notifier is not running.\nNothing was paused.\n"


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["pause", "15m"], "pause 900.0"),
        (["pause"], "pause 3600.0"),
        (["pause", "forever"], "pause forever"),
        (["pause", "tomorrow"], "pause tomorrow"),
        (["resume"], "resume"),
        (["status", "--json"], "status --json"),
        (["copy"], "copy"),
    ],
)
def test_other_commands_are_handed_over(wsl: Wsl, arguments: list[str], passed: str) -> None:
    wsl.add("mailpit-notifier.exe", 'echo "$@" >> "$RECORD"; exit 7')
    assert main(arguments) == 7
    assert wsl.ran == [passed]


def test_outside_of_wsl_no_command_is_handed_over(
    wsl: Wsl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("WSL_DISTRO_NAME")
    wsl.add("mailpit-notifier.exe")
    assert main(["status"]) == 2
    assert capsys.readouterr().err == f"{remote.NOT_RUNNING}\n"
    assert wsl.ran == []


CONTAINER = '{"Names": "mail", "Ports": "0.0.0.0:8035->8025/tcp"}'


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-8"])  # the latter with WSL_UTF8=1
@pytest.mark.parametrize(
    ("running", "asked"),
    [
        ("docker-desktop\\r\\nUbuntu-24.04\\r\\n", True),
        ("docker-desktop\\r\\ndocker-desktop-data\\r\\n", False),
        ("There are no running distributions.\\r\\n", False),
        ("", False),
    ],
)
def test_docker_in_wsl_is_asked_from_windows_where_it_runs(
    wsl: Wsl, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, running: str, asked: bool, encoding: str
) -> None:
    (tmp_path / "listed").write_bytes(running.encode().decode("unicode_escape").encode(encoding))
    answer = f"[ $1 != --list ] || exec cat {tmp_path}/listed\n[ $1 != --distribution ] || echo '{CONTAINER}'"
    wsl.add("wsl.exe", answer)
    assert wsl_containers() == ()  # from within, it is not asked
    monkeypatch.delenv("WSL_DISTRO_NAME")
    assert [found.name for found in wsl_containers()] == (["mail"] if asked else [])
    call = "wsl.exe --distribution Ubuntu-24.04 --exec docker ps --no-trunc --format {{json .}}"
    assert wsl.ran == ([call] if asked else [])
    (tmp_path / "listed").write_bytes(running.encode().decode("unicode_escape").encode())  # with WSL_UTF8=1
    assert [found.name for found in wsl_containers()] == (["mail"] if asked else [])
