"""The folders of the program, by the XDG Base Directory Specification."""

import os
import sys
from pathlib import Path

import pytest

from mailpit_notifier.runtime.files import user_folder

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="platformdirs has them elsewhere")


@pytest.mark.parametrize(
    ("config", "expected"),
    [("/else", "/else"), ("", "/home/ann/.config"), (" ", "/home/ann/.config"), ("relative", "/home/ann/.config")],
)
def test_an_absolute_path_of_the_environment_counts(
    monkeypatch: pytest.MonkeyPatch, config: str, expected: str
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("XDG_CONFIG_HOME", config)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    assert user_folder("config") == Path(expected, "mailpit-notifier")
    assert user_folder("state") == Path("/home/ann/.local/state/mailpit-notifier")


@pytest.mark.parametrize("home", ["", "relative"])
def test_a_home_that_is_no_absolute_path_is_not_used(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    import pwd  # not on Windows

    assert user_folder("config") == Path(pwd.getpwuid(os.getuid()).pw_dir, ".config", "mailpit-notifier")
