"""A secret store for tests."""

import threading


class StoreRefusedError(Exception):
    """The text of a library's error may contain the password."""


class Store:
    """Passwords by service and name. A `locked` one returns none, a `broken` one saves and deletes none.

    An `odd` error is raised by every call: back ends raise errors of their libraries. While `gate` is closed, reading
    blocks, as for a user who does not answer.
    """

    def __init__(self) -> None:
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
            raise StoreRefusedError
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.odd:
            raise self.odd
        if self.broken:
            raise StoreRefusedError(f"no room for {password}")
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.broken:
            raise StoreRefusedError(username)
        del self.kept[service, username]
