"""Changes in config.toml: single values, and the tables of servers and rules.

Works on tomlkit's documents and changes only what differs, so that the user's comments and spelling are kept. A module
of its own because tomlkit is loaded only for writing; file.py is loaded at each start. All functions block.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AbstractTable, AoT, Table

from mailpit_notifier.core.rules import Outcome, Rule
from mailpit_notifier.core.settings import Server, Settings
from mailpit_notifier.core.settings_file import Edit, EditError
from mailpit_notifier.protocol.urls import ServerUrl

from .file import ConfigError, change, to_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The settings of the file before and after an edit."""

    before: Settings
    after: Settings


def revise_file(path: Path, edit: Edit) -> Revision:
    """Apply an edit to the file; return its settings before and after. Raises ConfigError."""
    read: list[Settings] = []

    def apply_edit(document: TOMLDocument) -> None:
        before, _ = to_settings(path, document.unwrap())
        try:
            after = edit(before)
        except EditError as error:
            raise ConfigError(str(error)) from None
        set_settings(document, before, after)
        read[:] = [before]

    after = change(path, apply_edit)
    return Revision(before=read[0], after=after)


def set_settings(document: TOMLDocument, before: Settings, after: Settings) -> None:
    """Change the document from settings `before` to `after`."""
    if after.servers != before.servers:
        set_servers(document, after.servers)
    if after.rules != before.rules:
        set_rules(document, before.rules, after.rules)
    for name in ("notifications", "tray", "window"):
        old, new = getattr(before, name), getattr(after, name)
        for field in fields(new):
            if getattr(old, field.name) != getattr(new, field.name):
                set_value(document, name, field.name, _toml_value(getattr(new, field.name)))


def set_value(document: TOMLDocument, table: str, key: str, value: Any) -> None:
    """Set a value of a table, e.g. of [notifications]."""
    if table not in document:
        document[table] = _new_table(document)
    _set_value(document[table], key, value)


def set_servers(document: TOMLDocument, servers: Sequence[Server]) -> None:
    """Replace the servers by these, in this order."""
    old = list(document.get("server", ()))
    tables = _tables_for(document, [server.key for server in servers], [_base_url(table) for table in old], old)
    for server, table in zip(servers, tables, strict=True):
        _update_server_table(table, server)
    _set_tables(document, "server", tables)


def set_rules(document: TOMLDocument, before: Sequence[Rule], rules: Sequence[Rule]) -> None:
    """Replace the rules `before`, which are in the document, by these, in this order."""
    tables = _tables_for(document, rules, before, list(document.get("rule", ())))
    defaults = {**_rule_values(Rule(outcome=Outcome.NOTIFY)), "outcome": None}
    for rule, table in zip(rules, tables, strict=True):
        _update_table(table, _rule_values(rule), defaults, table.unwrap())
    _set_tables(document, "rule", tables)


def _tables_for(
    document: TOMLDocument, keys: Sequence[Hashable], before: Sequence[Hashable], old: Sequence[Any]
) -> list[Any]:
    """Return a table for each key: its own, else the one that was at its place, else a new one."""
    unmatched = list(zip(before, old, strict=True))
    found: list[Any] = []
    for wanted in keys:
        place = next((place for place, (key, _) in enumerate(unmatched) if key == wanted), None)
        found.append(None if place is None else unmatched.pop(place)[1])
    unused = [table for _, table in unmatched] if len(keys) == len(before) else []
    return [table or (unused.pop(0) if unused else _new_table(document)) for table in found]


def _set_tables(document: TOMLDocument, name: str, tables: list[Any]) -> None:
    """Replace the document's tables of this name by these, in this order."""
    before = document.get(name, ())
    if [id(table) for table in tables] == [id(table) for table in before]:
        return
    if not tables:
        del document[name]
    elif isinstance(before, AoT) or name not in document:
        document[name] = AoT(tables)
    else:  # written inline, as server = [{…}]
        inline = tomlkit.array()
        for table in tables:
            entry = tomlkit.inline_table()
            entry.update(table.unwrap())
            inline.append(entry)
        document[name] = inline


def _new_table(document: TOMLDocument) -> Table:
    """Return a new table that is preceded by a blank line."""
    table = tomlkit.table()
    if document.body:
        table.trivia.indent = "\n"
    return table


def _update_server_table(table: AbstractTable, server: Server) -> None:
    if "url" not in table or _base_url(table) != server.key:
        table["url"] = server.key
    current = {"user": ServerUrl.parse(table["url"]).user, **table.unwrap()}
    _update_table(table, _server_values(server), _server_values(Server(url=server.url)), current)


def _server_values(server: Server) -> dict[str, Any]:
    return {field.name: _toml_value(getattr(server, field.name)) for field in fields(server) if field.name != "url"}


def _rule_values(rule: Rule) -> dict[str, Any]:
    values = {
        field.name: _toml_value(getattr(rule, field.name)) for field in fields(rule) if field.name != "understood"
    }
    return {
        "name": rule.given_name,
        **{("from" if key == "sender" else key): values[key] for key in values if key != "name"},
    }


def _update_table(
    table: AbstractTable, values: Mapping[str, Any], defaults: Mapping[str, Any], current: Mapping[str, Any]
) -> None:
    """Write `values` that differ from `current`. Those equal to `defaults` are removed or left out."""
    for key, value in values.items():
        if current.get(key, defaults[key]) == value:
            continue
        if value == defaults[key] and key in table and key != "user":  # the URL may contain another user
            del table[key]
        else:
            _set_value(table, key, value)


def _toml_value(value: Any) -> Any:
    """Convert a value of the settings to a TOML value."""
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _set_value(table: AbstractTable, key: str, value: Any) -> None:
    """Set a value in place; append a new one after the last value, before trailing comments and blank lines."""
    if key in table:
        if table[key] != value:
            table[key] = value
        return
    body, tail = table.value.body, []
    while body and body[-1][0] is None:
        tail.append(body.pop())
    table.append(key, value)
    body.extend(reversed(tail))


def _base_url(table: AbstractTable) -> str:
    return ServerUrl.parse(table["url"]).base
