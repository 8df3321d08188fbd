"""Servers that the tests of one module share, so that each need not start its own."""

import contextlib

from standin import Server


class Running:
    """Servers of one test module, started when first asked for."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._servers: dict[tuple[type[Server], str, str], Server] = {}

    def get(self, kind: type[Server], *, webroot: str = "", auth: str = "") -> Server:
        key = kind, webroot, auth
        if key not in self._servers:
            self._servers[key] = self._stack.enter_context(kind(webroot=webroot, auth=auth, limit=0))
        return self._servers[key]
