"""Whom to believe: TLS contexts, and a certificate's fingerprint.

Apart from dial.py, which decides when. Blocking where it reads the certificates of the system.
"""

import os
import re
import socket
import ssl
import sys
from hashlib import sha256
from pathlib import Path


def verified(ca_file: str = "") -> ssl.SSLContext:
    """Against the system's certificates, those that mkcert or a company installs, too; and those of a PEM file.

    Raises OSError for a file that is none.
    """
    if folder := folder_of_certificates():
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


def folder_of_certificates() -> str | None:
    """The folder of OpenSSL's where each of the system's certificates is found by its hash; not all systems have one.

    From it only what is needed is read. Their one big file takes 40 ms of processor time, for every connection, which
    servers that are tried again and again make felt.
    """
    if not sys.platform.startswith("linux") or {"SSL_CERT_FILE", "SSL_CERT_DIR"} & os.environ.keys():
        return None
    folder = ssl.get_default_verify_paths().capath
    hashed = folder and any(re.fullmatch(r"[0-9a-f]{8}\.\d", file.name) for file in Path(folder).iterdir())
    return folder if hashed else None


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
