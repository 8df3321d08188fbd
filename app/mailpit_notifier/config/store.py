"""The current settings: follows config.toml, applies the command line's overrides, and is the file's only writer.

The file is read and written in one thread, in order: the disk never blocks the loop, and no change of two at the same
time is lost. While the file cannot be used, the last valid settings (at the start the defaults) stay in use, and
`problem` is the reason. Runs on the loop.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.control.instance import state_folder
from mailpit_notifier.core.settings import Server, Settings, as_configured, default_servers, servers_from
from mailpit_notifier.core.settings_file import Edit, choice
from mailpit_notifier.desktop.file_watch import FileWatch
from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.tasks import Tasks

from .file import ConfigError, default_path, parse, read_text

if TYPE_CHECKING:  # loaded only for writing, which is rare
    from .edits import Revision

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What the command line decided about this run.

    `servers`, if any, replace the configured ones, but keep what is configured for the same URL (e.g. its color).

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


SETTLE_MS = 100
"""Milliseconds without an event after which the file is read: when an editor saves, there are several events."""

FINISH = 0.1
"""Seconds that the end of the program waits for a write; a write takes a tenth of that."""


class Store(QObject):
    """`start`: the options of the command line."""

    changed = Signal()
    problem_changed = Signal(str)
    """Emits the new `problem`."""

    def __init__(self, start: Start, parent: QObject) -> None:
        super().__init__(parent)
        self._start = start
        self.path = start.config or default_path()
        self.file_settings = Settings(servers=default_servers())
        """The settings in the file; this run uses `settings`."""
        self.was_read = False
        """Whether `file_settings` were read from the file: the file, or its absence, was valid at least once."""
        self.problem = ""
        """A sentence about what is wrong with the file now; "" if it is valid."""
        self._worker = Worker("config")
        self._tasks = Tasks()
        self._writing = 0
        self._seen = ""  # text of the file, or why it cannot be read; only the worker's thread uses it after the start
        self._watch = FileWatch(self.path, self, SETTLE_MS)
        self._watch.settled.connect(self._on_settled)
        self._refresh_watch()

    @property
    def settings(self) -> Settings:
        """The settings of this run."""
        return self._start.override(self.file_settings)

    @property
    def overridden(self) -> bool:
        """Whether this run uses other servers than the file has."""
        return bool(self._start.servers)

    @property
    def is_writing(self) -> bool:
        """Whether a write is under way: `file_settings` will change then."""
        return self._writing > 0

    def read(self) -> None:
        """Read the file for the first time. Blocking: nothing can start without the settings."""
        settings, sentence = self._read() or (None, "")
        self.file_settings = settings or self.file_settings
        self.was_read = settings is not None or not sentence
        if sentence:
            self._refuse(sentence)

    async def reread(self) -> None:
        """Read the file now, without waiting for an event."""
        if found := await self._worker.call(self._read):
            settings, sentence = found
            self.was_read = self.was_read or settings is not None
            if settings and settings != self.file_settings:
                self._set(settings)
            self._refuse(sentence)

    async def edit(self, edit: Edit) -> "Revision":
        """Change the file and use its new settings. Raises ConfigError."""
        self._writing += 1
        try:
            revision = await self._worker.call(self._revised, edit)
        finally:
            self._writing -= 1
        self._set(revision.after)
        return revision

    async def preload_editing(self) -> None:
        """Import the modules for writing now: that takes longer than the write itself."""
        await self._worker.call(import_edits)

    def override_server(self, url: str) -> None:
        """Use only this server until the program ends."""
        self._start = replace(self._start, servers=servers_from([url]))
        self.changed.emit()

    def add_to_override(self, servers: Sequence[Server]) -> None:
        """Use these servers as well, until the program ends."""
        self._start = replace(self._start, servers=(*self._start.servers, *servers))
        self.changed.emit()

    def hide_smtp_errors(self) -> None:
        """Turn off notifications about rejected messages, at once and in the file."""
        edit = choice("notifications", "smtp_errors", False)
        self._set(edit(self.file_settings))
        self._tasks.run(self._write_hide_smtp_errors(edit))

    async def stop(self) -> None:
        """Stop following the file; wait up to FINISH for a write."""
        self._watch.settled.disconnect(self._on_settled)
        if self._writing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FINISH):
                    await self._worker.call(import_edits)  # returns after the writes before it
        await self._tasks.stop()

    async def _write_hide_smtp_errors(self, edit: Edit) -> None:
        try:
            await self.edit(edit)
        except ConfigError as error:
            self._refuse(str(error))

    def _refresh_watch(self) -> None:
        with contextlib.suppress(OSError):  # the folder must exist to notice a new file in it
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._watch.refresh()

    def _on_settled(self) -> None:
        self._refresh_watch()
        self._tasks.run(self.reread())

    def _set(self, settings: Settings) -> None:
        self.file_settings = settings
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.problem = sentence
        if sentence:
            log.warning("%s", sentence)
        self.problem_changed.emit(sentence)

    # In the thread

    def _read(self) -> tuple[Settings | None, str] | None:
        """Return settings (None if unusable) and a sentence about problems; None if the file did not change."""
        before, problem = self._seen, ""
        try:
            self._seen = read_text(self.path)
        except ConfigError as error:
            self._seen = problem = str(error)
        if self._seen == before:
            return None
        try:
            settings, warnings = (None, (problem,)) if problem else parse(self.path, self._seen)
        except ConfigError as error:
            settings, warnings = None, (str(error),)
        return settings, " ".join(warnings)

    def _revised(self, edit: Edit) -> "Revision":
        from .edits import revise_file

        return revise_file(self.path, edit)


def import_edits() -> None:
    """Import the modules for writing. From any thread."""
    import mailpit_notifier.config.edits  # noqa: F401 - the later import takes no time
