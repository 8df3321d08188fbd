"""Run the Playwright example of packaging/docs/recipes.md as it is, with the system's Chromium. Opt-in.

PLAYWRIGHT names a folder with node_modules/@playwright/test. The browser and the port of the application are configured
outside the recipe.
"""

import os
import subprocess
from pathlib import Path
from shutil import which

import pytest
from test_recipes import Application, Page, application, environment, examples, mailpit  # noqa: F401 - fixtures

from program import wait_until

FOLDER = Path(os.environ.get("PLAYWRIGHT", ""))
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")

pytestmark = pytest.mark.skipif(
    not (FOLDER.name and CHROMIUM and which("npx")), reason="PLAYWRIGHT names no folder, or there is no Chromium"
)

CONFIG = """
export default {{
  testDir: '.', reporter: 'line', workers: 1,
  use: {{ launchOptions: {{ executablePath: '{chromium}', args: ['--no-sandbox', '--host-resolver-rules={rules}'] }} }},
}}
"""

FORM = """<!doctype html><title>Sign up</title>
<form id="a"><label>E-mail <input name="email"></label><button>Sign up</button></form>
<form id="b"><label>Code <input name="code"></label><button>Confirm</button></form><p></p>
<script>
const post = (path, fields) => fetch(path, { method: 'POST', body: new URLSearchParams(fields) })
let email
a.onsubmit = (e) => { e.preventDefault(); email = a.email.value; post('/signup', { email }) }
b.onsubmit = async (e) => {
  e.preventDefault()
  const answer = await post('/confirm', { email, code: b.code.value })
  document.querySelector('p').textContent = answer.ok ? 'Welcome' : 'Wrong code'
}
</script>"""


class Site(Page):
    """The application with its page in a browser."""

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer with the page."""
        body = FORM.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Broken(Site):
    """It sends the message to another address."""

    def sign_up(self, fields: dict[str, str]) -> bytes:
        """Send the code."""
        return super().sign_up({"email": "somebody.else@example.test"})


class Missing(Site):
    """Its page lacks the form."""

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        """Answer with nothing."""
        self.send_error(500)


@pytest.fixture
def project(application: Application, tmp_path: Path) -> Path:  # noqa: F811 - the fixture
    """Return a folder with the recipe, its configuration and Playwright."""
    folder = tmp_path / "project"
    folder.mkdir()
    helper, test = examples("js")[:2]
    (folder / "mailpit.mjs").write_text(helper)
    (folder / "sign-up.spec.mjs").write_text(test)
    rules = f"MAP localhost:3000 127.0.0.1:{application.server_port}"
    (folder / "playwright.config.mjs").write_text(CONFIG.format(chromium=CHROMIUM, rules=rules))
    (folder / "node_modules").symlink_to((FOLDER / "node_modules").resolve())
    application.RequestHandlerClass = Site
    return folder


def run(project: Path, environment: dict[str, str]) -> tuple[int, str]:  # noqa: F811 - the fixture
    command = ["npx", "playwright", "test"]
    done = subprocess.run(
        command, cwd=project, env=environment, timeout=90, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def waiting() -> list[str]:
    """Return the command lines of `wait` that are still running."""
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if "mailpit_notifier wait --to signup-" in line]


def test_the_playwright_example_passes(project: Path, application: Application, environment: dict[str, str]) -> None:  # noqa: F811
    code, output = run(project, environment)
    assert (code, "1 passed" in output) == (0, True), output
    assert len(application.welcomed) == 1


def test_a_failed_playwright_test_lists_the_messages_that_arrived(
    project: Path,
    application: Application,  # noqa: F811
    environment: dict[str, str],  # noqa: F811
) -> None:
    application.RequestHandlerClass = Broken
    code, output = run(project, environment)
    assert code == 1
    assert "Error: No matching message within 20 s. Received:" in output
    assert "Your Acme code, to somebody.else@example.test: different recipient (--to)" in output


def test_a_test_that_fails_earlier_leaves_no_wait_behind(
    project: Path,
    application: Application,  # noqa: F811
    environment: dict[str, str],  # noqa: F811
) -> None:
    application.RequestHandlerClass = Missing
    config = project / "playwright.config.mjs"
    config.write_text(config.read_text().replace("use: {", "timeout: 5000, use: {"))
    code, output = run(project, environment)
    assert code == 1
    assert "Test timeout of 5000ms exceeded" in output
    wait_until(lambda: not waiting())
