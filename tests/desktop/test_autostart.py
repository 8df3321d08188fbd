"""Starting at login: the files for every way to install the program, and files that are not changed."""

import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mailpit_notifier.desktop import autostart
from mailpit_notifier.desktop.autostart import LaunchAgent, RunKey, entry, entry_values
from platforms import needs_desktop_entries, needs_shell
from program import Program, running, wait_until
from standin import StandIn

ODD = """/opt/it's a "place" of $HOME/100%\\`x`/mailpit-notifier"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment, as pipx makes one, with the program's script."""
    path = tmp_path / "env/bin/mailpit-notifier"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(path.with_name("python")))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "system"))
    return path


def at_login() -> Path:
    return Path(os.environ["XDG_CONFIG_HOME"], "autostart/mailpit-notifier.desktop")


def in_menu() -> Path:
    return Path(os.environ["XDG_DATA_HOME"], "applications/mailpit-notifier.desktop")


@needs_desktop_entries
def test_autostart_is_switched_on_and_off(script: Path) -> None:
    assert not autostart.enabled()
    autostart.enable()
    assert autostart.enabled()
    found = entry_values(at_login())
    assert (found["Exec"], found["TryExec"]) == (f"{script} --hidden", str(script))
    assert entry_values(in_menu())["Exec"] == str(script)
    icon = in_menu().parents[1] / "icons/hicolor/scalable/apps/mailpit-notifier.svg"
    assert icon.read_text().startswith("<svg")
    assert set(autostart.disable()) == {str(at_login()), str(in_menu()), str(icon)}
    assert not autostart.enabled()
    assert not any(path.exists() for path in (at_login(), in_menu(), icon))
    assert autostart.disable() == ()


@needs_desktop_entries
def test_the_name_has_no_space_at_which_a_browser_cuts_an_activation_token(script: Path) -> None:
    autostart.enable()
    found = entry_values(in_menu())
    assert found["Name"] == "Mailpit\N{NO-BREAK SPACE}Notifier"
    assert found["X-GNOME-UsesNotifications"] == "true"


@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="desktop-file-validate is not installed")
@pytest.mark.parametrize("program", ["/usr/bin/mailpit-notifier", ODD])
def test_an_entry_is_valid_and_starts_the_program(tmp_path: Path, program: str) -> None:
    path = tmp_path / "mailpit-notifier.desktop"
    path.write_text(entry((program,), "--hidden", **{"X-GNOME-Autostart-enabled": "true"}))
    checked = subprocess.run(["desktop-file-validate", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")
    assert entry_values(path)["TryExec"] == program


def test_a_desktop_starts_a_program_in_an_odd_place(tmp_path: Path) -> None:
    launcher = shutil.which("gio")
    if not launcher:
        pytest.skip("gio is not installed")
    program = tmp_path / ODD[1:].replace("%", "")  # GLib takes no program whose path has one
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "%s" "$1" > "$RECORD"\n')
    program.chmod(0o755)
    path = tmp_path / "mailpit-notifier.desktop"
    path.write_text(entry((str(program),), "--hidden"))
    environment = {**os.environ, "RECORD": str(tmp_path / "record")}
    subprocess.run([launcher, "launch", path], env=environment, capture_output=True, timeout=20, check=True)

    wait_until(
        lambda: (tmp_path / "record").exists() and (tmp_path / "record").read_text() == "--hidden",
        "the start of the program",
    )


@pytest.mark.parametrize("setting", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
@needs_desktop_entries
def test_autostart_that_the_desktop_switched_off_stays_off(script: Path, setting: str) -> None:
    autostart.enable()
    key = setting.partition("=")[0]
    kept = [line for line in at_login().read_text().splitlines() if line.partition("=")[0] != key]
    at_login().write_text("\n".join([*kept, setting]))
    script.rename(script.with_name("elsewhere"))
    before = at_login().read_text()
    assert not autostart.enabled()
    autostart.repair()
    assert at_login().read_text() == before


@needs_desktop_entries
def test_a_program_that_moved_is_found_again_and_one_that_stayed_is_not_replaced(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    autostart.repair()
    assert not at_login().exists()
    autostart.enable()
    moved = script.parents[1].with_name("other") / "bin/mailpit-notifier"
    shutil.copytree(script.parents[1], moved.parents[1])
    monkeypatch.setattr(sys, "executable", str(moved.with_name("python")))
    autostart.repair()
    assert entry_values(at_login())["TryExec"] == str(script)
    shutil.rmtree(script.parents[1])
    autostart.repair()
    assert entry_values(at_login())["TryExec"] == str(moved)
    assert entry_values(in_menu())["TryExec"] == str(moved)


@needs_desktop_entries
def test_an_entry_of_another_author_is_not_changed(script: Path, tmp_path: Path) -> None:
    in_menu().parent.mkdir(parents=True)
    in_menu().write_text("[Desktop Entry]\nName=Mine\n")
    autostart.enable()
    autostart.disable()
    assert in_menu().read_text() == "[Desktop Entry]\nName=Mine\n"
    in_menu().unlink()
    packaged = tmp_path / "system/applications/mailpit-notifier.desktop"
    packaged.parent.mkdir(parents=True)
    packaged.write_text("[Desktop Entry]\n")
    autostart.enable()
    assert not in_menu().exists()
    assert autostart.remove_entry() == ()


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\0", b"[Desktop Entry]\nExec", b"Exec=x\n[Desktop Entry]\n[A]\nExec=y"]
)
@needs_desktop_entries
def test_a_broken_entry_is_no_entry(script: Path, content: bytes) -> None:
    at_login().parent.mkdir(parents=True)
    at_login().write_bytes(content)
    assert not autostart.enabled()


def test_on_windows_a_python_without_a_console_runs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pythonw.exe").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python.exe"))
    assert autostart.own_command() == (str(tmp_path / "pythonw.exe"), "-m", "mailpit_notifier")


def test_each_kind_of_installation_has_its_start_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(python))
    assert autostart.own_command() == (str(python), "-m", "mailpit_notifier")
    monkeypatch.setenv(
        "APPIMAGE", "/home/ann/Mailpit Notifier.AppImage"
    )  # such as the AppImage of the terminal that started the program
    assert autostart.own_command() == (str(python), "-m", "mailpit_notifier")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert autostart.own_command() == ("/home/ann/Mailpit Notifier.AppImage",)
    monkeypatch.delenv("APPIMAGE")
    assert autostart.own_command() == (str(python),)


@needs_shell
def test_a_launch_agent_ends_quietly_when_the_program_is_gone(tmp_path: Path) -> None:
    agent = LaunchAgent(tmp_path)
    assert agent.program() == ""
    program = tmp_path / "a program"
    program.write_text('#!/bin/sh\necho "started $1"\nexit 3\n')
    program.chmod(0o755)
    agent.install((str(program),))
    assert agent.program() == str(program)
    plist = plistlib.loads((tmp_path / "mailpit-notifier.plist").read_bytes())
    assert plist["RunAtLoad"] is True
    assert "KeepAlive" not in plist
    started = subprocess.run(plist["ProgramArguments"], capture_output=True, text=True, check=False)
    assert (started.returncode, started.stdout) == (3, "started --hidden\n")
    program.unlink()
    started = subprocess.run(plist["ProgramArguments"], capture_output=True, text=True, check=False)
    assert (started.returncode, started.stdout, started.stderr) == (0, "", "")
    assert len(agent.remove()) == 1
    assert agent.remove() == ()


class Values:
    """A registry."""

    def __init__(self) -> None:
        self.all: dict[tuple[str, str], object] = {}

    def get(self, key: str, name: str) -> object:
        return self.all.get((key, name))

    def set(self, key: str, name: str, text: str) -> None:
        self.all[key, name] = text

    def remove(self, key: str, name: str) -> None:
        self.all.pop((key, name), None)


def test_the_run_key_of_windows_starts_the_program_at_login() -> None:
    registry = Values()
    place = RunKey(registry)
    assert place.program() == ""
    place.install((r"C:\Users\Ann B\mailpit-notifierw.exe",))
    assert registry.all == {(RunKey.RUN, "Mailpit Notifier"): r'"C:\Users\Ann B\mailpit-notifierw.exe" --hidden'}
    assert place.program() == r"C:\Users\Ann B\mailpit-notifierw.exe"
    registry.all[RunKey.APPROVED, "Mailpit Notifier"] = b"\x03" + bytes(11)  # by the task manager
    assert place.program() == ""
    place.install((r"C:\python.exe", "-m", "mailpit_notifier"))
    assert place.program() == r"C:\python.exe"
    assert len(place.remove()) == 1
    assert registry.all == {}
    assert place.remove() == ()


@needs_desktop_entries
def test_the_autostart_command_switches_it(tmp_path: Path) -> None:
    program = Program(tmp_path)
    off = program.command("autostart")
    assert (off.returncode, off.stdout) == (0, "Mailpit Notifier does not start at login.\n")
    on = program.command("autostart", "on")
    assert (on.returncode, on.stdout, on.stderr) == (0, "Mailpit Notifier starts at login, hidden.\n", "")
    started = entry_values(tmp_path / ".config/autostart/mailpit-notifier.desktop")["TryExec"]
    assert Path(started).is_absolute()
    assert os.access(started, os.X_OK)
    assert program.command("autostart").stdout == on.stdout
    assert program.command("autostart", "off").stdout == off.stdout
    assert program.command("autostart", "perhaps").returncode == 2
    (tmp_path / ".config/autostart").rmdir()
    (tmp_path / ".config/autostart").write_text("in the way")
    refused = program.command("autostart", "on")
    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "autostart" in refused.stderr


def test_a_start_from_a_new_place_puts_the_entry_right(program: Program) -> None:
    path = program.folder / ".config/autostart/mailpit-notifier.desktop"
    path.parent.mkdir(parents=True)
    path.write_text("[Desktop Entry]\nTryExec=/gone/mailpit-notifier\nExec=/gone/mailpit-notifier --hidden\n")

    with StandIn() as server, running(program, "--hidden", "--server", server.url):
        wait_until(lambda: not entry_values(path)["TryExec"].startswith("/gone"), "the repaired entry")
    assert autostart.WRITTEN_BY_US in entry_values(path)
