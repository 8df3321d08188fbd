"""The last resort on a desktop without a notification service: the tray icon's own balloon.

A click on it cannot be told from a click on another program's, so it does nothing. The balloon is passed in: it belongs
to the tray icon, and notify/ knows no ui/.
"""

from collections.abc import Callable

from .notice import Notice, Notifier

ShowMessage = Callable[[str, str], bool]
"""Shows title and body as plain text; False when there is no tray to do it."""


class TrayMessageNotifier(Notifier):
    """Hands notices to the tray icon."""

    def __init__(self, show_message: ShowMessage) -> None:
        self._show_message = show_message

    async def show(self, notice: Notice) -> bool:
        """Show the notice's title and body."""
        return self._show_message(notice.title, notice.body)
