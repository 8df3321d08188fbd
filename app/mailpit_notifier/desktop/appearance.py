"""Light or dark, font and text size, as the desktop's settings portal reports them while the program runs. Linux only.

Qt's own themes miss some of it: on Plasma changes of the color scheme, on GNOME font and text size. On desktops that Qt
has no theme for, they miss all. Values of the portal are checked, and what is out of range is ignored: the windows stay
readable even if a program writes nonsense to the settings.

Format: https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Settings.html
"""

import asyncio
import logging
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from mailpit_notifier.ui.theme import MAX_POINTS, MIN_POINTS, set_color_scheme, set_font

from .bus import BUS, TIMEOUT, ask_bus, bus_errors, disconnect, listen

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

log = logging.getLogger(__name__)

PORTAL, PORTAL_PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
SETTINGS = "org.freedesktop.portal.Settings"
BACKENDS = "org.freedesktop.impl.portal.desktop"
"""Beginning of the names of the programs from which the portal gets the settings, such as ….gtk and ….kde."""

FREEDESKTOP, GNOME, KDE = "org.freedesktop.appearance", "org.gnome.desktop.interface", "org.kde.kdeglobals.General"
SCHEME = (FREEDESKTOP, "color-scheme")
GNOME_FONT, TEXT_SCALE = (GNOME, "font-name"), (GNOME, "text-scaling-factor")
KDE_FONT = (KDE, "font")
KEYS = frozenset((SCHEME, GNOME_FONT, TEXT_SCALE, KDE_FONT))

ANSWER_TIMEOUT = 25.0
"""Seconds for the portal to answer. The bus may have to start it first, and nothing waits for it."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 3600.0
"""Seconds after which the settings are read again when the portal or a backend ends. The pause doubles each time.

A call makes the bus start them again. Without one, they would report no more changes.
"""

MAX_FONT_NAME = 200
"""Characters of a font's description; a longer one is ignored."""

MIN_SCALE, MAX_SCALE = 0.5, 3.0
"""The range of GNOME's setting."""

_SCHEMES = {1: Qt.ColorScheme.Dark, 2: Qt.ColorScheme.Light}
"""The portal's numbers. Any other one means that the user has no preference."""

_RULES = (
    f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{PORTAL}'",
    f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0namespace='{BACKENDS}'",
    f"type='signal',sender='{PORTAL}',interface='{SETTINGS}',member='SettingChanged',path='{PORTAL_PATH}'",
)

Key = tuple[str, str]
"""Namespace and name of a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """What the desktop reports. `scheme` is Unknown without a preference. `font`: None for Qt's choice.

    `text_scale` is a factor for the size of the font.
    """

    scheme: Qt.ColorScheme = Qt.ColorScheme.Unknown
    font: QFont | None = None
    text_scale: float = 1.0


def apply(appearance: Appearance) -> None:
    """Use this appearance in tray, windows and dialogs, also in open ones."""
    set_font(appearance.font, appearance.text_scale)
    set_color_scheme(appearance.scheme)


class AppearanceWatch:
    """Calls `changed` with the Appearance when it is first known, and after each change. Runs on the loop."""

    def __init__(self, changed: Callable[[Appearance], None], first_pause: float = FIRST_PAUSE) -> None:
        self._changed = changed
        self._pause = first_pause
        self._values: dict[Key, Any] = {}
        self._signalled: dict[Key, Any] = {}
        """Changes reported since the last request for all settings. They are at least as new as its answer."""
        self._owner = ""
        """The unique name of the portal on the bus."""
        self._outdated = asyncio.Event()
        """The portal or a backend was started, or ended a while ago."""
        self._reported = Appearance()

    async def follow(self) -> None:
        """Follow the settings until cancelled; return at once where there is no bus."""
        if not sys.platform.startswith("linux"):
            return
        bus: MessageBus | None = None
        try:
            bus = await listen(self._on_message, "The watch of the desktop's settings", *_RULES)
            with bus_errors():
                async with asyncio.timeout(TIMEOUT):
                    owners = await ask_bus(bus, "GetNameOwner", PORTAL)
                    self._owner = self._owner or next(iter(owners), "")
                while True:
                    self._outdated.clear()
                    await self._read(bus)
                    await self._outdated.wait()
        except OSError as error:
            log.debug("No settings of the desktop: %s", error or type(error).__name__)
        finally:
            await disconnect(bus)

    async def _read(self, bus: "MessageBus") -> None:
        from dbus_fast import Message

        self._signalled.clear()
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                namespaces = [FREEDESKTOP, GNOME, KDE]
                question = Message(PORTAL, PORTAL_PATH, SETTINGS, "ReadAll", signature="as", body=[namespaces])
                reply = await bus.call(question)
        except TimeoutError:
            log.debug("The settings portal does not answer")
            return
        if reply and reply.signature == "a{sa{sv}}":
            read = {
                (space, name): value.value for space, values in reply.body[0].items() for name, value in values.items()
            }
            # A portal whose backend has not started yet answers without its namespaces: keep what is known of them.
            answered = {space for space, _ in read}
            kept = {key: value for key, value in self._values.items() if key[0] not in answered}
            self._values = kept | {key: read[key] for key in KEYS & read.keys()} | self._signalled
            self._report()

    def _on_message(self, message: "Message") -> None:
        if (message.sender, message.member) == (BUS, "NameOwnerChanged"):
            self._on_owner_changed(*message.body)
            return
        is_change = (message.interface, message.member, message.signature) == (SETTINGS, "SettingChanged", "ssv")
        # Any program can send such a signal to this one. Only the signals of the portal are used.
        if not is_change or message.sender != self._owner:
            return
        space, name, value = message.body
        if (space, name) in KEYS:
            self._values[space, name] = self._signalled[space, name] = value.value
            self._report()

    def _on_owner_changed(self, name: str, _before: str, owner: str) -> None:
        if name == PORTAL:
            self._owner = owner
        elif not name.startswith(BACKENDS):
            return
        if owner:
            self._outdated.set()
            return
        asyncio.get_running_loop().call_later(self._pause, self._outdated.set)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _report(self) -> None:
        on_wayland = QGuiApplication.platformName().startswith("wayland")
        desktops = os.environ.get("XDG_CURRENT_DESKTOP", "").split(":")
        found = read_appearance(self._values, desktops, on_wayland=on_wayland)
        if found.scheme is Qt.ColorScheme.Unknown and self._reported.scheme is not Qt.ColorScheme.Unknown:
            # Dark was switched off. Without a preference, Qt would stay dark on GNOME and Xfce.
            found = replace(found, scheme=Qt.ColorScheme.Light)
        if found != self._reported:
            self._reported = found
            self._changed(found)


def read_appearance(values: Mapping[Key, Any], desktops: list[str], *, on_wayland: bool) -> Appearance:
    """Return what the settings mean on one of these desktops (XDG_CURRENT_DESKTOP).

    The portal also reports GNOME's settings on other desktops, where they are in force for GTK on Wayland only. On X11,
    the text size is a resolution (Xft.dpi), which Qt follows by itself.
    """
    number = values.get(SCHEME)
    scheme = _SCHEMES.get(number, Qt.ColorScheme.Unknown) if type(number) is int else Qt.ColorScheme.Unknown
    if "KDE" in desktops:
        return Appearance(scheme=scheme, font=kde_font(values.get(KDE_FONT)) or _plasma_default())
    return Appearance(
        scheme=scheme,
        font=gnome_font(values.get(GNOME_FONT)) if on_wayland or "GNOME" in desktops else None,
        text_scale=_scale(values.get(TEXT_SCALE)) if on_wayland else 1.0,
    )


def _scale(value: object) -> float:
    return value if isinstance(value, float) and MIN_SCALE <= value <= MAX_SCALE else 1.0


_KDE = re.compile(
    r"(?P<names>[^,]*[^,\s].*?)(?P<rest>,(?P<size>\d{1,3}(?:\.\d{1,3})?),-1(?:,[^,]*){7,})", re.ASCII | re.DOTALL
)
"""The shortest form in which Qt 5 wrote a font with a size in points, after which -1 follows: names may contain commas.

Qt prints a warning for what has no name or fewer fields.
"""


def kde_font(value: object) -> QFont | None:
    """Return a font that Qt has written as text, as in kdeglobals; None for any other text."""
    if not isinstance(value, str) or len(value) > MAX_FONT_NAME or not (found := _KDE.fullmatch(value)):
        return None
    font = QFont()
    font.fromString(f"x{found['rest']}")  # to Qt, the first comma ends the name
    return _usable(found["names"], float(found["size"]), font.weight(), italic=font.italic())


def _plasma_default() -> QFont | None:
    """Return Plasma's font if the user has chosen none: kdeglobals is empty then, and Qt takes "Sans Serif 9"."""
    has_choice = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family() != "Sans Serif"
    return None if has_choice else _usable("Noto Sans", 10, QFont.Weight.Normal, italic=False)


_PANGO = re.compile(r"(?P<names>.*?)[\s,]+(?P<size>\d{1,3}(?:\.\d{1,3})?)(?:\s+@\S+)?\s*", re.ASCII)
"""Families and style, separated by blanks or commas, a size in points, and variations such as @wght=300."""

_WEIGHTS = {
    **dict.fromkeys(("thin",), QFont.Weight.Thin),
    **dict.fromkeys(("ultra-light", "extra-light"), QFont.Weight.ExtraLight),
    **dict.fromkeys(("light", "semi-light", "demi-light"), QFont.Weight.Light),
    **dict.fromkeys(("book", "regular", "normal"), QFont.Weight.Normal),
    **dict.fromkeys(("medium",), QFont.Weight.Medium),
    **dict.fromkeys(("semi-bold", "demi-bold", "semibold", "demibold"), QFont.Weight.DemiBold),
    **dict.fromkeys(("bold",), QFont.Weight.Bold),
    **dict.fromkeys(("ultra-bold", "extra-bold", "extrabold"), QFont.Weight.ExtraBold),
    **dict.fromkeys(("heavy", "black", "ultra-heavy", "extra-black", "ultra-black"), QFont.Weight.Black),
}
_ITALICS = {"italic", "oblique"}


def gnome_font(value: object) -> QFont | None:
    """Return a font that GNOME describes, such as "Cantarell Bold 11"; None for any other text.

    Format: pango_font_description_from_string. The words of width and variant stay in the name of the family.
    """
    found = _PANGO.fullmatch(value) if isinstance(value, str) and len(value) <= MAX_FONT_NAME else None
    if found is None:
        return None
    words = found["names"].split()
    weight, italic = QFont.Weight.Normal, False
    while words and (word := words[-1].lower()) in _ITALICS | _WEIGHTS.keys():
        weight, italic = _WEIGHTS.get(word, weight), italic or word in _ITALICS
        words.pop()
    return _usable(" ".join(words), float(found["size"]), weight, italic=italic)


def _usable(names: str, points: float, weight: QFont.Weight | int, *, italic: bool) -> QFont | None:
    """Return a font with the first of these families that is installed."""
    families = list(filter(None, map(str.strip, names.split(","))))
    if not families or not names.isprintable() or not MIN_POINTS <= points <= MAX_POINTS:
        return None
    font = QFont(families)
    font.setPointSizeF(points)
    font.setWeight(QFont.Weight(min(max(int(weight), 100), 900)))
    font.setItalic(italic)
    return font
