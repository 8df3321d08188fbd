"""A secret store for tests, with keyring's interface."""

import threading

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError, PasswordSetError


class Store(KeyringBackend):
    """Passwords by service and name. A `locked` one tells none, a `broken` one takes and removes none.

    An `odd` error is raised by all that it does: backends have errors of their libraries. While `gate` is closed, it
    waits for a person who does not come.
    """

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.broken = False
        self.odd: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def get_password(self, service: str, username: str) -> str | None:
        self.gate.wait()
        if self.odd:
            raise self.odd
        if self.locked:
            raise KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.odd:
            raise self.odd
        if self.broken:
            raise PasswordSetError(f"no room for {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.broken:
            raise PasswordDeleteError(username)
        del self.kept[service, username]
