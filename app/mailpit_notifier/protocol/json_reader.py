"""Parse untrusted JSON with bounded memory and without blocking the event loop.

`json.loads` keeps the GIL until it is done, in any thread: 4 MiB of "[[],[],…" block the loop for 540 ms and take 90
MB. So it gets only texts with few brackets and commas (a list of 500 message summaries has 13,000). All others are
parsed here in Python, which lets other threads run, and only as far as needed: 1.2 MB of recipients take 25 ms. Text
that is still being received is parsed on the way, so that a listing of 16 MB is never in memory as a whole. Pure; any
thread.
"""

import json
import re
from collections.abc import Callable, Iterator
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

AHEAD = 65_536
"""Characters of a text that is received in pieces which are there before a value is parsed. A string that is longer is
cut: no view shows as much."""

_MARK = "\ufeff"
"""A byte order mark, which some proxies add. It has no meaning in UTF-8 (RFC 8259, 8.1)."""

_SPACE = re.compile(rf"[ \t\r\n{_MARK}]*+")
_WORD = re.compile(r"[-+.0-9A-Za-z]{1,80}+")
_PLAIN = re.compile(r'[^"\\]*+')
_NOT_STRUCTURAL = re.compile(r'[^"\[\]{}]*+')
_BEGUN_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+')


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
        return _Reader(iter([text]), max_values).document()
    try:
        return json.loads(text.removeprefix(_MARK)), True
    except RecursionError:
        raise ValueError("nested too deep") from None


def read_pieces(
    pieces: Iterator[str], convert: Callable[[Any], Any], *, max_values: int = MAX_VALUES
) -> tuple[Any, bool]:
    """As `read_beginning`, of a text that arrives in pieces, of which none is empty.

    `convert` is called for each item of a list in the answer, such as a message, as soon as it is complete: the values
    of which the item is made are then not kept.
    """
    return _Reader(pieces, max_values, convert).document()


class _EndedError(Exception):
    """The text ends here, or enough of it was parsed."""


class _Reader:
    def __init__(
        self, pieces: Iterator[str], max_values: int, convert: Callable[[Any], Any] = lambda item: item
    ) -> None:
        self._pieces = pieces
        self._convert = convert
        self._text = ""  # what was received and is not parsed yet, and a little before it
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
        char = self._next_char()
        if len(self._text) - self._at < AHEAD:
            self._receive()
        match char:
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"':
                text, begin = self._text, self._at
                self._skip_string()
                if text is self._text:
                    return json.loads(text[begin : self._at])
                found = _BEGUN_STRING.match(text, begin)
                return json.loads(f'{found[0]}"') if found else ""
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
                item = self._value(depth + 1)
                items.append(self._convert(item) if depth == PARTIAL_DEPTH else item)
        except _EndedError:
            self._end_early(depth)
        return items

    def _end_early(self, depth: int) -> None:
        """Keep what there is of a container without its end. Raises _EndedError if it is part of a message."""
        if depth > PARTIAL_DEPTH:
            raise _EndedError
        self._complete = False
        self._text, self._at, self._pieces = "", 0, iter(())

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
            char = self._skip(_NOT_STRUCTURAL)
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
            char = self._skip(_PLAIN)
            self._at += 1
            if char == '"':
                return
            self._char()
            self._at += 1  # the escaped character

    def _next_char(self) -> str:
        """Return the next character that is no white space."""
        return self._skip(_SPACE)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Skip what the pattern matches, however many pieces that is; return the character behind it."""
        while True:
            found = pattern.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            self._char()

    def _char(self) -> str:
        if self._at >= len(self._text) and not self._receive():
            raise _EndedError
        return self._text[self._at]

    def _receive(self) -> bool:
        """Add text until there is enough for a value, and drop what is parsed. Return whether any was received."""
        if not (piece := next(self._pieces, "")):
            return False
        pieces = [self._text[self._at :], piece]
        left = 2 * AHEAD - sum(map(len, pieces))
        while left > 0 and (piece := next(self._pieces, "")):
            pieces.append(piece)
            left -= len(piece)
        self._text, self._at = "".join(pieces), 0
        return True
