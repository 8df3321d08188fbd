"""What the user said about reaching one server; a value, apart from dial.py, which acts on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What was said; "" leaves it to the system.

    `ca_file` is a PEM file of further certificates to trust, `fingerprint` the SHA-256 of the only certificate to
    accept, `proxy` a proxy's address or "none", `plain_password` the consent to send a password unencrypted.
    """

    ca_file: str = ""
    fingerprint: str = ""
    proxy: str = ""
    plain_password: bool = False
