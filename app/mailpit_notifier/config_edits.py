"""What can be changed in config.toml: single values, and the servers, which are known by their addresses.

Apart from config.py, which reads at every start: this works on tomlkit's documents and is loaded when something is
written. Each function here is called inside an `edit` of `config.change`. Only what differs is touched, so that a
comment or a spelling of the owner's stays wherever it can.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AbstractTable, AoT, Table

from .config import ConfigError
from .core.settings import Server
from .mailpit.urls import ServerUrl


def put(document: TOMLDocument, table: str, key: str, value: Any) -> None:
    """Set a value, e.g. of [notifications]."""
    if table not in document:
        document[table] = _begun(document)
    _put(document[table], key, value)


def put_in_server(document: TOMLDocument, url: str, key: str, value: Any) -> None:
    """Set a value of the server with this base URL. Raises ConfigError where there is none."""
    for table in document.get("server", ()):
        if _base(table) == url:
            _put(table, key, value)
            return
    raise ConfigError("There is no [[server]] with this address in the file.")


def put_servers(document: TOMLDocument, servers: Sequence[Server]) -> None:
    """Make these the servers, in this order. Those with the address of an old one go on with its table."""
    old: dict[str, Any] = {_base(table): table for table in document.get("server", ())}
    tables = [old.get(server.key) or _new(document, server) for server in servers]
    for server, table in zip(servers, tables, strict=True):
        _describe(table, server)
    if [id(table) for table in tables] == [id(table) for table in old.values()]:
        return
    if not tables:
        del document["server"]
        return
    if isinstance(document.get("server", AoT([])), AoT):
        document["server"] = AoT(tables)
    else:  # written as server = [{…}]
        inline = tomlkit.array()
        for table in tables:
            entry = tomlkit.inline_table()
            entry.update(table.unwrap())
            inline.append(entry)
        document["server"] = inline


def _new(document: TOMLDocument, server: Server) -> Table:
    table = _begun(document)
    table["url"] = server.key
    return table


def _begun(document: TOMLDocument) -> Table:
    """A new table, set off by a blank line."""
    table = tomlkit.table()
    if document.body:
        table.trivia.indent = "\n"
    return table


def _describe(table: AbstractTable, server: Server) -> None:
    """Bring everything but the address up to date; what is as by default is left out, unless it stands there."""
    told = {"user": ServerUrl.parse(table["url"]).user, **table.unwrap()}
    for field in fields(server):
        value = getattr(server, field.name)
        value = list(value) if isinstance(value, tuple) else value
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        if field.name == "url" or told.get(field.name, default) == value:
            continue
        if value == default and field.name in table and field.name != "user":
            del table[field.name]
        else:
            _put(table, field.name, value)


def _put(table: AbstractTable, key: str, value: Any) -> None:
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


def _base(table: AbstractTable) -> str:
    return ServerUrl.parse(table["url"]).base
