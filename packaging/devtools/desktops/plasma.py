"""Plasma on Wayland: KWin runs in a window of a virtual X display, so that xdotool drives it."""

import json
import os
import time
from typing import Any, ClassVar

from .accessible_shell import AccessibleShell
from .chroot import ID
from .session import POPUP, QUIET, Place, XvfbSession, place_of, wait_for

_TRAY_HOST = "org.kde.StatusNotifierWatcher"
_BUS = "org.freedesktop.DBus"

_WINDOWS = """print("WINDOWS " + JSON.stringify(workspace.windowList().map(window => { const f = window.frameGeometry;
  return [window.caption, window.active, [f.x, f.y, f.width, f.height]]; })));
"""


class Plasma(XvfbSession, AccessibleShell):
    """KDE Plasma. Its windows are seen through a script in KWin, all else through the accessibility tree."""

    name, desktop, is_wayland = "plasma", "KDE", True
    packages = (
        "plasma-workspace", "plasma-desktop", "kwin-wayland", "plasma-integration", "breeze", "breeze-icon-theme",
        "kde-style-breeze", "systemsettings", "kde-cli-tools", "xdg-desktop-portal-kde", "xwayland", "kwrite",
    )  # fmt: skip
    keeps_list = True
    lists_newest_first = False  # Plasma adds to the list of a program at its end
    editor = ("kwrite", "KWrite")
    variables: ClassVar[dict[str, str]] = {
        "KDE_FULL_SESSION": "true",
        "KDE_SESSION_VERSION": "6",
        "XDG_MENU_PREFIX": "plasma-",
    }
    shell, notification = "plasmashell", ("notification", -1)
    not_ours = frozenset({"Mailpit Notifier", "Configure", "Close", "Just now"})

    def start_desktop(self) -> None:
        """Start display, compositor and shell."""
        self.start_screen()
        self.run("kwriteconfig6", "--file", "kscreenlockerrc", "--group", "Daemon", "--key", "Autolock", "false")
        popup = str(POPUP * 1000)
        self.run(
            "kwriteconfig6", "--file", "plasmanotifyrc", "--group", "Notifications", "--key", "PopupTimeout", popup
        )
        self.run("kwriteconfig6", "--file", "kwalletrc", "--group", "Wallet", "--key", "Enabled", "false")
        if self.scale != 1:
            self._write_scale()
        note = self.chroot.root / "usr/local/bin/note-display"
        note.write_text(
            '#!/bin/sh\necho "$DISPLAY" >"$XDG_RUNTIME_DIR/display"\ncp "$XAUTHORITY" "$HOME/.Xauthority"\n'
        )
        note.chmod(0o755)
        size = ["--width", str(self.width // self.scale), "--height", str(self.height // self.scale)]
        options = ["--x11-display", f":{self.screen}", *size]
        options += ["--scale", str(self.scale), "--no-lockscreen", "--xwayland", "--socket", "wayland-plasma"]
        # The variable KWIN_WAYLAND_NO_PERMISSION_CHECKS is not set: plasmashell would get no activation tokens.
        without = ["env", "-u", "WAYLAND_DISPLAY", "-u", "DISPLAY", "QT_NO_XDG_DESKTOP_PORTAL=1"]
        self.spawn(*without, "kwin_wayland", *options, "/usr/local/bin/note-display", log="kwin")
        written = self.runtime / "display"
        self._display = wait_for(lambda: written.exists() and written.read_text().strip(), "KWin")
        self.share_environment()  # before the portal is first asked for
        wayland = {"QT_QPA_PLATFORM": "wayland"}
        self.spawn("kded6", more=wayland)
        self.spawn("/usr/lib/x86_64-linux-gnu/libexec/kactivitymanagerd", more=wayland)
        time.sleep(1)
        self.spawn("plasmashell", more=wayland)
        wait_for(lambda: "true" in self.call(_BUS, "/", f"{_BUS}.NameHasOwner", _TRAY_HOST), "Plasma")
        wait_for(lambda: self._button("Digital Clock"), "the panel")
        time.sleep(2)

    def _write_scale(self) -> None:
        """Choose the scale of the only monitor, as the settings do. KWin starts with 100 % and ignores `--scale`."""
        mode = {"width": self.width, "height": self.height, "refreshRate": 60000}
        outputs = [{"connectorName": "X11-0", "mode": mode, "scale": self.scale, "transform": "Normal"}]
        place = {"enabled": True, "outputIndex": 0, "position": {"x": 0, "y": 0}, "priority": 0}
        setups = [{"lidClosed": False, "outputs": [place]}]
        file = self.home / ".config/kwinoutputconfig.json"
        file.write_text(json.dumps([{"name": "outputs", "data": outputs}, {"name": "setups", "data": setups}]))
        os.chown(file, ID, ID)

    def version(self) -> str:
        """Return the version of the shell."""
        return self.run("plasmashell", "--version").replace("plasmashell", "Plasma")

    def listed(self) -> list[str]:
        """Return the titles in the list that the bell in the panel opens."""
        if not self._list():
            bell = next(iter(self._button("Notifications")), None)
            if bell is None:
                return []  # the bell is shown while there are notifications
            self.click(*place_of(bell["screen"]).center)
            wait_for(self._list, "the list of notifications")
            time.sleep(QUIET)
        headings = [one for one in self.objects(self.shell) if one["role"] == "heading" and one["depth"] > 6]
        found = sorted(headings, key=lambda one: int(one["screen"][1]))  # the tree has the order of creation
        return [one["name"] for one in found if one["name"] not in {*self.not_ours, ""} and "ago" not in one["name"]]

    def close_list(self) -> None:
        """Close the list of notifications."""
        if self._list():
            self.key("Escape")
            time.sleep(QUIET)

    def _list(self) -> list[dict[str, Any]]:
        return [
            one for one in self.objects(self.shell) if one["name"] == "Do not disturb" and one["role"] == "check box"
        ]

    def _button(self, name: str) -> list[dict[str, Any]]:
        return [one for one in self.objects(self.shell) if one["role"] == "button" and one["name"] == name]

    def active_window(self) -> str:
        """Return the title of the focused window."""
        return next((title for title, is_active, _ in self._windows() if is_active), "")

    def window_place(self, title: str) -> Place:
        """Return the place of a window."""
        for name, _, box in self._windows():
            if title in name:
                return place_of(box)
        raise LookupError(title)

    def _windows(self) -> list[Any]:
        """Return title, whether it is active, and place of each window: a script prints them to the log of KWin."""
        before = self.log_of("kwin").count("js: WINDOWS")
        self._script(_WINDOWS)
        wait_for(lambda: self.log_of("kwin").count("js: WINDOWS") > before, "the answer of KWin")
        return list(json.loads(self.log_of("kwin").rpartition("js: WINDOWS ")[2].splitlines()[0]))

    def _script(self, code: str) -> None:
        """Run JavaScript in KWin."""
        (self.home / "script.js").write_text(code)
        name, path, scripting = f"script{time.monotonic_ns()}", "/Scripting", "org.kde.kwin.Scripting"
        number = self.call(
            "org.kde.KWin", path, f"{scripting}.loadScript", f"{self.environment['HOME']}/script.js", name
        )
        self.call("org.kde.KWin", f"/Scripting/Script{number.strip('(,)')}", "org.kde.kwin.Script.run")
        self.call("org.kde.KWin", path, f"{scripting}.unloadScript", name)

    def raise_window(self, title: str, place: Place) -> None:  # noqa: ARG002 - the place may be covered
        """Activate a window, as a click in the panel does."""
        self._script(
            f"workspace.activeWindow = workspace.windowList().find(w => w.caption.includes({json.dumps(title)}));"
        )

    def resize_window(self, title: str, width: int, height: int) -> None:
        """Keep the upper left corner."""
        window = f"workspace.windowList().find(w => w.caption.includes({json.dumps(title)}))"
        size = f"width: {width}, height: {height}"
        self._script(f"(w => {{ w.frameGeometry = {{x: w.x, y: w.y, {size}}}; }})({window});")

    def clipboard(self) -> str:
        """Return what Klipper would paste."""
        reply = self.call("org.kde.klipper", "/klipper", "org.kde.klipper.klipper.getClipboardContents")
        return reply.removeprefix("('").removesuffix("',)")

    def tray_icon(self) -> Place:
        """Return the place of the icon in the panel."""
        found = [*self._button("mailpit-notifier"), *self._button("Mailpit Notifier")]
        if not found:
            raise LookupError("tray icon")
        return place_of(found[0]["screen"])

    def set_dark(self, *, dark: bool) -> None:
        """Choose the colors in the settings."""
        self.run("plasma-apply-colorscheme", "BreezeDark" if dark else "BreezeLight")

    def set_text_scale(self, scale: float) -> None:
        """Choose another size of the general font, as the settings do."""
        font = f"Noto Sans,{round(10 * scale)},-1,5,400,0,0,0,0,0,0,0,0,0,0,1"
        self.run("kwriteconfig6", "--notify", "--file", "kdeglobals", "--group", "General", "--key", "font", font)
        change = ["--object-path", "/KGlobalSettings", "--signal", "org.kde.KGlobalSettings.notifyChange", "1", "0"]
        self.run("gdbus", "emit", "--session", *change)
        self.run(
            "gdbus",
            "emit",
            "--session",
            "--object-path",
            "/KDEPlatformTheme",
            "--signal",
            "org.kde.KDEPlatformTheme.refreshFonts",
        )

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Use the global shortcut, which toggles it."""
        service = "org.kde.kglobalaccel"
        inhibited = self.call(
            "org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.DBus.Properties.Get",
            "org.freedesktop.Notifications", "Inhibited",
        )  # fmt: skip
        if on != ("true" in inhibited):
            self.call(service, "/component/plasmashell", f"{service}.Component.invokeShortcut", "toggle do not disturb")
