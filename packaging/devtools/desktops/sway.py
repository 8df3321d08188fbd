"""sway with waybar and mako, the parts that its users choose most often; in a window of a virtual X display."""

import ast
import json
import re
import time
from collections.abc import Iterator
from typing import Any

from .session import Place, Shown, XvfbSession, place_of, wait_for

# Without focus_on_window_activation, sway only marks a window as urgent.
_SWAY = """exec dbus-update-activation-environment --all
exec waybar
exec mako
output * resolution {width}x{height} scale {scale}
focus_on_window_activation focus
bar {{
    mode invisible
}}
"""

_MAKO = """default-timeout=10000
max-visible=-1
[mode=do-not-disturb]
invisible=1
"""

_ROW = 104
"""Height of a notification of mako with a body of three lines or more, with its margin."""


class Sway(XvfbSession):
    """mako has no buttons on the screen: its users choose an action with `makoctl`."""

    name, desktop, is_wayland = "sway", "sway", True
    packages = ("sway", "waybar", "mako-notifier", "fonts-font-awesome", "xwayland", "foot", "xdg-desktop-portal-gtk")
    copies_at_key = True
    has_buttons = False
    editor = ("foot", "foot")

    def start_desktop(self) -> None:
        """Start display and compositor, which starts the other parts."""
        self.start_screen()
        values = {"width": self.width, "height": self.height, "scale": self.scale}
        for name, text in (("sway/config", _SWAY.format(**values)), ("mako/config", _MAKO)):
            file = self.home / ".config" / name
            file.parent.mkdir(parents=True)
            file.write_text(text)
        variables = {"WLR_BACKENDS": "x11", "WLR_RENDERER": "pixman", "DISPLAY": f":{self.screen}"}
        self.spawn("env", "-u", "WAYLAND_DISPLAY", "sway", log="sway", more=variables)
        socket = wait_for(
            lambda: next((one for one in self.runtime.glob("wayland-?") if one.is_socket()), None), "sway"
        )
        (self.runtime / "wayland-sway").symlink_to(socket.name)
        wait_for(lambda: self.objects("waybar"), "waybar")
        time.sleep(2)

    def version(self) -> str:
        """Return the version of the compositor."""
        return self.run("sway", "--version").replace("version ", "")

    def notifications(self) -> list[Shown]:
        """Return what mako shows; `makoctl` does not print bodies."""
        found = re.split(r"^Notification (\d+): ", self.run("makoctl", "list"), flags=re.MULTILINE)[1:]
        bodies = self._bodies()
        return [
            Shown(title=text.splitlines()[0], body=bodies.get(number, ""), buttons=_labels(text))
            for number, text in zip(found[::2], found[1::2], strict=True)
        ]

    def _bodies(self) -> dict[str, str]:
        """Return the bodies by the numbers of the notifications."""
        mako = ("org.freedesktop.Notifications", "/fr/emersion/Mako", "fr.emersion.Mako.ListNotifications")
        found = {}
        for text in self.call(*mako).split("}, {"):
            number, body = re.search(r"'id': <(?:uint32 )?(\d+)>", text), re.search(r"'body': <(['\"].*?['\"])>", text)
            if number and body:
                found[number[1]] = str(ast.literal_eval(body[1]))
        return found

    def click_notification(self, title: str, button: str = "") -> None:
        """Click a notification where mako draws it; choose a button with makoctl."""
        found = re.findall(r"^Notification (\d+): (.*)$", self.run("makoctl", "list"), re.MULTILINE)
        number, row = next((number, row) for row, (number, name) in enumerate(found) if name == title)
        if not button:
            self.click(self.width - 160, 60 + row * _ROW)
            return
        text = self.run("makoctl", "list")
        key = re.search(rf"^    (\S+): {re.escape(button)}$", text, re.MULTILINE)
        self.run("makoctl", "invoke", "-n", number, key[1] if key else "")

    def listed(self) -> list[str]:
        """Return what is on the screen: the history of mako can only be shown again one by one."""
        return [one.title for one in self.notifications()]

    def active_window(self) -> str:
        """Return the title of the focused window."""
        return next((str(one["name"]) for one in self._windows() if one["focused"]), "")

    def window_place(self, title: str) -> Place:
        """Return the place of a window."""
        for one in self._windows():
            if title in (one["name"] or ""):
                return place_of([one["rect"][name] for name in ("x", "y", "width", "height")])
        raise LookupError(title)

    def resize_window(self, title: str, width: int, height: int) -> None:
        """Do nothing: a tiled window has the size that is free."""

    def _windows(self) -> list[dict[str, Any]]:
        socket = next(self.runtime.glob("sway-ipc.*")).name
        tree = self.run("swaymsg", "--socket", f"/run/user/{self.name}/{socket}", "--raw", "--type", "get_tree")
        return [one for one in _walk(json.loads(tree)) if one.get("pid")]

    def clipboard(self) -> str:
        """Return what another client would paste."""
        return self.run("timeout", "3", "/opt/wl-clipboard/usr/bin/wl-paste", "--no-newline")

    def tray_icon(self) -> Place:
        """Return the place of the icon in waybar."""
        for one in self.objects("waybar"):
            if one["description"].startswith("Mailpit Notifier"):
                return place_of(one["screen"])
        raise LookupError("tray icon")

    def choose_settings(self) -> None:
        """Click the entry: waybar does not pass on keys to its menus."""
        found = (one for one in self.objects("waybar") if one["role"] == "menu item" and one["name"] == "Settings…")
        self.click(*place_of(next(found)["screen"]).center)

    def close_menu(self) -> None:
        """Click beside the menu: it keeps all keys from the windows, but does not close at Escape."""
        self.click(self.width // 4, self.height // 2)

    def set_dark(self, *, dark: bool) -> None:
        """Change the setting that the portal of GTK reports."""
        self.set("org.gnome.desktop.interface", "color-scheme", "prefer-dark" if dark else "default")

    def set_text_scale(self, scale: float) -> None:
        """Change the setting that the portal of GTK reports."""
        self.set("org.gnome.desktop.interface", "text-scaling-factor", str(scale))

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Use the mode that mako's manual suggests for this."""
        self.run("makoctl", "mode", "-a" if on else "-r", "do-not-disturb")


def _labels(text: str) -> tuple[str, ...]:
    actions = re.findall(r"^    (\S+): (.*)$", text, re.MULTILINE)
    return tuple(label for key, label in actions if key != "default")


def _walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in [*node.get("nodes", []), *node.get("floating_nodes", [])]:
        yield from _walk(child)
