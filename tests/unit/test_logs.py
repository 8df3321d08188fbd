"""The log files rotate, and a log that cannot be written ends nothing."""

import logging
import sys
from pathlib import Path

import pytest

from mailpit_notifier.logs import RotatingFile


def write(handler: RotatingFile, *texts: str) -> None:
    for text in texts:
        handler.handle(logging.makeLogRecord({"msg": text}))
    handler.close()


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_full_log_file_is_renamed_and_the_oldest_is_removed(tmp_path: Path) -> None:
    handler = RotatingFile(tmp_path / "log.txt", size=8, kept=2)
    write(handler, "one", "two", "a long text")
    assert contents(tmp_path) == {"log.txt": "a long text\n", "log.txt.1": "one\ntwo\n"}
    write(RotatingFile(tmp_path / "log.txt", size=8, kept=2), "four", "five", "six", "seven")
    assert contents(tmp_path) == {"log.txt": "six\nseven\n", "log.txt.1": "four\nfive\n", "log.txt.2": "a long text\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="/dev/null")
def test_a_log_that_is_no_file_does_not_rotate(tmp_path: Path) -> None:
    (tmp_path / "log.txt").symlink_to("/dev/null")
    write(RotatingFile(tmp_path / "log.txt", size=0), "one", "two")
    assert [path.name for path in tmp_path.iterdir()] == ["log.txt"]


@pytest.mark.parametrize("older", ["log.txt.1", "log.txt"])
def test_a_log_that_cannot_be_renamed_or_opened_ends_nothing(
    tmp_path: Path, older: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    (tmp_path / older / "in the way").mkdir(parents=True)
    write(RotatingFile(tmp_path / "log.txt", size=4, kept=1), "one", "two")
    if older != "log.txt":
        assert (tmp_path / "log.txt").read_text() == "one\ntwo\n"
