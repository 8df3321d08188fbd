"""The lowest versions that pyproject.toml allows, as constraints for pip.

Only direct dependencies: pip chooses the newest versions of what those need.
"""

import re
import tomllib

_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[[^]]*\])?(?P<versions>[^;]*)(?P<marker>;.*)?")
_LOWEST = re.compile(r"[>=~]=\s*([\w.]+)")


def constraints(pyproject: str) -> list[str]:
    """Return one line per requirement with a lower bound, including extras and build requirements."""
    found = tomllib.loads(pyproject)
    project = found["project"]
    extras = [line for lines in project.get("optional-dependencies", {}).values() for line in lines]
    requirements = [*found["build-system"]["requires"], *project["dependencies"], *extras]
    return [line for requirement in requirements if (line := _constraint(requirement))]


def _constraint(requirement: str) -> str:
    parts = _REQUIREMENT.fullmatch(requirement.strip())
    bound = parts and _LOWEST.search(parts["versions"])
    return f"{parts['name']}=={bound[1]}{parts['marker'] or ''}" if parts and bound else ""
