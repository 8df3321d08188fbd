"""Whom to believe: TLS contexts, and a certificate's fingerprint.

Apart from dial.py, which decides when. Blocking where it reads the certificates of the system.
"""

import os
import socket
import ssl
from hashlib import sha256


def verified(ca_file: str = "") -> ssl.SSLContext:
    """Against the system's certificates, those that mkcert or a company installs, too; and those of a PEM file.

    Raises OSError for a file that is none.
    """
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file:
        context.load_verify_locations(os.path.expanduser(ca_file))  # noqa: PTH111 - as the library wants it
    return context


def unverified() -> ssl.SSLContext:
    """Encrypted, with whomever it may be: for a certificate that is compared, or shown, afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def peer(sock: socket.socket) -> bytes:
    """The other side's certificate (DER)."""
    assert isinstance(sock, ssl.SSLSocket)
    return sock.getpeercert(binary_form=True) or b""


def fingerprint(der: bytes) -> str:
    """The SHA-256 of a certificate, in hexadecimal digits."""
    return sha256(der).hexdigest()
