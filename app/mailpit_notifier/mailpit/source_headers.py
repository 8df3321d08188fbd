"""Read the header of a message or of one of its parts (RFC 5322, 2045, 2047), as much as finding its text takes.

Own expressions instead of the standard library's parser, whose time is quadratic in a parameter's quotation marks and
semicolons: 250 kB take 77 s there. Each is possessive or bounded: linear. Pure and total.
"""

import binascii
import re
from dataclasses import dataclass
from itertools import islice

from .source_text import NOT_BASE64, decoded, from_base64

MAX_SUBJECT = 4_000
"""Bytes of a subject that are decoded."""

MAX_FIELDS = 200
"""Fields of a header that are looked at, of those that matter; only the first of each name counts."""

MAX_DECLARED = 2**20
"""Bytes of a Content-Type that are looked at."""

MAX_BOUNDARY = 1_000
"""Bytes; RFC 2046 allows 70."""

FIELD_LINES = re.compile(rb"(?:\n(?:>?From [^\n]*+|[!-9;-~]{1,1000}+[ \t]{0,50}+:[^\n]*+(?:\n[ \t][^\n]*+)*+))*+")
"""The lines of a header, each with the line end before it. What is no field ends it: some forget the empty line."""

FIELD = re.compile(
    rb"\n(subject|content-(?:type|transfer-encoding|disposition))[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)", re.IGNORECASE
)
TYPE = re.compile(rb"\s*+\"?([\w.+-]++)\s*+/\s*+([\w.+-]++)")
TOKEN = re.compile(rb"\s*+\"?([\w.-]++)")
ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]{0,40})?\?([bq])\?([^?]*+)\?=", re.IGNORECASE)

_QUOTED = rb'"(?:[^"\\]++|\\.)*+"?'
_VALUE = rb'[ \t\r\n]*+=[ \t\r\n]*+(?:"((?:[^"\\]++|\\.)*+)"?|([^\s;"]++))'


def _parameter(name: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Find a parameter behind whatever others; and, where a quotation mark is never closed, anywhere."""
    others = rb"(?:[^\";]++|" + _QUOTED + rb"|;(?!\s*+" + name + rb"\s*+=))*+;\s*+"
    flags = re.IGNORECASE | re.DOTALL
    return re.compile(others + name + _VALUE, flags), re.compile(rb"[;\s]" + name + _VALUE, flags)


BOUNDARY, CHARSET = _parameter(rb"boundary"), _parameter(rb"charset")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`kind` is the media type and `encoding` the transfer encoding, both in lower case."""

    subject: str = ""
    kind: str = "text/plain"
    boundary: bytes = b""
    charset: str = ""
    encoding: str = ""
    is_attachment: bool = False


def read_header(lines: bytes, *, default: str = "text/plain", with_subject: bool = False) -> Header:
    """Read the lines that FIELD_LINES found; `default` is the type where none is declared."""
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
    """The value of a Subject field, decoded."""
    text = raw[:MAX_SUBJECT].replace(b"\r", b"").replace(b"\n", b"").strip().decode("utf-8", "replace")
    parts: list[tuple[str, bytes]] = []  # charset and content; characters can be split between words of one charset
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
    """The charset and the content of an encoded word (RFC 2047); the word itself where it is wrong."""
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
