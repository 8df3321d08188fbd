"""Read and check the values of config.toml, and describe changes of them.

An invalid value is an error that names the key and the valid values. An unknown key is a warning only, so that a
configuration still works after a downgrade. Apart from settings.py because the settings dialog checks single values.

A change is a function from the current settings to new ones, not a new set of settings: config.toml may have been
edited by hand since the dialog read it, and those edits are kept. The item to change is found by its previous value.
Pure.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, TypeVar

from mailpit_notifier.protocol.urls import ServerUrl
from mailpit_notifier.runtime.expressions import UnsupportedError
from mailpit_notifier.runtime.translation import translatable

from .rules import Outcome, Rule, check
from .settings import (
    DEFAULT_URL,
    MOST_BUTTONS,
    Bar,
    Button,
    Click,
    Count,
    Notifications,
    Server,
    Settings,
    TrayChoices,
    WindowChoices,
    default_servers,
)

Check = Callable[[Any], Any]
"""Converts a value of the file; raises ValueError with what is allowed."""


class SettingsError(ValueError):
    """An invalid value. The text is a sentence for the user; it never repeats the value, which may be a secret."""


def settings_from(data: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings of a parsed config.toml, and warnings as sentences. Raises SettingsError."""
    warnings = [f'Unknown setting "{key}" was ignored.' for key in data if key not in _TABLES]
    servers = [_server(table, number, warnings) for number, table in enumerate(_tables(data, "server"), 1)]
    seen: set[str] = set()
    for number, server in enumerate(servers, 1):
        if server.key in seen:
            raise SettingsError(f"server {number}: url: another server has the same address. Remove one of them.")
        seen.add(server.key)
    settings = Settings(
        servers=tuple(servers) or default_servers(),
        notifications=Notifications(**_table(data, "notifications", _NOTIFICATIONS, warnings)),
        rules=tuple(_rule(table, number, warnings) for number, table in enumerate(_tables(data, "rule"), 1)),
        tray=TrayChoices(**_table(data, "tray", _TRAY, warnings)),
        window=WindowChoices(**_table(data, "window", _WINDOW, warnings)),
    )
    return settings, tuple(warnings)


def _table(data: Mapping[str, Any], key: str, checks: Mapping[str, Check], warnings: list[str]) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        raise SettingsError(f'"{key}" must be a table that starts with [{key}].')
    return _read(table, checks, key, warnings)


def checked(table: str, key: str, value: Any) -> Any:
    """Convert one value, e.g. of table `server` and key `fingerprint`. Raises ValueError with what is allowed."""
    return _TABLES[table][key](value)


def _tables(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    tables = data.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingsError(f'"{key}" must be tables that start with [[{key}]].')
    return tables


def _server(table: Mapping[str, Any], number: int, warnings: list[str]) -> Server:
    where = f"server {number}"
    values = _read(table, _SERVER, where, warnings)
    if "url" not in values:
        raise SettingsError(f"{where}: url is missing. Add one such as {DEFAULT_URL}.")
    if values["url"].password:
        raise SettingsError(
            f"{where}: url must not contain a password. Use user with password_command or password_env, "
            "or leave both out: you are asked once, and the password is kept in the system's secret store."
        )
    if len({"password_command", "password_env"} & values.keys()) > 1:
        raise SettingsError(f"{where}: use either password_command or password_env, not both.")
    return Server(**{"user": values["url"].user, **values})


def _rule(table: Mapping[str, Any], number: int, warnings: list[str]) -> Rule:
    where = f"rule {number}"
    values = _read(table, _RULE, where, warnings)
    if unknown := [key for key in table if key not in _RULE]:
        values["understood"] = False
        warnings.append(f'{where} matches no message until you remove the unknown setting "{unknown[0]}".')
    if "outcome" not in values:
        raise SettingsError(f"{where}: outcome is missing. Use one of {', '.join(one.value for one in Outcome)}.")
    if (values["outcome"] is Outcome.RUN) != ("command" in values):
        raise SettingsError(f'{where}: command and outcome = "run" must be set together.')
    if "from" in values:
        values["sender"] = values.pop("from")
    return Rule(**{"name": where, **values})


def _read(table: Mapping[str, Any], checks: Mapping[str, Check], where: str, warnings: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in checks:
            warnings.append(f'{where}: unknown setting "{key}" was ignored.')
            continue
        try:
            values[key] = checks[key](value)
        except UnsupportedError as error:  # only this rule is switched off, not the whole file
            values |= {key: _text(value), "understood": False}
            warnings.append(f"{where} matches no message: {key} {error}")
        except ValueError as error:
            raise SettingsError(f"{where}: {key} {error}") from None
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(translatable("Settings", "must be text in quotes, on one line."))
    return value.strip()


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false.")
    return value


def _url(value: Any) -> ServerUrl:
    text = _text(value)
    try:
        return ServerUrl.parse(text)
    except ValueError as error:
        raise ValueError(f"is not valid. {error}") from None


def _proxy(value: Any) -> str:
    text = _text(value)
    if text != "none":
        try:
            ServerUrl.parse(text)
        except ValueError:
            raise ValueError(
                translatable(
                    "Settings", 'must be the address of an HTTP proxy such as http://proxy.example:3128, or "none".'
                )
            ) from None
    return text


def _matching(pattern: str, otherwise: str) -> Check:
    def check(value: Any) -> str:
        text = _text(value)
        if not re.fullmatch(pattern, text):
            raise ValueError(otherwise)
        return text

    return check


def _command(value: Any) -> tuple[str, ...]:
    if not (isinstance(value, list) and value and all(isinstance(part, str) and part for part in value)):
        raise ValueError('must be a list: a program and its arguments, like ["pass", "show", "mailpit"].')
    if any("\0" in part for part in value):
        raise ValueError("must not contain the character NUL.")
    return tuple(value)


def _buttons(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_BUTTONS or not set(map(str, value)) <= set(Button):
        raise ValueError(f"must be a list of at most {MOST_BUTTONS} of {', '.join(Button)}.")
    return tuple(button for button in Button if button in value)


def _one_of(kind: type[Enum]) -> Check:
    allowed = {member.value: member for member in kind}

    def check(value: Any) -> Enum:
        if (text := _text(value)) not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}.")
        return allowed[text]

    return check


def _size(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("must be a number of bytes.")
    return value


def _pattern(value: Any) -> str:
    check(text := _text(value))
    return text


_SERVER: Mapping[str, Check] = {
    "url": _url,
    "name": _text,
    "color": _matching(r"#[0-9A-Fa-f]{6}", 'must be a color like "#0b8a6a".'),
    "enabled": _switch,
    "user": _text,
    "password_command": _command,
    "password_env": _matching(r"[A-Za-z_][A-Za-z0-9_]*", "must be the name of an environment variable."),
    "plain_password": _switch,
    "ca_file": _text,
    "fingerprint": _matching(
        r"(?i)([0-9a-f]{2}:?){31}[0-9a-f]{2}",
        translatable("Settings", "must be a SHA-256 fingerprint of 64 hexadecimal digits."),
    ),
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
_CLICK = _one_of(Click)
_TRAY: Mapping[str, Check] = {
    "bar": _one_of(Bar),
    "count": _one_of(Count),
    "left_click": _CLICK,
    "middle_click": _CLICK,
    "double_click": _CLICK,
}
_WINDOW: Mapping[str, Check] = {"stay_on_top": _switch, "hide_on_focus_loss": _switch}
_RULE: Mapping[str, Check] = {
    "name": _text,
    "outcome": _one_of(Outcome),
    "command": _command,
    "server": _pattern,
    "to": _pattern,
    "from": _pattern,
    "subject": _pattern,
    "tag": _pattern,
    "username": _pattern,
    "attachment": _switch,
    "larger_than": _size,
    "smaller_than": _size,
}
_TABLES = {"server": _SERVER, "notifications": _NOTIFICATIONS, "tray": _TRAY, "window": _WINDOW, "rule": _RULE}


Edit = Callable[[Settings], Settings]
"""Raises EditError if the item to change is no longer there."""

Item = TypeVar("Item")


class EditError(ValueError):
    """The item to change is not there, or the new one exists already. The text is a sentence for the user."""


def choice(table: str, key: str, value: Any) -> Edit:
    """Set a value of the table `notifications`, `tray` or `window`."""
    return lambda settings: replace(settings, **{table: replace(getattr(settings, table), **{key: value})})


def add_server(server: Server, place: int | None = None) -> Edit:
    """Add a server at the end, or at this place."""

    def edit(settings: Settings) -> Settings:
        if server.key in {one.key for one in settings.servers}:
            raise EditError(translatable("Settings", "A server with this address exists already."))
        return replace(settings, servers=_with(settings.servers, server, place))

    return edit


def change_server(key: str, **values: Any) -> Edit:
    """Set values of the server with this base URL."""

    def edit(settings: Settings) -> Settings:
        place = _place([server.key for server in settings.servers], key)
        changed = replace(settings.servers[place], **values)
        return replace(settings, servers=(*settings.servers[:place], changed, *settings.servers[place + 1 :]))

    return edit


def remove_server(key: str) -> Edit:
    """Remove the server with this base URL."""
    return lambda settings: replace(settings, servers=tuple(server for server in settings.servers if server.key != key))


def moved_server(before: Settings, after: Settings) -> tuple[Server, Server] | None:
    """Return the server whose address an edit changed, before and after; None for any other edit."""
    pairs = [(old, new) for old, new in zip(before.servers, after.servers, strict=False) if old.key != new.key]
    return pairs[0] if len(pairs) == 1 and len(before.servers) == len(after.servers) else None


def move_server(key: str, step: int) -> Edit:
    """Move a server up (-1) or down (1)."""

    def edit(settings: Settings) -> Settings:
        place = _place([server.key for server in settings.servers], key)
        return replace(settings, servers=_moved(settings.servers, place, step))

    return edit


def add_rule(rule: Rule, place: int | None = None) -> Edit:
    """Add a rule at the end, or at this place."""
    return lambda settings: replace(settings, rules=_with(settings.rules, rule, place))


def change_rule(before: Rule, after: Rule) -> Edit:
    """Replace a rule."""

    def edit(settings: Settings) -> Settings:
        place = _rule_place(settings, before)
        return replace(settings, rules=(*settings.rules[:place], after, *settings.rules[place + 1 :]))

    return edit


def remove_rule(rule: Rule) -> Edit:
    """Remove a rule."""

    def edit(settings: Settings) -> Settings:
        place = _rule_place(settings, rule)
        return replace(settings, rules=settings.rules[:place] + settings.rules[place + 1 :])

    return edit


def move_rule(rule: Rule, step: int) -> Edit:
    """Move a rule up (-1) or down (1)."""

    def edit(settings: Settings) -> Settings:
        return replace(settings, rules=_moved(settings.rules, _rule_place(settings, rule), step))

    return edit


def _rule_place(settings: Settings, rule: Rule) -> int:
    # A rule without a name is named by its place, which may have changed.
    unnamed = [replace(one, name=one.given_name) for one in settings.rules]
    return _place(unnamed, replace(rule, name=rule.given_name))


def _place(items: Sequence[Any], item: Any) -> int:
    if item not in items:
        raise EditError(translatable("Settings", "config.toml was changed by another program. Review the new values."))
    return items.index(item)


def _with(items: tuple[Item, ...], item: Item, place: int | None) -> tuple[Item, ...]:
    return (*items, item) if place is None else (*items[:place], item, *items[place:])


def _moved(items: tuple[Item, ...], place: int, step: int) -> tuple[Item, ...]:
    rest = [*items[:place], *items[place + 1 :]]
    rest.insert(max(0, place + step), items[place])
    return tuple(rest)
