"""What the command line decided about this run, for the composition root."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from .control import state_folder
from .core.settings import Server, Settings


def journal_folder() -> Path:
    """Where it is kept what was announced."""
    return state_folder() / "announced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """`servers`, if any, are instead of the configured ones; the rest of the configuration holds."""

    config: Path
    servers: tuple[Server, ...] = ()
    journals: Path = field(default_factory=journal_folder)

    def override(self, settings: Settings) -> Settings:
        """The settings of this run."""
        return replace(settings, servers=self.servers) if self.servers else settings
