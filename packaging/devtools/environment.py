"""The virtual environments: created when missing, and updated when their requirements have changed.

`.venv` contains the exact versions in `packaging/constraints/`, so a developer's machine and CI test the same program:

- `ci.txt` has one version of each package, for all systems and all Python versions. pip's own variable PIP_CONSTRAINT
  names other files to use instead: CI sets it to test the newest versions.
- `release.txt` has the packages that are shipped and the tools that build them, with the hashes of their files.

`.venv-lowest` contains the oldest versions that pyproject.toml allows.
"""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .output import SetupError, report

ROOT = Path(__file__).resolve().parents[2]
_PYPROJECT = ROOT / "pyproject.toml"
LOCKED_VERSIONS, RELEASE = (ROOT / "packaging/constraints" / name for name in ("ci.txt", "release.txt"))


_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?(?P<versions>[^;]*)(?P<marker>;.*)?")
_LOWEST = re.compile(r"[>=~]=\s*([\w.]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """A virtual environment in the project folder, with the locked or the oldest allowed versions."""

    name: str
    is_lowest: bool = False

    @property
    def folder(self) -> Path:
        """Its folder."""
        return ROOT / self.name

    @property
    def python(self) -> str:
        """The path of its Python."""
        return self.command("python")

    def command(self, name: str) -> str:
        """Return the path of a command that is installed in it."""
        return str(self.folder / ("Scripts" if os.name == "nt" else "bin") / name)

    def prepare(self, extra: str) -> None:
        """Install the project with this extra of pyproject.toml, unless it is up to date. `dev` includes the others."""
        stamp = self.folder / "made-of"
        ready = {f"{_fingerprint()} {extra}", f"{_fingerprint()} dev"}
        if stamp.exists() and stamp.read_text() in ready:
            return
        report(f"Installing Python packages into {self.name}; the first time this takes a minute or two.")
        # pip would keep packages that are newer than the lowest versions, so start from an empty environment.
        keep = self._is_of_this_python() and not self.is_lowest
        _quietly([sys.executable, "-m", "venv", *([] if keep else ["--clear"]), str(self.folder)])
        self._install(*self._constraints(), "--editable", f"{ROOT}[{extra}]")
        stamp.write_text(f"{_fingerprint()} {extra}")

    def lock(self) -> None:
        """Write packaging/constraints with the newest versions that pyproject.toml allows. Raises SetupError."""
        self._install("uv>=0.9")
        uv = [self.python, "-m", "uv", "pip", "compile", "--custom-compile-command", "packaging/dev lock", "--quiet"]
        universal = ["--universal", "--python-version", "3.11", "--group", "package", "--no-annotate", str(_PYPROJECT)]
        _quietly([*uv, *universal, "--extra", "dev", "--upgrade", "--output-file", str(LOCKED_VERSIONS)])
        shipped = ["--extra", "demo", "--generate-hashes", "--constraint", str(LOCKED_VERSIONS)]
        _quietly([*uv, *universal, *shipped, "--output-file", str(RELEASE)])

    def _install(self, *what: str) -> None:
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
        lowest_too = dict.fromkeys(
            ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT"), str(self._lowest)
        )  # also for build requirements
        _quietly([*pip, "install", *what], lowest_too if self.is_lowest else {})

    @property
    def _lowest(self) -> Path:
        return self.folder / "constraints.txt"

    def _constraints(self) -> list[str]:
        """Return pip options for the locked or the lowest versions."""
        if not self.is_lowest:
            return [f"--constraint={file}" for file in _locked()]
        lines = lowest_versions(_PYPROJECT.read_text("utf-8"))
        self._lowest.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        return [f"--constraint={self._lowest}"]

    def _is_of_this_python(self) -> bool:
        command = [self.python, "-c", "import sys; print(sys.version)"]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == sys.version
        except (OSError, subprocess.CalledProcessError):
            return False


LOCKED = Environment(name=".venv")
LOWEST = Environment(name=".venv-lowest", is_lowest=True)


def become(command: list[str], env: dict[str, str]) -> int:
    """Replace this process by a program, so that signals, terminal and exit code are its own (not on Windows)."""
    if os.name != "nt":
        os.execve(command[0], command, env)  # noqa: S606 - needs no shell
    return subprocess.call(command, env=env)


def lowest_versions(pyproject: str) -> list[str]:
    """Return the lowest versions that pyproject.toml allows, as lines of constraints for pip.

    Only of direct dependencies, extras and build requirements: pip chooses the newest versions of what those need.
    """
    found = tomllib.loads(pyproject)
    project = found["project"]
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    requirements = [*found["build-system"]["requires"], *project["dependencies"], *extras]
    return [line for requirement in requirements if (line := _constraint(requirement))]


def _constraint(requirement: str) -> str:
    parts = _REQUIREMENT.fullmatch(requirement.strip())
    bound = parts and _LOWEST.search(parts["versions"])
    return f"{parts['name']}=={bound[1]}{parts['marker'] or ''}" if parts and bound else ""


def _locked() -> list[str]:
    return os.environ.get("PIP_CONSTRAINT", "").split() or [str(LOCKED_VERSIONS)]


def _fingerprint() -> str:
    # An editable installation contains the path, so a moved clone must be installed again.
    files = [_PYPROJECT, *map(Path, _locked())]
    parts = [*(file.read_bytes() for file in files), sys.version.encode(), os.fsencode(ROOT)]
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
