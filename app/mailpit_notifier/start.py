"""What the command line decided about this run of the program."""

from dataclasses import dataclass, replace
from pathlib import Path

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Server, Settings, as_configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """`servers`, if any, replace the configured ones, but keep what is configured for the same URL (e.g. its color).

    `config` is the configuration file, `journals` the folder of the journals of announced messages; None means the
    default place.
    """

    config: Path | None = None
    servers: tuple[Server, ...] = ()
    journals: Path | None = None

    def override(self, settings: Settings) -> Settings:
        """Return the settings of this run."""
        return replace(settings, servers=as_configured(self.servers, settings.servers)) if self.servers else settings

    def journal_folder(self) -> Path:
        """Return the folder of the journals of announced messages."""
        return self.journals or state_folder() / "announced"
