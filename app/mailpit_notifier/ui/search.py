"""What a search looks for and where: words, in any order, in subject, people, tags and code. Pure.

Case and accents are ignored. What a row is searched in is made once and kept with it: folding costs more than looking.
"""

from unicodedata import combining, normalize

from mailpit_notifier.mailpit.model import Message


def folded(text: str) -> str:
    """The text without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(char for char in normalize("NFKD", text.casefold()) if not combining(char))


def sought(query: str) -> tuple[str, ...]:
    """The words of a query, folded; all of them must be there."""
    return tuple(folded(query).split())


def searched_text(message: Message, code: str | None) -> str:
    """All that a search looks through of one mail, folded."""
    people = (*((message.sender,) if message.sender else ()), *message.recipients)
    names = (part for person in people for part in (person.name, person.address))
    return folded("\n".join((message.subject, *names, *message.tags, code or "")))
