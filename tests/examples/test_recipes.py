"""Run the examples of packaging/docs/recipes.md as they are, against a small application. The README repeats two."""

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from urllib.parse import parse_qs

import pytest

import smtp
from standin import RealMailpit, Server, StandIn, real

ROOT = Path(__file__).parents[2]
README, RECIPES = ((ROOT / name).read_text("utf-8") for name in ("README.md", "packaging/docs/recipes.md"))
ANYWHERE = "http://localhost:3000"
PATIENCE = 40.0


def examples(language: str, page: str = RECIPES) -> list[str]:
    """Return the page's blocks of this language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.mark.parametrize("language", ["bash", "python"])
def test_the_readme_repeats_the_first_example(language: str) -> None:
    assert examples(language, README) == examples(language)[:1]


class Application(ThreadingHTTPServer):
    """An application that sends a code to each address that signs up, and welcomes those that return it."""

    def __init__(self, server: Server) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.codes: dict[str, str] = {}
        self.smtp_port = server.smtp_port
        self.welcomed: list[str] = []

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    """Handle one request."""

    server: Application

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = {name: values[0] for name, values in parse_qs(body).items()}
        answer = self.sign_up(fields) if self.path == "/signup" else self.confirm(fields)
        self.send_response(200 if answer else 403)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def sign_up(self, fields: dict[str, str]) -> bytes:
        user = fields["email"]
        code = self.server.codes[user] = f"{secrets.randbelow(10**6):06}"
        source = smtp.compose("Your Acme code", user, text=f"Your code is {code}.\n")
        smtp.send(self.server.smtp_port, source, [user])
        return b"sent"

    def confirm(self, fields: dict[str, str]) -> bytes:
        if self.server.codes.get(fields["email"]) != fields["code"]:
            return b""
        self.server.welcomed.append(fields["email"])
        return b"welcome"

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@pytest.fixture(params=[StandIn, pytest.param(RealMailpit, marks=real)])
def mailpit(request: pytest.FixtureRequest) -> Iterator[Server]:
    with request.param() as server:
        yield server


@pytest.fixture
def application(mailpit: Server) -> Iterator[Application]:
    with Application(mailpit) as found:
        thread = threading.Thread(target=found.serve_forever, args=[0.01])
        thread.start()
        yield found
        found.shutdown()
        thread.join()


@pytest.fixture
def environment(mailpit: Server, tmp_path: Path) -> dict[str, str]:
    """Return an environment in which `mailpit-notifier` is the tested program and uses the test server."""
    program = tmp_path / "bin" / "mailpit-notifier"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mailpit_notifier "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "MAILPIT_URL": mailpit.url,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }


needs_curl = pytest.mark.skipif(not which("curl"), reason="curl is not installed")


@needs_curl
def test_bash(application: Application, environment: dict[str, str]) -> None:
    (script,) = examples("bash")
    script = f"set -eu\n{script.replace(ANYWHERE, application.url)}"
    done = subprocess.run(["bash", "-c", script], env=environment, timeout=PATIENCE, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"welcome"), done.stderr
    assert len(application.welcomed) == 1


@needs_curl
def test_pytest(application: Application, environment: dict[str, str], tmp_path: Path) -> None:
    module = "\n\n".join(examples("python"))
    (tmp_path / "test_sign_up.py").write_text(module.replace(ANYWHERE, application.url))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(
        command, env=environment, cwd=tmp_path, timeout=PATIENCE, stdout=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.skipif(not which("node"), reason="node is not installed")
def test_the_imports_of_the_playwright_test_exist(
    application: Application, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "mailpit.mjs").write_text(examples("js")[0])
    (tmp_path / "test.mjs").write_text(
        "import { messageTo } from './mailpit.mjs'\n"
        "const code = await messageTo('ann@example.test', 'code')\n"
        f"await fetch('{application.url}/signup', {{ method: 'POST', body: 'email=ann@example.test' }})\n"
        "console.log(await code())\n"
    )
    done = subprocess.run(
        ["node", "test.mjs"],
        cwd=tmp_path,
        env=environment,
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{application.codes['ann@example.test']}\n", done.stderr
