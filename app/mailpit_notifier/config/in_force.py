"""The settings in force: what config.toml says, as it is now, and what the command line put in its place.

Where the file cannot be used that is said, and the last good settings, at first the usual ones, stay in force.
"""

import logging
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.core.settings import Settings, default_servers, servers_from
from mailpit_notifier.start import Start

from .file import ConfigError, change, default_path, load
from .watch import ConfigWatch

log = logging.getLogger(__name__)


class Configuration(QObject):
    """`start` is what the command line said."""

    changed = Signal()
    refused = Signal(str)
    """A sentence about what cannot be used; "" takes it back."""

    def __init__(self, start: Start, parent: QObject) -> None:
        super().__init__(parent)
        self._start = start
        self.path = start.config or default_path()
        self.of_file = Settings(servers=default_servers())
        """What the file says; `settings` are those of this run."""
        self._watch = ConfigWatch(self.path, self)
        self._watch.changed.connect(self.set)
        self._watch.refused.connect(self._refuse)

    @property
    def settings(self) -> Settings:
        """What holds for this run."""
        return self._start.override(self.of_file)

    @property
    def overridden(self) -> bool:
        """Whether this run listens to other servers than those of the file."""
        return bool(self._start.servers)

    def read(self) -> None:
        """Read the file for the first time."""
        try:
            self.of_file, warnings = load(self.path)
        except ConfigError as error:
            warnings = (str(error),)
        if warnings:
            self._refuse(" ".join(warnings))

    def set(self, settings: Settings) -> None:
        """The file says this now."""
        self.of_file = settings
        self.changed.emit()

    def listen_to(self, url: str) -> None:
        """From now on this run listens to this server only."""
        self._start = replace(self._start, servers=servers_from([url]))
        self.changed.emit()

    def hide_errors(self) -> None:
        """Tell no more of what Mailpit refused, from now on and after a restart."""
        from .edits import put

        self.set(replace(self.of_file, notifications=replace(self.of_file.notifications, smtp_errors=False)))
        try:
            change(self.path, lambda document: put(document, "notifications", "smtp_errors", False))
        except ConfigError as error:
            self._refuse(str(error))

    def _refuse(self, sentence: str) -> None:
        if sentence:
            log.warning("%s", sentence)
        self.refused.emit(sentence)
