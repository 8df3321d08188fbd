"""What the user decided, as one frozen value: the only list of keys, what they may be and what they are by default.

The shape is that of config.toml. A value that is not allowed is an error which names the key and what is; a key that
nobody knows is a warning, so that a configuration survives a downgrade.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mailpit_notifier.mailpit.urls import ServerUrl

from .matching import address, words
from .rules import Outcome, Rule

DEFAULT_URL = "http://localhost:8025/"

BUTTONS = ("copy", "link", "read", "delete")
"""What a mail's notification may offer, in the order in which it does."""

MOST_BUTTONS = 3
"""No desktop shows more in full."""

COLORS = ("#0b8a6a", "#4a7bd0", "#b8642a", "#8a57c2", "#b33a5b", "#6b7d1f", "#217f8e", "#77675b")
"""What tells servers apart, in this order, for those without a colour of their own."""


class SettingsError(ValueError):
    """A value that is not allowed. The text is a sentence for the user and repeats no value: it may be a secret."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen."""

    servers: tuple[Server, ...]
    notifications: Notifications = field(default_factory=Notifications)
    rules: tuple[Rule, ...] = ()


def default_servers() -> tuple[Server, ...]:
    """Where Mailpit is when nobody said where."""
    return servers_from([DEFAULT_URL])


def servers_from(urls: Sequence[str]) -> tuple[Server, ...]:
    """Servers of these addresses, each once. Raises ValueError with a sentence that holds no password."""
    parsed = [ServerUrl.parse(url) for url in urls]
    return tuple({url.base: Server(url=url, user=url.user) for url in parsed}.values())


def settings_from(data: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Read what config.toml holds; returns the settings and warnings, a sentence each. Raises SettingsError."""
    known = {"server", "notifications", "rule"}
    warnings = [f"«{key}» is no setting. It was ignored." for key in data if key not in known]
    servers = [_server(table, number, warnings) for number, table in enumerate(_tables(data, "server"), 1)]
    seen: set[str] = set()
    for number, server in enumerate(servers, 1):
        if server.key in seen:
            raise SettingsError(f"server {number}: url: another server has the same address. Remove one of them.")
        seen.add(server.key)
    notifications = data.get("notifications", {})
    if not isinstance(notifications, dict):
        raise SettingsError("«notifications» must be a table that begins with [notifications].")
    switches = _read(notifications, _NOTIFICATIONS, "notifications", warnings)
    settings = Settings(
        servers=tuple(servers) or default_servers(),
        notifications=Notifications(**switches),
        rules=tuple(_rule(table, number, warnings) for number, table in enumerate(_tables(data, "rule"), 1)),
    )
    return settings, tuple(warnings)


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f"«{key}» must be tables that begin with [[{key}]].")
    return tables


def _server(table: Mapping[str, Any], number: int, warnings: list[str]) -> Server:
    where = f"server {number}"
    values = _read(table, _SERVER, where, warnings)
    if "url" not in values:
        raise SettingsError(f"{where}: url is missing. It looks like {DEFAULT_URL}.")
    if values["url"].password:
        raise SettingsError(
            f"{where}: url must not hold a password. Use user with password_command or password_env, "
            "or leave both out to be asked once and keep it in the system's secret store."
        )
    if len({"password_command", "password_env"} & values.keys()) > 1:
        raise SettingsError(f"{where}: password_command and password_env exclude each other.")
    return Server(**{"user": values["url"].user, **values})


def _rule(table: Mapping[str, Any], number: int, warnings: list[str]) -> Rule:
    where = f"rule {number}"
    values = _read(table, _RULE, where, warnings)
    if "outcome" not in values:
        raise SettingsError(f"{where}: outcome is missing. It is one of {_OUTCOMES}.")
    if (values["outcome"] is Outcome.RUN) != ("command" in values):
        raise SettingsError(f'{where}: command and outcome = "run" go together.')
    if "from" in values:
        values["sender"] = values.pop("from")
    return Rule(**{"name": where, **values})


Check = Callable[[Any], Any]
"""Turns a value of the file into one of the settings, or raises ValueError with what is allowed."""


def _read(table: Mapping[str, Any], checks: Mapping[str, Check], where: str, warnings: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in checks:
            warnings.append(f"{where}: «{key}» is no setting. It was ignored.")
            continue
        try:
            values[key] = checks[key](value)
        except ValueError as error:
            raise SettingsError(f"{where}: {key} {error}") from None
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError("must be a text in quotes, on one line.")
    return value.strip()


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false.")
    return value


def _url(value: Any) -> ServerUrl:
    try:
        return ServerUrl.parse(_text(value))
    except ValueError as error:
        raise ValueError(f"is wrong. {error}") from None


def _proxy(value: Any) -> str:
    text = _text(value)
    if text != "none":
        _url(text)
    return text


def _matching(pattern: str, what: str) -> Check:
    def check(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(pattern, text):
            raise ValueError(f"must be {what}.")
        return text

    return check


def _command(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list) and value and all(isinstance(part, str) and part for part in value)):
        raise ValueError('must be a list: a program and its arguments, like ["pass", "show", "mailpit"].')
    return tuple(value)


def _buttons(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_BUTTONS or not set(map(str, value)) <= set(BUTTONS):
        raise ValueError(f"must be a list of at most {MOST_BUTTONS} of {', '.join(BUTTONS)}.")
    return tuple(button for button in BUTTONS if button in value)


def _outcome(value: Any) -> Outcome:
    try:
        return Outcome(_text(value))
    except ValueError:
        raise ValueError(f"must be one of {_OUTCOMES}.") from None


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("must be a number of bytes.")
    return value


def _pattern(made: Callable[[str], object]) -> Check:
    def check(value: Any) -> str:
        text = _text(value)
        try:
            made(text)
        except ValueError as error:
            raise ValueError(f"is wrong. {error}") from None
        return text

    return check


_OUTCOMES = ", ".join(outcome.value for outcome in Outcome)
_SERVER: Mapping[str, Check] = {
    "url": _url,
    "name": _text,
    "color": _matching(r"#[0-9A-Fa-f]{6}", 'a colour like "#0b8a6a"'),
    "enabled": _switch,
    "user": _text,
    "password_command": _command,
    "password_env": _matching(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable"),
    "plain_password": _switch,
    "ca_file": _text,
    "fingerprint": _matching(r"(?i)([0-9a-f]{2}:?){31}[0-9a-f]{2}", "a SHA-256 fingerprint of 64 hexadecimal digits"),
    "proxy": _proxy,
}
_NOTIFICATIONS: Mapping[str, Check] = {
    "hide_content": _switch,
    "sender": _switch,
    "snippet": _switch,
    "buttons": _buttons,
    "sound": _switch,
    "catch_up": _switch,
    "smtp_errors": _switch,
}
_RULE: Mapping[str, Check] = {
    "name": _text,
    "outcome": _outcome,
    "command": _command,
    "server": _pattern(address),
    "to": _pattern(address),
    "from": _pattern(address),
    "subject": _pattern(words),
    "tag": _pattern(address),
    "username": _pattern(address),
    "attachment": _switch,
    "larger_than": _size,
    "smaller_than": _size,
}
