"""The wheel and the source archive, for pipx, uv tool and pip."""

from pathlib import Path

from devtools.environment import ROOT

from . import tools
from .project import DIST, version


def build() -> list[Path]:
    """Build the source archive, and the wheel from it, to check that it is complete. Raises SetupError."""
    tools.prepare()
    tools.run([str(tools.PYTHON), "-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT)])
    name = f"mailpit_notifier-{version()}"
    return [DIST / f"{name}-py3-none-any.whl", DIST / f"{name}.tar.gz"]
