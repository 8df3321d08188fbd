"""TLS contexts, certificate fingerprints, and the fields of a certificate that the user compares before trusting it.

A small DER parser (RFC 5280, 4.1) reads those fields: the standard library parses only verified certificates, which
these are not yet, and Qt's parser costs 13 MiB. The fields are unverified claims of the server. Creating a context
blocks while the system's certificates are read.
"""

import os
import re
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mailpit_notifier.runtime.files import expand_path

if TYPE_CHECKING:  # loaded when a server needs TLS
    import ssl


def system_context(ca_file: str = "") -> "ssl.SSLContext":
    """Return a context that verifies against the system's certificates and those in the PEM file `ca_file`.

    The system's include those that mkcert or a company has installed. Raises OSError for a file that is not PEM.
    """
    import ssl

    if folder := certificate_folder():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(capath=folder)
    else:
        context = _by_the_system()
    if ca_file:
        context.load_verify_locations(expand_path(ca_file))
    return context


def _by_the_system() -> "ssl.SSLContext":
    import ssl

    try:
        import truststore
    except ModuleNotFoundError:  # mailpit-wait.pyz, for CI, does not contain it
        return ssl.create_default_context()
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def certificate_folder() -> str | None:
    """Return OpenSSL's folder of certificates by hash, None on a system without one.

    OpenSSL reads only the needed files from it. Loading the one big file instead takes 40 ms of CPU time for every
    connection, and an unreachable server is retried often.
    """
    import ssl

    if not sys.platform.startswith("linux") or {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        return None
    folder = ssl.get_default_verify_paths().capath
    hashed = folder and any(re.fullmatch(r"[0-9a-f]{8}\.\d", file.name) for file in Path(folder).iterdir())
    return folder if hashed else None


def unverified_context() -> "ssl.SSLContext":
    """Return a context that accepts any certificate: the caller compares its fingerprint, or shows it to the user."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def peer_certificate(sock: socket.socket) -> bytes:
    """Return the server's certificate as DER."""
    import ssl

    assert isinstance(sock, ssl.SSLSocket)
    return sock.getpeercert(binary_form=True) or b""


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in hexadecimal digits."""
    return sha256(der).hexdigest()


_BMP_STRING, _GENERALIZED_TIME, _VERSION = 0x1E, 0x18, 0xA0

_SHOWN = (b"\x55\x04\x03", b"\x55\x04\x0a", b"\x55\x04\x0b")
"""OIDs of the parts of a name that are shown: common name, organisation, unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Owner, issuer, and the first and last moment of validity (UTC)."""

    subject: str
    issuer: str
    begins: datetime
    ends: datetime


def read_certificate(der: bytes) -> Certificate:
    """Parse a certificate. Raises ValueError for data that is none."""
    try:
        ((_, certificate),) = _values(der)
        fields = [value for tag, value in _values(next(_values(certificate))[1]) if tag != _VERSION]
        _serial, _algorithm, issuer, validity, subject, *_rest = fields
        begins, ends = (_time(tag, value) for tag, value in _values(validity))
        return Certificate(subject=_name(subject), issuer=_name(issuer), begins=begins, ends=ends)
    except (ValueError, StopIteration, OverflowError) as error:
        raise ValueError("This is no certificate.") from error


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each value (X.690, 8.1). Raises ValueError."""
    place = 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1] if place + 1 < len(data) else 0x80, place + 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(data[place : place + size])
            if not 1 <= size <= 4:
                raise ValueError("invalid length")
            place += size
        if place + length > len(data):
            raise ValueError("truncated")
        yield tag, data[place : place + length]
        place += length


def _name(data: bytes) -> str:
    """Return the parts of a name that are shown, the common name first."""
    parts: dict[bytes, str] = {}
    for _, group in _values(data):
        for _, pair in _values(group):
            (_, kind), (tag, text) = _values(pair)
            parts.setdefault(kind, text.decode("utf-16-be" if tag == _BMP_STRING else "utf-8", "replace"))
    return ", ".join(parts[kind] for kind in _SHOWN if parts.get(kind))


def _time(tag: int, value: bytes) -> datetime:
    """Parse a time (RFC 5280, 4.1.2.5): two-digit years from 50 on are in the 20th century."""
    text = value.decode("ascii")
    if tag != _GENERALIZED_TIME:
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
