"""Texts of the notifications about messages: single ones, bursts, and those that were missed or arrived in a pause.

The sentences are here and not in the back ends because translating needs Qt. Texts contain words only, because screen
readers read arrows and dots aloud. The recipient is first: in development, every message is from noreply@. The first
line ends with a full stop, because GNOME joins the lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from mailpit_notifier.core.settings import Button, Notifications
from mailpit_notifier.findings.result import NOTHING, Findings
from mailpit_notifier.findings.web_link import shown_host
from mailpit_notifier.protocol.model import NO_ID, Message
from mailpit_notifier.runtime.text import plain

from .notice import PAUSE, UNDO, Action, Emblem, Key, Notice


def counted(text: str, comment: str | None, number: int) -> str:
    """Return the sentence for a number, which replaces %n. `comment` is for translators.

    lupdate recognizes a text with a number only in a call with the form of Qt's `tr`, as this one does. Call it in
    functions, not in methods: the name of a class would become the context.
    """
    return QCoreApplication.translate("", text, comment, number)


MAX_TITLE = 120
MAX_BODY = 250
"""Characters before escaping. No desktop shows more, and some notification services become slow with more."""

MAX_CODE, MAX_HOST = 40, 25
"""Characters of a code and of a host on a button."""

MAX_PERSON = 50
MAX_SERVER = 24
"""Characters of one address and of a server's name, so that the text after them is still visible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedMessage:
    """A message with what else its notification shows.

    `server_name` starts the body, and makes the icon with `server_color`; both are "" while there is only one server.
    `found`: the code and the link, as far as known.
    """

    server_url: str
    message: Message
    server_name: str = ""
    server_color: str = ""
    found: Findings = NOTHING

    @property
    def key(self) -> Key:
        """The key of the message's notification."""
        return (self.server_url, self.message.id)


def message_notice(announced: AnnouncedMessage, shown: Notifications, *, update: bool = False) -> Notice:
    """Return the notification of one message. `update`: it completes a shown one."""
    if shown.hide_content:
        title = QCoreApplication.translate("notify", "New message")
        bodies = plain(announced.server_name, MAX_SERVER), ""
    else:
        title, bodies = subject(announced.message), _bodies(announced, shown)
    return Notice(
        key=announced.key,
        title=title,
        body=bodies[0],
        body_without_buttons=bodies[1],
        actions=_buttons(announced, shown),
        sound=shown.sound and not update,
        update=update,
        emblem=emblem(announced.server_name, announced.server_color),
    )


def emblem(server_name: str, color: str) -> Emblem | None:
    """Return the icon of one of several servers, None while there is only one."""
    return Emblem(color=color, initial=plain(server_name, MAX_SERVER).upper()[:1]) if server_name and color else None


def deleted_notice(announced: AnnouncedMessage, shown: Notifications) -> Notice:
    """Return the notice that replaces a message's notification while its deletion can be undone."""
    title = QCoreApplication.translate("notify", "Deleted: {subject}").format(subject=subject(announced.message))
    if shown.hide_content:
        title = QCoreApplication.translate("notify", "Message deleted")
    undo = Action(key=UNDO, label=QCoreApplication.translate("notify", "Undo"))
    return Notice(
        key=announced.key,
        title=plain(title, MAX_TITLE),
        body=plain(announced.server_name, MAX_SERVER),
        actions=(undo,),
        emblem=emblem(announced.server_name, announced.server_color),
    )


def default_label() -> str:
    """Return the label of a click on the notification itself, for services that show it as a button."""
    return QCoreApplication.translate("notify", "Open")


def subject(message: Message) -> str:
    """Return the subject on one line, or "(no subject)"."""
    return plain(message.subject, MAX_TITLE) or QCoreApplication.translate("notify", "(no subject)")


def _bodies(announced: AnnouncedMessage, shown: Notifications) -> tuple[str, str]:
    """Return the body beside a button with the code, and the one without that button, "" if it is the same.

    Each contains the code once at most: beside the button, neither the first line nor the text repeats it.
    """
    code, text = announced.found.code, announced.message.snippet if shown.snippet else ""
    people, bare = _people(announced.message, shown)
    if not code:
        return _joined(announced, people, text), ""
    text = without_code(text, code)
    whole = _joined(announced, _with_code(code, people), text)
    return (_joined(announced, bare, text), whole) if Button.COPY in shown.buttons else (whole, "")


def _joined(announced: AnnouncedMessage, lead: str, text: str) -> str:
    name = announced.server_name and plain(announced.server_name, MAX_SERVER)
    first = ": ".join(filter(None, (name, lead)))
    first = f"{first}." if first else ""
    return "\n".join(filter(None, (first, plain(text, MAX_BODY - len(first) - 1))))


MAX_REST = 80
"""Characters after a code in which its sentence may end. A text without full stops is cut directly after the code."""

_END = re.compile(r"[.!?](?=\s|$)|[。！？]")
_GAP = frozenset(" -.\u2010\u2011\u2012\u2013\u2014\u2015")
"""What may be between the characters of a code: "482 913", "482-913"."""

_WITHOUT_GAPS = dict.fromkeys(map(ord, _GAP))
"""A table for str.translate."""


def without_code(text: str, code: str) -> str:
    """Return a text without the sentences in which a code is, on one line."""
    text, code = plain(text, 2 * MAX_BODY), "".join(filter(str.isalnum, code[:MAX_CODE]))
    while code and (place := _place(text, code)):
        begin = max((end.end() for end in _END.finditer(text, 0, place[0])), default=0)
        text = f"{text[:begin]} {_after_sentence(text, place[1])}".strip()
    return text


def _place(text: str, code: str) -> tuple[int, int] | None:
    """Return start and end of a code in a text. Compiling a regular expression for each code would take 0.4 ms."""
    places: Sequence[int] = range(len(text))
    characters = text
    if code not in text:  # there may be gaps in it
        if code not in text.translate(_WITHOUT_GAPS):
            return None  # as always after its sentence was removed: a tenth of the time of what follows
        places = [place for place, character in enumerate(text) if character not in _GAP]
        characters = "".join(text[place] for place in places)
    first = characters.find(code)
    while first >= 0:
        start, end = places[first], places[first + len(code) - 1] + 1
        if not (_is_word(text[start - 1 : start]) or _is_word(text[end : end + 1])):
            return start, end
        first = characters.find(code, first + 1)
    return None


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _after_sentence(text: str, place: int) -> str:
    """Return the text after the sentence that has a code just before this place."""
    rest = text[place:].lstrip(" )]”»")
    end = _END.search(rest, 0, MAX_REST)
    if rest[:1].isupper() or not (end or len(rest) <= MAX_REST):  # the full stop was left out
        return rest
    return rest[end.end() :].lstrip() if end else ""


def _buttons(announced: AnnouncedMessage, shown: Notifications) -> tuple[Action, ...]:
    labels: dict[str, str] = {}
    if (code := announced.found.code) and Button.COPY in shown.buttons:
        if shown.hide_content:
            labels[Button.COPY] = QCoreApplication.translate("notify", "Copy code")
        else:
            text = QCoreApplication.translate("notify", "Copy {code}")
            labels[Button.COPY] = text.format(code=plain(code, MAX_CODE))
    if (link := announced.found.link) and Button.LINK in shown.buttons:
        if shown.hide_content:
            labels[Button.LINK] = QCoreApplication.translate("notify", "Open link")
        else:
            text = QCoreApplication.translate("notify", "Open {host}")
            labels[Button.LINK] = text.format(host=shown_host(link, MAX_HOST))
    if not announced.message.id.startswith(NO_ID):
        if Button.READ in shown.buttons:
            labels[Button.READ] = QCoreApplication.translate("notify", "Mark as read")
        if Button.DELETE in shown.buttons:
            labels[Button.DELETE] = QCoreApplication.translate("notify", "Delete")
    return tuple([Action(key=key, label=labels[key]) for key in shown.buttons if key in labels])


def choices() -> dict[Button, str]:
    """Return the names of the buttons in the settings window; each has its own access key."""
    return {
        Button.COPY: QCoreApplication.translate("NotificationsPage", "&Copy code"),
        Button.LINK: QCoreApplication.translate("NotificationsPage", "Open li&nk"),
        Button.READ: QCoreApplication.translate("NotificationsPage", "&Mark as read"),
        Button.DELETE: QCoreApplication.translate("NotificationsPage", "&Delete"),
    }


def _with_code(code: str, people: str) -> str:
    # One sentence, "Code 482913, to ann@example.com": the second part starts with a lower-case letter.
    lead = QCoreApplication.translate("notify", "Code {code}").format(code=plain(code, MAX_CODE))
    return ", ".join(filter(None, (lead, people[:1].lower() + people[1:])))


def _people(message: Message, shown: Notifications) -> tuple[str, str]:
    """Return who gets the message, and without recipients who sent it; and the same without "To"."""
    recipients = message.recipients
    addresses = (plain(person.address or person.name, MAX_PERSON) for person in recipients)
    bare, others = next(filter(None, addresses), ""), len(recipients) - 1
    text = ""
    if bare and others:
        # %n is replaced before the address is inserted, because an address may contain "%n".
        text = counted("To {address} and %n more", None, others).format(address=bare)
        bare = counted("{address} and %n more", None, others).format(address=bare)
    elif bare:
        text = QCoreApplication.translate("notify", "To {address}").format(address=bare)
    if text and not shown.sender:
        return text, bare
    sender = message.sender
    name = plain(sender.name or sender.address, MAX_PERSON) if sender else ""
    by = QCoreApplication.translate("notify", "From {person}").format(person=name) if name else ""
    return _with_sender(text, by), _with_sender(bare, by)


def _with_sender(people: str, by: str) -> str:
    return f"{people}, {by[:1].lower()}{by[1:]}" if people and by else people or by


AWAY = ("", "")
"""Key of the summary of missed messages."""

PAUSED = ("", "paused")
"""Key of the summary of a pause: it does not replace the summary of missed messages."""

MUTED = ("", "muted")
"""Key of the summary of servers that are no longer muted."""


def away_notice(missed: Sequence[tuple[str, int]], newest: Message | None, shown: Notifications) -> Notice:
    """Return the summary of messages that were missed while disconnected.

    `missed` has the name of each server ("" for the only one) and its number of messages; `newest` may be unknown.
    """
    return _summary(AWAY, counted("%n messages while you were away", None, _total(missed)), missed, newest, shown)


def paused_notice(missed: Sequence[tuple[str, int]], newest: Message | None, shown: Notifications) -> Notice:
    """Return the summary of messages that arrived during a pause. Parameters as for `away_notice`."""
    return _summary(PAUSED, counted("%n messages while paused", None, _total(missed)), missed, newest, shown)


def muted_notice(missed: Sequence[tuple[str, int]], newest: Message | None, shown: Notifications) -> Notice:
    """Return the summary of messages that arrived while their server was muted. Parameters as for `away_notice`."""
    title = counted("%n messages while muted", None, _total(missed))
    if len(missed) == 1 and (name := plain(missed[0][0], MAX_SERVER)):
        # %n is replaced before the name is inserted, because a name may contain "%n".
        title = counted("%n messages while {server} was muted", None, _total(missed)).format(server=name)
    return _summary(MUTED, title, missed, newest, shown)


def _total(missed: Sequence[tuple[str, int]]) -> int:
    return sum(count for _, count in missed)


def _summary(
    key: Key, title: str, missed: Sequence[tuple[str, int]], newest: Message | None, shown: Notifications
) -> Notice:
    several = ", ".join(f"{plain(name, MAX_SERVER)} {count}" for name, count in missed) if len(missed) > 1 else ""
    body = plain(several or _newest(newest, shown), MAX_BODY)
    return Notice(key=key, title=title, body=body, sound=shown.sound)


def burst_notice(
    server_url: str, server_name: str, server_color: str, count: int, newest: Message | None, shown: Notifications
) -> Notice:
    """Return the current summary of a burst. `server_name` and `server_color` are "" while there is only one server."""
    if count == 1:
        title = QCoreApplication.translate("notify", "1 new message")
    else:
        title = counted("%n new messages", None, count)
    if name := plain(server_name, MAX_SERVER):
        title = QCoreApplication.translate("notify", "{messages} in {server}").format(messages=title, server=name)
    return Notice(
        key=(server_url, ""),
        title=title,
        body=plain(_newest(newest, shown), MAX_BODY),
        actions=(Action(key=PAUSE, label=QCoreApplication.translate("notify", "Pause 1 hour")),),
        emblem=emblem(server_name, server_color),
    )


def _newest(message: Message | None, shown: Notifications) -> str:
    if message is None or shown.hide_content:
        return ""
    if not message.recipients:
        return QCoreApplication.translate("notify", "Newest: {subject}").format(subject=subject(message))
    to = plain(message.recipients[0].address or message.recipients[0].name, MAX_PERSON)
    text = QCoreApplication.translate("notify", "Newest: {subject}, to {address}")
    return text.format(subject=subject(message), address=to)
