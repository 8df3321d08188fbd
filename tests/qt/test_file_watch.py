"""A watch follows the links in the path of its file, and each change of them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from mailpit_notifier.desktop.file_watch import FileWatch, paths_to_watch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there that few have")


def point(link: Path, target: Path | str) -> None:
    """Let a link lead elsewhere, in one step."""
    fresh = link.with_name("fresh")
    fresh.symlink_to(target)
    fresh.replace(link)


def replaced(path: Path, text: str) -> None:
    """Save as most editors do."""
    fresh = path.with_name("fresh")
    fresh.write_text(text)
    fresh.replace(path)


Then = tuple[Path, Callable[[], object], Path]
"""The watched path, the change, and the file at that path afterwards."""


def link_is_pointed_elsewhere(folder: Path) -> Then:
    (folder / "one").write_text("one")
    (folder / "far").mkdir()
    (folder / "far/two").write_text("two")
    (folder / "config").symlink_to("one")
    return folder / "config", lambda: point(folder / "config", "far/two"), folder / "far/two"


def link_in_the_middle_of_a_chain_is_pointed_elsewhere(folder: Path) -> Then:
    (folder / "near").mkdir()
    (folder / "far").mkdir()
    (folder / "one").write_text("one")
    (folder / "far/two").write_text("two")
    (folder / "far/middle").symlink_to("../one")
    (folder / "near/config").symlink_to(folder / "far/middle")
    return folder / "near/config", lambda: point(folder / "far/middle", folder / "far/two"), folder / "far/two"


def folder_is_a_link_that_is_pointed_elsewhere(folder: Path) -> Then:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "config").write_text(name)
    (folder / "current").symlink_to("one")
    return folder / "current/config", lambda: point(folder / "current", "two"), folder / "two/config"


def folder_that_a_link_leads_to_comes_later(folder: Path) -> Then:
    (folder / "current").symlink_to(folder / "one/two")

    def come() -> None:
        (folder / "one/two").mkdir(parents=True)
        (folder / "one/two/config").write_text("two")

    return folder / "current/config", come, folder / "one/two/config"


def file_with_another_hard_link_is_replaced(folder: Path) -> Then:
    (folder / "config").write_text("one")
    os.link(folder / "config", folder / "kept")
    return folder / "config", lambda: replaced(folder / "config", "two"), folder / "config"


def file_that_is_held_open_is_replaced(folder: Path) -> Then:
    (folder / "config").write_text("one")
    held = (folder / "config").open()

    def replace() -> None:
        replaced(folder / "config", "two")
        held.close()

    return folder / "config", replace, folder / "config"


def folder_is_moved_away_and_another_comes(folder: Path) -> Then:
    for name in ("one", "two"):
        (folder / name).mkdir()
        (folder / name / "config").write_text(name)
    (folder / "link").symlink_to("one/config")

    def move() -> None:
        (folder / "one").rename(folder / "old")
        (folder / "two").rename(folder / "one")

    return folder / "link", move, folder / "one/config"


@pytest.mark.parametrize(
    "arrange",
    [
        link_is_pointed_elsewhere,
        link_in_the_middle_of_a_chain_is_pointed_elsewhere,
        folder_is_a_link_that_is_pointed_elsewhere,
        folder_that_a_link_leads_to_comes_later,
        file_with_another_hard_link_is_replaced,
        file_that_is_held_open_is_replaced,
        folder_is_moved_away_and_another_comes,
    ],
)
def test_the_target_of_a_link_is_watched(qtbot: QtBot, tmp_path: Path, arrange: Callable[[Path], Then]) -> None:
    path, change, file = arrange(tmp_path)
    parent = QObject()
    watch = FileWatch(path, parent, 1)
    seen: list[str] = []
    watch.settled.connect(lambda: seen.append(path.read_text() if path.exists() else ""))
    change()
    qtbot.waitUntil(lambda: seen[-1:] == ["two"])
    for text in ("three", "four", "five"):  # in place, as some editors save
        file.write_text(text)
        qtbot.waitUntil(lambda text=text: seen[-1:] == [text])


def test_circular_links_end(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    assert tmp_path.resolve() in paths_to_watch(tmp_path / "one/config")


def test_the_way_to_a_plain_file_is_the_file_and_its_folder(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    (folder / "config").touch()
    assert paths_to_watch(folder / "config") == (folder, folder / "config")
    assert paths_to_watch(folder / "none/../config") == (folder,)
    (folder / "none").mkdir()
    assert paths_to_watch(folder / "none/../config") == (folder, folder / "config")
    assert paths_to_watch(folder / "none/at/all") == (folder / "none",)


def test_constant_changes_in_the_folder_hide_no_change_of_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QObject()
    watch = FileWatch(tmp_path / "config", parent, 20)
    busy = QTimer(parent, interval=0)
    busy.timeout.connect(lambda: (tmp_path / "other").touch() or (tmp_path / "other").unlink())
    busy.start()
    with qtbot.waitSignal(watch.settled):
        pass
    busy.stop()
