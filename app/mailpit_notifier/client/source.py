"""Read a message source (RFC 5322 bytes, as `message/{ID}/raw` gives them): its subject and its decoded texts.

The source comes in chunks and is read from boundary to boundary. Attachments are passed over, neither kept nor parsed,
and attached messages are not opened. What is wrong with a source gives some text, never an error: programs under test
send wrong messages. Each of the limits bounds CPU time; what one of them left out is marked as cut. Any thread.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from .source_decoding import FIELD_LINES, Body, Header, read_header

log = logging.getLogger(__name__)

CHUNK = 65_536

MAX_LINE = 1_100
"""Bytes of a boundary line, and of a field's name."""

SHOWN = ("text/plain", "text/html")
DIGESTED = "message/rfc822"
CR_TO_LF = bytes.maketrans(b"\r", b"\n")
EMPTY_LINE = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a source is read: bytes, parts and their nesting, lines that begin like a boundary, and seconds."""

    source: int = 24 * 2**20
    """Passing over a megabyte takes 1 ms, at worst 3."""

    text: int = 2**20
    """Bytes of a decoded part, without the pictures that are embedded in it."""

    header: int = 1_500_000
    """Of all parts together; 25,000 recipients take 1 MB."""

    parts: int = 1_000
    depth: int = 20
    dashes: int = 50_000
    local_seconds: float = 8.0
    remote_seconds: float = 2.0
    """From the first byte on, by the distance of the server. Kept by what gives the chunks."""


LIMITS = Limits()


class CutError(Exception):
    """Raised by the chunks where the rest of a source cannot be had in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a message says: its first text part and its first HTML part, "" where there is none.

    A part that `is_cut` has more than was read, or would have come behind the place where reading stopped.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    is_text_cut: bool = False
    is_html_cut: bool = False

    @property
    def is_cut(self) -> bool:
        """Whether there may be more than what was read."""
        return self.is_text_cut or self.is_html_cut


def read_source(source: bytes, limits: Limits = LIMITS) -> Source:
    """Decode a message; never raises."""
    return read_chunks((source[start : start + CHUNK] for start in range(0, len(source), CHUNK)), limits)


def read_chunks(chunks: Iterable[bytes], limits: Limits = LIMITS) -> Source:
    """Decode a message that comes in chunks, and ask for no more of them than it needs.

    Raises only what `chunks` raises, but for CutError.
    """
    stream = _Stream(_with_line_feeds(chunks), limits)
    walk = _Walk(stream, limits)
    try:
        walk.read()
    except Exception as error:
        if error is stream.failure:
            raise
        log.warning("a message source could not be parsed: %s", type(error).__name__)
        log.debug("it was", exc_info=error)
        walk.is_cut = True
    return walk.source()


def _with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks; where the first 64 kB have no LF but a CR, as on old Macs, with LF."""
    coming, head = iter(chunks), b""
    for chunk in coming:
        head += chunk
        if b"\n" in chunk or len(head) >= CHUNK:
            break
    is_old = b"\n" not in head[:CHUNK] and b"\r" in head[:CHUNK]
    for chunk in chain([head], coming):
        yield chunk.translate(CR_TO_LF) if is_old else chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A boundary line: how many multiparts are around the one that it belongs to, and whether it closes that."""

    depth: int
    closes: bool


class _Stream:
    """The bytes of a source, given out up to the next boundary line. What was passed is not kept.

    `line` is the boundary line that was met last, None at the end; `is_cut` says that a limit was met before the end.
    """

    def __init__(self, chunks: Iterator[bytes], limits: Limits) -> None:
        self.line: _Line | None = None
        self.is_cut = False
        self.failure: Exception | None = None  # of the chunks
        self._chunks = chunks
        self._left = limits.source
        self._header_left = limits.header
        self._dashes_left = limits.dashes
        self._data = bytearray(b"\n")
        self._at = 0  # a line end wherever a header or a body begins, so that each boundary line has one before it
        self._has_ended = False
        self._boundaries: list[bytes] = []
        self._needle = b""

    def enclose(self, depth: int, *boundaries: bytes) -> None:
        """Only so many multiparts are still open, and those with these boundaries."""
        self._boundaries[depth:] = boundaries
        self._needle = b"\n--" + _common_beginning(self._boundaries)

    @property
    def depth(self) -> int:
        """How many multiparts are open."""
        return len(self._boundaries)

    def header_lines(self) -> bytes:
        """Give out the lines of a header, and pass the empty line behind it."""
        while True:
            found = FIELD_LINES.match(self._data, self._at)
            end = found.end() if found else self._at
            if self._has_ended or self._data.find(b"\n", end + 1) >= 0 or len(self._data) - end > MAX_LINE:
                break
            length = len(self._data) - self._at
            if length > self._header_left:
                self._end_here()
                break
            self._more(min(3 * length, self._header_left - length))  # in few steps: what is there is matched again
        place, line = self._search(self._at, end)  # one with a colon in it looks like a field
        end = place if line else end
        lines = bytes(self._data[self._at : end])
        self._header_left -= len(lines)
        empty = EMPTY_LINE.match(self._data, end)
        self._at = len(self._data) if self.is_cut else empty.end() - 1 if empty else end
        return lines

    def until_boundary(self) -> Iterator[bytes]:
        """Give out what comes before the next boundary line of an open multipart, in pieces, and pass that line."""
        skipped = 1  # the line end before the body
        while True:
            place, self.line = self._search(self._at)
            begin, end = self._at + skipped, place
            if self.line and self._data[place - 1 : place] == b"\r":
                end -= 1
            if end > begin:
                yield bytes(self._data[begin:end])
            if place > self._at:
                skipped = 0
            self._at = place
            if self.line:
                self._at = self._line_end(place)
                return
            if self._has_ended:
                return
            self._more()

    def _search(self, start: int, stop: int | None = None) -> tuple[int, _Line | None]:
        """The next boundary line that begins before `stop`, and its place; else the place up to which there is none."""
        while self._boundaries:
            place = self._data.find(self._needle, start, stop)
            if place < 0:
                return self._certain(len(self._data) - len(self._needle) + 1, start), None
            end = self._line_end(place)
            if end == len(self._data) and end - place < MAX_LINE and not self._has_ended:
                return self._certain(place, start), None
            if line := self._line(bytes(self._data[place + 3 : min(end, place + MAX_LINE)])):
                return place, line
            self._dashes_left -= 1
            if self._dashes_left < 0:
                self._end_here()
                return place, None
            start = place + 1
        return len(self._data), None

    def _certain(self, place: int, start: int) -> int:
        """A boundary line may begin at that place: not what comes before it, but a CR that belongs to it."""
        if self._has_ended:
            return len(self._data)
        return max(start, place - (self._data[place - 1 : place] == b"\r"))

    def _line(self, words: bytes) -> _Line | None:
        """What the words of a line are to the open multiparts, the innermost first."""
        words = words.rstrip(b" \t\r")
        for depth in range(self.depth - 1, -1, -1):
            boundary = self._boundaries[depth]
            if words in {boundary, boundary + b"--"}:
                return _Line(depth=depth, closes=words != boundary)
        return None

    def _line_end(self, place: int) -> int:
        """The end of the line that begins behind a line end."""
        end = self._data.find(b"\n", place + 1)
        return end if end >= 0 else len(self._data)

    def _more(self, least: int = 0) -> None:
        """Take in `least` more bytes, or whatever comes, or note that there are no more. Moves what there is."""
        del self._data[: self._at]
        self._at = 0
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
        """A limit is met: what follows is not looked at."""
        self.is_cut = self._has_ended = True


def _common_beginning(boundaries: list[bytes]) -> bytes:
    first, last = min(boundaries, default=b""), max(boundaries, default=b"")
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((place for place, (one, other) in pairs if one != other), len(first))]


class _Walk:
    """Goes from part to part, as a reader shows them: no attachments, and nothing out of a message in the message."""

    def __init__(self, stream: _Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._subject = ""
        self._found: dict[str, tuple[str, bool]] = {}  # by media type: the text, and whether it is cut
        self.is_cut = False  # something was passed over that should have been read

    def read(self) -> None:
        """Read as much as is needed."""
        header = read_header(self._stream.header_lines(), with_subject=True)
        self._subject = header.subject
        defaults: list[str] = []  # by depth: the type of a part that declares none
        for _ in range(self._limits.parts):
            if self._opens(header):
                defaults[self._stream.depth - 1 :] = [DIGESTED if header.kind == "multipart/digest" else "text/plain"]
            elif not self._read_body(header):
                return
            if len(self._found) == len(SHOWN) or not self._goes_on():
                return
            header = read_header(self._stream.header_lines(), default=defaults[self._stream.depth - 1])
        self.is_cut = True

    def source(self) -> Source:
        """What was read."""
        rest = "", self.is_cut or self._stream.is_cut
        (text, is_text_cut), (html, is_html_cut) = (self._found.get(kind, rest) for kind in SHOWN)
        return Source(subject=self._subject, text=text, html=html, is_text_cut=is_text_cut, is_html_cut=is_html_cut)

    def _opens(self, header: Header) -> bool:
        """Go into a multipart, unless it is none to go into."""
        if not header.boundary or not header.kind.startswith("multipart/") or header.is_attachment:
            return False
        if self._stream.depth >= self._limits.depth:
            self.is_cut = True
            return False
        self._stream.enclose(self._stream.depth, header.boundary)
        self._pass()
        return True

    def _read_body(self, header: Header) -> bool:
        """Read or pass a body; False at once where nothing can come behind it."""
        if header.kind not in SHOWN or header.kind in self._found or header.is_attachment:
            return self._stream.depth > 0 and self._pass()
        body = Body(header.encoding, is_html=header.kind == "text/html", most=self._limits.text)
        for piece in self._stream.until_boundary():
            body.feed(piece)
            if body.is_cut and not self._stream.depth:
                break  # nothing comes behind it
        body.end()
        if text := body.text(header.charset):
            self._found[header.kind] = text, body.is_cut or self._stream.is_cut
        return True

    def _pass(self) -> bool:
        for _ in self._stream.until_boundary():
            pass
        return True

    def _goes_on(self) -> bool:
        """Whether another part begins here; what stands behind the end of a multipart is passed."""
        while line := self._stream.line:
            self._stream.enclose(line.depth + (not line.closes))
            if not line.closes:
                return True
            if not line.depth:
                return False
            self._pass()
        return False
