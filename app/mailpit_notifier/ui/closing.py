"""What closing the window means: with a tray to hide, without one what somebody said once, when they were asked."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QCoreApplication, QSettings

from .banner import Banner, Speech

_ON_CLOSE = "window/without_tray"
_KEEP, _QUIT = "keep", "quit"


class Closing:
    """Asks in the banner; `state` keeps the answer. `leave` hides the window, `end` quits the program."""

    def __init__(
        self,
        banner: Banner,
        state: QSettings,
        has_tray: Callable[[], bool],
        leave: Callable[[], object],
        end: Callable[[], None],
    ) -> None:
        self._banner = banner
        self._state = state
        self._has_tray = has_tray
        self._leave = leave
        self._end = end

    def is_clear(self) -> bool:
        """Whether to hide now; where no tray would show that the program still runs, it asks once what is meant."""
        answer = _KEEP if self._has_tray() else self._state.value(_ON_CLOSE, "")
        if answer == _QUIT:
            self._end()
        elif answer != _KEEP:
            self._ask()
        return answer in {_KEEP, _QUIT}

    def _ask(self) -> None:
        translate = QCoreApplication.translate
        text = translate(
            "Closing",
            "Keep notifying when this window is closed? Start the program again to get it back. "
            "This desktop shows no tray; on GNOME the AppIndicator extension adds one.",
        )
        choices = {
            translate("Closing", "Keep notifying"): partial(self._on_answered, _KEEP),
            translate("Closing", "Quit"): partial(self._on_answered, _QUIT),
        }
        self._banner.say(Speech(text=text, choices=choices), focused=True)

    def _on_answered(self, answer: str) -> None:
        self._state.setValue(_ON_CLOSE, answer)
        if self.is_clear():
            self._leave()
