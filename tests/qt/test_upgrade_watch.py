"""The program notices when its files are replaced, by each kind of installer, and starts again."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from mailpit_notifier.desktop.file_watch import FileWatch
from mailpit_notifier.upgrade import UpgradeWatch, own_file
from platforms import IS_WINDOWS

renames_watched = pytest.mark.skipif(IS_WINDOWS, reason="Windows keeps a folder that is watched at its place")


def by_rename(file: Path) -> None:
    """Replace a file as dpkg and rpm do."""
    new = file.with_name("program.new")
    new.write_text("new")
    new.replace(file)


def by_removal(file: Path) -> None:
    """Replace a file as pip does."""
    file.unlink()
    file.write_text("new")


def with_the_folder(file: Path) -> None:
    """Replace a file as `packaging/dev install` does."""
    folder = file.parent
    new = folder.with_name("new")
    shutil.copytree(folder, new)
    (new / file.name).write_text("new")
    folder.rename(folder.with_name("old"))
    new.rename(folder)
    shutil.rmtree(folder.with_name("old"))


def removed_for_a_while(file: Path) -> None:
    shutil.rmtree(file.parent)
    file.parent.mkdir()
    file.write_text("new")


@pytest.mark.parametrize(
    "replace",
    [
        by_rename,
        by_removal,
        pytest.param(with_the_folder, marks=renames_watched),
        pytest.param(removed_for_a_while, marks=renames_watched),
    ],
)
def test_another_file_in_its_place_is_noticed(qtbot: QtBot, tmp_path: Path, replace: Callable[[Path], None]) -> None:
    file = tmp_path / "lib" / "program"
    file.parent.mkdir()
    file.write_text("old")
    watch = UpgradeWatch(file, settle_ms=50)
    with qtbot.waitSignal(watch.replaced, timeout=10_000):
        replace(file)


def test_other_changes_in_the_folder_are_no_upgrade(qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "program"
    file.write_text("old")
    watch = UpgradeWatch(file, settle_ms=0)
    upgrades: list[bool] = []
    watch.replaced.connect(lambda: upgrades.append(True))
    with qtbot.waitSignal(watch.findChild(FileWatch).settled, timeout=10_000):
        (tmp_path / "__pycache__").mkdir()
    assert not upgrades
    with qtbot.waitSignal(watch.replaced, timeout=10_000):
        by_rename(file)


def test_the_file_of_the_running_program_exists() -> None:
    assert own_file().is_file()


def test_a_restart_is_the_same_program_with_the_same_arguments() -> None:
    """Except on Windows, it is also the same process, so it needs no other lock."""
    code = (
        "import os, sys; from mailpit_notifier.upgrade import restart; "
        "print(os.getpid(), sys.argv[1:], flush=True); "
        "os.environ.get('AGAIN') or (os.environ.update(AGAIN='1'), restart(lambda: print('released', flush=True)))"
    )
    command = [sys.executable, "-c", code, "--hidden", "--config", 'my "own" config.toml']
    first, *released, second = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert first.partition(" ")[2] == second.partition(" ")[2]
    assert (first == second, released) == ((False, ["released"]) if IS_WINDOWS else (True, []))
    assert first.endswith(str(command[3:]))
