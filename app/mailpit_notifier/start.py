"""What the command line decided about this run, for the composition root."""

from dataclasses import dataclass, replace
from pathlib import Path

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Server, Settings, as_configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """`servers`, if any, are instead of the configured ones; the rest of the configuration holds, also that of theirs.

    `config` and `journals` (where it is kept what was announced) are None for the usual places.
    """

    config: Path | None = None
    servers: tuple[Server, ...] = ()
    journals: Path | None = None

    def override(self, settings: Settings) -> Settings:
        """The settings of this run."""
        return replace(settings, servers=as_configured(self.servers, settings.servers)) if self.servers else settings

    def journal_folder(self) -> Path:
        """Where it is kept what was announced."""
        return self.journals or state_folder() / "announced"
