"""The one-time code and the primary link of a mail, as somebody who tests a sign-up wants them.

`quick` works on what a `new` frame says; `full` on the decoded parts of the source. Both are pure and total: any
strings give findings, in bounded time. They are sums of small evidence rather than rules for senders, so that mails
and languages that nobody thought of work as well. Where that is not clear they find nothing.
"""

from mailpit_notifier.core.found import Findings

from .codes import code_in
from .links import link_in
from .markup import page_of_html
from .page import Line, Page, clean, page_of_text
from .vocabulary import code_vocabulary, link_vocabulary

MAX_SUBJECT, MAX_SNIPPET = 500, 1_000
CUT_OFF = ("...", "…")


def quick(subject: str, snippet: str) -> Findings:
    """What subject and snippet tell: a code, if they are clear. A snippet has no layout, and cuts addresses off."""
    if len(snippet) > MAX_SNIPPET or snippet.endswith(CUT_OFF):
        snippet = snippet[:MAX_SNIPPET].rpartition(" ")[0]
    page = Page(lines=(Line(text=clean(snippet)),))
    return Findings(code=code_in(_subject(subject), page, code_vocabulary()))


def full(subject: str, text: str, html: str, *, without: str = "") -> Findings:
    """What the whole mail tells; either part can be "". `without` leaves out a language's words, for measuring."""
    subject = _subject(subject)
    pages = [page for page in (page_of_html(html), page_of_text(text)) if page.lines or page.links]
    codes, links = code_vocabulary(without), link_vocabulary(without)
    return Findings(
        code=next((code for page in pages or [Page()] if (code := code_in(subject, page, codes))), None),
        link=next((link for page in pages if (link := link_in(subject, page, links))), None),
    )


def _subject(subject: str) -> str:
    return " ".join(clean(subject[:MAX_SUBJECT]).split())
