"""The settings in force: what config.toml says now, and what the command line put in its place. The file's one writer.

The file is read and written in one thread, in order: the disk never holds up the loop, and of changes at the same time
none is lost. Where the file cannot be used that is shown, and the last good settings, at first the usual ones, stay in
force. Runs on the loop.
"""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.core.settings import Settings, default_servers, servers_from
from mailpit_notifier.core.settings_edits import Edit, choice
from mailpit_notifier.desktop.file_watch import FileWatch
from mailpit_notifier.runtime.bridge import Worker
from mailpit_notifier.runtime.tasks import Tasks
from mailpit_notifier.start import Start

from .file import ConfigError, default_path, parse, read_text

if TYPE_CHECKING:  # loaded where something is written, which is rare
    from .edits import Revision

log = logging.getLogger(__name__)

SETTLE_MS = 100
"""An editor's save is several events: the file is read when it is over."""

FINISH = 0.1
"""Seconds that the end of the program waits for what is being written: it takes a tenth of that."""


class Store(QObject):
    """`start` is what the command line said."""

    changed = Signal()
    problem_changed = Signal(str)
    """A sentence about what cannot be used; "" takes it back."""

    def __init__(self, start: Start, parent: QObject) -> None:
        super().__init__(parent)
        self._start = start
        self.path = start.config or default_path()
        self.file_settings = Settings(servers=default_servers())
        """What the file says; `settings` are those of this run."""
        self.problem = ""
        """What cannot be used of the file now, as a sentence."""
        self._worker = Worker("config")
        self._tasks = Tasks()
        self._writing = 0
        self._seen = ""  # the text of the file, or why it cannot be read; the thread's, once the program runs
        self._watch = FileWatch(self.path, self, SETTLE_MS)
        self._watch.settled.connect(self._on_settled)
        self._refresh_watch()

    @property
    def settings(self) -> Settings:
        """What holds for this run."""
        return self._start.override(self.file_settings)

    @property
    def overridden(self) -> bool:
        """Whether this run listens to other servers than those of the file."""
        return bool(self._start.servers)

    @property
    def is_writing(self) -> bool:
        """Whether something is being written: what the file says now is not the last word."""
        return self._writing > 0

    def read(self) -> None:
        """Read the file for the first time. Blocking."""
        settings, sentence = self._read() or (None, "")
        self.file_settings = settings or self.file_settings
        if sentence:
            self._refuse(sentence)

    async def reread(self) -> None:
        """Read the file now, where something else happened to it than was noticed yet."""
        if found := await self._worker.call(self._read):
            settings, sentence = found
            if settings and settings != self.file_settings:
                self._set(settings)
            self._refuse(sentence)

    async def edit(self, edit: Edit) -> "Revision":
        """Change the file, and go on by what it says then. Raises ConfigError."""
        self._writing += 1
        try:
            revision = await self._worker.call(self._revised, edit)
        finally:
            self._writing -= 1
        self._set(revision.after)
        return revision

    async def preload_editing(self) -> None:
        """Load what writes: it takes longer than writing."""
        await self._worker.call(import_edits)

    def override_server(self, url: str) -> None:
        """From now on this run listens to this server only."""
        self._start = replace(self._start, servers=servers_from([url]))
        self.changed.emit()

    def hide_smtp_errors(self) -> None:
        """Show no more of what Mailpit refused, from now on and after a restart."""
        edit = choice("notifications", "smtp_errors", False)
        self._set(edit(self.file_settings))
        self._tasks.run(self._write_hide_smtp_errors(edit))

    async def stop(self) -> None:
        """Follow the file no more, and finish what is being written, within FINISH."""
        self._watch.settled.disconnect(self._on_settled)
        if self._writing:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FINISH):
                    await self._worker.call(import_edits)  # calls are made in order
        await self._tasks.stop()

    async def _write_hide_smtp_errors(self, edit: Edit) -> None:
        try:
            await self.edit(edit)
        except ConfigError as error:
            self._refuse(str(error))

    def _refresh_watch(self) -> None:
        with contextlib.suppress(OSError):  # a file that is not there yet comes into its folder
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
        """The file's settings and what cannot be used of it; None where it is as it was."""
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
    """Import what writes; from any thread."""
    import mailpit_notifier.config.edits  # noqa: F401 - later it is there
