"""What was missed while nobody listened, decided by comparing IDs and never by a «since» marker.

A marker is moved by a live mail before the gap was fetched, and clocks differ; IDs do neither, and never come back.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailpit_notifier.mailpit.model import Message

MARGIN = timedelta(seconds=5)
"""How far a mail's `Created` may lie before our last contact: the Date header has seconds, and the two may race."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a server has that we do not know: `missed` is to be announced, `old` only to be remembered."""

    missed: tuple[Message, ...] = ()
    old: tuple[Message, ...] = ()


def gap_in(
    messages: Iterable[Message], known: Container[str], last_contact: datetime | None, early: Container[str] = ()
) -> Gap:
    """Compare all that a server has with the IDs that we know of it.

    `last_contact` is the server's own time when we last heard of it, None when we never did: the first start announces
    nothing old. Where one known ID is left, all others are news. Where none is left the database was replaced or has
    forgotten everything: what is younger than our last contact is news, and what is older would be a storm. `early` are
    those that are known only since this connection was made: they say nothing about what was before.
    """
    everything = tuple(messages)
    unknown = tuple(message for message in everything if message.id not in known)
    if last_contact is None:
        return Gap(old=unknown)
    if any(message.id in known and message.id not in early for message in everything):
        return Gap(missed=unknown)
    since = last_contact - MARGIN
    return Gap(
        missed=tuple(message for message in unknown if message.created >= since),
        old=tuple(message for message in unknown if message.created < since),
    )
