"""«Mark all read»: which mails that means, and the question before it is done."""

from functools import partial

from PySide6.QtCore import QObject, Signal

from mailpit_notifier.core.status import ServerStatus

from .banner import Banner, Choices, Speech
from .list_model import MessageListModel


class Marking(QObject):
    """Asks in a banner about the loaded unread mails of a model, whatever of them a search shows."""

    agreed = Signal(str, tuple)
    """Base URL of a server and the IDs of its loaded unread messages, never none."""

    def __init__(self, model: MessageListModel, banner: Banner) -> None:
        super().__init__(banner)
        self._model = model
        self._banner = banner

    def unread(self, statuses: tuple[ServerStatus, ...]) -> dict[str, tuple[str, ...]]:
        """The IDs of the loaded unread messages by server, only of servers that have some."""
        return {status.url: unread for status in statuses if (unread := self._model.unread(status.url))}

    def ask(self, status: ServerStatus) -> None:
        """Ask about one server's."""
        ids = self.unread((status,)).get(status.url)
        if not ids:
            return
        one = self.tr("Mark 1 mail in {1} read?")
        question = (one if len(ids) == 1 else self.tr("Mark {0} mails in {1} read?")).format(len(ids), status.name)
        marking = partial(self.agreed.emit, status.url, ids)
        choices: Choices = {self.tr("Mark read"): marking, self.tr("Cancel"): self._banner.end}
        self._banner.say(Speech(text=question, choices=choices), focused=True)
