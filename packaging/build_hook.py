"""Builds the .qm files, which are not in git, for a wheel or source archive.

A source archive already contains them, so a build from it does not need PySide6.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from devtools import translations


class TranslationsHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook `custom` in pyproject.toml."""

    def dependencies(self) -> list[str]:
        """Return PySide6, which has the tools, if a .qm must be built."""
        wanted = self.metadata.core.dependencies if translations.outdated() else []
        return [dependency for dependency in wanted if dependency.startswith("pyside6")]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build .qm files before hatchling collects files."""
        translations.release()
