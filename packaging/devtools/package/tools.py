"""The environment in which packages are built: run-time dependencies and build tools, nothing of a developer's.

On Linux it is made by the system's Python where that is new enough: the library of another one often names the folder
it was built in.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from devtools.environment import ROOT
from devtools.words import SetupError, say

from .project import WORK, reproducible

_ENVIRONMENT = WORK / "environment"
_BIN = _ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")
_STAMP = _ENVIRONMENT / "made-of"
_TOOLS = ("pyinstaller>=6.11", "build>=1.2", "hatchling>=1.26", "shtab>=1.10", "nfpm>=2.40; sys_platform == 'linux'")

PYTHON = _BIN / "python"


def prepare() -> None:
    """Have the environment. Raises SetupError."""
    made_of = f"{_python()} {_TOOLS} {(ROOT / 'pyproject.toml').read_text('utf-8')}"
    if _STAMP.exists() and _STAMP.read_text("utf-8") == made_of:
        return
    say("Installing what packages are built with into build/environment.")
    run([_python(), "-m", "venv", "--clear", str(_ENVIRONMENT)])
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    run([*pip, "install", "--editable", f"{ROOT}[demo]", *_TOOLS])
    _STAMP.write_text(made_of, "utf-8")


def shared_python() -> str:
    """The name of the library of the Python that the environment is made by, such as libpython3.11."""
    asked = [_python(), "-c", "import sys; print(sys.version_info.minor)"]
    return f"libpython3.{run(asked).strip()}"


def tool(name: str) -> str:
    """The path of a command of the environment."""
    return str(_BIN / name)


def script(module: str, *arguments: str | Path) -> str:
    """Run a module of devtools by the environment's Python; returns what it prints."""
    paths = os.pathsep.join([str(ROOT / "packaging"), str(ROOT / "app")])
    return run(
        [str(PYTHON), "-m", f"devtools.package.{module}", *map(str, arguments)], environment={"PYTHONPATH": paths}
    )


def run(command: list[str], cwd: Path = ROOT, environment: Mapping[str, str] | None = None) -> str:
    """Run a command in the environment that makes the same bits; returns what it prints. Raises SetupError."""
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
    system = "/usr/bin/python3"
    if not sys.platform.startswith("linux") or not Path(system).exists():
        return sys.executable
    asked = [system, "-c", "import sys, ensurepip; raise SystemExit(sys.version_info < (3, 11))"]
    found = subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode == 0
    return system if found else sys.executable
