"""Builds files that are not in git: the .qm files for a wheel or source archive, and the joined word lists for a wheel.

A source archive already contains the .qm files, so a build from it does not need PySide6.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))

from devtools import translations, word_lists


class BuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """The hook `custom` in pyproject.toml."""

    def dependencies(self) -> list[str]:
        """Return PySide6, which has the tools, if a .qm must be built."""
        wanted = self.metadata.core.dependencies if translations.outdated() else []
        return [dependency for dependency in wanted if dependency.startswith("pyside6")]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build files before hatchling collects them. An editable installation reads the word lists as they are."""
        translations.release()
        if self.target_name == "wheel" and version == "standard":
            built = Path(self.directory, word_lists.NAME)
            built.parent.mkdir(parents=True, exist_ok=True)
            built.write_bytes(word_lists.joined())
            build_data["force_include"][str(built)] = f"mailpit_notifier/resources/words/{word_lists.NAME}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove what is only in the wheel."""
        Path(self.directory, word_lists.NAME).unlink(missing_ok=True)
