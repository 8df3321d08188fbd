"""Detect a dark panel from the settings files of Xfce and Plasma."""

from pathlib import Path

import pytest

from mailpit_notifier.ui.tray import panel
from platforms import needs_desktop_entries

pytestmark = needs_desktop_entries

XFCE_PANEL = '<property name="panels"><property name="dark-mode" type="bool" value="{}"/></property>'
XFCE_THEME = '<property name="Net"><property name="ThemeName" type="string" value="{}"/></property>'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user on a system without settings."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_DIRS", "XDG_DATA_DIRS"):
        monkeypatch.setenv(name, str(tmp_path / "system"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def xfce(home: Path, dark_mode: str, theme_name: str, *, folder: str = ".config") -> None:
    channels = home / folder / "xfce4/xfconf/xfce-perchannel-xml"
    write(channels / "xfce4-panel.xml", XFCE_PANEL.format(dark_mode))
    write(channels / "xsettings.xml", XFCE_THEME.format(theme_name))


@pytest.mark.parametrize(
    ("desktop", "dark"),
    [("GNOME", True), ("ubuntu:GNOME", True), ("X-Cinnamon", True), ("sway", True), ("XFCE", None), ("", None)],
)
def test_without_settings_the_desktop_decides_or_the_windows_do(
    home: Path, monkeypatch: pytest.MonkeyPatch, desktop: str, dark: bool | None
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", desktop)
    for windows_are in (True, False):
        assert panel.is_dark(windows_are=windows_are) == (windows_are if dark is None else dark)


@pytest.mark.parametrize(
    ("dark_mode", "theme_name", "dark"),
    [
        ("true", "Adwaita", True),
        ("false", "Adwaita", False),
        ("true", "Greybird", True),
        ("true", "Xfce", False),  # has no dark variant: the panel is light
        ("false", "Arc-Dark", True),
        ("true", "../../etc", False),
    ],
)
def test_xfce_has_a_panel_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch, dark_mode: str, theme_name: str, dark: bool
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "XFCE")
    write(home / "system/themes/Greybird/gtk-3.0/gtk-dark.css", "")
    xfce(home, dark_mode, theme_name)
    assert panel.is_dark(windows_are=False) == dark


def test_the_users_settings_of_xfce_precede_those_of_the_system(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "XFCE")
    xfce(home, "true", "Adwaita", folder="system")
    assert panel.is_dark(windows_are=False)
    xfce(home, "false", "Adwaita")
    assert not panel.is_dark(windows_are=False)


@pytest.mark.parametrize(
    ("file", "text", "dark"),
    [
        ("plasmarc", "[Wallpapers]\nusersWallpapers=\n\n[Theme]\nname=breeze-dark\n", True),
        ("kdedefaults/plasmarc", "[Theme]\nname=breeze-dark\n", True),  # Breeze Twilight
        ("plasmarc", "[Theme]\nname=default\n", False),
        ("plasmarc", "[Theme]\nsize=3\n[Other]\nname=breeze-dark\n", False),
        ("plasmarc", "[Theme]\nname=\0" + "x" * 200_000, False),
    ],
)
def test_plasma_can_have_another_style_than_its_windows(
    home: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, dark: bool
) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "KDE")
    write(home / ".config" / file, text)
    assert panel.is_dark(windows_are=False) == dark
