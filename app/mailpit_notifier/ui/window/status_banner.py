"""What the window's banner shows and asks.

StatusBanner: the lasting state, such as a failing server, a pause or polling. MarkReadPrompt: the question before all
messages of a server are marked as read. ClosePrompt: what closing the window means; with a tray it hides the window,
without one the user is asked once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, QSettings, Signal

from mailpit_notifier.core.status import Link, ServerStatus
from mailpit_notifier.runtime.text import plain
from mailpit_notifier.ui import pause_menu, words
from mailpit_notifier.ui.banner import Banner, BannerMessage, Choices

from .list_model import MessageListModel


class StatusBanner(QObject):
    """Sets the default message of a banner. The notice about polling is shown until the user closes it."""

    retry_requested = Signal()
    prompt_requested = Signal(str)
    """The base URL of a server that needs a password or a decision about its certificate."""
    pause_requested = Signal(object)
    """None: resume."""
    mute_requested = Signal(str, object)
    """The base URL of a server, and None: unmute it."""
    ended = Signal(str)
    """A sentence: a pause, a mute or a problem is over, and its message is gone."""

    def __init__(self, banner: Banner) -> None:
        super().__init__(banner)
        self._banner = banner
        self._prompt_server = ""
        self._muted: tuple[str, ...] = ()
        self._is_paused = False
        self._was_failing: set[str] = set()
        self._was_muted: set[str] = set()
        self._polling: frozenset[str] = frozenset()
        self._polling_closed: frozenset[str] = frozenset()
        self._warning: BannerMessage | None = None
        self._offer: BannerMessage | None = None
        self._refresh: Callable[[], None] = lambda: None

    def set_state(self, shown: tuple[ServerStatus, ...], paused_until: datetime | None, *, show_problems: bool) -> None:
        """Show the state of these servers. `show_problems` is False while the placeholder shows it."""
        self._refresh = lambda: self.set_state(shown, paused_until, show_problems=show_problems)
        self._report_ends(shown, paused=paused_until is not None)
        wrong = {status.url for status in shown if words.is_failing(status)}
        self._banner.withdraw(lambda message: message.about not in {"", *wrong})
        # The offer is first: one click ends it, while a stopped server may fail for days.
        state = self._current_message(shown, paused_until) if show_problems else None
        self._banner.set_default(self._offer or state)

    def _report_ends(self, shown: tuple[ServerStatus, ...], *, paused: bool) -> None:
        """Emit `ended` for what applied to these servers before and does so no longer."""
        resumed, self._is_paused = self._is_paused and not paused, paused
        back = [one for one in shown if one.url in self._was_failing and words.is_reached(one)]
        unmuted = [one for one in shown if one.url in self._was_muted and not one.muted_until]
        self._was_failing -= {one.url for one in back}
        self._was_failing |= {one.url for one in shown if words.is_failing(one)}
        self._was_muted -= {one.url for one in unmuted}
        self._was_muted |= {one.url for one in shown if one.muted_until}
        if not self._banner.window().isVisible():
            return
        if resumed:
            self.ended.emit(self.tr("Notifications are on again"))
        if unmuted:
            self.ended.emit(self.tr("No longer muted: {0}").format(_names(unmuted)))
        if back:
            self.ended.emit(self.tr("Connected to {0} again").format(_names(back)))

    def set_warning(self, text: str, choices: Choices) -> None:
        """Set the warning of lowest priority, shown until the user closes it; "" removes it."""
        choices = {**choices, self.tr("Close"): self._on_warning_closed}
        self._warning = BannerMessage(text=text, choices=choices) if text else None
        self._refresh()

    def set_offer(self, text: str, choices: Choices) -> None:
        """Set the message of highest priority, shown until it is removed with ""."""
        self._offer = BannerMessage(text=text, choices=choices, info=True) if text else None
        self._refresh()

    def _current_message(self, shown: tuple[ServerStatus, ...], paused_until: datetime | None) -> BannerMessage | None:
        self._polling = frozenset(status.url for status in shown if status.link is Link.POLLING)
        if wrong := words.failing(shown):
            self._prompt_server = wrong[0].url
            question = words.prompt_label(wrong[0])
            choices: Choices = {question: self._on_prompt} if question else {}
            return BannerMessage(
                text=words.problem_summary(shown), choices={**choices, self.tr("Retry now"): self._on_retry}
            )
        if sentence := words.unreadable_summary(shown):
            return BannerMessage(text=sentence, choices={})
        if paused_until:
            return BannerMessage(
                text=pause_menu.pause_text(paused_until), choices={self.tr("Resume"): self._on_resume}, info=True
            )
        if muted := pause_menu.mute_text(shown):
            self._muted = tuple(status.url for status in shown if status.muted_until)
            return BannerMessage(text=muted, choices={self.tr("&Unmute"): self._on_unmute}, info=True)
        if polling := words.polling_summary(
            tuple(status for status in shown if status.url not in self._polling_closed)
        ):
            return BannerMessage(text=polling, choices={self.tr("Close"): self._on_polling_closed}, info=True)
        return self._warning

    def _on_retry(self) -> None:
        self.retry_requested.emit()
        self._banner.repeat()

    def _on_resume(self) -> None:
        self.pause_requested.emit(None)

    def _on_unmute(self) -> None:
        for server in self._muted:
            self.mute_requested.emit(server, None)

    def _on_prompt(self) -> None:
        self.prompt_requested.emit(self._prompt_server)

    def _on_warning_closed(self) -> None:
        self._warning = None
        self._refresh()

    def _on_polling_closed(self) -> None:
        self._polling_closed |= self._polling
        self._refresh()


def _names(statuses: Sequence[ServerStatus]) -> str:
    return ", ".join(plain(status.name, words.SHORT) for status in statuses)


class MarkReadPrompt(QObject):
    """Asks before the loaded unread messages of a server are marked as read, also those that the filter hides."""

    agreed = Signal(str, tuple)
    """Base URL of a server and the IDs of its loaded unread messages, never none."""

    def __init__(self, model: MessageListModel, banner: Banner) -> None:
        super().__init__(banner)
        self._model = model
        self._banner = banner

    def unread(self, statuses: tuple[ServerStatus, ...]) -> dict[str, tuple[str, ...]]:
        """Return base URL -> IDs of the loaded unread messages, without servers that have none."""
        return {status.url: unread for status in statuses if (unread := self._model.unread(status.url))}

    def ask(self, status: ServerStatus) -> None:
        """Ask about the messages of one server; do nothing if none is unread."""
        ids = self.unread((status,)).get(status.url)
        if not ids:
            return
        one = self.tr("Mark 1 message in {1} as read?")
        question = (one if len(ids) == 1 else self.tr("Mark {0} messages in {1} as read?")).format(
            len(ids), status.name
        )
        marking = partial(self.agreed.emit, status.url, ids)
        choices: Choices = {self.tr("Mark as read"): marking, self.tr("Cancel"): self._banner.dismiss}
        self._banner.show_message(BannerMessage(text=question, choices=choices), focused=True)


_ON_CLOSE = "window/without_tray"
_KEEP, _QUIT = "keep", "quit"


class ClosePrompt:
    """Asks in the banner; `state` saves the answer."""

    def __init__(
        self,
        banner: Banner,
        state: QSettings,
        has_tray: Callable[[], bool],
        hide: Callable[[], object],
        quit_program: Callable[[], None],
    ) -> None:
        self._banner = banner
        self._state = state
        self._has_tray = has_tray
        self._hide = hide
        self._quit = quit_program

    def may_close(self) -> bool:
        """Return whether to hide the window now. Without a tray icon, ask once whether to keep running or quit."""
        answer = _KEEP if self._has_tray() else self._state.value(_ON_CLOSE, "")
        if answer == _QUIT:
            self._quit()
        elif answer != _KEEP:
            self._ask()
        return answer in {_KEEP, _QUIT}

    def _ask(self) -> None:
        translate = QCoreApplication.translate
        text = translate(
            "ClosePrompt",
            "Keep running in the background? There is no tray icon here; start the program again to reopen this "
            "window. On GNOME, the AppIndicator extension adds a tray.",
        )
        choices = {
            translate("ClosePrompt", "Keep running"): partial(self._on_answered, _KEEP),
            translate("ClosePrompt", "Quit"): partial(self._on_answered, _QUIT),
        }
        self._banner.show_message(BannerMessage(text=text, choices=choices), focused=True)

    def _on_answered(self, answer: str) -> None:
        self._state.setValue(_ON_CLOSE, answer)
        if self.may_close():
            self._hide()
