"""Keep OpenSSL out of the process until a server needs TLS: it takes 4.5 MiB, and 15 ms before the tray icon is shown.

hashlib, asyncio, http.client and websocket-client load it when they are imported, and all do without where Python was
built without it. The program uses none of their TLS: `client/transport.py` wraps the sockets itself, and imports `ssl`
for that. Decision 0064 has the figures.
"""

import sys
from importlib import import_module
from importlib.util import find_spec

OPENSSL = ("_hashlib", "ssl")
"""The modules that load it."""

HASHES = ("_md5", "_sha1", "_sha3", "_blake2", "_sha2" if sys.version_info >= (3, 12) else "_sha512")
"""Python's own hashes, which hashlib then uses. Some distributions, such as Fedora, leave most of them out."""


def import_without_openssl(*names: str) -> None:
    """Import modules as if Python had been built without OpenSSL, if it has hashes of its own.

    Does not change modules that are imported already. To be called in the main thread, before others import anything.
    """
    hidden = [name for name in OPENSSL if name not in sys.modules]
    if not all(map(find_spec, HASHES)):
        hidden = []
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type] # None: "is not there", as documented
    try:
        for name in names:
            import_module(name)
    finally:
        for name in hidden:
            del sys.modules[name]


def is_tls_error(error: BaseException) -> bool:
    """Return whether this is an error of TLS, without loading `ssl` to find out."""
    ssl = sys.modules.get("ssl")
    return ssl is not None and isinstance(error, ssl.SSLError)


import_without_openssl("hashlib")

from hashlib import blake2b  # noqa: E402 - after the line above

__all__ = "blake2b", "import_without_openssl", "is_tls_error"
