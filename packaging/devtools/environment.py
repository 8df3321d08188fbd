"""The virtual environments: made when they are not there, renewed when what they are made of has changed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import lowest
from .words import SetupError, say

ROOT = Path(__file__).resolve().parents[2]
_PYPROJECT = ROOT / "pyproject.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One virtual environment in the project's folder, with the newest or the oldest versions that are allowed."""

    name: str
    is_lowest: bool = False

    @property
    def folder(self) -> Path:
        """Where it is."""
        return ROOT / self.name

    @property
    def python(self) -> str:
        """The path of its Python."""
        return self.command("python")

    def command(self, name: str) -> str:
        """The path of a command that is installed in it."""
        return str(self.folder / ("Scripts" if os.name == "nt" else "bin") / name)

    def prepare(self, extra: str) -> None:
        """Have the project installed in it with this extra of pyproject.toml; `dev` includes the others."""
        stamp = self.folder / "made-of"
        ready = {f"{_fingerprint()} {extra}", f"{_fingerprint()} dev"}
        if stamp.exists() and stamp.read_text() in ready:
            return
        say(f"Installing Python packages into {self.name}; the first time this takes a minute or two.")
        # Packages that are too new for the lowest versions would stay, so those begin anew.
        keep = self._is_of_this_python() and not self.is_lowest
        _quietly([sys.executable, "-m", "venv", *([] if keep else ["--clear"]), str(self.folder)])
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        _quietly([*pip, "install", "--editable", f"{ROOT}[{extra}]"], self._constraints())
        stamp.write_text(f"{_fingerprint()} {extra}")

    def _constraints(self) -> dict[str, str]:
        """What makes pip take the lowest versions, of what it builds with, too."""
        if not self.is_lowest:
            return {}
        path = self.folder / "constraints.txt"
        path.write_text("".join(f"{line}\n" for line in lowest.constraints(_PYPROJECT.read_text("utf-8"))), "utf-8")
        return {"PIP_CONSTRAINT": str(path), "PIP_BUILD_CONSTRAINT": str(path)}

    def _is_of_this_python(self) -> bool:
        asked = [self.python, "-c", "import sys; print(sys.version)"]
        try:
            return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == sys.version
        except (OSError, subprocess.CalledProcessError):
            return False


NEWEST = Environment(name=".venv")
LOWEST = Environment(name=".venv-lowest", is_lowest=True)


def become(command: list[str], env: dict[str, str]) -> int:
    """Go on as this program: same process, so signals, terminal and exit code are its own."""
    if os.name != "nt":
        os.execve(command[0], command, env)  # noqa: S606 - no shell is meant
    return subprocess.call(command, env=env)


def _fingerprint() -> str:
    # An editable installation holds the path, so a moved clone is to be installed anew.
    parts = _PYPROJECT.read_bytes(), sys.version.encode(), os.fsencode(ROOT)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _quietly(command: list[str], env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise SetupError(f"{done.stdout.decode(errors='replace')}This failed: {' '.join(command)}")
