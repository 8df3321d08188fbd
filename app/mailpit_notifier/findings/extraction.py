"""Find the one-time code and the primary link of a message, for developers who test a sign-up or a login.

`quick` works on the subject and the snippet of a `new` frame, `full` on the decoded parts of the source. Both are pure,
never raise, and take a bounded time for any text. They add up points for small pieces of evidence instead of using
rules per sender, so that they work for unknown senders and languages. If the result is not clear, they find nothing.
"""

import logging
import re
from dataclasses import replace
from itertools import chain

from mailpit_notifier.runtime.text import line

from .codes import code_in
from .form import with_quotes
from .links import link_in
from .markup import WHOLE, page_of_html, targets
from .page import Line, Link, Page, bare_links, clean, page_of_text
from .result import NOTHING, Findings
from .shapes import may_contain_code
from .vocabulary import code_vocabulary, link_vocabulary, quote_vocabulary
from .web_link import web_link

log = logging.getLogger(__name__)

MAX_SUBJECT, MAX_SNIPPET = 500, 1_000
CUT_OFF = ("...", "…")

SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,40}:", re.IGNORECASE)


def quick(subject: str, snippet: str) -> Findings:
    """Return the code in subject and snippet, if it is clear. Never raises."""
    try:
        return _at_a_glance(subject, snippet)
    except Exception as error:  # noqa: BLE001 - see _log
        _log(error)
        return Findings(is_cut=True)


def _at_a_glance(subject: str, snippet: str) -> Findings:
    """Search a snippet for a code only: it has no layout, and cuts URLs off."""
    if len(snippet) > MAX_SNIPPET or snippet.endswith(CUT_OFF):
        snippet = snippet[:MAX_SNIPPET].rpartition(" ")[0]
    subject, snippet = _subject(subject), clean(snippet)
    if not may_contain_code(f"{subject}\n{snippet}"):
        return NOTHING  # most messages: this takes a tenth of the time of a search
    words = code_vocabulary("")  # as in `full`: without the argument, the cache would read and keep them twice
    return Findings(code=code_in(subject, Page(lines=(Line(text=snippet),)), words))


def full(subject: str, text: str, html: str, *, is_cut: bool = False, without: str = "") -> Findings:
    """Find the code and the link of a message; either part can be "". Never raises.

    `is_cut`: the parts are not the whole message; `without` ignores the words of a language, for benchmarks.
    """
    try:
        found = _searched(_subject(subject), text, html, without)
    except Exception as error:  # noqa: BLE001 - see _log
        _log(error)
        return Findings(is_cut=True)
    return replace(found, is_cut=True) if is_cut else found


def visible(html: str) -> tuple[str, bool]:
    """Return the visible text of an HTML part, line by line, and whether it is cut. Never raises."""
    try:
        page = page_of_html(html, WHOLE)
    except Exception as error:  # noqa: BLE001 - see _log
        _log(error)
        return "", True
    return "\n".join(line.text for line in page.lines), page.is_cut


def links(text: str, html: str) -> tuple[Link, ...]:
    """Return the links of both parts, in order; those of the HTML part first. Never raises."""
    try:
        return (*page_of_html(html, WHOLE).links, *page_of_text(text).links)
    except Exception as error:  # noqa: BLE001 - see _log
        _log(error)
        return ()


def every_link(text: str, html: str) -> tuple[str, ...]:
    """Return the URLs of all links, without the others' limits and without any judgement. Never raises.

    Those of the HTML part come first, in the order of its source; then what is visible as a URL in it, and in the text
    part. Each is in the form that `web_link` returns, if that accepts it, and there only once.
    """
    try:
        bare = (link.url for part in (visible(html)[0], text) for link in bare_links(clean(part), 0))
        urls = (web_link(url) or line(url) for url in chain(targets(html), bare))
        return tuple(dict.fromkeys(url for url in urls if SCHEME.match(url)))
    except Exception as error:  # noqa: BLE001 - see _log
        _log(error)
        return ()


def _log(error: Exception) -> None:
    """Log any exception: it must not end the caller (a listener, a queue of sources, a notification).

    Message text is hostile; no such error is known.
    """
    log.warning("Cannot search the text of a message: %s", type(error).__name__)
    log.debug("Exception:", exc_info=error)


def _searched(subject: str, text: str, html: str, without: str) -> Findings:
    both = page_of_html(html), page_of_text(text)
    read = (page for page in both if page.lines or page.links)
    pages = [with_quotes(subject, page, quote_vocabulary(without)) for page in read]
    codes, links = code_vocabulary(without), link_vocabulary(without)
    code = next((code for page in pages or [Page()] if (code := code_in(subject, page, codes))), None)
    link = next((link for page in pages if (link := link_in(subject, page, links, code))), None)
    return Findings(code=code, link=link, is_cut=any(page.is_cut for page in both))


def _subject(subject: str) -> str:
    return " ".join(clean(subject[:MAX_SUBJECT]).split())
