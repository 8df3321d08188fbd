"""What somebody can change about the settings, each as a function from what they are to what they shall be.

Functions, not new settings: the file may have been changed by hand since somebody saw it, and what is edited there is
kept. What is to be changed is found by what it was. Pure.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from mailpit_notifier.runtime.translation import translatable

from .rules import Rule
from .settings import Server, Settings

Edit = Callable[[Settings], Settings]
"""Raises EditError where it makes no sense any more."""

Item = TypeVar("Item")


class EditError(ValueError):
    """What was to be changed is not there. The text is a sentence for the user."""


def choice(table: str, key: str, value: Any) -> Edit:
    """Set a value of `notifications`, `tray` or `window`."""
    return lambda settings: replace(settings, **{table: replace(getattr(settings, table), **{key: value})})


def add_server(server: Server, place: int | None = None) -> Edit:
    """Listen to one more: the last one, or at this place."""

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
    """Listen no more to the server with this base URL."""
    return lambda settings: replace(settings, servers=tuple(server for server in settings.servers if server.key != key))


def moved_server(before: Settings, after: Settings) -> tuple[Server, Server] | None:
    """The server that an edit has given another address, as it was and as it is; None for any other edit."""
    pairs = [(old, new) for old, new in zip(before.servers, after.servers, strict=False) if old.key != new.key]
    return pairs[0] if len(pairs) == 1 and len(before.servers) == len(after.servers) else None


def move_server(key: str, step: int) -> Edit:
    """Put a server further up (-1) or down (1)."""

    def edit(settings: Settings) -> Settings:
        place = _place([server.key for server in settings.servers], key)
        return replace(settings, servers=_moved(settings.servers, place, step))

    return edit


def add_rule(rule: Rule, place: int | None = None) -> Edit:
    """One more rule: after all others, or at this place."""
    return lambda settings: replace(settings, rules=_with(settings.rules, rule, place))


def change_rule(before: Rule, after: Rule) -> Edit:
    """Another rule in the place of one."""

    def edit(settings: Settings) -> Settings:
        place = _rule_place(settings, before)
        return replace(settings, rules=(*settings.rules[:place], after, *settings.rules[place + 1 :]))

    return edit


def remove_rule(rule: Rule) -> Edit:
    """Go by a rule no more."""

    def edit(settings: Settings) -> Settings:
        place = _rule_place(settings, rule)
        return replace(settings, rules=settings.rules[:place] + settings.rules[place + 1 :])

    return edit


def move_rule(rule: Rule, step: int) -> Edit:
    """Put a rule further up (-1) or down (1)."""

    def edit(settings: Settings) -> Settings:
        return replace(settings, rules=_moved(settings.rules, _rule_place(settings, rule), step))

    return edit


def _rule_place(settings: Settings, rule: Rule) -> int:
    # A rule without a name is called by its place, which may be another one now.
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
