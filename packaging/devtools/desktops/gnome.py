"""GNOME Shell on Wayland, without a screen. The shell itself is asked and driven, in JavaScript (`--unsafe-mode`)."""

import ast
import json
import re
import shutil
import time
from pathlib import Path
from typing import Any

from .session import QUIET, SHOWN, Place, Session, Shown, place_of, wait_for

_LIBRARY = """
const C = imports.gi.Clutter, St = imports.gi.St, GLib = imports.gi.GLib;
const seat = C.get_default_backend().get_default_seat();
global.pointer ??= seat.create_virtual_device(C.InputDeviceType.POINTER_DEVICE);
global.keyboard ??= seat.create_virtual_device(C.InputDeviceType.KEYBOARD_DEVICE);
const now = () => GLib.get_monotonic_time();
const all = actor => [actor, ...actor.get_children().flatMap(all)];
const shown = actor => actor && actor.is_mapped() ? all(actor).filter(one => one.is_mapped()) : [];
const place = actor => { const [x, y] = actor.get_transformed_position(), [w, h] = actor.get_transformed_size();
  return [Math.round(x), Math.round(y), Math.round(w), Math.round(h)]; };
const text = actor => actor.label || actor.text || (actor.get_label && actor.get_label()) || '';
const window = title => global.get_window_actors().map(actor => actor.meta_window)
  .find(one => (one.title || '').includes(title));
const indicators = () => Object.entries(Main.panel.statusArea).filter(([name]) => name.includes('ppindicator'))
  .map(([, indicator]) => indicator);
const newest = () => Main.messageTray.getSources().flatMap(source => source.notifications)
  .sort((one, other) => other.datetime.compare(one.datetime));
"""

_ACTORS = "[Main.messageTray._bannerBin, Main.panel.statusArea.dateMenu._messageList].flatMap(shown)"


class Gnome(Session):
    """GNOME with the extension that shows tray icons."""

    name, desktop, is_wayland = "gnome", "GNOME", True
    packages = (
        "gnome-shell", "gjs", "gnome-shell-extension-appindicator", "gnome-control-center", "gnome-session-common",
        "gnome-settings-daemon-common", "gir1.2-gtk-4.0", "xwayland", "xdg-desktop-portal", "xdg-desktop-portal-gnome",
        "xdg-desktop-portal-gtk", "gnome-text-editor",
    )  # fmt: skip
    menu_button = 1
    editor = ("gnome-text-editor", "Text Editor")

    def start_desktop(self) -> None:
        """Start the shell. Without animations, a screenshot shows the end of one."""
        self.set("org.gnome.desktop.interface", "enable-animations", "false")
        self.set("org.gnome.desktop.session", "idle-delay", "0")
        self.set("org.gnome.shell", "welcome-dialog-last-shown-version", "99")
        self.set("org.gnome.shell", "disable-user-extensions", "false")
        self.set("org.gnome.shell", "enabled-extensions", "['ubuntu-appindicators@ubuntu.com']")
        options = ["--headless", "--virtual-monitor", f"{self.width}x{self.height}", "--unsafe-mode"]
        without = ["env", "-u", "WAYLAND_DISPLAY", "-u", "DISPLAY"]
        self.spawn(*without, "gnome-shell", *options, "--wayland-display", "wayland-gnome", log="shell")
        wait_for(lambda: "GNOME Shell started" in self.log_of("shell"), "GNOME Shell")
        self._display = self.log_of("shell").partition("public X11 display ")[2].split()[0].rstrip(",")
        self.share_environment()
        self.js("Main.overview.hide(); Main.messageTray.getSources().forEach(s => s.destroy(2)); 1")
        if self.scale != 1:
            self._set_scale()
        self.move(640, 500)  # banners of an idle user stay on the screen

    def js(self, code: str) -> Any:
        """Run JavaScript in the shell; return the value of its last expression. Raises LookupError with its error."""
        path = "/org/gnome/Shell"
        whole = f"(() => {{ {_LIBRARY} return eval({json.dumps(code)}); }})()"
        reply = self.call("org.gnome.Shell", path, "org.gnome.Shell.Eval", json.dumps(whole))
        done, _, value = reply.removeprefix("(").removesuffix(")").partition(", ")
        printed = ast.literal_eval(value) if value else reply
        if done != "true":
            raise LookupError(printed)
        return json.loads(printed) if printed else None

    def version(self) -> str:
        """Return the version of the shell."""
        return self.run("gnome-shell", "--version").replace("GNOME Shell", "GNOME")

    def screenshot(self, file: Path) -> None:
        """Write a PNG of the screen."""
        service, path = "org.gnome.Shell.Screenshot", "/org/gnome/Shell/Screenshot"
        self.call(service, path, f"{service}.Screenshot", "false", "false", f"{self.environment['HOME']}/shot.png")
        shutil.copy(self.home / "shot.png", file)

    def notifications(self) -> list[Shown]:
        """Return what the shell has in its tray, on the screen or not."""
        found = self.js("newest().map(one => [one.title, one.body || '', one.actions.map(action => action.label)])")
        return [Shown(title=title, body=body, buttons=tuple(labels)) for title, body, labels in found]

    def click_notification(self, title: str, button: str = "") -> None:
        """Open the list of notifications if the banner is gone, and click."""
        if not self._place(title, ""):
            self._open_list()
        box = wait_for(lambda: self._place(title, ""), f'the notification "{title}"', SHOWN)
        if button:
            self.move(*place_of(box).center)  # expands a banner
            time.sleep(QUIET)
            self._expand(title)
            box = wait_for(lambda: self._place(title, button), f'the button "{button}"', SHOWN)
            x, y = place_of(box).center
        else:
            place = place_of(box)
            x, y = place.x + place.width // 2, place.y + min(place.height // 2, 50)
        self.click(x, y)

    def _expand(self, title: str) -> None:
        """Expand the message if it is in the list, as the arrow in it does."""
        self.js(f"{_messages(title)}.filter(one => !one.expanded).forEach(one => one.expand(false)); 1")
        time.sleep(QUIET)

    def _place(self, title: str, button: str) -> Any:
        """Return the place of the message with this title, or of a button in it."""
        messages = _messages(title)
        if not button:
            return self.js(f"{messages}.map(place)[0] || null")
        buttons = f"shown(one).filter(b => b instanceof St.Button && b.label == {json.dumps(button)})"
        return self.js(f"{messages}.flatMap(one => {buttons}).map(place)[0] || null")

    def listed(self) -> list[str]:
        """Return the titles in the list below the clock, in the order in which it shows them."""
        self._open_list()
        messages = f"{_ACTORS}.filter(one => one.notification && one.constructor.name == 'NotificationMessage')"
        found = self.js(f"{messages}.map(one => [place(one)[1], one.notification.title]).sort((a, b) => a[0] - b[0])")
        return [title for _, title in found]

    def close_list(self) -> None:
        """Close the list below the clock."""
        self.js("Main.panel.statusArea.dateMenu.menu.close(); 1")
        time.sleep(QUIET)

    def _open_list(self) -> None:
        self.js("Main.panel.statusArea.dateMenu.menu.open(); 1")
        time.sleep(QUIET)
        groups = f"{_ACTORS}.filter(one => one.constructor.name == 'NotificationMessageGroup')"
        self.js(f"{groups}.forEach(group => group.expand()); 1")
        time.sleep(QUIET)

    def active_window(self) -> str:
        """Return the title of the focused window."""
        return str(self.js("(w => w ? w.title || w.get_wm_class() : '')(global.display.focus_window)"))

    def window_place(self, title: str) -> Place:
        """Return the place of a window."""
        found = f"(r => r ? [r.x, r.y, r.width, r.height] : null)(window({json.dumps(title)})?.get_frame_rect())"
        box = self.js(found)
        if box is None:
            raise LookupError(title)
        return place_of(box)

    def clipboard(self) -> str:
        """Return what the shell would paste."""
        self.js("St.Clipboard.get_default().get_text(1, (c, t) => { global.pasted = t }); 1")
        time.sleep(QUIET)
        return str(self.js("global.pasted || ''"))

    def tray_icon(self) -> Place:
        """Return the place of the icon in the top bar."""
        box = self.js("indicators().filter(one => one.is_mapped()).map(place)[0] || null")
        if box is None:
            raise LookupError("tray icon")
        return place_of(box)

    def raise_window(self, title: str, place: Place) -> None:  # noqa: ARG002 - the place may be covered
        """Activate a window, as a choice in the overview does."""
        self.js(f"window({json.dumps(title)}).activate(global.get_current_time()); 1")

    def resize_window(self, title: str, width: int, height: int) -> None:
        """Keep the upper left corner."""
        size = f"{width}, {height}"
        self.js(
            f"(w => {{ const r = w.get_frame_rect(); w.move_resize_frame(true, r.x, r.y, {size}); }})"
            f"(window({json.dumps(title)})); 1"
        )

    def choose_settings(self) -> None:
        """Click the entry: keys reach a menu only after it was opened by one."""
        items = "indicators().flatMap(one => one.menu._getMenuItems())"
        entries = f"{items}.filter(one => one.label && one.label.text == 'Settings…')"
        box = wait_for(lambda: self.js(f"{entries}.map(one => place(one.actor || one))[0] || null"), "the menu")
        self.click(*place_of(box).center)

    def set_dark(self, *, dark: bool) -> None:
        """Choose the style in the settings."""
        self.set("org.gnome.desktop.interface", "color-scheme", "prefer-dark" if dark else "default")

    def set_text_scale(self, scale: float) -> None:
        """Choose "Large text"."""
        self.set("org.gnome.desktop.interface", "text-scaling-factor", str(scale))

    def set_do_not_disturb(self, *, on: bool) -> None:
        """Use the switch in the list of notifications."""
        self.set("org.gnome.desktop.notifications", "show-banners", "false" if on else "true")

    def move(self, x: int, y: int) -> None:
        """Move the pointer."""
        self.js(f"global.pointer.notify_absolute_motion(now(), {x}, {y}); 1")

    def press(self, button: int = 1) -> None:
        """Click where the pointer is."""
        self.js(f"[1, 0].forEach(state => global.pointer.notify_button(now(), {button}, state)); 1")

    def key(self, *keys: str) -> None:
        """Press these keys."""
        for one in keys:
            names = json.dumps([f"KEY_{part}" for part in one.split("+")])
            self.js(
                f"const l = {names}.map(k => C[k]); l.forEach(k => global.keyboard.notify_keyval(now(), k, 1));"
                "l.reverse().forEach(k => global.keyboard.notify_keyval(now(), k, 0)); 1"
            )

    def _set_scale(self) -> None:
        """Use the scale of the session for the only monitor."""
        service, path = "org.gnome.Mutter.DisplayConfig", "/org/gnome/Mutter/DisplayConfig"
        state = self.call(service, path, f"{service}.GetCurrentState")
        serial = re.findall(r"uint32 (\d+)", state)[0]
        name, mode = re.findall(r"\(\('([^']+)'", state)[0], re.findall(r"'(\d+x\d+@[\d.]+)'", state)[0]
        monitors = f"[(0, 0, {float(self.scale)}, 0, true, [('{name}', '{mode}', {{}})])]"
        self.call(service, path, f"{service}.ApplyMonitorsConfig", serial, "1", monitors, "{}")


def _messages(title: str) -> str:
    """Return the code for the messages with this title on the screen."""
    return f"{_ACTORS}.filter(one => one.notification && one.notification.title == {json.dumps(title)})"
