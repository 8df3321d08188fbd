"""Explain wrong usage of the command line.

argparse alone takes the value of a misspelled option for a command, and does not name the options that it knows.
"""

import argparse
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, cast


class UsageError(Exception):
    """The command line is wrong. The text is a sentence; `parser` is that of the command that it is about."""

    def __init__(self, parser: "Parser", text: str) -> None:
        super().__init__(text)
        self.parser = parser


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError. Parsers of commands are of the same class."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(self, message)

    def exit_with(self, text: str) -> NoReturn:
        """Print the usage and a sentence, and end the process."""
        super().error(text)

    @property
    def commands(self) -> Mapping[str, "Parser"]:
        """The parsers of the commands, by name; empty for the parser of a command."""
        choices = next((action.choices for action in self._actions if isinstance(action.choices, Mapping)), {})
        return cast("Mapping[str, Parser]", choices)

    @property
    def visible_options(self) -> Sequence[str]:
        """The long options that --help shows."""
        shown = (action for action in self._actions if action.help != argparse.SUPPRESS)
        return [name for action in shown for name in action.option_strings if name.startswith("--")]

    def option(self, word: str) -> argparse.Action | None:
        """Return the option that a word such as --to, --to=VALUE or --t names; None if there is none."""
        name = word.partition("=")[0]
        known = self._option_string_actions
        begun = [action for option, action in known.items() if name.startswith("--") and option.startswith(name)]
        return known.get(name) or next(iter(begun), None)

    def most_arguments(self) -> float:
        """Return how many arguments the command accepts."""
        counts = {None: 1, "?": 1}
        return sum(counts.get(cast("Any", action.nargs), math.inf) for action in self._get_positional_actions())


class Once(argparse.Action):
    """An option that is given at most once. Otherwise the last one would count, and the others be lost unnoticed."""

    def __call__(
        self,
        _parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        _option: str | None = None,
    ) -> None:
        """Store the value. Raises ArgumentError the second time."""
        if getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "can be given only once")
        setattr(namespace, self.dest, values)


def explain(top: Parser, words: Sequence[str]) -> UsageError | None:
    """Return an error about the first word that the parsers do not know; None if they know all of them."""
    parser, taken = top, 0
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if _is_option(word):
            if not (option := parser.option(word)):
                return UsageError(parser, _unknown_option(top, parser, word.partition("=")[0], rest))
            if option.nargs is None and "=" not in word:
                if not rest or _is_option(rest[0]):
                    return None  # its value is missing, which argparse explains
                rest.pop(0)
        elif not parser.commands:
            taken += 1
            if taken > parser.most_arguments():
                return UsageError(parser, _unexpected_argument(parser, word))
        elif word in parser.commands:
            parser = parser.commands[word]
        else:
            return UsageError(parser, _unknown_command(parser, word))
    return None


def _is_option(word: str) -> bool:
    """Return whether argparse takes a word for an option: not "-" (standard input), "-3" and "-x y"."""
    return word.startswith("-") and word != "-" and " " not in word and not re.fullmatch(r"-\d+|-\d*\.\d+", word)


def _unknown_option(top: Parser, parser: Parser, name: str, rest: Iterable[str]) -> str:
    command = parser.prog.split()[-1]
    if parser is not top and name == "--config" and parser.option("--server"):
        return f"{name} must be before the command: {top.prog} {name} FILE {command}"
    if parser is not top and name in top.visible_options:
        return f"{command} does not accept {name}"
    if parser is top and (command := next(_accepting(top, name, rest), "")):
        return f"{name} must be after the command: {top.prog} {command} {name}"
    return f"unknown option {name}. {_similar(name, parser.visible_options) or _help(parser)}"


def _accepting(top: Parser, name: str, words: Iterable[str]) -> Iterator[str]:
    """Yield the commands among these words that have an option."""
    return (word for word in words if word in top.commands and name in top.commands[word].visible_options)


def _unexpected_argument(parser: Parser, word: str) -> str:
    if parser.usage and "--" in parser.usage:  # `wait` and `pause`
        return f'unexpected argument "{word}". A command must follow after --'
    return f'unexpected argument "{word}". {_help(parser)}'


def _unknown_command(parser: Parser, word: str) -> str:
    if "://" in word:  # it may contain a password
        return "an address is not a command. Write --server before it"
    known = ", ".join(parser.commands)
    return f'unknown command "{word}". {_similar(word.lower(), parser.commands) or f"Choose from {known}."}'


def _similar(word: str, words: Iterable[str]) -> str:
    from difflib import get_close_matches  # only for wrong usage: takes 2 ms

    found = get_close_matches(word, list(words), 1)
    return f"Did you mean {found[0]}?" if found else ""


def _help(parser: Parser) -> str:
    return f'"{parser.prog} --help" shows what it accepts.'
