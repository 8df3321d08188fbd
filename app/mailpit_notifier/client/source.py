"""Parse a message source (RFC 5322, from `message/{ID}/raw`): subject, text and HTML parts, and a list of attachments.

The source is read in chunks, from one boundary line to the next. Attachments are skipped, neither kept nor parsed; on
request, their names and sizes are listed, for which the source is read to its end. Attached messages are not opened. An
invalid source gives some text and never an error, because programs under test send invalid messages. Each limit
bounds CPU time; a part that is incomplete because of one is marked as cut. Any thread.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from mailpit_notifier.core.contents import Attachment, Doubt

from .source_decoding import DECODERS, Body, Size, Unchanged, is_known
from .source_header import Header, read_header
from .source_stream import LIMITS, Limits, SourceStream

log = logging.getLogger(__name__)

CHUNK = 65_536

SHOWN = ("text/plain", "text/html")
DIGESTED = "message/rfc822"
ENCRYPTED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
PGP_MESSAGE = "-----BEGIN PGP MESSAGE-----"
FLOWED_END = re.compile(r"(?<!^--) \n(?!>)", re.MULTILINE)
"""The end of a line that goes on in the next; `-- ` begins a signature."""

ENCODINGS = {"", "7bit", "8bit", "binary", *DECODERS}
CR_TO_LF = bytes.maketrans(b"\r", b"\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Subject, first text part and first HTML part of a message, "" without one, and the attachments if requested.

    A part is cut if it was not read completely, or if it was not found before reading stopped. `is_partial`: reading
    stopped before the end of the source, so attachments may be missing.
    """

    subject: str = ""
    text: str = ""
    html: str = ""
    is_text_cut: bool = False
    is_html_cut: bool = False
    attachments: tuple[Attachment, ...] = ()
    doubts: frozenset[Doubt] = frozenset()
    is_partial: bool = False
    header: bytes = field(default=b"", repr=False, compare=False)
    """The lines of the message's header, as `source_header.all_fields` reads them."""

    @property
    def is_cut(self) -> bool:
        """Whether one of the parts is cut."""
        return self.is_text_cut or self.is_html_cut


class Sink(Protocol):
    """Receives the contents of attachments, one after the other. What it raises ends the reading, and is not raised."""

    def begin(self, name: str, kind: str) -> None:
        """Begin the next attachment. `name` is as the sender wrote it, `kind` the media type."""

    def write(self, content: bytes) -> None:
        """Add decoded content to it."""

    def end(self, *, is_whole: bool) -> None:
        """End it."""


def read_source(source: bytes, limits: Limits = LIMITS, *, with_attachments: bool = False) -> Source:
    """Parse a complete source; never raises."""
    chunks = (source[start : start + CHUNK] for start in range(0, len(source), CHUNK))
    return read_chunks(chunks, limits, with_attachments=with_attachments)


def read_chunks(
    chunks: Iterable[bytes], limits: Limits = LIMITS, *, with_attachments: bool = False, sink: Sink | None = None
) -> Source:
    """Parse a source in chunks, and request no more of them than needed: all of them `with_attachments`.

    `sink` receives the contents of the attachments, which are not decoded otherwise.

    Raises only exceptions of `chunks`, except CutError.
    """
    stream = SourceStream(_with_line_feeds(chunks), limits)
    parser = _Parser(stream, limits, with_attachments=with_attachments, sink=sink)
    try:
        parser.read()
    except Exception as error:
        if error is stream.failure:
            raise
        log.warning("Cannot parse a message source: %s", type(error).__name__)
        log.debug("The exception:", exc_info=error)
        parser.is_cut = True
    return parser.source()


def _with_line_feeds(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks, with CR replaced by LF if the first 64 kB have a CR and no LF, as on old Macs."""
    coming, head = iter(chunks), b""
    for chunk in coming:
        head += chunk
        if b"\n" in chunk or len(head) >= CHUNK:
            break
    is_old = b"\n" not in head[:CHUNK] and b"\r" in head[:CHUNK]
    for chunk in chain([head], coming):
        yield chunk.translate(CR_TO_LF) if is_old else chunk


class _Parser:
    """Goes through the parts that a mail program would show: no attachments, and no parts of attached messages."""

    def __init__(self, stream: SourceStream, limits: Limits, *, with_attachments: bool, sink: Sink | None) -> None:
        self._stream = stream
        self._limits = limits
        self._with_attachments = with_attachments
        self._sink = sink
        self._header = b""
        self._attachments: list[Attachment] = []
        self._doubts: set[Doubt] = set()
        self._subject = ""
        self._found: dict[str, tuple[str, bool]] = {}  # by media type: the text, and whether it is cut
        self.is_cut = False  # something was skipped that should have been read

    def read(self) -> None:
        """Read until both parts are found or nothing more can follow; with attachments, to the end."""
        self._header = self._stream.header_lines()
        header = read_header(self._header, with_subject=True)
        self._subject = header.subject
        defaults: list[str] = []  # by depth: the type of a part without Content-Type
        for _ in range(self._limits.parts):
            if self._enter_multipart(header):
                defaults[self._stream.depth - 1 :] = [DIGESTED if header.kind == "multipart/digest" else "text/plain"]
            elif not self._read_body(header):
                return
            if (len(self._found) == len(SHOWN) and not self._with_attachments) or not self._has_next_part():
                return
            header = read_header(self._stream.header_lines(), default=defaults[self._stream.depth - 1])
        self.is_cut = True

    def source(self) -> Source:
        """Return the result."""
        rest = "", self.is_cut or self._stream.is_cut
        (text, is_text_cut), (html, is_html_cut) = (self._found.get(kind, rest) for kind in SHOWN)
        return Source(
            subject=self._subject,
            text=text,
            html=html,
            is_text_cut=is_text_cut,
            is_html_cut=is_html_cut,
            attachments=tuple(self._attachments),
            doubts=frozenset(self._doubts),
            is_partial=rest[1],
            header=self._header,
        )

    def _enter_multipart(self, header: Header) -> bool:
        """Enter a multipart. Return False for anything else, and for one that must not be entered."""
        if header.kind in ENCRYPTED:
            self._doubts.add(Doubt.ENCRYPTED)
        if not header.kind.startswith("multipart/") or header.is_attachment:
            return False
        if self._stream.depth >= self._limits.depth:
            self.is_cut = True
            return False
        self._stream.enclose(self._stream.depth, header.boundary or self._stream.first_boundary())
        has_content = False
        for piece in self._stream.until_boundary():
            has_content = has_content or bool(piece.strip())
        if has_content and not self._stream.line:
            self.is_cut = True  # the source has no line with the boundary that the header declares
        return True

    def _read_body(self, header: Header) -> bool:
        """Read or skip a body. Return False at once if no other part can follow."""
        before, _ = self._found.get(header.kind, ("", False))
        if header.kind not in SHOWN or header.is_attachment or (before and header.name):
            if self._with_attachments and (header.is_attachment or header.name or header.kind not in SHOWN):
                return self._add_attachment(header)
            return self._stream.depth > 0 and self._skip()
        is_html = header.kind == "text/html"
        most = max(0, (self._limits.html if is_html else self._limits.text) - len(before))
        body = Body(header.encoding, is_html=is_html, most=most, with_data=self._limits.with_data)
        for piece in self._stream.until_boundary():
            body.feed(piece)
            if body.is_cut and not self._stream.depth:
                break  # no other part can follow
        body.end()
        text = body.text(header.charset)
        if header.is_delsp:
            text = FLOWED_END.sub("", text)
        if text:
            if text.lstrip().startswith(PGP_MESSAGE):
                self._doubts.add(Doubt.ENCRYPTED)
            text = f"{before}\n\n{text}" if before else text
            self._found[header.kind] = text, body.is_cut or self._stream.is_cut
            if not is_known(header.charset):
                self._doubts.add(Doubt.CHARSET)
            if header.encoding not in ENCODINGS:
                self._doubts.add(Doubt.ENCODING)
        return True

    def _add_attachment(self, header: Header) -> bool:
        if self._sink:
            self._keep_attachment(header, self._sink)
            return True
        size = Size(header.encoding)
        for piece in self._stream.until_boundary():
            size.feed(piece)
        self._attachments.append(Attachment(name=header.name, kind=header.kind, size=size.end()))
        return True

    def _keep_attachment(self, header: Header, sink: Sink) -> None:
        sink.begin(header.name, header.kind)
        decoder = DECODERS.get(header.encoding, Unchanged)()
        for piece in self._stream.until_boundary():
            sink.write(decoder.feed(piece))
        sink.write(decoder.end())
        sink.end(is_whole=not self._stream.is_cut)

    def _skip(self) -> bool:
        for _ in self._stream.until_boundary():
            pass
        return True

    def _has_next_part(self) -> bool:
        """Return whether another part begins here. Text after the end of a multipart is skipped."""
        while line := self._stream.line:
            self._stream.enclose(line.depth + (not line.closes))
            if not line.closes:
                return True
            if not line.depth:
                return False
            self._skip()
        return False
