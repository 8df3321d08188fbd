"""`Notice`, a notification as a value, and `Notifier`, the interface of the back ends that show one.

A back end logs a failure and returns False; it never raises, because the next notice may work.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from mailpit_notifier.runtime.text import line, lines

DEFAULT = "default"
"""Key of the action of a click on the notification itself."""

UNDO = "undo"
"""Key of the action that undoes a deletion. The keys of a message's other actions are in settings.Button."""

PAUSE, HIDE_ERRORS, SEND_TEST, RESTART = "pause", "hide-errors", "send-test", "restart"
"""Keys of the actions of other notices."""

Key = tuple[str, str]
"""What a notice is about: a server's base URL and a message's ID, "" where it is not about one message."""

CONFIG: Key = ("config", "")
"""Key of the notice about a problem in config.toml."""

DISK: Key = ("disk", "")
"""Key of the notice that announced messages cannot be recorded."""

EXAMPLE: Key = ("example", "")
"""Key of the sample notification of the settings window."""


class Urgency(Enum):
    """Urgency levels of the freedesktop specification, with its numbers."""

    LOW = 0
    NORMAL = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: `key` identifies the action, `label` is shown."""

    key: str
    label: str

    def __post_init__(self) -> None:
        """Remove what a desktop must not show: line breaks, control and bidi characters."""
        object.__setattr__(self, "label", line(self.label))


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification. Showing another notice with the same `key` replaces it.

    Texts are plain (no markup) and bounded by the caller; they are cleaned here. The title is one line, the body may
    have several. A back end whose service reads markup escapes them. A click on the notification itself is the action
    `default`, whether it is listed or not. `sound`: the desktop may play its sound for new messages.
    """

    key: Key
    title: str
    body: str = ""
    actions: tuple[Action, ...] = ()
    urgency: Urgency = Urgency.NORMAL
    sound: bool = False

    def __post_init__(self) -> None:
        """Remove control and bidi characters; see runtime.text."""
        object.__setattr__(self, "title", line(self.title))
        object.__setattr__(self, "body", lines(self.body))

    def offers(self, action: str) -> bool:
        """Return whether the notice has this action. A desktop may report another, for example of a replaced notice."""
        return action == DEFAULT or any(offered.key == action for offered in self.actions)


Activated = Callable[[Key, str, str], None]
"""Called with a notice's key, the action's key, and the activation token ("" where there is none) on the loop."""


class Notifier(ABC):
    """A back end that shows notices. All methods are called on the loop."""

    async def start(self) -> bool:
        """Prepare; return False when this back end does not work here."""
        return True

    @abstractmethod
    async def show(self, notice: Notice) -> bool:
        """Show or replace a notice; return True once the desktop has accepted it."""

    def shows(self, key: Key) -> bool:  # noqa: ARG002 - not every back end knows
        """Return whether this notice is shown, as far as is known. Updates of a closed notice are dropped."""
        return False

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice, if it is still shown."""

    async def is_turned_off(self) -> bool:
        """Return whether the user has turned the notifications of this program off, if this back end can know."""
        return False

    async def stop(self) -> None:
        """Withdraw everything and disconnect. Must end within half a second, even if the desktop hangs."""
