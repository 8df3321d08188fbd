"""The bytes of a message source, returned up to the next boundary line of a multipart (RFC 2046, 5.1).

The source is read in chunks. Bytes that were returned are not kept. Each limit bounds CPU time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .source_header import FIELD_LINES

MAX_LINE = 1_100
"""Bytes of a boundary line, and of a field's name."""

EMPTY_LINE = re.compile(rb"\n\r?\n")
ANY_BOUNDARY = re.compile(rb"\n--([^\r\n]{0,1000}+)\r?\n")
MAX_GUESSED = 65_536
"""Bytes in which the first boundary of a multipart is looked for that declares none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a source is read: bytes, parts, levels of nesting, lines that begin like a boundary, and seconds."""

    source: int = 24 * 2**20
    """Bytes. Skipping a megabyte takes 1 ms, at worst 3 ms."""

    text: int = 2**20
    html: int = 2**20
    """Bytes of a decoded part, without embedded pictures (`data:` URIs)."""

    with_data: bool = False
    """Keep embedded pictures; they count."""

    header: int = 1_500_000
    """Bytes of the headers of all parts together; 25,000 recipients have 1 MB."""

    parts: int = 2_000
    depth: int = 1_200
    dashes: int = 50_000
    local_seconds: float = 8.0
    remote_seconds: float = 2.0
    """From the first byte on, for a server on this machine and on another. The iterator of chunks checks it."""


LIMITS = Limits()


class CutError(Exception):
    """Raised by the iterator of chunks if the rest of a source does not arrive in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryLine:
    """A boundary line: the depth of its multipart, 0 for the outermost, and whether it closes that."""

    depth: int
    closes: bool


class SourceStream:
    """The bytes of a source, returned up to the next boundary line. Bytes that were returned are not kept.

    `line` is the last boundary line, None at the end; `is_cut` is set if a limit was reached before the end.
    """

    def __init__(self, chunks: Iterator[bytes], limits: Limits) -> None:
        self.line: BoundaryLine | None = None
        self.is_cut = False
        self.failure: Exception | None = None  # raised by the chunks
        self._chunks = chunks
        self._left = limits.source
        self._header_left = limits.header
        self._dashes_left = limits.dashes
        self._data = bytearray(b"\n")
        self._position = 0  # at a line end where a header or body begins, so that each boundary line has one before it
        self._has_ended = False
        self._boundaries: list[bytes] = []
        self._needles: list[bytes] = [b"\n--"]  # how the boundary lines of all multiparts up to a depth begin
        self._depths: dict[bytes, list[int]] = {}  # of each boundary; nested multiparts may share one

    def enclose(self, depth: int, *boundaries: bytes) -> None:
        """Close all multiparts from this depth on, and open one for each of these boundaries."""
        while self.depth > depth:
            boundary = self._boundaries.pop()
            self._needles.pop()
            self._depths[boundary].pop()
        for boundary in boundaries:
            needle = b"\n--" + boundary
            self._needles.append(_common_beginning(self._needles[-1], needle) if self.depth else needle)
            self._depths.setdefault(boundary, []).append(self.depth)
            self._boundaries.append(boundary)

    @property
    def depth(self) -> int:
        """Number of open multiparts."""
        return len(self._boundaries)

    def header_lines(self) -> bytes:
        """Return the lines of a header, and skip the empty line after it."""
        while True:
            found = FIELD_LINES.match(self._data, self._position)
            end = found.end() if found else self._position
            if self._has_ended or self._data.find(b"\n", end + 1) >= 0 or len(self._data) - end > MAX_LINE:
                break
            length = len(self._data) - self._position
            if length > self._header_left:
                self._end_here()
                break
            self._read_more(
                min(3 * length, self._header_left - length)
            )  # in large steps, because each matches all lines again
        place, line = self._search(self._position, end)  # a boundary with a colon resembles a field
        end = place if line else end
        lines = bytes(self._data[self._position : end])
        self._header_left -= len(lines)
        empty = EMPTY_LINE.match(self._data, end)
        self._position = len(self._data) if self.is_cut else empty.end() - 1 if empty else end
        return lines

    def first_boundary(self) -> bytes:
        """Return the boundary of the next line with the form of one, for a multipart that declares none; else b""."""
        while len(self._data) - self._position < MAX_GUESSED and not self._has_ended:
            self._read_more()
        found = ANY_BOUNDARY.search(self._data, self._position, self._position + MAX_GUESSED)
        return found[1].rstrip(b" \t") if found else b""

    def until_boundary(self) -> Iterator[bytes]:
        """Yield the bytes before the next boundary line of an open multipart in pieces, and skip that line."""
        skipped = 1  # the line end before the body
        while True:
            place, self.line = self._search(self._position)
            begin, end = self._position + skipped, place
            if self.line and self._data[place - 1 : place] == b"\r":
                end -= 1
            if end > begin:
                yield bytes(self._data[begin:end])
            if place > self._position:
                skipped = 0
            self._position = place
            if self.line:
                self._position = self._line_end(place)
                return
            if self._has_ended:
                return
            self._read_more()

    def _search(self, start: int, stop: int | None = None) -> tuple[int, BoundaryLine | None]:
        """Return place and next boundary line that starts before `stop`, or the place up to which there is none."""
        while self._boundaries:
            place = self._data.find(self._needles[-1], start, stop)
            if place < 0:
                return self._safe_end(len(self._data) - len(self._needles[-1]) + 1, start), None
            end = self._line_end(place)
            if end == len(self._data) and end - place < MAX_LINE and not self._has_ended:
                return self._safe_end(place, start), None
            if line := self._line(bytes(self._data[place + 3 : min(end, place + MAX_LINE)])):
                return place, line
            self._dashes_left -= 1
            if self._dashes_left < 0:
                self._end_here()
                return place, None
            start = place + 1
        return len(self._data), None

    def _safe_end(self, place: int, start: int) -> int:
        """Return the place before which no boundary line starts: `place`, or that of a CR just before it."""
        if self._has_ended:
            return len(self._data)
        return max(start, place - (self._data[place - 1 : place] == b"\r"))

    def _line(self, words: bytes) -> BoundaryLine | None:
        """Return the line as the boundary of an open multipart, the innermost that it fits; None for any other line."""
        words = words.rstrip(b" \t\r")
        opened = self._depths.get(words)
        closed = self._depths.get(words.removesuffix(b"--")) if words.endswith(b"--") else None
        if not opened and not closed:
            return None
        depth, closes = max((depths[-1], depths is closed) for depths in (opened, closed) if depths)
        return BoundaryLine(depth=depth, closes=closes)

    def _line_end(self, place: int) -> int:
        """Return the end of the line that starts after the line end at `place`."""
        end = self._data.find(b"\n", place + 1)
        return end if end >= 0 else len(self._data)

    def _read_more(self, least: int = 0) -> None:
        """Read at least `least` more bytes, or note the end. Drops the bytes before the current position."""
        del self._data[: self._position]
        self._position = 0
        enough = len(self._data) + max(1, least)
        while len(self._data) < enough and not self._has_ended:
            try:
                chunk = next(self._chunks, b"")
            except CutError:
                self._end_here()
                return
            except Exception as error:
                self.failure = error
                raise
            self._has_ended = not chunk
            self._data += chunk[: self._left]
            self._left -= len(chunk)
            if self._left < 0:
                self._end_here()

    def _end_here(self) -> None:
        """Ignore the rest: a limit was reached."""
        self.is_cut = self._has_ended = True


def _common_beginning(first: bytes, second: bytes) -> bytes:
    pairs = enumerate(zip(first, second, strict=False))
    return first[: next((place for place, (one, other) in pairs if one != other), min(len(first), len(second)))]
