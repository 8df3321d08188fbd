"""The virtual environment in `.venv`: made when it is not there, renewed when what it is made of has changed.

It holds the exact versions in `packaging/constraints/`, so a developer's machine and CI test the same program:

- `ci.txt` has one version of each package, for all systems and all Python versions. pip's own variable PIP_CONSTRAINT
  names other files to use instead: CI sets it to test older and newer versions.
- `release.txt` has the packages that are shipped and the tools that build them, with the hashes of their files.
"""

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

_CI, RELEASE = (ROOT / "packaging/constraints" / name for name in ("ci.txt", "release.txt"))


def prepare(extra: str) -> None:
    """Have the project installed in `.venv` with this extra of pyproject.toml; `dev` holds the others too."""
    ready = {f"{_fingerprint()} {extra}", f"{_fingerprint()} dev"}
    if _STAMP.exists() and _STAMP.read_text() in ready:
        return
    say("Installing Python packages into .venv; the first time this takes a minute or two.")
    quietly([sys.executable, "-m", "venv", *([] if _is_of_this_python() else ["--clear"]), str(_VENV)])
    install(*(f"--constraint={file}" for file in _constraints()), "--editable", f"{ROOT}[{extra}]")
    _STAMP.write_text(f"{_fingerprint()} {extra}")


def install(*what: str) -> None:
    """Install packages into `.venv` by pip. Raises SetupError."""
    quietly([PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "install", *what])


def become(command: list[str], env: dict[str, str]) -> int:
    """Go on as this program: same process, so signals, terminal and exit code are its own."""
    if os.name != "nt":
        os.execve(command[0], command, env)  # noqa: S606 - no shell is meant
    return subprocess.call(command, env=env)


def lock() -> None:
    """Write packaging/constraints with the newest versions that pyproject.toml allows. Raises SetupError."""
    install("uv>=0.9")
    uv = [PYTHON, "-m", "uv", "pip", "compile", "--custom-compile-command", "packaging/dev lock", "--quiet"]
    universal = ["--universal", "--python-version", "3.11", "--group", "package", "--no-annotate", "pyproject.toml"]
    quietly([*uv, *universal, "--extra", "dev", "--upgrade", "--output-file", str(_CI)])
    shipped = ["--extra", "demo", "--generate-hashes", "--constraint", str(_CI)]
    quietly([*uv, *universal, *shipped, "--output-file", str(RELEASE)])


def _constraints() -> list[str]:
    return os.environ.get("PIP_CONSTRAINT", "").split() or [str(_CI)]


def _fingerprint() -> str:
    # An editable installation holds the path, so a moved clone must be installed again.
    files = [ROOT / "pyproject.toml", *map(Path, _constraints())]
    parts = [*(file.read_bytes() for file in files), sys.version.encode(), os.fsencode(ROOT)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _is_of_this_python() -> bool:
    asked = [PYTHON, "-c", "import sys; print(sys.version)"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == sys.version
    except (OSError, subprocess.CalledProcessError):
        return False


def quietly(command: list[str]) -> None:
    """Run a command in the project's folder and show its output only if it fails. Raises SetupError."""
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        raise SetupError(f"{done.stdout.decode(errors='replace')}This failed: {' '.join(command)}")
