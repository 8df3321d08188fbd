"""Mailpit's search: the part of its syntax that people type most. A query becomes a test for one message."""

import re
from collections.abc import Callable, Iterable

from .message import Stored
from .source import Address, clean

Test = Callable[[Stored], bool]

_WORD = re.compile(r'(?:[^\s"]|"[^"]*")+')

_FLAGS: dict[str, Test] = {
    "is:read": lambda message: message.read,
    "is:unread": lambda message: not message.read,
    "is:tagged": lambda message: bool(message.tags),
    "has:attachment": lambda message: bool(message.source.attachments),
    "has:attachments": lambda message: bool(message.source.attachments),
}

_FIELDS: dict[str, Callable[[Stored], str]] = {
    "to": lambda message: _words(message.source.to),
    "from": lambda message: _words([message.source.sender]),
    "cc": lambda message: _words(message.source.cc),
    "bcc": lambda message: _words(message.source.bcc),
    "reply-to": lambda message: _words(message.source.reply_to),
    "addressed": lambda message: _words(message.everyone),
    "subject": lambda message: message.source.header("subject").lower(),
    "message-id": lambda message: message.source.message_id.lower(),
}


def matching(query: str) -> Test:
    """The test that a message must pass: all words of the query; a leading - or ! turns one round."""
    tests = [_test(word) for word in (found.replace('"', "") for found in _WORD.findall(query)) if clean(word)]
    return lambda message: all(test(message) for test in tests)


def _test(word: str) -> Test:
    if len(word) > 1 and word[0] in "-!":
        test = _test(word[1:])
        return lambda message: not test(message)
    if flag := _FLAGS.get(word.lower()):
        return flag
    field, colon, value = word.lower().partition(":")
    if colon and value and field == "tag":
        return lambda message: clean(value) in (tag.lower() for tag in message.tags)
    if colon and value and (text := _FIELDS.get(field)):
        return lambda message: clean(value) in text(message)
    return lambda message: clean(word) in message.haystack


def _words(people: Iterable[Address]) -> str:
    return " ".join(f"{person.name} {person.address}" for person in people).lower()
