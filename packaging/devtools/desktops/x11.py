"""Xfce and Cinnamon, on a virtual X display. Windows are found with xdotool."""

import ast
import json
import re
import time

from .accessible_shell import AccessibleShell
from .session import POPUP, Place, XvfbSession, place_of, wait_for


class X11Session(XvfbSession, AccessibleShell):
    """What both have in common."""

    is_wayland = False
    editor = ("mousepad", "Mousepad")

    def active_window(self) -> str:
        """Return the title of the focused window."""
        return self.on_screen("xdotool", "getactivewindow", "getwindowname")

    def window_place(self, title: str) -> Place:
        """Return the place of a window."""
        found = self.on_screen(
            "xdotool", "search", "--onlyvisible", "--name", re.escape(title), "getwindowgeometry", "--shell"
        )
        values = dict(re.findall(r"^(X|Y|WIDTH|HEIGHT)=(-?\d+)$", found, re.MULTILINE))
        if not values:
            raise LookupError(title)
        return place_of([int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT")])

    def raise_window(self, title: str, place: Place) -> None:  # noqa: ARG002 - the place may be covered
        """Activate a window, as a click in the panel does."""
        self.on_screen("xdotool", "search", "--onlyvisible", "--name", re.escape(title), "windowactivate")

    def resize_window(self, title: str, width: int, height: int) -> None:
        """Keep the upper left corner."""
        size = (str(width), str(height))
        self.on_screen("xdotool", "search", "--onlyvisible", "--name", re.escape(title), "windowsize", *size)

    def clipboard(self) -> str:
        """Return what another X client would paste."""
        return self.on_screen("timeout", "3", "xclip", "-selection", "clipboard", "-out")


_NO_ICON = 8
"""Pixels: the plugin for icons is narrower while it has none."""


class Xfce(X11Session):
    """Xfce without its session manager."""

    name, desktop = "xfce", "XFCE"
    packages = (
        "xfce4-panel",
        "xfwm4",
        "xfdesktop4",
        "xfce4-settings",
        "xfce4-notifyd",
        "xfce4-session",  # the portal reads from it which back ends Xfce uses
        "mousepad",
        "xdg-desktop-portal-gtk",
    )
    shell, notification = "xfce4-notifyd", ("frame", 1)
    not_ours = frozenset({"Open"})

    def start_desktop(self) -> None:
        """Start the parts that the session manager would start."""
        self.start_screen()
        self.share_environment()
        for part in ("xfsettingsd", "xfwm4", "xfdesktop"):
            self.spawn(part)
        self.spawn("xfce4-panel", "-d")
        self.spawn("/usr/lib/x86_64-linux-gnu/xfce4/notifyd/xfce4-notifyd")
        wait_for(lambda: self.objects("xfce4-panel"), "the panel")
        time.sleep(5)
        self._configure("xsettings", "/Xfce/LastCustomDPI", "int", "96")
        if self.scale != 1:
            self._configure("xsettings", "/Gdk/WindowScalingFactor", "int", str(self.scale))
            self._configure("xfwm4", "/general/theme", "string", "Default-xhdpi")

    @property
    def environment(self) -> dict[str, str]:
        """Qt ignores the scale of Xfce: users set a variable."""
        scale = {"QT_SCALE_FACTOR": str(self.scale)} if self.scale != 1 else {}
        return {**super().environment, **scale}

    def version(self) -> str:
        """Return the version of the panel."""
        return "Xfce " + self.run("xfce4-panel", "--version").split()[1]

    def click_notification(self, title: str, button: str = "") -> None:
        """Click a button; the one for the notification itself is "Open"."""
        super().click_notification(title, button or "Open")

    def listed(self) -> list[str]:
        """Return what is on the screen: a log is kept only if the user turns it on. The newest one is at the bottom."""
        return [one.title for one in reversed(self.notifications())]

    def tray_icon(self) -> Place:
        """Return the place of the plugin for icons: the first plugin of the panel with a separate process.

        Its contents are not used: the panel reports them only if both processes start in a certain order.
        """
        plugins = (one for one in self.objects("xfce4-panel") if (one["role"], one["depth"]) == ("filler", 3))
        # GTK reports places before they are enlarged.
        place = next((place_of([self.scale * value for value in one["screen"]]) for one in plugins), None)
        if place is None or place.width < _NO_ICON * self.scale:
            raise LookupError("tray icon")
        return place

    def set_dark(self, *, dark: bool) -> None:
        """Choose the style in the settings, and the setting that the portal of GTK reports, as Xfce 4.20 does not."""
        self._configure("xsettings", "/Net/ThemeName", "string", "Adwaita-dark" if dark else "Adwaita")
        self.set("org.gnome.desktop.interface", "color-scheme", "prefer-dark" if dark else "default")

    def set_text_scale(self, scale: float) -> None:
        """Choose a custom DPI in the settings."""
        self._configure("xsettings", "/Xft/DPI", "int", str(round(96 * scale)))

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Use the switch of the notification settings."""
        self._configure("xfce4-notifyd", "/do-not-disturb", "bool", "true" if on else "false")

    def _configure(self, channel: str, name: str, kind: str, value: str) -> None:
        self.run("xfconf-query", "--channel", channel, "--property", name, "--create", "--type", kind, "--set", value)


class Cinnamon(X11Session):
    """Cinnamon without its session manager."""

    name, desktop = "cinnamon", "X-Cinnamon"
    packages = ("cinnamon", "mousepad", "xdg-desktop-portal-xapp", "xdg-desktop-portal-gtk")
    keeps_list = True
    shell, notification = "cinnamon", ("notification", -1)

    def start_desktop(self) -> None:
        """Start the parts that the session manager would start."""
        self.start_screen()
        self.share_environment()
        if self.scale != 1:
            self.set("org.cinnamon.desktop.interface", "scaling-factor", str(self.scale))
        self.set("org.cinnamon.desktop.notifications", "notification-duration", str(POPUP))
        self.spawn("csd-xsettings")
        self.spawn("cinnamon", log="shell")
        wait_for(lambda: "true" in self._js("Main.panelManager.panels.length > 0"), "Cinnamon")
        time.sleep(8)

    def version(self) -> str:
        """Return the version of the shell."""
        return self.run("cinnamon", "--version")

    def listed(self) -> list[str]:
        """Return what is on the screen and what the applet in the panel lists, newest first."""
        applets = "imports.ui.appletManager.getRunningInstancesForUuid('notifications@cinnamon.org')"
        reply = self._js(f"JSON.stringify({applets}.flatMap(one => one.notifications).map(one => one.title))")
        kept = json.loads(ast.literal_eval(reply.partition(", ")[2].removesuffix(")")) or '"[]"')
        return [*(one.title for one in self.notifications()), *reversed(json.loads(kept))]

    def tray_icon(self) -> Place:
        """Return the place of the only picture in the panel: icons of the desktop itself are no pictures."""
        for one in self.objects(self.shell):
            if one["role"] == "image":
                return place_of(one["screen"])
        raise LookupError("tray icon")

    def set_dark(self, *, dark: bool) -> None:
        """Choose "dark mode" in the settings."""
        self.set("org.x.apps.portal", "color-scheme", "prefer-dark" if dark else "prefer-light")

    def set_text_scale(self, scale: float) -> None:
        """Choose the text scaling factor in the settings."""
        self.set("org.cinnamon.desktop.interface", "text-scaling-factor", str(scale))

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Use the switch of the notification settings."""
        self.set("org.cinnamon.desktop.notifications", "display-notifications", "false" if on else "true")

    def _js(self, code: str) -> str:
        """Run JavaScript in the shell; return the reply as gdbus prints it."""
        return self.call("org.Cinnamon", "/org/Cinnamon", "org.Cinnamon.Eval", json.dumps(code))
