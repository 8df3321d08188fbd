"""Pictures of what is shown by other programs: the icon in two kinds of panel, notifications by two services.

A panel or a service that is not installed is reported and skipped. tint2 takes icons by XEmbed, xfce4-panel as
StatusNotifier items.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from desk import Desk
from looks import DARK, LIGHT, Look
from mails import server
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter
from windows import UNREACHABLE, entry

from accessible import running
from look import MAIN, samples
from program import Program, wait_until

SIZES = (16, 22, 24, 32, 48, 64)
BARS = {"light": (LIGHT, "#eceff1"), "dark": (DARK, "#23272e"), "tinted": (LIGHT, "#3a6ea5")}
"""For each panel the theme of the desktop, which is all that the program knows, and its color."""

GAP, ZOOM = 6, 2
SERVICES = Path("/usr/share/dbus-1/services")

TINT2 = """rounded = 0
border_width = 0
background_color = {color} 100
border_color = {color} 0
panel_items = S
panel_size = 100% {height}
panel_background_id = 1
systray_padding = 4 4 8
systray_icon_size = {size}
"""

XFCE = """<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0"><property name="configver" type="int" value="2"/>
<property name="panels" type="array"><value type="int" value="1"/><property name="panel-1" type="empty">
<property name="position" type="string" value="p=10;x=0;y=0"/><property name="length" type="uint" value="100"/>
<property name="position-locked" type="bool" value="true"/><property name="size" type="uint" value="{height}"/>
<property name="icon-size" type="uint" value="{size}"/>
<property name="plugin-ids" type="array"><value type="int" value="1"/></property></property></property>
<property name="plugins" type="empty"><property name="plugin-1" type="string" value="systray">
<property name="icon-size" type="int" value="{size}"/><property name="single-row" type="bool" value="true"/></property>
</property></channel>
"""

MESSAGE = "Your sign-in code is 482913. It expires in 10 minutes.\n"


@contextmanager
def _moods(desk: Desk, look: Look) -> Iterator[Sequence[Program]]:
    """Yield the program in each state of its icon: well, with few and many new messages, paused, off, failing."""
    with ExitStack() as stack:
        servers = [stack.enter_context(server(samples()[MAIN])) for _ in range(4)]
        closed = stack.enter_context(server(auth="ann:secret"))
        configs = [entry(one.url, "shop") for one in servers] + [entry(UNREACHABLE, "shop")]
        configs.append(entry(closed.url, "shop", more='user = "ann"\n'))
        programs = [desk.program(look, config) for config in configs]
        for program, connected in zip(programs, (1, 1, 1, 1, 0, 0), strict=True):
            stack.enter_context(desk.started(program, "--hidden", connected=connected))
        for one, new in ((1, 3), (2, 120)):
            servers[one].burst(new)
            programs[one].wait_for_server(total=len(samples()[MAIN]) + new)
        programs[3].command("pause")
        for program in programs[4:]:
            program.wait_for_server(state="disconnected")
        yield programs


def tray(desk: Desk) -> None:
    """Picture each state in each size, on light, dark and other panels; small pictures are doubled."""
    for name, (look, color) in BARS.items():
        with _moods(desk, look) as programs:
            rows = [_row(desk, programs, color, size) for size in SIZES]
            _sheet(rows, color).save(str(desk.target / f"tray-{name}.png"))
            print(desk.target / f"tray-{name}.png", flush=True)
            if name != "tinted":
                _in_xfce(desk, name)


def _row(desk: Desk, programs: Sequence[Program], color: str, size: int) -> list[QImage]:
    """Run a panel with the icons of these programs at this size."""
    config = desk.folder / "tint2rc"
    config.write_text(TINT2.format(color=color, height=size + 8, size=size))
    pids = [program.process.pid for program in programs if program.process]
    with running(desk.environment, "tint2", "-c", str(config)):
        areas = wait_until(lambda: _docked(desk, pids, size), f"icons of {size} pixels", patience=60)
        everything = QRect()
        for area in areas:
            everything = everything.united(QRect(*area))
        bar = str(desk.folder / "bar.png")
        desk.camera.order(file=bar, area=everything.getRect())
        image = QImage(bar)
        return [image.copy(QRect(*area).translated(-everything.topLeft())) for area in areas]


def _docked(desk: Desk, pids: Sequence[int], size: int) -> list[tuple[int, int, int, int]]:
    """Return the positions of the icons of these programs, [] until all have their size."""
    found: dict[int, tuple[int, int, int, int]] = {}
    for window in desk.run("xdotool", "search", "--onlyvisible", "--class", "mailpit-notifier").split():
        pid = desk.run("xdotool", "getwindowpid", window).strip()
        if pid:
            found[int(pid)] = desk.area(window)
    areas = [found[pid] for pid in pids if pid in found]
    return areas if len(areas) == len(pids) and all(area[2:] == (size, size) for area in areas) else []


def _sheet(rows: Sequence[Sequence[QImage]], color: str) -> QImage:
    """Save the icons below each other, doubled."""
    width = sum(max(row[place].width() for row in rows) + GAP for place in range(len(rows[0])))
    sheet = QImage(width + GAP, sum(row[0].height() + GAP for row in rows) + GAP, QImage.Format.Format_RGB32)
    sheet.fill(QColor(color))
    painter = QPainter(sheet)
    top = GAP
    for row in rows:
        for place, image in enumerate(row):
            painter.drawImage(GAP + place * (max(SIZES) + GAP), top, image)
        top += row[0].height() + GAP
    painter.end()
    return sheet.scaled(sheet.size() * ZOOM)


def _in_xfce(desk: Desk, name: str) -> None:
    xfconf = _service("org.xfce.Xfconf")
    if not (xfconf and shutil.which("xfce4-panel")):
        print("Skipped: xfce4-panel is not installed.")
        return
    theme = {"GTK_THEME": "Adwaita:dark" if name == "dark" else "Adwaita"}
    for size in (16, 24, 48):
        environment = {**desk.environment, **theme, "XDG_CONFIG_HOME": str(desk.folder / f"xfce-{name}-{size}")}
        settings = desk.folder / f"xfce-{name}-{size}/xfce4/xfconf/xfce-perchannel-xml"
        settings.mkdir(parents=True)
        (settings / "xfce4-panel.xml").write_text(XFCE.format(height=size + 12, size=size))
        with running(environment, xfconf), running(environment, "xfce4-panel", "--disable-wm-check"):
            wait_until(lambda: desk.owned("org.kde.StatusNotifierWatcher"), "a panel", patience=60)
            panel = _visible(desk, "xfce4-panel")
            desk.take(f"tray-xfce-{name}-{size}", (*desk.area(panel)[:2], 8 * (size + 12), size + 12))


def notifications(desk: Desk) -> None:
    """A message with a code, shown by two services."""
    for name, service, shown in (
        ("dunst", shutil.which("dunst") or "", "Dunst"),
        ("xfce", _service("org.xfce.xfce4-notifyd.Notifications"), "xfce4-notifyd"),
    ):
        if not service:
            print(f"Skipped: the notification service of {name} is not installed.")
            continue
        with ExitStack() as stack:
            if xfconf := _service("org.xfce.Xfconf"):
                stack.enter_context(running(desk.environment, xfconf))
            stack.enter_context(running(desk.environment, service))
            wait_until(lambda: desk.owned("org.freedesktop.Notifications"), "a service", patience=60)
            shop = stack.enter_context(server(samples()[MAIN]))
            program = desk.program(LIGHT, entry(shop.url, "shop"))
            stack.enter_context(desk.started(program, "--hidden", connected=1))
            shop.send("Your Acme code", text=MESSAGE)
            desk.take(f"notification-{name}", desk.area(_visible(desk, shown)), margin=16)


def _service(name: str) -> str:
    """The program behind a service of the session bus, "" where there is none. The bus itself would start it outside
    of the desktop.
    """
    file = SERVICES / f"{name}.service"
    values: Mapping[str, str] = {}
    if file.exists():
        values = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return values.get("Exec", "")


def _visible(desk: Desk, kind: str) -> str:
    """Return the first visible window of this class."""

    def there() -> str:
        return next(iter(desk.run("xdotool", "search", "--onlyvisible", "--class", kind).split()), "")

    return str(wait_until(there, f"a window of {kind}", patience=60))
