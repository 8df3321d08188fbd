"""Keeps unit tests free of processes: `packaging/dev test --fast` runs them without a display or system packages."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

_STARTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
_is_allowed = True
_older_threads: set[threading.Thread] = set()


def _refuse(event: str, _arguments: tuple[Any, ...]) -> None:
    # Threads of earlier tests may still start one.
    if event in _STARTS and not _is_allowed and threading.current_thread() not in _older_threads:
        raise AssertionError("This test starts a process. Mark it with @pytest.mark.process, or move it.")


sys.addaudithook(_refuse)


@pytest.fixture(autouse=True)
def no_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let only tests with the mark `process` start a process."""
    global _is_allowed, _older_threads
    _older_threads = set(threading.enumerate()) - {threading.main_thread()}
    _is_allowed = request.node.get_closest_marker("process") is not None
    yield
    _is_allowed = True
