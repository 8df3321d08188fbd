"""Runs `mailpit-notifier wait` as a test suite does."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from forked import PIPE, start
from program import MAIN

PATIENCE = 20.0 if sys.platform != "win32" else 60.0  # also under wine
"""Seconds until the test fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result. `stderr` does not contain the line `listening`."""

    code: int
    answer: str
    stderr: str


class Waiter:
    """A started `wait`; its servers are in `url` or among the options."""

    def __init__(self, url: str, *options: str, command: Sequence[str] = ()) -> None:
        arguments = ["wait", *options, *(["--", *command] if command else [])]
        environment = {**os.environ, "MAILPIT_URL": url}
        self.process = start(MAIN, *arguments, environment=environment, stdout=PIPE, stderr=PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()

    def listens(self) -> None:
        """Wait until it listens."""
        assert self.line() == "listening"

    def line(self) -> str:
        """Return the next line of its output."""
        assert self.process.stderr
        return self.process.stderr.readline().rstrip("\n")

    def outcome(self) -> Outcome:
        """Wait until it ends."""
        assert self.process.stdout
        assert self.process.stderr
        answer, stderr = self.process.stdout.read(), self.process.stderr.read()
        return Outcome(code=self.process.wait(PATIENCE), answer=answer, stderr=stderr.removeprefix("listening\n"))


def wait(url: str, *options: str, command: Sequence[str] = ()) -> Outcome:
    """Run it until it ends."""
    with Waiter(url, *options, command=command) as waiter:
        return waiter.outcome()
