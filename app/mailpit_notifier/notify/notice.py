"""`Notice`, a notification as a value, and `Notifier`, the interface of the back ends that show one.

A back end logs a failure and returns `Result.FAILED`; it never raises, because the next notice may work.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

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

    __hash__ = object.__hash__  # Enum's own is slow Python code


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A button: `key` identifies the action, `label` is shown."""

    key: str
    label: str

    def __post_init__(self) -> None:
        """Remove what a desktop must not show: line breaks, control and bidi characters."""
        object.__setattr__(self, "label", line(self.label))


@dataclass(frozen=True, slots=True, kw_only=True)
class Emblem:
    """The icon of one of several servers: the `initial` of its name on its `color` ("#rrggbb")."""

    color: str
    initial: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notification. Showing another notice with the same `key` replaces it.

    Texts are plain (no markup) and bounded by the caller; they are cleaned here. The title is one line, the body may
    have several. A back end whose service reads markup escapes them. A click on the notification itself is the action
    `default`, whether it is listed or not. `sound`: the desktop may play its sound for new messages.

    - `body_without_buttons`: the body for back ends that show no buttons, "" if it is the same.
    - `update`: completes a notice that is shown already, and is skipped if that one is not visible any more. It has the
      urgency of the first one: another one changes the order on GNOME, and the history on Plasma (decision 0027).
    - `emblem`: the server's icon, None while there is only one server.
    """

    key: Key
    title: str
    body: str = ""
    body_without_buttons: str = ""
    actions: tuple[Action, ...] = ()
    urgency: Urgency = Urgency.NORMAL
    sound: bool = False
    update: bool = False
    emblem: Emblem | None = None

    def __post_init__(self) -> None:
        """Remove control and bidi characters; see runtime.text."""
        object.__setattr__(self, "title", line(self.title))
        object.__setattr__(self, "body", lines(self.body))
        other = lines(self.body_without_buttons) if self.body_without_buttons else self.body
        object.__setattr__(self, "body_without_buttons", other)

    def offers(self, action: str) -> bool:
        """Return whether the notice has this action. A desktop may report another, for example of a replaced notice."""
        return action == DEFAULT or any(offered.key == action for offered in self.actions)


Activated = Callable[[Key, str, str], None]
"""Called with a notice's key, the action's key, and the activation token ("" where there is none) on the loop."""


class Result(Enum):
    """What a back end did with a notice. Only SHOWN is true."""

    SHOWN = auto()
    """The desktop has accepted it."""
    SKIPPED = auto()
    """It was not shown, on purpose: an update of a notice that is not visible, or that cannot be updated here."""
    FAILED = auto()
    """It could not be shown."""

    def __bool__(self) -> bool:
        """Return whether the notice was shown."""
        return self is Result.SHOWN


class Notifier(ABC):
    """A back end that shows notices. All methods are called on the loop."""

    @property
    def can_update(self) -> bool:
        """Whether a visible notice can be updated without popping up as a new one. If not, updates are skipped."""
        return False

    async def start(self) -> bool:
        """Prepare; return False when this back end does not work here."""
        return True

    @abstractmethod
    async def show(self, notice: Notice) -> Result:
        """Show or replace a notice; return SHOWN once the desktop has accepted it."""

    async def withdraw(self, key: Key) -> None:
        """Withdraw a notice, if it is still shown."""

    async def is_turned_off(self) -> bool:
        """Return whether the user has turned the notifications of this program off, if this back end can know."""
        return False

    async def stop(self) -> None:
        """Withdraw everything and disconnect. Must end within half a second, even if the desktop hangs."""
