"""Part of building a wheel or a source archive: the .qm files, which are not in git.

A source archive holds them already: nothing is built from it, and PySide6 is not needed for that.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from devtools import translations


class TranslationsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Known to hatchling as `custom`."""

    def dependencies(self) -> list[str]:
        """The PySide6 that the program runs with has the tools."""
        wanted = self.metadata.core.dependencies if translations.outdated() else []
        return [dependency for dependency in wanted if dependency.startswith("pyside6")]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build them before the files are collected."""
        translations.release()
