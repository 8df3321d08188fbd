"""What can be changed in config.toml: single values, and the tables of servers and rules.

Apart from file.py, which reads at every start: this works on tomlkit's documents and is loaded when something is
written. Only what differs is touched, so that a comment or a spelling of the owner's stays wherever it can. Blocking,
as all that writes a file.
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
from mailpit_notifier.core.settings_edits import Edit, EditError
from mailpit_notifier.protocol.urls import ServerUrl

from .file import ConfigError, change, to_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What the file said before an edit, and what it says after it."""

    before: Settings
    after: Settings


def edit_file(path: Path, edit: Edit) -> Settings:
    """Let the file say something else; returns what it says then. Raises ConfigError."""
    return revise_file(path, edit).after


def revise_file(path: Path, edit: Edit) -> Revision:
    """The same; returns also what the file said before."""
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
    """Bring the file from one state to another."""
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
    """Set a value, e.g. of [notifications]."""
    if table not in document:
        document[table] = _new_table(document)
    _set_value(document[table], key, value)


def set_servers(document: TOMLDocument, servers: Sequence[Server]) -> None:
    """Make these the servers, in this order."""
    old = list(document.get("server", ()))
    tables = _tables_for(document, [server.key for server in servers], [_base_url(table) for table in old], old)
    for server, table in zip(servers, tables, strict=True):
        _update_server_table(table, server)
    _set_tables(document, "server", tables)


def set_rules(document: TOMLDocument, before: Sequence[Rule], rules: Sequence[Rule]) -> None:
    """Make these the rules, in this order; `before` are those that the file has."""
    tables = _tables_for(document, rules, before, list(document.get("rule", ())))
    usual = {**_rule_values(Rule(outcome=Outcome.NOTIFY)), "outcome": None}
    for rule, table in zip(rules, tables, strict=True):
        _update_table(table, _rule_values(rule), usual, table.unwrap())
    _set_tables(document, "rule", tables)


def _tables_for(
    document: TOMLDocument, keys: Sequence[Hashable], before: Sequence[Hashable], old: Sequence[Any]
) -> list[Any]:
    """A table for each key: its own, else that of the one whose place it took, else a new one."""
    left = list(zip(before, old, strict=True))
    found: list[Any] = []
    for one in keys:
        place = next((place for place, (key, _) in enumerate(left) if key == one), None)
        found.append(None if place is None else left.pop(place)[1])
    unused = [table for _, table in left] if len(keys) == len(before) else []
    return [table or (unused.pop(0) if unused else _new_table(document)) for table in found]


def _set_tables(document: TOMLDocument, name: str, tables: list[Any]) -> None:
    """Let the document have these tables of that name, in this order."""
    there = document.get(name, ())
    if [id(table) for table in tables] == [id(table) for table in there]:
        return
    if not tables:
        del document[name]
    elif isinstance(there, AoT) or name not in document:
        document[name] = AoT(tables)
    else:  # written as server = [{…}]
        inline = tomlkit.array()
        for table in tables:
            entry = tomlkit.inline_table()
            entry.update(table.unwrap())
            inline.append(entry)
        document[name] = inline


def _new_table(document: TOMLDocument) -> Table:
    """A new table, set off by a blank line."""
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
    table: AbstractTable, values: Mapping[str, Any], usual: Mapping[str, Any], current: Mapping[str, Any]
) -> None:
    """Bring a table up to date; what is as usual is left out, unless it stands there. `current` is what it says now."""
    for key, value in values.items():
        if current.get(key, usual[key]) == value:
            continue
        if value == usual[key] and key in table and key != "user":  # an address may name another user
            del table[key]
        else:
            _set_value(table, key, value)


def _toml_value(value: Any) -> Any:
    """A value of the settings as TOML has it."""
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


def _set_value(table: AbstractTable, key: str, value: Any) -> None:
    """Set a value in its place; a new one comes right after those that are there, before comments and blank lines."""
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
