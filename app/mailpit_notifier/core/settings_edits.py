"""Changes of the settings, each as a function from the current settings to new ones.

They are functions and not new settings because config.toml may have been edited by hand since the dialog read it, and
those edits are kept. The item to change is found by its previous value. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mailpit_notifier.runtime.translation import translatable

from .rules import Rule
from .settings import Server, Settings

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
