"""Decode the content of one part of a message: its transfer encoding and charset (RFC 2045).

All regular expressions here are possessive or bounded, so that the time is linear in the input. Pure; never raises.
source.py finds the parts, source_header.py reads their fields.
"""

import binascii
import codecs
import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

LONG = 900
"""Bytes from which on a `data:` URI is dropped. No other text without a quotation mark or a tag is that long."""

MAX_PADDINGS = 20_000
"""Padding characters that end a run of base64 within a body, from programs that encode each line by itself; more are
ignored."""

MAX_QP_LINE = 2**20
"""Bytes of an incomplete line of quoted-printable that are kept; RFC 2045 allows 76."""

PADDED_BREAK = re.compile(rb"=[ \t]++(?=\r?\n)")
"""A soft line break with spaces after it, which RFC 2045 allows and binascii does not know."""

UU_BEGIN = re.compile(rb"begin [0-7]{3,4} ")
MAX_UU_LINE, MAX_UU_BEFORE = 1_000, 65_536
"""Bytes of an incomplete line that are kept (a line has 62), and of the lines before `begin`."""

NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
MAX_UTF_16 = 65_536
"""Bytes decoded of invalid UTF-16 or UTF-32, where replacing characters takes 70 ms per megabyte."""

META_CHARSET = re.compile(rb"""charset=["']?([\w-]{1,40})""", re.IGNORECASE)
META = 2_048
"""Bytes of an HTML part that are searched for its charset."""

# The data must not contain the characters that end it, nor ":": so no byte is matched twice.
_EMBEDDED = rb"""(?i:data:)(?:[^\s"'<>():]{60}|[\w.+/;=-]{0,60}(?i:;base64,))[^"'<>():]{%d,}+""" % LONG
EMBEDDED = re.compile(_EMBEDDED)
UNFINISHED = re.compile(rb"""(?i:data:)[^"'<>():]*+\Z""")
END_OF_DATA = re.compile(rb"""["'<>():]""")


class Decoder(Protocol):
    """Decodes content in pieces. An incomplete rest is returned with the next piece, or at the end."""

    def feed(self, piece: bytes) -> bytes:
        """Decode a piece."""

    def end(self) -> bytes:
        """Decode the rest."""


class Body:
    """The decoded content of a text or HTML part, at most `most` bytes; `is_cut` is set if there is more.

    Long `data:` URIs are dropped from HTML, unless `with_data`.
    """

    def __init__(self, encoding: str, *, is_html: bool, most: int, with_data: bool = False) -> None:
        self.is_cut = False
        self._is_html = is_html
        self._most = most
        self._content = bytearray()
        self._steps: list[Decoder] = [DECODERS[encoding]()] if encoding in DECODERS else []
        if is_html and not with_data:
            self._steps.append(_WithoutData())

    def feed(self, piece: bytes) -> None:
        """Add a piece of the encoded content."""
        if not self.is_cut:
            for step in self._steps:
                piece = step.feed(piece)
            self._add(piece)

    def end(self) -> None:
        """Finish after the last piece."""
        rest = b""
        for step in self._steps:
            rest = step.feed(rest) + step.end()
        self._add(rest)

    def text(self, charset: str) -> str:
        """Return the content as text, "" if it is only white space."""
        content = bytes(self._content)
        if not content.strip():
            return ""
        if charset in {"", "us-ascii"}:  # many programs declare it and send something else
            charset = self._charset_within(content)
        return decoded(content, charset).replace("\r\n", "\n")

    def _add(self, content: bytes) -> None:
        self._content += content
        if len(self._content) > self._most:
            self.is_cut = True
            del self._content[self._most :]

    def _charset_within(self, content: bytes) -> str:
        found = META_CHARSET.search(content[:META]) if self._is_html else None
        return found[1].decode("ascii", "replace") if found else ""


def decoded(content: bytes, charset: str) -> str:
    """Decode content with the declared charset; with a likely one if that is unknown.

    Only charsets that are used in email are known. Others (UTF-7, Punycode, Python's own codecs) take seconds per
    megabyte, or are not for text.
    """
    codec = CODECS.get(re.sub(r"[^a-z0-9]", "", charset[:40].lower())) or _likely(content)
    if codec in ONE_BYTE:  # with a full table: replacing undefined bytes takes 150 ms per megabyte
        return codecs.charmap_decode(content, "strict", _table(codec))[0]
    if codec.startswith(("utf-16", "utf-32")):
        if codec == "utf-16" and content[:MAX_UTF_16:2].count(0) > content[1:MAX_UTF_16:2].count(0):
            codec = "utf-16-be"  # without a mark, Python expects the other order; RFC 2781, 4.3 this one
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            return content[:MAX_UTF_16].decode(codec, "replace")
    return content.decode(codec, "replace")


def is_known(charset: str) -> bool:
    """Return whether content in this declared charset can be decoded; "" is no declaration."""
    return not charset or re.sub(r"[^a-z0-9]", "", charset) in {*CODECS, "usascii", "ascii"}


class Unchanged:
    """Decodes content without a transfer encoding."""

    def feed(self, piece: bytes) -> bytes:
        """Return the piece."""
        return piece

    def end(self) -> bytes:
        """Return nothing: there is no rest."""
        return b""


class Size:
    """Counts the bytes of a part once it is decoded, without keeping them."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder = _QuotedPrintable() if encoding == "quoted-printable" else None
        self._count = 0

    def feed(self, piece: bytes) -> None:
        """Count a piece of the encoded content."""
        if self._encoding == "base64":
            self._count += len(piece.translate(None, NOT_BASE64 + b"="))
        else:
            self._count += len(self._decoder.feed(piece) if self._decoder else piece)

    def end(self) -> int:
        """Return the size in bytes."""
        if self._decoder:
            self._count += len(self._decoder.end())
        return self._count * 3 // 4 if self._encoding == "base64" else self._count


def from_base64(run: bytes) -> bytes:
    """Decode base64 without other characters, with or without padding."""
    run = run[: len(run) - (len(run) % 4 == 1)]
    return binascii.a2b_base64(run + b"=" * (-len(run) % 4))


class _Base64:
    def __init__(self) -> None:
        self._rest = b""
        self._paddings_left = MAX_PADDINGS

    def feed(self, piece: bytes) -> bytes:
        *padded, rest = (self._rest + piece.translate(None, NOT_BASE64)).split(b"=", self._paddings_left)
        self._paddings_left -= len(padded)
        rest = rest.translate(None, b"=")
        whole = len(rest) // 4 * 4
        self._rest = rest[whole:]
        return b"".join(map(from_base64, padded)) + binascii.a2b_base64(rest[:whole])

    def end(self) -> bytes:
        return from_base64(self._rest)


class _QuotedPrintable:
    def __init__(self) -> None:
        self._rest = bytearray()  # the start of a line, so that soft line breaks and encoded bytes are not split

    def feed(self, piece: bytes) -> bytes:
        end = len(self._rest) + piece.rfind(b"\n") + 1
        self._rest += piece
        if b"\n" not in piece:
            end = len(self._rest) if len(self._rest) > MAX_QP_LINE else 0
        lines = binascii.a2b_qp(PADDED_BREAK.sub(b"=", self._rest[:end]))
        del self._rest[:end]
        return lines

    def end(self) -> bytes:
        return binascii.a2b_qp(self._rest)


class _Uuencoded:
    """Decodes the lines between `begin` and `end`. Content without a line `begin` is kept as it is."""

    def __init__(self) -> None:
        self._rest = b""  # an incomplete line
        self._before = b""
        self._is_within = self._is_over = False

    def feed(self, piece: bytes) -> bytes:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[:MAX_UU_LINE]
        return b"".join(map(self._line, lines))

    def end(self) -> bytes:
        last = self._line(self._rest) if self._rest else b""
        return last if self._is_within or self._is_over else self._before

    def _line(self, line: bytes) -> bytes:
        if not self._is_within:
            self._is_within = not self._is_over and bool(UU_BEGIN.match(line))
            if len(self._before) < MAX_UU_BEFORE:
                self._before += line + b"\n"
            return b""
        if line.rstrip() in {b"", b"`", b"end"}:
            self._is_within, self._is_over = False, True
            return b""
        size = ((line[0] - 32 & 63) * 4 + 5) // 3  # some programs add a checksum, or drop spaces at the end
        try:
            return binascii.a2b_uu(line.rstrip(b"\r")[:size])
        except binascii.Error:
            return b""


class _WithoutData:
    """Drops long `data:` URIs, which contain pictures: without them a megabyte of HTML is enough."""

    def __init__(self) -> None:
        self._held = b""
        self._is_within = False

    def feed(self, piece: bytes) -> bytes:
        if self._is_within:
            found = END_OF_DATA.search(piece)
            if not found:
                return b""
            self._is_within = False
            piece = piece[found.start() :]
        piece = self._held + piece
        begin = piece.lower().rfind(b"data:")
        unfinished = UNFINISHED.match(piece, begin) if begin >= 0 else None
        if unfinished and EMBEDDED.match(piece, begin):
            self._is_within, self._held = True, b""
        else:
            end = begin if unfinished and len(piece) - begin <= 2 * LONG else max(0, len(piece) - len(b"data"))
            piece, self._held = piece[:end], piece[end:]
        return EMBEDDED.sub(b"data:", piece)

    def end(self) -> bytes:
        return EMBEDDED.sub(b"data:", self._held)


DECODERS: dict[str, Callable[[], Decoder]] = {
    "base64": _Base64,
    "quoted-printable": _QuotedPrintable,
    **dict.fromkeys(("x-uuencode", "uuencode", "x-uue", "uue"), _Uuencoded),
}


def _likely(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return (
            "utf-8" if error.reason == "unexpected end of data" else "cp1252"
        )  # the former is where the content was cut
    return "utf-8"


@cache
def _table(codec: str) -> str:
    return bytes(range(256)).decode(codec, "replace")


ONE_BYTE = {
    *(f"iso8859-{number}" for number in range(2, 17) if number not in {9, 11, 12}),
    *(f"cp{number}" for number in (437, 850, 852, 855, 858, 862, 866, 874, *range(1250, 1259))),
    *("koi8-r", "koi8-u", "mac-roman", "mac-cyrillic"),
}
CODECS = {
    **{codec.replace("-", ""): codec for codec in ONE_BYTE},
    **{f"ibm{codec[2:]}": codec for codec in ONE_BYTE if codec.startswith("cp") and len(codec) == 5},
    **{f"windows{codec[2:]}": codec for codec in ONE_BYTE if codec.startswith("cp125")},
    # Latin 1, Latin 5 and Thai are decoded as their Windows supersets: https://encoding.spec.whatwg.org
    **dict.fromkeys(("iso88591", "latin1", "l1", "cp819"), "cp1252"),
    **dict.fromkeys(("iso88599", "latin5"), "cp1254"),
    **dict.fromkeys(("iso885911", "tis620", "windows874"), "cp874"),
    "latin2": "iso8859-2",
    "latin9": "iso8859-15",
    "macintosh": "mac-roman",
    "xmacroman": "mac-roman",
    "iso88598i": "iso8859-8",
    "koi8": "koi8-r",
    "xmaccyrillic": "mac-cyrillic",
    **dict.fromkeys(("utf8", "unicode11utf8", "xunicode20utf8"), "utf-8"),
    **dict.fromkeys(("utf16", "ucs2", "iso10646ucs2"), "utf-16"),
    **dict.fromkeys(("utf32", "ucs4"), "utf-32"),
    "utf32le": "utf-32-le",
    "utf32be": "utf-32-be",
    "utf16le": "utf-16-le",
    "utf16be": "utf-16-be",
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "cp936", "xgbk", "windows936", "euccn", "gb231280"), "gb18030"),
    "hz": "hz",
    "hzgb2312": "hz",
    "big5": "cp950",
    "cp950": "cp950",
    "big5hkscs": "big5hkscs",
    **dict.fromkeys(("shiftjis", "sjis", "xsjis", "cp932", "ms932", "windows31j", "mskanji"), "cp932"),
    **dict.fromkeys(("eucjp", "xeucjp", "ujis"), "euc_jp"),
    **dict.fromkeys(("iso2022jp", "iso2022jp1", "iso2022jp2", "csiso2022jp"), "iso2022_jp_2"),
    **dict.fromkeys(("iso2022jp3", "iso2022jp2004"), "iso2022_jp_2004"),
    **dict.fromkeys(("euckr", "ksc5601", "ksc56011987", "cp949", "uhc", "windows949", "ksx1001"), "cp949"),
    "iso2022kr": "iso2022_kr",
}
"""Codecs by declared charset (letters and digits only). An allow-list: each decodes a megabyte in 12 ms."""
