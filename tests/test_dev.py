"""`packaging/dev`: what it decides, and that it leaves nothing running. Setting up is seen on a bare system only."""

import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

PACKAGING = Path(__file__).parents[1] / "packaging"


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGING))


@contextmanager
def web_server(status: int, body: bytes) -> Iterator[int]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/api/v1/info"
            self.send_response(status if found else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "is_mailpit"),
    [
        (200, b'{"Version": "v1.30.5"}', True),
        (401, b"Unauthorised.\n", True),
        (200, b"<html>hello</html>", False),
        (200, b"[]", False),
        (200, b"8025", False),
        (404, b"404 page not found\n", False),
    ],
)
def test_only_what_answers_as_mailpit_is_taken_for_one(status: int, body: bytes, is_mailpit: bool) -> None:
    from devtools import server

    with web_server(status, body) as port:
        assert server.answers(port) is is_mailpit


def test_where_nothing_listens_there_is_no_mailpit() -> None:
    from devtools import server

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert not server.answers(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("args", "environ", "config", "named"),
    [
        ([], {}, None, False),
        (["--hidden"], {}, "[tray]\n", False),
        (["--server", "http://mailpit.test/"], {}, None, True),
        (["--server=http://mailpit.test/"], {}, None, True),
        (["--demo"], {}, None, True),
        (["--config", "other.toml"], {}, None, True),
        ([], {"MAILPIT_URL": "http://mailpit.test/"}, None, True),
        ([], {"MAILPIT_URL": ""}, None, False),
        ([], {}, '[[server]]\nurl = "http://mailpit.test/"\n', True),
        ([], {}, "this is no TOML", True),
    ],
)
def test_the_demo_takes_the_place_of_no_server_that_was_named(
    tmp_path: Path, args: list[str], environ: dict[str, str], config: str | None, named: bool
) -> None:
    from devtools import server

    environ = {"XDG_CONFIG_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), **environ}
    if config is not None:
        (tmp_path / "mailpit-notifier").mkdir()
        (tmp_path / "mailpit-notifier" / "config.toml").write_text(config)
    assert server.is_named(args, environ) is named


def test_missing_packages_are_named_once_in_order() -> None:
    from devtools import system

    needs = {
        "libnowhere.so.1": "libnowhere1",
        "python3": "python3",
        "no-such-tool": "b",
        "libnowhere-x.so.1": "libnowhere1",
    }
    assert system.missing(needs) == ["libnowhere1", "b"]


@pytest.mark.parametrize(
    ("has_apt", "has_sudo", "last"),
    [
        (True, True, ["sudo", "apt-get", "install", "--yes", "--no-install-recommends", "xvfb", "libgl1"]),
        (True, False, ["su", "--login", "--command", "apt-get install --yes --no-install-recommends xvfb libgl1"]),
        (False, True, ["xvfb", "libgl1"]),
    ],
)
def test_a_user_without_rights_is_told_a_line_to_paste(has_apt: bool, has_sudo: bool, last: list[str]) -> None:
    from devtools import system

    told = system.advice(["xvfb", "libgl1"], has_apt=has_apt, has_sudo=has_sudo)
    assert shlex.split(told.splitlines()[-1]) == last


PROJECT = """
[build-system]
requires = ["hatchling>=1.26"]
[project]
dependencies = [
  "Some.Thing>=6.8,<6.12; python_version < '3.12'",
  "some-thing>=6.8; python_version >= '3.12'",
  "exact==2.4",
  "compatible~=1.4.2",
  "with-extra[one,two] >= 3",
  "other<2",
  "any",
]
[project.optional-dependencies]
demo = ["server>=3.9"]
dev = ["project[demo]", "checker>=2.4,<2.5"]
"""


def test_the_lowest_versions_are_those_that_the_project_promises() -> None:
    from devtools import lowest

    assert lowest.constraints(PROJECT) == [
        "hatchling==1.26",
        "Some.Thing==6.8; python_version < '3.12'",
        "some-thing==6.8; python_version >= '3.12'",
        "exact==2.4",
        "compatible==1.4.2",
        "with-extra==3",
        "server==3.9",
        "checker==2.4",
    ]


def test_everything_that_is_needed_has_a_lowest_version() -> None:
    from devtools import lowest

    pyproject = PACKAGING.with_name("pyproject.toml").read_text("utf-8")
    project = tomllib.loads(pyproject)["project"]
    named = {line.partition("==")[0] for line in lowest.constraints(pyproject)}
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    needed = {re.match(r"[\w.-]+", line)[0] for line in [*project["dependencies"], *extras]}
    assert needed - named == {"mailpit-notifier"}  # the extra `dev` includes `demo`


def test_without_a_verb_the_verbs_are_listed() -> None:
    said = subprocess.run([PACKAGING / "dev"], capture_output=True, text=True, check=True).stderr
    verbs = "run", "test", "soak", "bench", "screenshots", "translate", "package"
    assert tuple(line.split()[0] for line in said.splitlines()[1:]) == verbs


ENDS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]
"""Windows has no SIGHUP."""

PROGRAM = """
import os, signal, subprocess, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
subprocess.Popen(["sleep", "1000"])
print(os.environ["DISPLAY"], os.environ["DBUS_SESSION_BUS_ADDRESS"], flush=True)
signal.pause()
"""


@pytest.mark.skipif(not (shutil.which("Xvfb") and shutil.which("dbus-daemon")), reason="needs Xvfb and dbus-daemon")
@pytest.mark.parametrize("how", ENDS)
def test_an_interrupted_run_ends_all_it_started_and_passes_the_exit_code_on(how: signal.Signals) -> None:
    start = "import os, sys; from devtools import display; sys.exit(display.run_without(sys.argv[1:], os.environ))"
    command = [sys.executable, "-c", start, sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=PACKAGING, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        display, bus = run.stdout.readline().split()
        sockets = [f"/tmp/.X11-unix/X{display.removeprefix(':')}", bus.partition("path=")[2].partition(",")[0]]
        servers = [server_of(path) for path in sockets]
        assert None not in servers
        run.send_signal(how)
        # The end of the pipe is seen when the last of those that inherited it is gone, `sleep` included.
        assert run.stdout.read() == ""
    assert run.returncode == 7
    # Another test's display can have the same number by now.
    assert not {server_of(path) for path in sockets} & set(servers)


def server_of(path: str) -> int | None:
    """The process that listens at a socket (unix(7)), None where nobody does."""
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(path):
            return None
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])
