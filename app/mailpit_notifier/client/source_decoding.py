"""Decode one part of a message: its header fields (RFC 5322, 2045, 2047), transfer encoding and charset.

The standard library's header parser is not used: its time is quadratic in the quotation marks and semicolons of a
parameter, and 250 kB take 77 s. All regular expressions here are possessive or bounded, so that the time is linear in
the input. Pure; never raises. source.py finds the parts.
"""

import binascii
import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Protocol

LONG = 900
"""Bytes from which on a `data:` URI is dropped. No other text without a quotation mark or a tag is that long."""

MAX_PADDINGS = 20_000
"""Padding characters that end a run of base64 within a body, from programs that encode each line by itself; more are
ignored."""

MAX_QP_LINE = 2**20
"""Bytes of an incomplete line of quoted-printable that are kept; RFC 2045 allows 76."""

UU_BEGIN = re.compile(rb"begin [0-7]{3,4} ")
MAX_UU_LINE, MAX_UU_BEFORE = 1_000, 65_536
"""Bytes of an incomplete line that are kept (a line has 62), and of the lines before `begin`."""

NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
MAX_UTF_16 = 65_536
"""Bytes decoded of invalid UTF-16, where replacing characters takes 70 ms per megabyte."""

META_CHARSET = re.compile(rb"""charset=["']?([\w-]{1,40})""", re.IGNORECASE)
META = 2_048
"""Bytes of an HTML part that are searched for its charset."""

# The data must not contain the characters that end it, nor ":": so no byte is matched twice.
_EMBEDDED = rb"""data:(?:[^\s"'<>():]{60}|[\w.+/;=-]{0,60};base64,)[^"'<>():]{%d,}+""" % LONG
EMBEDDED = re.compile(_EMBEDDED)
UNFINISHED = re.compile(rb"""data:[^"'<>():]*+\Z""")
END_OF_DATA = re.compile(rb"""["'<>():]""")


class Decoder(Protocol):
    """Decodes content in pieces. An incomplete rest is returned with the next piece, or at the end."""

    def feed(self, piece: bytes) -> bytes:
        """Decode a piece."""

    def end(self) -> bytes:
        """Decode the rest."""


class Body:
    """The decoded content of a text or HTML part, at most `most` bytes; `is_cut` is set if there is more."""

    def __init__(self, encoding: str, *, is_html: bool, most: int) -> None:
        self.is_cut = False
        self._is_html = is_html
        self._most = most
        self._content = bytearray()
        self._steps: list[Decoder] = [DECODERS[encoding]()] if encoding in DECODERS else []
        if is_html:
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
    if codec.startswith("utf-16"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            return content[:MAX_UTF_16].decode(codec, "replace")
    return content.decode(codec, "replace")


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
        lines = binascii.a2b_qp(self._rest[:end])
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
        begin = piece.rfind(b"data:")
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
    "utf16": "utf-16",
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
    **dict.fromkeys(("euckr", "ksc5601", "ksc56011987", "cp949", "uhc", "windows949", "ksx1001"), "cp949"),
    "iso2022kr": "iso2022_kr",
}
"""Codecs by declared charset (letters and digits only). An allow-list: each decodes a megabyte in 12 ms."""


MAX_SUBJECT = 4_000
"""Bytes of a subject that are decoded."""

MAX_FIELDS = 200
"""Relevant fields of a header that are read at most; only the first of each name counts."""

MAX_DECLARED = 2**20
"""Bytes of a Content-Type that are parsed."""

MAX_BOUNDARY = 1_000
"""Bytes; RFC 2046 allows 70."""

FIELD_LINES = re.compile(rb"(?:\n(?:>?From [^\n]*+|[!-9;-~]{1,1000}+[ \t]{0,50}+:[^\n]*+(?:\n[ \t][^\n]*+)*+))*+")
"""Lines of a header, each with the line end before it. Any other line ends it: some programs omit the empty line."""

FIELD = re.compile(
    rb"\n(subject|content-(?:type|transfer-encoding|disposition))[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE
)
TYPE = re.compile(rb"\s*+\"?([\w.+-]++)\s*+/\s*+([\w.+-]++)")
TOKEN = re.compile(rb"\s*+\"?([\w.-]++)")
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*+)\?=", re.IGNORECASE)

_QUOTED = rb'"(?:[^"\\]++|\\.)*+"?'
_VALUE = rb'[ \t\r\n]*+=[ \t\r\n]*+(?:"((?:[^"\\]++|\\.)*+)"?|([^\s;"]++))'


def _parameter(name: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return expressions for a parameter: after others, and anywhere, in case a quotation mark is not closed."""
    others = rb"(?:[^\";]++|" + _QUOTED + rb"|;(?!\s*+" + name + rb"\s*+=))*+;\s*+"
    flags = re.IGNORECASE | re.DOTALL
    return re.compile(others + name + _VALUE, flags), re.compile(rb"[;\s]" + name + _VALUE, flags)


BOUNDARY, CHARSET = _parameter(rb"boundary"), _parameter(rb"charset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Fields of a part. `kind` is the media type and `encoding` the transfer encoding, both in lower case."""

    subject: str = ""
    kind: str = "text/plain"
    boundary: bytes = b""
    charset: str = ""
    encoding: str = ""
    is_attachment: bool = False


def read_header(lines: bytes, *, default: str = "text/plain", with_subject: bool = False) -> Header:
    """Parse the lines that FIELD_LINES has matched; `default` is the type without a Content-Type."""
    fields: dict[bytes, bytes] = {}
    for field in islice(FIELD.finditer(lines), MAX_FIELDS):
        fields.setdefault(field[1].lower(), field[2])
    declared = fields.get(b"content-type", b"")[:MAX_DECLARED]
    found = TYPE.match(declared)
    kind = b"/".join(found.groups()).decode().lower() if found else "text/plain" if declared.strip() else default
    media = kind.partition("/")[0]
    return Header(
        subject=subject(fields.get(b"subject", b"")) if with_subject else "",
        kind=kind,
        boundary=_value(declared, BOUNDARY).rstrip() if media == "multipart" else b"",
        charset=_value(declared, CHARSET)[:40].decode("ascii", "replace").strip().lower() if media == "text" else "",
        encoding=_token(fields.get(b"content-transfer-encoding", b"")),
        is_attachment=_token(fields.get(b"content-disposition", b"")) == "attachment",
    )


def subject(raw: bytes) -> str:
    """Decode the value of a Subject field."""
    text = raw[:MAX_SUBJECT].replace(b"\r", b"").replace(b"\n", b"").strip().decode("utf-8", "replace")
    parts: list[
        tuple[str, bytes]
    ] = []  # charset and content; a character may be split between two words of one charset
    place = 0
    for word in ENCODED_WORD.finditer(text):
        between = text[place : word.start()]
        if between.strip() or not place:
            parts.append(("utf-8", between.encode()))
        place = word.end()
        charset, content = _decoded_word(word)
        if parts and not between.strip() and parts[-1][0] == charset:
            content = parts.pop()[1] + content
        parts.append((charset, content))
    return "".join(decoded(content, charset) for charset, content in parts) + text[place:]


def _decoded_word(word: re.Match[str]) -> tuple[str, bytes]:
    """Return charset and content of an encoded word (RFC 2047); the word itself if it is invalid."""
    content = word[3].encode()
    if word[2] in "qQ":
        return word[1].lower(), binascii.a2b_qp(content, header=True)
    run = content.translate(None, NOT_BASE64).partition(b"=")[0]
    return ("utf-8", word[0].encode()) if len(run) % 4 == 1 else (word[1].lower(), from_base64(run))


def _value(declared: bytes, parameter: tuple[re.Pattern[bytes], re.Pattern[bytes]]) -> bytes:
    exact, anywhere = parameter
    found = exact.match(declared) or anywhere.search(declared)
    if not found or max(map(len, filter(None, found.groups())), default=0) > MAX_BOUNDARY:
        return b""
    value = found[2] if found[1] is None else re.sub(rb"\\(.)", rb"\1", found[1])
    return value.replace(b"\r", b"").replace(b"\n", b"")


def _token(value: bytes) -> str:
    found = TOKEN.match(value)
    return found[1].decode("ascii", "replace").lower() if found else ""
