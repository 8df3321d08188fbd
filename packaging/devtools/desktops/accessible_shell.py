"""Notifications of desktops that show them in the accessibility tree."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from .session import SHOWN, Session, Shown, place_of, wait_for


class AccessibleShell(Session):
    """A desktop whose notifications are read from the accessibility tree of the program that shows them.

    All of them are on the screen as the tree has them: title, body, and buttons, which are clicked by their place.
    """

    shell: ClassVar[str]
    """The program that shows notifications."""
    notification: ClassVar[tuple[str, int]]
    """Role of the object that contains one notification, and its depth in the tree; -1 for any."""
    not_ours: ClassVar[frozenset[str]] = frozenset()
    """Names of buttons and headings that the desktop adds to each notification."""

    def notifications(self) -> list[Shown]:
        """Return the notifications on the screen, from top to bottom."""
        return [shown_in(group, self.not_ours) for group in self._groups()]

    def click_notification(self, title: str, button: str = "") -> None:
        """Click a notification, or the button with this label."""
        group = wait_for(lambda: self._group(title), f'the notification "{title}"', SHOWN)
        if button:
            group = [one for one in group if one["role"] == "button" and one["name"] == button]
        else:
            group = [one for one in group if title in (one["name"], one["text"]) and one["role"] in _TEXTS]
        if not group:
            raise LookupError(button or title)
        self.click(*place_of(group[0]["screen"]).center)

    def _group(self, title: str) -> list[dict[str, Any]] | None:
        return next((group for group in self._groups() if shown_in(group, self.not_ours).title == title), None)

    def _groups(self) -> list[list[dict[str, Any]]]:
        """Return the objects of each notification."""
        role, depth = self.notification
        groups: list[list[dict[str, Any]]] = []
        inside = -1
        for one in self.objects(self.shell):
            if inside >= 0 and one["depth"] > inside:
                groups[-1].append(one)
            elif one["role"] == role and depth in (-1, one["depth"]):
                inside = one["depth"]
                groups.append([one])
            else:
                inside = -1
        return [group for group in groups if any(one["role"] in _TEXTS for one in group)]


_TEXTS = {"label", "heading", "text"}


def shown_in(group: Sequence[dict[str, Any]], not_ours: AbstractSet[str]) -> Shown:
    """Return the notification in these accessible objects."""
    texts = dict.fromkeys(one["text"] or one["name"] for one in group if one["role"] in _TEXTS)
    title, *body = [text.replace("\u2028", "\n") for text in texts if text and text not in not_ours] or [""]
    buttons = (one["name"] for one in group if one["role"] == "button")
    labels = tuple(name for name in buttons if name and name not in not_ours)
    return Shown(title=title, body=next((text for text in body if text not in labels), ""), buttons=labels)
