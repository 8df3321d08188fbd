"""How users have set up their desktops: light or dark, how large, in which language.

The program reads it as from KDE, which needs only a file and the environment.
"""

from dataclasses import dataclass

BREEZE = """[KDE]
CursorBlinkRate=0
[Colors:Selection]
BackgroundNormal=61,174,233
ForegroundNormal=252,252,252
"""
PARTS = "Window", "View", "Button", "Tooltip"
GROUNDS = {
    False: ("35,38,41", ("239,240,241", "255,255,255", "252,252,252", "247,247,247")),
    True: ("252,252,252", ("32,35,38", "20,22,24", "41,44,48", "49,54,59")),
}
"""Colors of KDE, light and dark: text and other parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A setup of a user; `name` is part of the file names."""

    name: str
    dark: bool = False
    scale: int = 1
    language: str = "en_GB"


LIGHT, DARK = Look(name="light"), Look(name="dark", dark=True)
LARGE, LARGE_DARK = Look(name="light-200", scale=2), Look(name="dark-200", dark=True, scale=2)
GERMAN, PSEUDO = Look(name="german", language="de_DE"), Look(name="pseudo", language="en_GB")


def colors(look: Look) -> str:
    """Return the KDE configuration. The cursor does not blink, because the camera waits for a stable picture."""
    ink, grounds = GROUNDS[look.dark]
    parts = zip(PARTS, grounds, strict=True)
    lines = (f"[Colors:{part}]\nBackgroundNormal={ground}\nForegroundNormal={ink}\n" for part, ground in parts)
    return BREEZE + "".join(lines)
