"""`forget` removes everything that the program put on a machine, and nothing else."""

import os
from pathlib import Path

import pytest

from mailpit_notifier.cli import setup as forget
from mailpit_notifier.config.file import default_path
from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.desktop import autostart
from platforms import needs_desktop_entries, needs_links
from program import Program
from secret_store import Store
from standin import StandIn


def configure(text: str) -> None:
    default_path().parent.mkdir(parents=True)
    default_path().write_text(text)


def files() -> set[Path]:
    home = Path(os.environ["XDG_STATE_HOME"]).parent
    return {path for path in home.rglob("*") if not path.is_dir()}


@pytest.fixture(autouse=True)
def kept(store: Store) -> None:
    """The passwords in the secret store before: of a configured server, and of another."""
    store.kept = {("mailpit-notifier", "ann@https://a.test/"): "1", ("mailpit-notifier", "bob@https://b.test/"): "2"}


@needs_desktop_entries
def test_all_data_is_deleted_and_listed(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    configure('[[server]]\nurl = "https://a.test/"\nuser = "ann"\n[[server]]\nurl = "https://plain.test/"\n')
    (state_folder() / "announced").mkdir(parents=True)
    for name in ("announced/1.journal", "log.txt", "window.ini"):
        (state_folder() / name).write_text("x")
    other = default_path().parent.with_name("other") / "config.toml"
    other.parent.mkdir()
    other.write_text("")
    autostart.enable()
    assert forget.run_forget() == 0
    assert files() == {other}
    assert set(store.kept) == {("mailpit-notifier", "bob@https://b.test/")}
    output = capsys.readouterr().out
    for what in (str(default_path().parent), str(state_folder()), "autostart", "ann@https://a.test/", "applications"):
        assert what in output
    assert forget.run_forget() == 0
    assert capsys.readouterr().out == "Nothing to remove.\n"


def test_data_that_cannot_be_deleted_is_reported(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    store.locked = True
    configure('[[server]]\nurl = "https://a.test/"\nuser = "ann"\n')
    assert forget.run_forget() == 1
    assert "ann@https://a.test/" in capsys.readouterr().err
    configure("[[server]\n")
    assert forget.run_forget() == 1
    assert "Passwords were not removed from the secret store." in capsys.readouterr().err
    assert files() == set()


@needs_links
def test_a_configuration_kept_elsewhere_loses_only_its_link(store: Store, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("")
    default_path().parent.parent.mkdir(parents=True)
    default_path().parent.symlink_to(tmp_path)
    assert forget.run_forget() == 0
    assert (tmp_path / "config.toml").exists()
    assert not default_path().parent.is_symlink()


def test_a_running_program_is_ended_first(program: Program) -> None:
    with StandIn() as server:
        program.start("--hidden", "--server", server.url)
        program.wait_for_server(state="connected", total=0)
        done = program.command("forget")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Quit the running Mailpit Notifier\n")
    assert program.process
    assert program.process.wait(15) == 0
    assert not [path for path in program.folder.rglob("mailpit-notifier*") if ".cache" not in path.parts]
