"""Parse untrusted JSON with bounded memory and without blocking the event loop.

`json.loads` holds the GIL until it is done, in any thread: 4 MiB of "[[],[],…" block the loop for 540 ms and take 90
MB. So it gets only texts with few brackets and commas (a list of 500 message summaries has 13,000). All others are
parsed here in Python, which lets other threads run, and only as far as needed: 1.2 MB of recipients take 25 ms. Pure;
any thread.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

CHEAP = 50_000
"""Brackets and commas of a text that `json.loads` may parse, in 3 to 25 ms."""

MAX_ITEMS = 1_000
"""Members kept of each list or object of another text."""

MAX_VALUES = 200_000
"""Values kept of another text, in some 20 MB."""

MAX_SKIPPED = 1_000_000
"""Brackets skipped in another text, in 0.4 s. 250,000 recipients have 500,000."""

MAX_DEPTH = 20

PARTIAL_DEPTH = 1
"""Depth down to which containers of a truncated text are kept as far as they go: the answer and its list of messages.
A message that is not complete is dropped."""

_SPACE = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r"[-+.0-9A-Za-z]{1,80}+")
_PLAIN = re.compile(r'[^"\\]*+')
_NOT_STRUCTURAL = re.compile(r'[^"\[\]{}]*+')


def is_cheap(text: str) -> bool:
    """Return whether `json.loads` parses this text within a few milliseconds."""
    return text.count("{") + text.count("[") + text.count(",") <= CHEAP


def read(text: str) -> Any:
    """Parse a JSON text. Raises ValueError for invalid JSON, or too much of it."""
    value, complete = read_beginning(text)
    if not complete:
        raise ValueError("too much JSON")
    return value


def read_beginning(text: str, *, cut: bool = False, max_values: int = MAX_VALUES) -> tuple[Any, bool]:
    """Parse a JSON text, whose end may be `cut` off. Return the value, and whether it is complete.

    Raises ValueError for invalid JSON.
    """
    if cut or not is_cheap(text):
        return _Reader(text, max_values).document()
    try:
        return json.loads(text), True
    except RecursionError:
        raise ValueError("nested too deep") from None


class _EndedError(Exception):
    """The text ends here, or enough of it was parsed."""


class _Reader:
    def __init__(self, text: str, max_values: int) -> None:
        self._text = text
        self._at = 0
        self._left = max_values
        self._to_skip = MAX_SKIPPED
        self._complete = True

    def document(self) -> tuple[Any, bool]:
        try:
            value = self._value(0)
        except _EndedError:
            raise ValueError("no end") from None
        return value, self._complete

    def _value(self, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _EndedError
        if depth > MAX_DEPTH:
            raise ValueError("nested too deep")
        match self._next_char():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                begin = self._at
                self._skip_string()
                return json.loads(self._text[begin : self._at])
        found = _WORD.match(self._text, self._at)
        if not found:
            raise ValueError("no value")
        self._at = found.end()
        self._char()  # raises at the end of a cut text, where a number may continue
        return json.loads(found[0])

    def _object(self, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        try:
            for _ in self._members("}", depth):
                if self._next_char() != '"':
                    raise ValueError("no name")
                name = self._value(depth + 1)
                if self._next_char() != ":":
                    raise ValueError("no colon")
                self._at += 1
                fields[name] = self._value(depth + 1)
        except _EndedError:
            self._end_early(depth)
        return fields

    def _list(self, depth: int) -> list[Any]:
        items: list[Any] = []
        try:
            for _ in self._members("]", depth):
                items.append(self._value(depth + 1))  # noqa: PERF401 - _EndedError must not lose the items
        except _EndedError:
            self._end_early(depth)
        return items

    def _end_early(self, depth: int) -> None:
        """Keep what there is of a container without its end. Raises _EndedError if it is part of a message."""
        if depth > PARTIAL_DEPTH:
            raise _EndedError
        self._complete = False
        self._at = len(self._text)

    def _members(self, end: str, depth: int) -> Iterator[None]:
        """Yield at the start of each member of the container that begins here; end behind the container."""
        self._at += 1
        if self._next_char() != end:
            for number in count():
                if number == MAX_ITEMS:
                    if depth <= PARTIAL_DEPTH:
                        raise _EndedError  # no list of messages is that long
                    self._skip_rest()
                    return
                yield
                if (char := self._next_char()) == end:
                    break
                if char != ",":
                    raise ValueError("no comma")
                self._at += 1
        self._at += 1

    def _skip_rest(self) -> None:
        """Skip to the end of the current container."""
        depth = 1
        while depth:
            found = _NOT_STRUCTURAL.match(self._text, self._at)
            self._at = found.end() if found else self._at
            char = self._char()
            if char == '"':
                self._skip_string()
                continue
            self._to_skip -= 1
            if self._to_skip < 0:
                raise _EndedError
            match char:
                case "[" | "{":
                    depth += 1
                case _:
                    depth -= 1
            self._at += 1

    def _skip_string(self) -> None:
        self._at += 1
        while True:
            found = _PLAIN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            char = self._char()
            self._at += 1
            if char == '"':
                return
            self._at += 1  # the escaped character

    def _next_char(self) -> str:
        """Return the next character that is no white space."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._char()

    def _char(self) -> str:
        if self._at >= len(self._text):
            raise _EndedError
        return self._text[self._at]
