"""The program as `packaging/dev speech` runs it: its delays for Orca do not pass while Orca works.

The program speaks some results a moment after the focus has moved, when Orca has read what has the focus: see
ui/speech.py. On a loaded machine Orca needs longer for that, and would say things twice or not at all. So each of these
delays is followed by a wait until no process of the walk has had anything to do for QUIET samples. While one runs, the
file `pending` is there, which the walk waits for.

Also, the program has another default server, so that a Mailpit of the developer is not found, and patience for the
projects of DDEV.

Arguments: the process ID of the walk, the file `pending`, the address of the default server, then the arguments of the
program.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QObject, QTimer, QTimerEvent

QUIET, INTERVAL = 5, 100
"""Samples, and milliseconds from one to the next."""

LONGEST = 2_000
"""Milliseconds of a delay before something is said. Longer ones only hide texts."""


class PatientTimer(QTimer):
    """A single-shot timer that goes off when Orca has nothing to do. Set `walk` and `pending` first."""

    walk: int
    pending: Path
    running: ClassVar[set[int]] = set()

    def __init__(self, parent: QObject, *, interval: int, singleShot: bool = True) -> None:  # noqa: N803 Qt's name
        super().__init__(parent, interval=interval, singleShot=singleShot)
        self._delay = interval
        self._quiet = 0
        self.destroyed.connect(partial(PatientTimer._end, id(self)))

    @staticmethod
    def singleShot(  # type: ignore[override]  # noqa: N802 Qt's name
        delay: int, context: QObject, call: Callable[[], object]
    ) -> None:
        """Call a function after a delay, unless `context` was deleted."""
        timer = PatientTimer(context, interval=delay)
        timer.timeout.connect(call)
        timer.timeout.connect(timer.deleteLater)
        timer.start()

    def start(self) -> None:  # type: ignore[override]
        """Start, or start again."""
        self._quiet = 0
        self.setInterval(self._delay)
        super().start()
        if 0 < self._delay < LONGEST:
            self.running.add(id(self))
            self.pending.touch()

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802 Qt's name
        """Go off, or wait for another sample."""
        from devtools.speech import descendants, is_busy

        if id(self) in self.running:
            others = [process for process in descendants(self.walk) if process.name != str(os.getpid())]
            self._quiet = 0 if is_busy(others) else self._quiet + 1
            if self._quiet < QUIET:
                self.setInterval(INTERVAL)
                super().start()
                return
        super().timerEvent(event)
        self._end(id(self))

    @classmethod
    def _end(cls, number: int, *_: object) -> None:
        cls.running.discard(number)
        if not cls.running:
            cls.pending.unlink(missing_ok=True)


def main() -> int:
    """Run the program."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    walk, pending, url, *sys.argv[1:] = sys.argv[1:]
    PatientTimer.walk, PatientTimer.pending = int(walk), Path(pending)
    from mailpit_notifier.core import settings

    settings.DEFAULT_URL = url  # before the modules that import it
    from mailpit_notifier.controllers import first_start, server_offers
    from mailpit_notifier.main import main as program
    from mailpit_notifier.ui import speech
    from mailpit_notifier.ui.window import bars

    first_start.discover.__defaults__ = (600.0,)
    server_offers.SEARCH_TIMEOUT = 600.0
    for module in (speech, bars):
        setattr(module, "QTimer", PatientTimer)  # noqa: B010 the type of the attribute is another one
    return program()


if __name__ == "__main__":
    sys.exit(main())
