"""`packaging/dev`: its decisions, and that it leaves no process. Setup can be tested on a new system only."""

import contextlib
import os
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
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGING = Path(__file__).parents[2] / "packaging"

needs_terminals = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks on Linux only")


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
def test_only_a_server_that_answers_like_mailpit_counts(status: int, body: bytes, is_mailpit: bool) -> None:
    from devtools import server

    with web_server(status, body) as port:
        assert server.answers(port) is is_mailpit


def test_a_closed_port_is_no_mailpit() -> None:
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
        (["--serv", "http://mailpit.test/"], {}, None, True),
        ([], {"MAILPIT_URL": "http://mailpit.test/"}, None, True),
        ([], {"MAILPIT_URL": ""}, None, False),
        ([], {}, '[[server]]\nurl = "http://mailpit.test/"\n', True),
        ([], {}, "this is no TOML", True),
    ],
)
def test_the_demo_does_not_replace_a_named_server(
    tmp_path: Path, args: list[str], environ: dict[str, str], config: str | None, named: bool
) -> None:
    from devtools import server

    environ = {"XDG_CONFIG_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), **environ}
    if config is not None:
        (tmp_path / "mailpit-notifier").mkdir()
        (tmp_path / "mailpit-notifier" / "config.toml").write_text(config)
    assert server.is_named(args, environ) is named


@pytest.mark.skipif(sys.platform != "linux", reason="system packages are those of Linux")
def test_missing_packages_are_named_once_in_order() -> None:
    from devtools import system

    needs = {
        "libnowhere.so.1": "libnowhere1",
        "python3": "python3",
        "no-such-tool": "b",
        "libnowhere-x.so.1": "libnowhere1",
    }
    assert system.missing(needs) == ["libnowhere1", "b"]


USER = """
import os, sys
os.open(os.ttyname(0), os.O_RDWR) if os.isatty(0) else None  # makes it the controlling terminal
os.geteuid = lambda: int(sys.argv[1])
from devtools import system, output
try:
    system.provide({"no-such-tool": "first", "nor-this-one": "second"})
except output.SetupError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with what was run as root; there are a `sudo` and an `apt-get` that only write there."""
    log = tmp_path / "log"
    log.touch()
    for name in ("sudo", "apt-get"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "${{0##*/}} $@" >> {log}\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return log


def provided(uid: int, typed: str | None) -> tuple[int, str]:
    """Exit code and output for a user whose machine lacks two packages; None: without a terminal."""
    import pty

    terminal, user = pty.openpty() if typed is not None else (-1, subprocess.DEVNULL)
    command = [sys.executable, "-c", USER, str(uid)]
    with subprocess.Popen(
        command, cwd=PACKAGING, stdin=user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        if typed is None:
            return process.wait(), process.communicate()[0].decode()
        os.write(terminal, typed.encode())
        output = process.communicate()[0].decode()
        os.close(user)  # the end of the terminal for its reader, who gets what was written in pieces
        shown = b""
        with contextlib.suppress(OSError):
            while piece := os.read(terminal, 65536):
                shown += piece
        os.close(terminal)
    return process.returncode, shown.decode() + output


@needs_terminals
@pytest.mark.parametrize("typed", ["y\n", "Yes\n"])
def test_a_user_who_agrees_gets_the_missing_packages(commands: Path, typed: str) -> None:
    code, output = provided(1000, typed)
    assert code == 0
    assert "\n  first\r\n  second\r\n" in output
    assert "sudo apt-get update && sudo apt-get install --yes --no-install-recommends first second\r\n" in output
    update, install = commands.read_text().splitlines()
    assert update.startswith("sudo env ")
    assert update.endswith(" update")
    assert install.endswith(" install --yes --no-install-recommends first second")


@needs_terminals
@pytest.mark.parametrize("typed", ["\n", "n\n"])
def test_a_user_who_does_not_agree_gets_the_names_and_nothing_is_run(commands: Path, typed: str) -> None:
    code, output = provided(1000, typed)
    assert code == 1
    assert "Nothing was installed." in output
    assert output.endswith(" first second\n")
    assert commands.read_text() == ""


@needs_terminals
@pytest.mark.parametrize(("uid", "typed", "first"), [(0, "", "apt-get "), (1000, None, "sudo --non-interactive env ")])
def test_root_and_a_run_without_a_terminal_are_not_asked(
    commands: Path, uid: int, typed: str | None, first: str
) -> None:
    code, output = provided(uid, typed)
    assert (code, output) == (0, "Installing system packages: first second\n")
    assert [line.startswith(first) for line in commands.read_text().splitlines()] == [True, True]


DECLARED = tomllib.loads((PACKAGING.parent / "pyproject.toml").read_text("utf-8"))
SHIPPED = [
    *DECLARED["project"]["dependencies"],
    *DECLARED["project"]["optional-dependencies"]["demo"],
    *DECLARED["dependency-groups"]["package"],
]
TESTED = [*SHIPPED, *(line for line in DECLARED["project"]["optional-dependencies"]["dev"] if "[demo]" not in line)]


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
@pytest.mark.parametrize(("file", "wanted"), [("ci.txt", TESTED), ("release.txt", SHIPPED)])
def test_one_allowed_version_of_every_package_is_locked(
    file: str, wanted: list[str], platform: str, python: str
) -> None:
    """Run `packaging/dev lock` after a change of the dependencies in pyproject.toml."""
    machine = {"sys_platform": platform, "python_version": python, "python_full_version": f"{python}.0"}
    text = (PACKAGING / "constraints" / file).read_text("utf-8")
    pinned = [Requirement(line) for line in re.findall(r"^[a-z].*?(?= \\|$)", text, re.MULTILINE)]
    here = {line.name: line for line in pinned if not line.marker or line.marker.evaluate(machine)}
    for requirement in map(Requirement, wanted):
        if not requirement.marker or requirement.marker.evaluate(machine):
            (version,) = here[canonicalize_name(requirement.name)].specifier
            assert requirement.specifier.contains(version.version), requirement


def test_shipped_packages_have_the_tested_versions_and_hashes() -> None:
    tested, shipped = ((PACKAGING / "constraints" / name).read_text("utf-8") for name in ("ci.txt", "release.txt"))
    blocks = re.findall(r"^([a-z]\S*==\S+)(.*(?:\n    .*)*)", shipped, re.MULTILINE)
    assert {version for version, _ in blocks} <= {line.partition(" ")[0] for line in tested.splitlines()}
    assert [version for version, hashes in blocks if "--hash=sha256:" not in hashes] == []


@pytest.mark.parametrize(
    ("has_apt", "has_sudo", "last"),
    [
        (True, True, ["sudo", "apt-get", "install", "--yes", "--no-install-recommends", "xvfb", "libgl1"]),
        (True, False, ["su", "--login", "--command", "apt-get install --yes --no-install-recommends xvfb libgl1"]),
        (False, True, ["xvfb", "libgl1"]),
    ],
)
def test_a_user_without_rights_gets_a_command_to_paste(has_apt: bool, has_sudo: bool, last: list[str]) -> None:
    from devtools import system

    text = system.advice(["xvfb", "libgl1"], has_apt=has_apt, has_sudo=has_sudo)
    assert shlex.split(text.splitlines()[-1]) == last


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
    from devtools import environment

    assert environment.lowest_versions(PROJECT) == [
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
    from devtools import environment

    pyproject = PACKAGING.with_name("pyproject.toml").read_text("utf-8")
    project = tomllib.loads(pyproject)["project"]
    named = {line.partition("==")[0] for line in environment.lowest_versions(pyproject)}
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    needed = {re.match(r"[\w.-]+", line)[0] for line in [*project["dependencies"], *extras]}
    assert needed - named == {"mailpit-notifier"}  # the extra `dev` includes `demo`


def test_without_a_verb_the_verbs_are_listed() -> None:
    output = subprocess.run([sys.executable, PACKAGING / "dev"], capture_output=True, text=True, check=True).stderr
    verbs = "run test check coverage soak bench fronts speech screenshots desktops translate lock package windows"
    assert [line.split()[0] for line in output.splitlines()[1:]] == verbs.split()


@pytest.mark.parametrize(("verb", "hint"), [("tests", "Did you mean test?"), ("doctor", "Use run, test, ")])
def test_an_unknown_verb_is_named(capsys: pytest.CaptureFixture[str], verb: str, hint: str) -> None:
    from devtools import verbs

    assert verbs.main([verb]) == 2
    assert capsys.readouterr().err.startswith(f"Unknown verb {verb}. {hint}")


def test_a_verb_explains_itself_and_does_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    from devtools import verbs

    for name in verbs.VERBS.keys() - {"run"}:  # which passes it on to the program
        assert verbs.main([name, "--help"]) == 0
        first, _, rest = capsys.readouterr().err.partition("\n\n")
        assert first == f"packaging/dev {name} [ARGUMENTS]"
        assert rest.startswith((verbs.VERBS[name].__doc__ or "").splitlines()[0])


def test_an_unknown_option_of_desktops_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from devtools import verbs

    assert verbs.main(["desktops", "gnome", "--onyl=copy"]) == 2
    assert "Unknown option --onyl=copy" in capsys.readouterr().err


def test_the_fast_tests_are_unit_tests_without_a_process() -> None:
    from devtools import verbs

    folder, *options = verbs.FAST
    assert folder == "tests/unit"
    command = [sys.executable, "-m", "pytest", "--collect-only", "-p", "no:randomly", *options, "-n", "0"]
    file = "tests/unit/test_pattern_search.py"  # has both kinds
    found = subprocess.run([*command, file], cwd=PACKAGING.parent, capture_output=True, text=True, check=True).stdout
    counts = re.search(r"(\d+)/(\d+) tests collected", found)
    assert counts, found
    assert 0 < int(counts[1]) < int(counts[2])


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
    """Return the process that listens on a socket (unix(7)), None if there is none."""
    with socket.socket(socket.AF_UNIX) as client:
        if client.connect_ex(path):
            return None
        credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])


def test_expected_words_of_orca_are_written_as_they_are_read(tmp_path: Path) -> None:
    from devtools import speech

    file = tmp_path / "orca-43.txt"
    record = speech.Record(words=["Undo push button.", "Deleted: Hello."], remarks=["Why it says so."])
    parts = {"Window": {"The Undo button": record, "Nothing is said": speech.Record()}, "Prompts": {}}
    speech.write(file, parts)
    assert speech.read(file) == parts
    assert speech.read(tmp_path / "none.txt") == {}


def test_a_state_that_may_end_before_it_is_announced_is_optional() -> None:
    from devtools import speech

    record = speech.Record(words=["Retry now button.", "? Lost.", "Refused."])
    assert record.matches(["Retry now button.", "Lost.", "Refused."])
    assert record.matches(["Retry now button.", "Refused."])
    assert not record.matches(["Retry now button.", "Lost."])
    assert not record.matches(["Retry now button.", "Refused.", "Refused."])


def test_texts_that_may_be_at_another_place_are_announced_once() -> None:
    from devtools import speech

    record = speech.Record(words=["Certificate dialog", "Cancel button.", "~ Fetching certificate…"])
    assert record.matches(["Certificate dialog", "Cancel button.", "Fetching certificate…"])
    assert record.matches(["Fetching certificate…", "Certificate dialog", "Cancel button."])
    assert not record.matches(["Certificate dialog", "Cancel button."])
    assert not record.matches(
        ["Fetching certificate…", "Certificate dialog", "Cancel button.", "Fetching certificate…"]
    )
    assert not record.matches(["Cancel button.", "Certificate dialog", "Fetching certificate…"])


def test_texts_that_differ_from_run_to_run_are_not_compared() -> None:
    from devtools import speech

    output = "Your code, from Acme, just now, unread. / shop · http://127.0.0.1:39591"
    assert speech.comparable(output) == "Your code, from Acme, AGE, unread. / shop · http://HOST"


@needs_terminals
def test_speech_is_skipped_for_other_users_than_root(monkeypatch: pytest.MonkeyPatch) -> None:
    from devtools import speech

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert speech.verb([]) == 77
