"""The build environment: run-time dependencies and build tools, without developer tools.

On Linux it uses the system's Python if that is new enough, because the libraries of other builds often contain the path
of the folder they were built in.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.environment import RELEASE, ROOT
from devtools.output import SetupError, report

from .project import WORK, reproducible

_ENVIRONMENT = WORK / "environment"
_BIN = _ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
_STAMP = _ENVIRONMENT / "made-of"

PYTHON = _BIN / "python"


def prepare() -> None:
    """Create the environment with the versions of packaging/constraints/release.txt, checking the hash of each file.

    Raises SetupError.
    """
    made_of = "\n".join([_python(), (ROOT / "pyproject.toml").read_text("utf-8"), RELEASE.read_text("utf-8")])
    if _STAMP.exists() and _STAMP.read_text("utf-8") == made_of:
        return
    report("Installing build tools into build/environment.")
    run([_python(), "-m", "venv", "--clear", str(_ENVIRONMENT)])
    install = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install"]
    run([*install, "--require-hashes", "--requirement", str(RELEASE)])
    run([*install, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)])
    _STAMP.write_text(made_of, "utf-8")


def shared_python() -> str:
    """Return the library name of the environment's Python, such as libpython3.11."""
    command = [_python(), "-c", "import sys; print(sys.version_info.minor)"]
    return f"libpython3.{run(command).strip()}"


def tool(name: str) -> str:
    """Return the path of a command in the environment."""
    return str(_BIN / name)


def script(module: str, *arguments: str | Path) -> str:
    """Run a module of devtools.package in the environment; return its output."""
    paths = os.pathsep.join([str(ROOT / "packaging"), str(ROOT / "app")])
    return run(
        [str(PYTHON), "-m", f"devtools.package.{module}", *map(str, arguments)], environment={"PYTHONPATH": paths}
    )


def run(command: list[str], cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """Run a command with reproducible(); return its output. Raises SetupError."""
    env = {**reproducible(), **(environment or {})}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise SetupError(f"{command[0]} cannot be run: {error.strerror}.") from error
    if done.returncode:
        raise SetupError(f"{done.stdout[-4000:]}{done.stderr[-4000:]}This failed: {' '.join(command)}")
    return done.stdout


def _python() -> str:
    installed = "/usr/bin/python3"
    if not sys.platform.startswith("linux") or not Path(installed).exists():
        return sys.executable
    command = [installed, "-c", "import sys, ensurepip; raise SystemExit(sys.version_info < (3, 11))"]
    found = subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0
    return installed if found else sys.executable
