"""What the user decided, as one frozen value: the only list of keys, what they may be and what they are by default.

The shape is that of config.toml; settings_file reads it, and says what each value may be.

What the user said about reaching one server; a value, apart from dial.py, which acts on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from mailpit_notifier.protocol.urls import ServerUrl

from .rules import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What was said; "" leaves it to the system.

    `ca_file` is a PEM file of further certificates to trust, `fingerprint` the SHA-256 of the only certificate to
    accept, `proxy` a proxy's address or "none", `plain_password` the consent to send a password unencrypted.
    """

    ca_file: str = ""
    fingerprint: str = ""
    proxy: str = ""
    plain_password: bool = False


DEFAULT_URL = "http://localhost:8025/"


class Button(StrEnum):
    """What a mail's notification may offer, in this order: the key in config.toml and on the desktop."""

    COPY = "copy"
    LINK = "link"
    READ = "read"
    DELETE = "delete"


MOST_BUTTONS = 3
"""No desktop shows more in full."""

COLORS = ("#0b8a6a", "#4a7bd0", "#b8642a", "#8a57c2", "#b33a5b", "#6b7d1f", "#217f8e", "#77675b")
"""What tells servers apart, in this order, for those without a colour of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One Mailpit to listen to. Its base URL without credentials is its key everywhere.

    `name` and `color` are "" where the user gave none. Of the password there is at most one source; none means the
    system's secret store, if there is a `user`.
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
        """The server's base URL."""
        return self.url.base

    @property
    def access(self) -> Access:
        """What was said about reaching it."""
        return Access(
            ca_file=self.ca_file,
            fingerprint=self.fingerprint,
            proxy=self.proxy,
            plain_password=self.plain_password,
        )

    @property
    def asks_password(self) -> bool:
        """Whether its password, if it wants one, is the secret store's or a person's to say: nothing else has it."""
        return not (self.password_command or self.password_env)

    @property
    def label(self) -> str:
        """The name that the user gave, else the DDEV project's, else host and port."""
        project = self.url.host.removesuffix(".ddev.site")
        return self.name or (self.url.label if project == self.url.host else project)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """How mail is announced. The first three are about what can be read over a shoulder.

    `hide_content`: nothing but that there is mail. `sender` is said besides the recipient. `buttons` are keys of
    actions, in the order shown. `catch_up`: whether what was missed is summed up. `smtp_errors`: whether mail that
    Mailpit refused is told of.
    """

    hide_content: bool = False
    sender: bool = False
    snippet: bool = True
    buttons: tuple[str, ...] = ("copy", "link", "read")
    sound: bool = False
    catch_up: bool = True
    smtp_errors: bool = True


class Bar(Enum):
    """The colour of the bar that holds the tray icon; no desktop tells it."""

    AUTOMATIC = "automatic"
    LIGHT = "light"
    DARK = "dark"


class Count(Enum):
    """What the number at the tray icon counts: mails since the window was last shown, or the servers' unread ones."""

    NEW = "new"
    UNREAD = "unread"
    OFF = "off"


class Click(Enum):
    """What a click on the tray icon does."""

    WINDOW = "window"
    MENU = "menu"
    MAILPIT = "mailpit"
    NEWEST = "newest"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrayChoices:
    """How the tray icon looks and what clicks on it do, as far as the desktop passes them on."""

    bar: Bar = Bar.AUTOMATIC
    count: Count = Count.NEW
    left_click: Click = Click.WINDOW
    middle_click: Click = Click.NEWEST
    double_click: Click = Click.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowChoices:
    """How the recent window behaves besides other windows."""

    stay_on_top: bool = False
    hide_on_focus_loss: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen."""

    servers: tuple[Server, ...]
    notifications: Notifications = field(default_factory=Notifications)
    rules: tuple[Rule, ...] = ()
    tray: TrayChoices = field(default_factory=TrayChoices)
    window: WindowChoices = field(default_factory=WindowChoices)


def default_servers() -> tuple[Server, ...]:
    """Where Mailpit is when nobody said where."""
    return servers_from([DEFAULT_URL])


def servers_from(urls: Sequence[str]) -> tuple[Server, ...]:
    """Servers of these addresses, each once. Raises ValueError with a sentence that holds no password."""
    parsed = [ServerUrl.parse(url) for url in urls]
    return tuple({url.base: Server(url=url, user=url.user) for url in parsed}.values())


def as_configured(named: Sequence[Server], configured: Sequence[Server]) -> tuple[Server, ...]:
    """Servers that were named by their addresses, with what is configured for these. Credentials in an address win."""
    known = {server.key: server for server in configured}
    return tuple(_completed(known[one.key], one.url) if one.key in known else one for one in named)


def _completed(server: Server, url: ServerUrl) -> Server:
    if url.user in {"", server.user} and not url.password:
        return replace(server, enabled=True)
    return replace(server, enabled=True, url=url, user=url.user, password_command=(), password_env="")


def colors_of(servers: Sequence[Server]) -> Mapping[str, str]:
    """The colour of each server by its key: its own, else that of its place in COLORS, or the next one that is free."""
    colors = {server.key: server.color for server in servers if server.color}
    taken = {color.lower() for color in colors.values()}
    for place, server in enumerate(servers):
        if not server.color:
            start = place % len(COLORS)
            color = next((one for one in (*COLORS[start:], *COLORS[:start]) if one not in taken), COLORS[start])
            colors[server.key] = color
            taken.add(color)
    return colors
