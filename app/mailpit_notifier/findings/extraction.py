"""The one-time code and the primary link of a mail, as somebody who tests a sign-up wants them.

`quick` works on what a `new` frame says; `full` on the decoded parts of the source. Both are pure and total: any
strings give findings, in bounded time. They are sums of small evidence rather than rules for senders, so that mails
and languages that nobody thought of work as well. Where that is not clear they find nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from .codes import code_in
from .links import link_in
from .markup import WHOLE, page_of_html
from .page import Line, Page, clean, page_of_text
from .result import Findings
from .vocabulary import code_vocabulary, link_vocabulary

log = logging.getLogger(__name__)

MAX_SUBJECT, MAX_SNIPPET = 500, 1_000
CUT_OFF = ("...", "…")


def quick(subject: str, snippet: str) -> Findings:
    """What subject and snippet tell: a code, if they are clear. Never raises."""
    return _safely(partial(_at_a_glance, subject, snippet))


def _at_a_glance(subject: str, snippet: str) -> Findings:
    """A snippet has no layout, and cuts addresses off."""
    if len(snippet) > MAX_SNIPPET or snippet.endswith(CUT_OFF):
        snippet = snippet[:MAX_SNIPPET].rpartition(" ")[0]
    page = Page(lines=(Line(text=clean(snippet)),))
    return Findings(code=code_in(_subject(subject), page, code_vocabulary()))


def full(subject: str, text: str, html: str, *, is_cut: bool = False, without: str = "") -> Findings:
    """Find the code and the link of a message; either part can be "". Never raises.

    `is_cut` says that the parts are not all of it; `without` leaves out a language's words, for measuring.
    """
    found = _safely(partial(_searched, _subject(subject), text, html, without))
    return replace(found, is_cut=found.is_cut or is_cut)


def visible(html: str) -> tuple[str, bool]:
    """The words that a reader of an HTML part sees, line by line, and whether there is more. Never raises."""
    try:
        page = page_of_html(html, WHOLE)
    except Exception as error:  # noqa: BLE001 - as below
        _log(error)
        return "", True
    return "\n".join(line.text for line in page.lines), page.is_cut


def _safely(search: Callable[[], Findings]) -> Findings:
    """An error here must not end what asked: a listener, a row of sources, an announcement."""
    try:
        return search()
    except Exception as error:  # noqa: BLE001 - the text is hostile, and no error is known
        _log(error)
        return Findings(is_cut=True)


def _log(error: Exception) -> None:
    log.warning("the text of a message could not be read: %s", type(error).__name__)
    log.debug("it was", exc_info=error)


def _searched(subject: str, text: str, html: str, without: str) -> Findings:
    pages = [page for page in (page_of_html(html), page_of_text(text)) if page.lines or page.links]
    codes, links = code_vocabulary(without), link_vocabulary(without)
    return Findings(
        code=next((code for page in pages or [Page()] if (code := code_in(subject, page, codes))), None),
        link=next((link for page in pages if (link := link_in(subject, page, links))), None),
    )


def _subject(subject: str) -> str:
    return " ".join(clean(subject[:MAX_SUBJECT]).split())
