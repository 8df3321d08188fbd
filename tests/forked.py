"""Starts stand-ins without what their imports cost, a third of a second each: as forks of a process that has them.

As a script it is that process. Linux only: elsewhere nothing tells when a process has ended that is nobody's child.
"""

import atexit
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import NoReturn


class Forked:
    """A stand-in; what subprocess.Popen has of it, as far as it is needed."""

    def __init__(self, arguments: Sequence[str]) -> None:
        below, stdin = os.pipe()
        stdout, above = os.pipe()
        self.pid, self._handle = _source().fork(arguments, [below, above])
        os.close(below)
        os.close(above)
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, number)

    def wait(self, timeout: float) -> None:
        """Wait until it has ended. Raises TimeoutError. Not to be called twice."""
        if not select.select([self._handle], [], [], timeout)[0]:
            raise TimeoutError(f"process {self.pid} is still there")
        os.close(self._handle)


class _Source:
    """The process that has the imports. It ends with this one."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen([sys.executable, __file__], stdin=theirs)
        atexit.register(self._end)

    def fork(self, arguments: Sequence[str], streams: Sequence[int]) -> tuple[int, int]:
        """Have a stand-in with these streams as standard input and output; its ID, and what waits for its end."""
        socket.send_fds(self._line, [json.dumps(arguments).encode()], streams)
        number, handles, _, _ = socket.recv_fds(self._line, 100, 1)
        return int(number), handles[0]

    def _end(self) -> None:
        self._line.close()
        self._process.wait()


_source = cache(_Source)


def fork_on_demand() -> None:
    """Fork for each message, which holds arguments and brings standard input and output along; answers who it is."""
    importlib.import_module("mailpit_notifier.demo.run")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    orders = socket.socket(fileno=os.dup(0))
    while True:
        arguments, streams, _, _ = socket.recv_fds(orders, 65_536, 2)
        if not arguments:
            return
        if not (pid := os.fork()):
            orders.close()
            become(json.loads(arguments), streams)
        handle = os.pidfd_open(pid)
        socket.send_fds(orders, [str(pid).encode()], [handle])
        for number in (*streams, handle):
            os.close(number)


def become(arguments: list[str], streams: Sequence[int]) -> NoReturn:
    """Be a stand-in, with these as standard input and output."""
    from mailpit_notifier.demo.__main__ import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for place, number in enumerate(streams):
        os.dup2(number, place)
        os.close(number)
    sys.argv[1:] = arguments
    sys.exit(main())


if __name__ == "__main__":
    fork_on_demand()
