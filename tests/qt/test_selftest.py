"""`--selftest`: finds what a package lacks."""

import json
import subprocess
import sys

import pytest
from PySide6.QtWidgets import QApplication

from mailpit_notifier import __version__, selftest
from mailpit_notifier.notify.desktop import library_module


def test_this_installation_is_whole() -> None:
    command = [sys.executable, "-m", "mailpit_notifier", "--selftest"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert (done.returncode, report["faults"], report["version"]) == (0, {}, __version__)
    assert report["modules"] > 100
    assert report["icons"] > 10
    assert report["qt"]["platform"] == "offscreen"
    assert report["regular_expressions"] == "RegexEngine"


def test_a_failed_check_is_named_and_the_others_still_run(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    back_end = "dbus_fast.aio" if sys.platform == "linux" else library_module()
    monkeypatch.setitem(sys.modules, back_end, None)  # as if it had not been packed
    assert selftest.run() == 1
    report = json.loads(capsys.readouterr().out)
    assert "back_ends" in report["faults"]
    assert report["faults"].keys() <= {"modules", "back_ends"}  # modules that are loaded already have no fault
    assert back_end in report["faults"]["back_ends"]
    assert report["icons"]
