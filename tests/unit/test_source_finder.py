"""The order in which sources are read: new messages first, large ones last and alone, incomplete ones only once."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from conditions import until
from hostile import PATIENCE, Mailpit, Visit, hostile
from mailpit_notifier.client.session import Session, SessionCallbacks
from mailpit_notifier.core.contents import ContentLink
from mailpit_notifier.core.settings import servers_from
from mailpit_notifier.findings.extraction import full
from mailpit_notifier.findings.result import Findings
from mailpit_notifier.findings.vocabulary import code_vocabulary
from mailpit_notifier.protocol.faults import FaultError
from mailpit_notifier.servers import source_finder
from mailpit_notifier.servers.source_finder import SourceFinder, Turns, Urgency

NO_CALLBACKS = SessionCallbacks(
    changed=lambda _key, _change: None,
    caught_up=lambda _key, _snapshot: None,
    news=lambda _key, _news: None,
    status=lambda _status: None,
)
CODE = b"Subject: Your code\n\nYour code is 482913.\n"
ATTACHMENT = b"--b\nContent-Disposition: attachment\n\n" + b"x" * 1_500_000
LARGE = b"Subject: Your code\nContent-Type: multipart/mixed; boundary=b\n\n" + ATTACHMENT + b"\n--b" + CODE[18:]
TOO_LARGE = b"Subject: Your code\n\n" + b"Nothing to see here.\n" * 60_000 + CODE[19:]


@asynccontextmanager
async def finding(mailpit: Callable[[Visit], None]) -> AsyncIterator[tuple[SourceFinder, Session]]:
    """A finder and the session of its one server, which does not run."""
    with hostile(mailpit) as listening:
        session = Session(servers_from([listening.url()])[0], NO_CALLBACKS)
        finder = SourceFinder(lambda: {"shop": session})
        yield finder, session
        run = asyncio.create_task(session.run())  # closes what it has when it ends
        await asyncio.sleep(0)
        run.cancel()
        await asyncio.wait([run])


async def test_the_most_urgent_waiter_is_next_and_cancelled_ones_are_skipped() -> None:
    turns, taken, gate = Turns(), [], asyncio.Event()

    async def take(name: str, urgency: Urgency) -> None:
        async with turns.turn(urgency):
            taken.append(name)
            await gate.wait()

    asked = [("row 1", Urgency.ROW), ("row 2", Urgency.ROW), ("rule", Urgency.RULE), ("news", Urgency.NEWS)]
    tasks = [asyncio.create_task(take(*one)) for one in (*asked, ("row 3", Urgency.ROW), ("gone", Urgency.NEWS))]
    await asyncio.sleep(0)
    tasks.pop().cancel()
    gate.set()
    await asyncio.gather(*tasks)
    assert taken == ["row 1", "news", "rule", "row 2", "row 3"]


async def test_a_waiter_cancelled_in_its_turn_passes_it_on() -> None:
    turns = Turns()
    async with turns.turn(Urgency.NEWS):
        waiting = [asyncio.create_task(turns.turn(Urgency.NEWS).__aenter__()) for _ in range(2)]
        await asyncio.sleep(0)
    waiting[0].cancel()  # it is the next one, but it does not run yet
    async with asyncio.timeout(PATIENCE):
        await waiting[1]
    assert waiting[0].cancelled()


async def test_a_source_waits_for_no_listing() -> None:
    mailpit = Mailpit()
    mailpit.sources = {"a": CODE}
    mailpit.gate.clear()
    async with finding(mailpit) as (finder, session):
        running = asyncio.create_task(session.run())  # it lists first
        await until(lambda: mailpit.reads)
        assert (await finder.full("shop", "a")).code == "482913"
        assert session.inbox.total is None
        mailpit.gate.set()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_source_that_was_read_shows_whether_there_is_an_html_part() -> None:
    mailpit = Mailpit()
    page = b"Subject: Your code\nContent-Type: text/html\n\n<p>Your code is 482913.</p>\n"
    mailpit.sources = {"plain": CODE, "html": page, "large": LARGE}
    async with finding(mailpit) as (finder, _):
        known = {name: await finder.full("shop", name) for name in mailpit.sources}
        assert {name: found.has_html for name, found in known.items()} == {
            "plain": False,
            "html": True,
            "large": False,
        }
        assert all(found.is_complete for found in known.values())
    assert not Findings(code="482913").is_complete


async def test_small_sources_do_not_wait_for_a_large_one() -> None:
    mailpit, go_on, held = Mailpit(), threading.Event(), threading.Event()
    mailpit.sources = {"small": CODE, "large": LARGE}

    def script(visit: Visit) -> None:
        answer = visit.answer

        def answering(status: int, body: bytes = b"", *headers: str) -> None:
            if (
                len(body) == len(LARGE)
                and [request.path.split("/")[-2] for request in mailpit.reads].count("large") > 1
            ):
                held.set()
                go_on.wait(PATIENCE)
            answer(status, body, *headers)

        visit.answer = answering  # type: ignore[method-assign]
        mailpit(visit)

    async with finding(script) as (finder, _):
        large = asyncio.create_task(finder.full("shop", "large"))
        await until(held.is_set)
        assert (await finder.full("shop", "small")).code == "482913"
        assert not large.done()
        go_on.set()
        found = await large
        assert (found.code, found.is_cut) == ("482913", False)


async def test_partly_read_sources_are_cached_and_failures_are_not() -> None:
    mailpit = Mailpit()
    async with finding(mailpit) as (finder, _):
        with pytest.raises(FaultError):
            await finder.full("shop", "a")
        mailpit.sources = {"a": TOO_LARGE}
        for _ in range(3):
            found = await finder.full("shop", "a")
            assert (found, found.is_cut) == (Findings(), True)
        assert len(mailpit.reads) == 3  # one that failed, the beginning, and all that is ever read


HTML = (
    b"Content-Type: text/html\n\n<p>Hello <b>Ann</b></p>"
    b"<a href='https://a.test/1'>One</a> <a href='javascript:x'>Two</a>"
)


async def test_the_content_of_a_message_is_read_without_its_summary_and_stays_unread() -> None:
    mailpit = Mailpit()
    mailpit.sources = {"html": b"Subject: Hi\n" + HTML, "code": CODE, "text": b"Subject: Hi\n\n" + b"\xc3\xa4" * 30_000}
    async with finding(mailpit) as (finder, _):
        (html,) = [one async for one in finder.contents("shop", "html")]
        assert (html.text, html.links) == ("Hello Ann\nOne Two", (ContentLink(url="https://a.test/1", words="One"),))
        (code,) = [one async for one in finder.contents("shop", "code")]
        assert (code.text, code.code, code.is_cut) == ("Your code is 482913.", "482913", False)
        (text,) = [one async for one in finder.contents("shop", "text")]
        assert (len(text.text.encode()), text.is_cut, text.is_partial) == (20_000, True, False)
        assert all(request.path.endswith("/raw") for request in mailpit.reads)
        with pytest.raises(FaultError):
            assert not [one async for one in finder.contents("shop", "gone")]


async def test_the_beginning_of_a_large_message_is_shown_first() -> None:
    mailpit = Mailpit()
    mailpit.sources = {"large": LARGE}
    async with finding(mailpit) as (finder, _):
        first, second = [one async for one in finder.contents("shop", "large")]
    assert (first.text, first.is_loading) == ("", True)
    assert (second.code, second.is_loading, second.is_partial) == ("482913", False, False)
    assert [one.size for one in second.attachments] == [1_500_000]


def test_the_words_are_read_before_the_finder_is_ready_and_only_once() -> None:
    code_vocabulary.cache_clear()
    quick = source_finder._load()
    assert code_vocabulary.cache_info().currsize == 1
    assert quick("Your code", "Your code is 482913").code == full("", "Your code is 482913", "").code == "482913"
    assert code_vocabulary.cache_info().currsize == 1
