"""Self-signed certificates of servers."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def self_signed(folder: Path, subject: str = "/CN=hostile") -> Path:
    """Write certificate and key of a server at 127.0.0.1 to a file."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("needs openssl")
    file, key = folder / "server.pem", folder / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", subject, "-utf8", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, "req", "-x509", *curve, *names, "-keyout", str(key), "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + key.read_bytes())
    return file


def serving(file: Path) -> ssl.SSLContext:
    """Return an SSL context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def der(file: Path) -> bytes:
    """Return the certificate in DER, as it is sent to clients."""
    pem = file.read_text()
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index(end) + len(end)])
