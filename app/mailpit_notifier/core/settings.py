"""The settings as one frozen value: the only list of their keys, types and defaults.

Its structure is that of config.toml; settings_file reads it and checks the values. A change makes a new value
(settings_file).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from sys import intern

from mailpit_notifier.protocol.urls import ServerUrl

from .rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How to connect to one server; "" means the system's default.

    `ca_file` is a PEM file with additional certificates to trust, `fingerprint` the SHA-256 of the only certificate to
    accept, `proxy` the address of a proxy, or "none". `plain_password` allows sending the password over plain HTTP.
    """

    ca_file: str = ""
    fingerprint: str = ""
    proxy: str = ""
    plain_password: bool = False


DEFAULT_URL = "http://localhost:8025/"


class Button(StrEnum):
    """Buttons of a message's notification, in the order shown. Values are keys in config.toml and on the desktop."""

    COPY = "copy"
    LINK = "link"
    READ = "read"
    DELETE = "delete"


MOST_BUTTONS = 3
"""No desktop shows more than three buttons in full."""

COLORS = ("#0b8a6a", "#4a7bd0", "#b8642a", "#8a57c2", "#b33a5b", "#6b7d1f", "#217f8e", "#77675b")
"""Colors of servers without a configured one, in the order in which they are assigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Mailpit server. Its base URL without credentials identifies it everywhere.

    `name` and `color` are "" if not configured. At most one of `password_command` and `password_env` is set; without
    either, the password is in the system's secret store, if there is a `user`.
    """

    url: ServerUrl
    name: str = ""
    color: str = ""
    enabled: bool = True
    user: str = ""
    password_command: tuple[str, ...] = ()
    password_env: str = ""
    plain_password: bool = False
    ca_file: str = ""
    fingerprint: str = ""
    proxy: str = ""

    @property
    def key(self) -> str:
        """The server's base URL: one string, as thousands of messages have it in their keys."""
        return intern(self.url.base)

    @property
    def access(self) -> Access:
        """How to connect to it."""
        return Access(
            ca_file=self.ca_file,
            fingerprint=self.fingerprint,
            proxy=self.proxy,
            plain_password=self.plain_password,
        )

    @property
    def asks_password(self) -> bool:
        """Whether the password is read from the secret store or requested from the user, if the server requires one."""
        return not (self.password_command or self.password_env)

    @property
    def label(self) -> str:
        """The configured name, else the name of the DDEV project, else host and port."""
        project = self.url.host.removesuffix(".ddev.site")
        return self.name or (self.url.label if project == self.url.host else project)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """What notifications contain, and which are shown besides those of new messages.

    `hide_content`: show only that there is a message. `sender`: show the sender besides the recipient. `buttons` are
    values of `Button`, in the order shown. `catch_up`: summarize messages that arrived while disconnected.
    `smtp_errors`: notify when Mailpit rejects a message.
    """

    hide_content: bool = False
    sender: bool = False
    snippet: bool = True
    buttons: tuple[str, ...] = ("copy", "link", "read")
    sound: bool = False
    catch_up: bool = True
    smtp_errors: bool = True


class Bar(Enum):
    """The color of the bar with the tray icon. It is a setting because no desktop reports it."""

    AUTOMATIC = "automatic"
    LIGHT = "light"
    DARK = "dark"


class Count(Enum):
    """What the badge of the tray icon shows: messages since the window was last shown, or all unread ones."""

    NEW = "new"
    UNREAD = "unread"
    OFF = "off"


class Click(Enum):
    """The action of a click on the tray icon."""

    WINDOW = "window"
    MENU = "menu"
    MAILPIT = "mailpit"
    NEWEST = "newest"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayChoices:
    """The appearance of the tray icon and the actions of its clicks. Some desktops do not report all clicks."""

    bar: Bar = Bar.AUTOMATIC
    count: Count = Count.NEW
    left_click: Click = Click.WINDOW
    middle_click: Click = Click.NEWEST
    double_click: Click = Click.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowChoices:
    """How the window of recent messages behaves when another window gets focus."""

    stay_on_top: bool = False
    hide_on_focus_loss: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings."""

    servers: tuple[Server, ...]
    notifications: Notifications = field(default_factory=Notifications)
    rules: tuple[Rule, ...] = ()
    tray: TrayChoices = field(default_factory=TrayChoices)
    window: WindowChoices = field(default_factory=WindowChoices)


def default_servers() -> tuple[Server, ...]:
    """Return the server that is used if none is configured."""
    return servers_from([DEFAULT_URL])


def servers_from(urls: Sequence[str]) -> tuple[Server, ...]:
    """Return servers for these addresses, without duplicates. Raises ValueError; its text contains no password."""
    parsed = [ServerUrl.parse(url) for url in urls]
    return tuple({url.base: Server(url=url, user=url.user) for url in parsed}.values())


def as_configured(named: Sequence[Server], configured: Sequence[Server]) -> tuple[Server, ...]:
    """Add the configuration of servers that were `named` by address. Credentials in an address have priority."""
    known = {server.key: server for server in configured}
    return tuple(_completed(known[one.key], one.url) if one.key in known else one for one in named)


def _completed(server: Server, url: ServerUrl) -> Server:
    if url.user in {"", server.user} and not url.password:
        return replace(server, enabled=True)
    return replace(server, enabled=True, url=url, user=url.user, password_command=(), password_env="")


def colors_of(servers: Sequence[Server]) -> Mapping[str, str]:
    """Return the color of each server by key: its own, else the next free one of COLORS from the server's place on."""
    colors = {server.key: server.color for server in servers if server.color}
    taken = {color.lower() for color in colors.values()}
    for place, server in enumerate(servers):
        if not server.color:
            start = place % len(COLORS)
            color = next((one for one in (*COLORS[start:], *COLORS[:start]) if one not in taken), COLORS[start])
            colors[server.key] = color
            taken.add(color)
    return colors
