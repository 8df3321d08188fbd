"""The virtual environment in `.venv`: made when it is not there, renewed when what it is made of has changed."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from .words import SetupError, say

ROOT = Path(__file__).resolve().parents[2]
_VENV = ROOT / ".venv"
BIN = _VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / "python")
_STAMP = _VENV / "made-of"


def prepare(extra: str) -> None:
    """Have the project installed in `.venv` with this extra of pyproject.toml; `dev` holds the others too."""
    ready = {f"{_fingerprint()} {extra}", f"{_fingerprint()} dev"}
    if _STAMP.exists() and _STAMP.read_text() in ready:
        return
    say("Installing Python packages into .venv; the first time this takes a minute or two.")
    _quietly([sys.executable, "-m", "venv", *([] if _is_of_this_python() else ["--clear"]), str(_VENV)])
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    _quietly([*pip, "install", "--editable", f"{ROOT}[{extra}]"])
    _STAMP.write_text(f"{_fingerprint()} {extra}")


def become(command: list[str], env: dict[str, str]) -> int:
    """Go on as this program: same process, so signals, terminal and exit code are its own."""
    if os.name != "nt":
        os.execve(command[0], command, env)  # noqa: S606 - no shell is meant
    return subprocess.call(command, env=env)


def _fingerprint() -> str:
    # An editable installation holds the path, so a moved clone is to be installed anew.
    parts = (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), os.fsencode(ROOT)
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is_of_this_python() -> bool:
    asked = [PYTHON, "-c", "import sys; print(sys.version)"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == sys.version
    except (OSError, subprocess.CalledProcessError):
        return False


def _quietly(command: list[str]) -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise SetupError(f"{done.stdout.decode(errors='replace')}This failed: {' '.join(command)}")
