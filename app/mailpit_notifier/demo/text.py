"""Snippets as Mailpit makes them: from the HTML if there is some, else from the text; 200 bytes of it."""

import re
from html.parser import HTMLParser

_LIMIT = 200
_SPACE = re.compile(r"[\t\n\f\r ]+")
_SKIPPED = frozenset({"head", "title", "script", "style", "noscript"})
_BLOCK_END = re.compile(
    r"</(div|p|td|th|h[1-6]|ul|ol|li|address|article|aside|blockquote|dl|dt|footer|header|hr|main|nav|pre|table|thead"
    r"|tfoot|video)><",
    re.IGNORECASE,
)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._skipping = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._skipping += tag in _SKIPPED

    def handle_endtag(self, tag: str) -> None:
        self._skipping = max(0, self._skipping - (tag in _SKIPPED))

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.pieces.append(data)


def text_from_html(html: str) -> str:
    """The words of an HTML page, with single spaces."""
    html = _BLOCK_END.sub(r"</\1> <", html)
    html = re.sub(r"<br ?/?>", " ", html, flags=re.IGNORECASE)
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = "".join(parser.pieces).replace("\ufeff", " ")
    return _SPACE.sub(" ", "".join(char if char.isprintable() else " " for char in text)).strip()


def snippet(text: str, html: str) -> str:
    """The first words of a mail."""
    words = text_from_html(html) if html.strip() else _SPACE.sub(" ", text.replace("\ufeff", " ")).strip()
    encoded = words.encode("utf-8", "replace")
    if len(encoded) <= _LIMIT:
        return words
    # Like Mailpit, drop a last character of several bytes even when it is complete.
    return re.sub(rb"[\xc0-\xff]?[\x80-\xbf]*\Z", b"", encoded[:_LIMIT]).decode() + "..."
