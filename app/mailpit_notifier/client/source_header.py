"""Read the header fields of a part: subject, type, encoding, and the name of a file (RFC 5322, 2045, 2047, 2231).

The standard library's header parser is not used: its time is quadratic in the quotation marks and semicolons of a
parameter, and 250 kB take 77 s. All regular expressions here are possessive or bounded, so that the time is linear in
the input. Pure; never raises.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes

from .source_decoding import NOT_BASE64, decoded, from_base64

MAX_SUBJECT = 4_000
"""Bytes of a subject that are decoded."""

MAX_FIELDS = 200
"""Relevant fields of a header that are read at most; only the first of each name counts."""

MAX_DECLARED = 2**20
"""Bytes of a Content-Type that are parsed."""

MAX_BOUNDARY = 1_000
"""Bytes; RFC 2046 allows 70."""

MAX_PARAMETERS = 200
"""Parameters of a field in which the name of a file is looked for."""

MAX_NAME = 300
"""Characters of the name of a file; file systems allow 255 bytes."""

FIELD_LINES = re.compile(rb"(?:\n(?:>?From [^\n]*+|[!-9;-~]{1,1000}+[ \t]{0,50}+:[^\n]*+(?:\n[ \t][^\n]*+)*+))*+")
"""Lines of a header, each with the line end before it. Any other line ends it: some programs omit the empty line."""

FIELD = re.compile(
    rb"\n(subject|content-(?:type|transfer-encoding|disposition))[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE
)
ANY_FIELD = re.compile(rb"\n([!-9;-~]{1,1000}+)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)")
TYPE = re.compile(rb"\s*+\"?([\w.+-]++)\s*+/\s*+([\w.+-]++)")
TOKEN = re.compile(rb"\s*+\"?([\w.-]++)")
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*+)\?=", re.IGNORECASE)

READ_AS = {
    **dict.fromkeys(("text/markdown", "text/x-markdown", "text/enriched", "text/richtext"), "text/plain"),
    "application/xhtml+xml": "text/html",
}
"""Types that mail programs show as one of the usual ones (RFC 2046, 4.1.4), unless the part has the name of a file."""

FLOWED = re.compile(
    rb"(?=.{0,1000};\s*+format\s*+=\s*+\"?flowed).{0,1000};\s*+delsp\s*+=\s*+\"?yes", re.IGNORECASE | re.DOTALL
)

_QUOTED = rb'"(?:[^"\\]++|\\.)*+"?'
_VALUE = rb'[ \t\r\n]*+=[ \t\r\n]*+(?:"((?:[^"\\]++|\\.)*+)"?|([^\s;"]++))'


def _parameter(name: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Return expressions for a parameter: after others, and anywhere, in case a quotation mark is not closed."""
    others = rb"(?:[^\";]++|" + _QUOTED + rb"|;(?!\s*+" + name + rb"\s*+=))*+;\s*+"
    flags = re.IGNORECASE | re.DOTALL
    return re.compile(others + name + _VALUE, flags), re.compile(rb"[;\s]" + name + _VALUE, flags)


BOUNDARY, CHARSET = _parameter(rb"boundary"), _parameter(rb"charset")
PARAMETER = re.compile(rb"[;\s]([\w.*-]{1,60}+)" + _VALUE, re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Fields of a part. `kind` is the media type and `encoding` the transfer encoding, both in lower case.

    `name` is the name of a file, as the sender wrote it, "" for none.
    """

    subject: str = ""
    kind: str = "text/plain"
    boundary: bytes = b""
    charset: str = ""
    encoding: str = ""
    is_attachment: bool = False
    name: str = ""
    is_delsp: bool = False
    """A space at the end of a line joins it with the next, and is no part of the text (RFC 3676)."""


def read_header(lines: bytes, *, default: str = "text/plain", with_subject: bool = False) -> Header:
    """Parse header lines, as matched by FIELD_LINES. `default` is the type for a header without Content-Type."""
    fields: dict[bytes, bytes] = {}
    for field in islice(FIELD.finditer(lines), MAX_FIELDS):
        fields.setdefault(field[1].lower(), field[2])
    declared = fields.get(b"content-type", b"")[:MAX_DECLARED]
    found = TYPE.match(declared)
    kind = b"/".join(found.groups()).decode().lower() if found else "text/plain" if declared.strip() else default
    disposition = fields.get(b"content-disposition", b"")[:MAX_DECLARED]
    name = _file_name(disposition, "filename") or _file_name(declared, "name")
    kind = kind if name else READ_AS.get(kind, kind)
    media = kind.partition("/")[0]
    return Header(
        subject=subject(fields.get(b"subject", b"")) if with_subject else "",
        kind=kind,
        boundary=(_value(declared, BOUNDARY) or _continued(declared, "boundary")).rstrip()
        if media == "multipart"
        else b"",
        charset=(_value(declared, CHARSET) or _continued(declared, "charset"))[:40]
        .decode("ascii", "replace")
        .strip()
        .lower()
        if media == "text"
        else "",
        encoding=_token(fields.get(b"content-transfer-encoding", b"")),
        is_attachment=_token(disposition) == "attachment",
        name=name,
        is_delsp=kind == "text/plain" and bool(FLOWED.match(declared)),
    )


def subject(raw: bytes) -> str:
    """Decode the value of a Subject field."""
    return unfolded(raw[:MAX_SUBJECT])


def all_fields(lines: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and decoded value of each field in the lines that FIELD_LINES has matched."""
    for field in ANY_FIELD.finditer(lines):
        yield field[1].decode("ascii"), unfolded(field[2])


def unfolded(raw: bytes) -> str:
    """Decode the value of a field: its lines and encoded words become one text. Linear in time."""
    text = raw.replace(b"\r", b"").replace(b"\n", b"").strip().decode("utf-8", "replace")
    parts: list[tuple[str, bytearray]] = []  # a character may be split between two words of one charset
    place = 0
    for word in ENCODED_WORD.finditer(text):
        between = text[place : word.start()]
        if between.strip() or not place:
            parts.append(("utf-8", bytearray(between.encode())))
        place = word.end()
        charset, content = _decoded_word(word)
        if parts and not between.strip() and parts[-1][0] == charset:
            parts[-1][1].extend(content)
        else:
            parts.append((charset, bytearray(content)))
    return "".join(decoded(bytes(content), charset) for charset, content in parts) + text[place:]


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


def _continued(declared: bytes, parameter: str) -> bytes:
    """Return a parameter of RFC 2231: encoded, or in several pieces."""
    name = f"{parameter}*".encode()
    return _file_name(declared, parameter).encode() if name in declared.lower() else b""


def _token(value: bytes) -> str:
    found = TOKEN.match(value)
    return found[1].decode("ascii", "replace").lower() if found else ""


def _file_name(value: bytes, parameter: str) -> str:
    """Return a parameter that is the name of a file: in one piece or several, encoded by RFC 2231 or RFC 2047."""
    if parameter.encode() not in value.lower():
        return ""
    found: dict[str, bytes] = {}
    for one in islice(PARAMETER.finditer(value), MAX_PARAMETERS):
        content = one[3] if one[2] is None else re.sub(rb"\\(.)", rb"\1", one[2], flags=re.DOTALL)
        found.setdefault(one[1].decode("ascii", "replace").lower(), content[:MAX_SUBJECT])
    if f"{parameter}*" in found:
        return _extended(found[f"{parameter}*"])[:MAX_NAME]
    pieces, charset = [], ""
    for number in range(MAX_PARAMETERS):
        key = f"{parameter}*{number}"
        if f"{key}*" in found:
            content = found[f"{key}*"]
            if not number:
                charset, content = _charset_of(content)
            pieces.append(unquote_to_bytes(content))
        elif key in found:
            pieces.append(found[key])
        else:
            break
    if pieces:
        return decoded(b"".join(pieces), charset)[:MAX_NAME]
    return subject(found.get(parameter, b""))[:MAX_NAME]


def _extended(value: bytes) -> str:
    charset, content = _charset_of(value)
    return decoded(unquote_to_bytes(content), charset)


def _charset_of(value: bytes) -> tuple[str, bytes]:
    """Return charset and content of a value such as `utf-8'en'a%20b`."""
    parts = value.split(b"'", 2)
    return (parts[0].decode("ascii", "replace").lower(), parts[2]) if len(parts) == 3 else ("", value)
