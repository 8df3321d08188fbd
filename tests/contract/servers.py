"""Servers shared by the tests of a module, to save their start."""

import contextlib

from standin import Server


class Running:
    """Servers of a test module, started on first use."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._servers: dict[tuple[type[Server], str, str], Server] = {}

    def get(self, kind: type[Server], *, webroot: str = "", auth: str = "") -> Server:
        key = kind, webroot, auth
        if key not in self._servers:
            self._servers[key] = self._stack.enter_context(kind(webroot=webroot, auth=auth, limit=0))
        return self._servers[key]
