"""Read JSON that a stranger wrote: bounded in memory, and without stopping the loop.

`json.loads` keeps the interpreter until it is done, in whatever thread it runs: 4 MiB of "[[],[],…" stop the loop for
540 ms and take 90 MB. So it gets only texts with few brackets and commas; a list of 500 message summaries has 13,000.
The others are read here in Python, which lets other threads run, and only as much of them as is used: 1.2 MB of
recipients, say, take 25 ms. Pure; any thread.
"""

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

CHEAP = 50_000
"""Brackets and commas of a text that `json.loads` may read: 3 to 25 ms."""

MAX_ITEMS = 1_000
"""Members that are kept of each list or object of another text."""

MAX_VALUES = 200_000
"""Values that are kept of another text; some 20 MB."""

MAX_SKIPPED = 1_000_000
"""Brackets that are passed over in another text, in 0.4 s; 250,000 recipients have 500,000."""

MAX_DEPTH = 20

PARTIAL_DEPTH = 1
"""Of a text without its end, containers down to here are kept as they are: the answer and its list of messages."""

_SPACE = re.compile(r"[ \t\r\n]*+")
_WORD = re.compile(r"[-+.0-9A-Za-z]{1,80}+")
_PLAIN = re.compile(r'[^"\\]*+')
_NO_SIGN = re.compile(r'[^"\[\]{}]*+')


def is_cheap(text: str) -> bool:
    """Return whether `json.loads` reads this text within a few milliseconds."""
    return text.count("{") + text.count("[") + text.count(",") <= CHEAP


def read(text: str) -> Any:
    """Read a JSON text. Raise ValueError for what is not JSON, or too much of it."""
    value, complete = read_beginning(text)
    if not complete:
        raise ValueError("too much JSON")
    return value


def read_beginning(text: str, *, cut: bool = False, max_values: int = MAX_VALUES) -> tuple[Any, bool]:
    """Read a JSON text, as far as it goes where its end was `cut` off; return also whether that was all of it.

    Raise ValueError for what is not JSON.
    """
    if cut or not is_cheap(text):
        return _Reader(text, max_values).document()
    try:
        return json.loads(text), True
    except RecursionError:
        raise ValueError("nested too deep") from None


class _EndedError(Exception):
    """The text ends here, or enough of it was read."""


class _Reader:
    def __init__(self, text: str, max_values: int) -> None:
        self._text = text
        self._at = 0
        self._left = max_values
        self._to_pass = MAX_SKIPPED
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
        match self._next_sign():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                begin = self._at
                self._pass_string()
                return json.loads(self._text[begin : self._at])
        found = _WORD.match(self._text, self._at)
        if not found:
            raise ValueError("no value")
        self._at = found.end()
        self._sign()  # behind the end a number may go on
        return json.loads(found[0])

    def _object(self, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        try:
            for _ in self._members("}", depth):
                if self._next_sign() != '"':
                    raise ValueError("no name")
                name = self._value(depth + 1)
                if self._next_sign() != ":":
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
                items.append(self._value(depth + 1))  # noqa: PERF401 - what was read is kept where the text ends
        except _EndedError:
            self._end_early(depth)
        return items

    def _end_early(self, depth: int) -> None:
        """Keep what there is of a container without its end; raise _EndedError where it is part of a message."""
        if depth > PARTIAL_DEPTH:
            raise _EndedError
        self._complete = False
        self._at = len(self._text)

    def _members(self, end: str, depth: int) -> Iterator[None]:
        """Stand before each member of the container that begins here, and behind its end after the last."""
        self._at += 1
        if self._next_sign() != end:
            for number in count():
                if number == MAX_ITEMS:
                    if depth <= PARTIAL_DEPTH:
                        raise _EndedError  # no list of messages is as long as that
                    self._pass_rest()
                    return
                yield
                if (sign := self._next_sign()) == end:
                    break
                if sign != ",":
                    raise ValueError("no comma")
                self._at += 1
        self._at += 1

    def _pass_rest(self) -> None:
        """Go behind the end of the container that we are in."""
        depth = 1
        while depth:
            found = _NO_SIGN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            sign = self._sign()
            if sign == '"':
                self._pass_string()
                continue
            self._to_pass -= 1
            if self._to_pass < 0:
                raise _EndedError
            match sign:
                case "[" | "{":
                    depth += 1
                case _:
                    depth -= 1
            self._at += 1

    def _pass_string(self) -> None:
        self._at += 1
        while True:
            found = _PLAIN.match(self._text, self._at)
            self._at = found.end() if found else self._at
            sign = self._sign()
            self._at += 1
            if sign == '"':
                return
            self._at += 1  # what a backslash is before

    def _next_sign(self) -> str:
        """The next character that is no space."""
        found = _SPACE.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._sign()

    def _sign(self) -> str:
        if self._at >= len(self._text):
            raise _EndedError
        return self._text[self._at]
