"""One instance per user session, and the client side of the command socket to it.

One JSON line each way: {"command", "args", "activation_token"} and {"ok", "text", "data"}. Socket and lock are in a
folder that only the user can open. Imports neither Qt nor asyncio, which would take a client 70 and 50 ms; the server
side is in server.py, and in pipe.py for Windows.
"""

import contextlib
import errno
import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING, Any

from mailpit_notifier import APP_ID, __version__
from mailpit_notifier.runtime.files import user_folder

if TYPE_CHECKING:
    from mailpit_notifier.core.status import ServerStatus

REPLY_TIMEOUT = 3.0
"""Seconds that a client waits for the answer; the program answers in milliseconds unless it hangs."""

SOCKET = "control"
"""File name of the socket."""

MAX_SOCKET_PATH = 107 if sys.platform == "linux" else 103
"""Bytes of a socket's path without the final NUL: sockaddr_un in unix(7), and in macOS's sys/un.h."""

MAX_LINE = 65_536
"""Bytes of a request line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The result of a command: `text` is for users, `data` for programs."""

    ok: bool = True
    text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


Handler = Callable[[str, Sequence[str], str], Awaitable[Answer]]
"""Called on the loop with a command, its arguments and the activation token of the caller."""


class ControlError(Exception):
    """The running program cannot be reached. The text is a sentence for the user."""


def runtime_folder() -> Path:
    """Return the folder of socket and lock; create it, for its owner only, if necessary. Raises OSError.

    It is in XDG_RUNTIME_DIR. Without that, or if the path of the socket would be too long, it is the state folder.
    """
    path = _runtime_path()
    if _is_too_long(path):
        raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(path / SOCKET))
    writable_folder(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def _runtime_path() -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    path = Path(runtime) / APP_ID
    return state_folder() if not runtime or not Path(runtime).is_dir() or _is_too_long(path) else path


def _is_too_long(folder: Path) -> bool:
    return sys.platform != "win32" and len(os.fsencode(folder / SOCKET)) > MAX_SOCKET_PATH


def writable_folder(path: Path) -> Path:
    """Create a folder, for its owner only, if necessary, and return it. Raises OSError if it is not writable."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(path, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return path


def state_folder() -> Path:
    """Return the platform's folder for the program's state. It may not exist yet."""
    return user_folder("state")


class InstanceLock:
    """A file lock of the running instance. The system releases it however the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Lock; False when another process has the lock. Raises OSError when locking does not work at all."""
        file = self._path.open("a")
        try:
            lock(file.fileno())
        except OSError as error:
            file.close()
            if error.errno in {errno.EAGAIN, errno.EACCES, errno.EDEADLK, 0}:  # on Windows one of the latter; 0 in wine
                return False
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        self._file = file
        return True

    def release(self) -> None:
        """Release the lock."""
        if self._file:
            self._file.close()
            self._file = None


def lock(handle: int) -> None:
    """Lock an open file for this process, without waiting. Raises OSError when another process has the lock."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def status_report(statuses: "Iterable[ServerStatus]", paused_until: datetime | None) -> dict[str, Any]:
    """Return what `status --json` prints. Programs rely on these keys. An end in the year 9999 means "until the user
    resumes", or unmutes the server.
    """
    return {
        "version": __version__,
        "paused_until": _iso(paused_until),
        "servers": [
            {
                "name": status.name,
                "url": status.url,
                "state": status.link.value,
                "fault": status.fault.name.lower() if status.fault else None,
                "problem": status.explain() or None,
                "unread": status.unread,
                "total": status.total,
                "muted_until": _iso(status.muted_until),
            }
            for status in statuses
        ],
    }


def _iso(end: datetime | None) -> str | None:
    return end.isoformat(timespec="seconds") if end else None


async def handle_line(line: bytes, handle: Handler) -> bytes:
    """Handle a request line, which may be anything; return the answer line."""
    match read_json(line):
        case {"command": str(command), **rest}:
            args, token = rest.get("args"), rest.get("activation_token")
            answer = await handle(
                command,
                [str(arg) for arg in args] if isinstance(args, list) else [],
                token if isinstance(token, str) else "",
            )
        case _:
            answer = Answer(ok=False, text="Invalid request.")
    return json.dumps(asdict(answer)).encode() + b"\n"


def read_json(line: bytes) -> Any:
    """Return the value of a JSON line; None if it is not JSON."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def ask_instance(command: str, args: Sequence[str] = ()) -> Answer | None:
    """Send a command to the running instance, as `request`, at its usual place."""
    try:
        # A pipe needs no folder. The uninstaller asks last, and would leave one.
        path = (_runtime_path() if sys.platform == "win32" else runtime_folder()) / SOCKET
    except OSError as error:
        raise ControlError(
            f"Cannot create the folder of the control socket: {error.filename}: {error.strerror}."
        ) from error
    return request(path, command, args)


def request(path: Path, command: str, args: Sequence[str] = ()) -> Answer | None:
    """Send a command to the running instance and return its answer; None when no instance runs. Blocking.

    Raises ControlError when it does not answer in REPLY_TIMEOUT, or when the socket cannot be used.
    """
    line = {"command": command, "args": list(args), "activation_token": os.environ.get("XDG_ACTIVATION_TOKEN", "")}
    try:
        reply = json.loads(exchange(path, json.dumps(line).encode() + b"\n"))
        return Answer(ok=bool(reply["ok"]), text=str(reply["text"]), data=dict(reply["data"]))
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except (TimeoutError, BlockingIOError, ConnectionError, ValueError, KeyError, TypeError) as error:
        # BlockingIOError: the queue of waiting connections is full.
        raise ControlError(
            "Mailpit Notifier is running but does not respond. End its process and start it again."
        ) from error
    except OSError as error:
        raise ControlError(f"Cannot use the control socket {path}: {error.strerror or error}.") from error


def request_when_ready(path: Path, command: str, args: Sequence[str] = ()) -> Answer | None:
    """As `request`, of an instance that has the lock but may not listen yet: wait for it up to REPLY_TIMEOUT."""
    end = monotonic() + REPLY_TIMEOUT
    while (answer := request(path, command, args)) is None and monotonic() < end:
        sleep(0.02)
    return answer


def exchange(path: Path, line: bytes) -> bytes:
    """Send a line to the socket, or on Windows to the pipe, and return the answer line. Raises OSError.

    Raises TimeoutError if there is no answer within REPLY_TIMEOUT.
    """
    if sys.platform == "win32":
        return _exchange_over_pipe(rf"\\.\pipe\{pipe_name(path)}", line, monotonic() + REPLY_TIMEOUT)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(REPLY_TIMEOUT)
        _connect(sock, path, monotonic() + REPLY_TIMEOUT)
        sock.sendall(line)
        with sock.makefile("rb") as file:
            return file.readline()


def _connect(sock: socket.socket, path: Path, end: float) -> None:
    """Connect. A full queue of waiting connections refuses at once, so try again: the instance may be busy or hang."""
    while True:
        try:
            sock.connect(str(path))
        except BlockingIOError:
            if monotonic() > end:
                raise
            sleep(0.02)
        else:
            return


if sys.platform == "win32":
    import _winapi  # CPython's own module, which multiprocessing uses for its pipes; files have no timeout

    _ONLY_IDENTIFY = 0x110000
    """SECURITY_SQOS_PRESENT and SECURITY_IDENTIFICATION: another user may have made a pipe of this name first, and its
    server could act in the name of this one."""

    def _exchange_over_pipe(name: str, line: bytes, end: float) -> bytes:
        pipe = _opened_pipe(name, end)
        try:
            _in_time(_winapi.WriteFile(pipe, line, overlapped=True)[0], end)
            answer = b""
            while not answer.endswith(b"\n"):
                read = _winapi.ReadFile(pipe, MAX_LINE, overlapped=True)[0]
                _in_time(read, end)
                answer += bytes(read.getbuffer() or b"")
            return answer
        finally:
            _winapi.CloseHandle(pipe)

    def _opened_pipe(name: str, end: float) -> int:
        """Open a pipe. The server offers one at a time, so it may be busy with another client for a moment."""
        access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
        flags = _winapi.FILE_FLAG_OVERLAPPED | _ONLY_IDENTIFY
        while True:
            try:
                return _winapi.CreateFile(name, access, 0, 0, _winapi.OPEN_EXISTING, flags, 0)
            except OSError as error:
                if error.winerror != _winapi.ERROR_PIPE_BUSY:
                    raise
            left = int((end - monotonic()) * 1000)
            if left <= 0:
                raise TimeoutError
            with contextlib.suppress(OSError):  # it is offered again at once, or not in time
                _winapi.WaitNamedPipe(name, left)

    def _in_time(operation: _winapi.Overlapped, end: float) -> None:
        """Wait until an operation has ended. Raises TimeoutError, or OSError if the other side has closed the pipe."""
        left = max(0, int((end - monotonic()) * 1000))
        if _winapi.WaitForMultipleObjects([operation.event], False, left) != _winapi.WAIT_OBJECT_0:
            operation.cancel()
            with contextlib.suppress(OSError):
                operation.GetOverlappedResult(True)  # until then, the system may write into its buffer
            raise TimeoutError
        operation.GetOverlappedResult(True)


def pipe_name(path: Path) -> str:
    """Return the name of the pipe on Windows. It contains a hash of the path, as all users share one namespace."""
    from mailpit_notifier.runtime.openssl import blake2b

    return f"{APP_ID}-{blake2b(str(path).encode(), digest_size=8).hexdigest()}"
