"""Whom to believe: TLS contexts, and a certificate's fingerprint.

Apart from dial.py, which decides when. Blocking where it reads the certificates of the system.

What a certificate says of itself, for somebody who is to decide whether to trust it. Pure.

The standard library reads a certificate only once it is verified, and this one is not; Qt's reader costs 13 MiB. So
the few fields that people look at are taken from the DER here (RFC 5280, 4.1). They are a stranger's claims.
"""

import os
import re
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path


def system_context(ca_file: str = "") -> ssl.SSLContext:
    """Against the system's certificates, those that mkcert or a company installs, too; and those of a PEM file.

    Raises OSError for a file that is none.
    """
    if folder := certificate_folder():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(capath=folder)
    else:
        context = _by_the_system()
    if ca_file:
        context.load_verify_locations(os.path.expanduser(ca_file))  # noqa: PTH111 - as the library wants it
    return context


def _by_the_system() -> ssl.SSLContext:
    try:
        import truststore
    except ModuleNotFoundError:  # the commands for CI come without it
        return ssl.create_default_context()
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def certificate_folder() -> str | None:
    """The folder of OpenSSL's where each of the system's certificates is found by its hash; not all systems have one.

    From it only what is needed is read. Their one big file takes 40 ms of processor time, for every connection, which
    servers that are tried again and again make felt.
    """
    if not sys.platform.startswith("linux") or {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        return None
    folder = ssl.get_default_verify_paths().capath
    hashed = folder and any(re.fullmatch(r"[0-9a-f]{8}\.\d", file.name) for file in Path(folder).iterdir())
    return folder if hashed else None


def unverified_context() -> ssl.SSLContext:
    """Encrypted, with whomever it may be: for a certificate that is compared, or shown, afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def peer_certificate(sock: socket.socket) -> bytes:
    """The other side's certificate (DER)."""
    assert isinstance(sock, ssl.SSLSocket)
    return sock.getpeercert(binary_form=True) or b""


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate, in hexadecimal digits."""
    return sha256(der).hexdigest()


_BMP_STRING, _GENERALIZED_TIME, _VERSION = 0x1E, 0x18, 0xA0

_SHOWN = (b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b")
"""What is shown of a name, as OIDs: common name, organisation, unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whose it is, who signed it, and from when to when it is good."""

    subject: str
    issuer: str
    begins: datetime
    ends: datetime


def read_certificate(der: bytes) -> Certificate:
    """Read it. Raises ValueError for what is no certificate."""
    try:
        ((_, certificate),) = _values(der)
        fields = [value for tag, value in _values(next(_values(certificate))[1]) if tag != _VERSION]
        _serial, _algorithm, issuer, validity, subject, *_rest = fields
        begins, ends = (_time(tag, value) for tag, value in _values(validity))
        return Certificate(subject=_name(subject), issuer=_name(issuer), begins=begins, ends=ends)
    except (ValueError, StopIteration, OverflowError) as error:
        raise ValueError("This is no certificate.") from error


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values, one after the other, each with its tag (X.690, 8.1). Raises ValueError."""
    place = 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1] if place + 1 < len(data) else 0x80, place + 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[place : place + size])
            if not 1 <= size <= 4:
                raise ValueError("a length that DER does not know")
            place += size
        if place + length > len(data):
            raise ValueError("cut short")
        yield tag, data[place : place + length]
        place += length


def _name(data: bytes) -> str:
    """The parts of a name that people know, the most telling first."""
    parts: dict[bytes, str] = {}
    for _, group in _values(data):
        for _, pair in _values(group):
            (_, kind), (tag, text) = _values(pair)
            parts.setdefault(kind, text.decode("utf-16-be" if tag == _BMP_STRING else "utf-8", "replace"))
    return ", ".join(parts[kind] for kind in _SHOWN if parts.get(kind))


def _time(tag: int, value: bytes) -> datetime:
    """A moment (RFC 5280, 4.1.2.5). With two digits of a year, those from 50 on are of the last century."""
    text = value.decode("ascii")
    if tag != _GENERALIZED_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
