"""A notification as a value, and what every way of showing one must offer.

Failing to notify is logged by the notifier and reported as False, never raised: mail keeps coming.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from mailpit_notifier.runtime.text import line, lines

DEFAULT = "default"
"""Key of the action that a click on the notification itself is."""

UNDO = "undo"
"""Key of what takes a delete back; the others of a mail are the settings' `Button`."""

PAUSE, HIDE_ERRORS, SEND_TEST, RESTART = "pause", "hide-errors", "send-test", "restart"
"""Keys of what other notifications offer."""

Key = tuple[str, str]
"""What a notice is about: the server's base URL and the message's ID, "" where it is about no single message."""

CONFIG: Key = ("config", "")
"""What the notification is about that says what is wrong with config.toml."""

DISK: Key = ("disk", "")
"""What the notification is about that says that something cannot be written."""

EXAMPLE: Key = ("example", "")
"""What the notification is about that the settings window shows on demand."""


class Urgency(Enum):
    """Levels of the freedesktop specification, with its numbers."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: `key` says what it does, `label` is what people read."""

    key: str
    label: str

    def __post_init__(self) -> None:
        """Clean what is shown."""
        object.__setattr__(self, "label", line(self.label))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification. `key` is ours and stable: showing the same key again replaces what is there.

    Texts are plain: no markup, already bounded, and cleaned here: the title is one line, the body may be several. A
    notifier escapes what its sink reads as markup. A click on the notification itself is the action `default`, whether
    or not it is listed. `sound`: the desktop may play its own for new mail.
    """

    key: Key
    title: str
    body: str = ""
    actions: tuple[Action, ...] = ()
    urgency: Urgency = Urgency.NORMAL
    sound: bool = False

    def __post_init__(self) -> None:
        """Clean what is shown."""
        object.__setattr__(self, "title", line(self.title))
        object.__setattr__(self, "body", lines(self.body))

    def offers(self, action: str) -> bool:
        """Return whether a user can choose this action. A desktop can name any, as those of a notice it was before."""
        return action == DEFAULT or any(offered.key == action for offered in self.actions)


Activated = Callable[[Key, str, str], None]
"""Called with a notice's key, the action's key, and the activation token ("" where there is none) on the loop."""


class Notifier(ABC):
    """A way of showing notices. All methods are called on the loop."""

    async def start(self) -> bool:
        """Get ready; False when this way is not to be had here."""
        return True

    @abstractmethod
    async def show(self, notice: Notice) -> bool:
        """Show or replace; True once the desktop has taken it."""

    def shows(self, key: Key) -> bool:  # noqa: ARG002 - not all ways know
        """Whether this notice is on the screen, as far as we know: an update of one that was closed is none."""
        return False

    async def withdraw(self, key: Key) -> None:
        """Take a notice back, if it is still there."""

    async def stop(self) -> None:
        """Withdraw what is shown and let go of the desktop. Ends within half a second whatever the desktop does."""
