"""Patterns match as their users expect, and no message can make them slow."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.cli.answers import Conditions
from mailpit_notifier.cli.printing import Inside
from mailpit_notifier.client.source import Source
from mailpit_notifier.core.rules import Matches, Outcome, Rule, Rules, check, first_value
from mailpit_notifier.core.rules import address as limited_address
from mailpit_notifier.core.rules import words as limited_words
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime import pattern_search
from mailpit_notifier.runtime.pattern_search import Allowance, Engine, ProcessEngine, RegexEngine

AMPLE = Allowance(once=10, each=10)


def address(pattern: str) -> Matches:
    return limited_address(pattern, AMPLE)


def words(pattern: str) -> Matches:
    return limited_words(pattern, AMPLE)


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("ann@*", "Ann@Example.com", True),
        ("ann@*", "joann@example.com", False),
        ("ann@example.com", "ann@example.com.evil.test", False),
        ("a?n@example.com", "aen@example.com", True),
        ("a?n@example.com", "an@example.com", False),
        ("ann+t[1].x@example.com", "ann+t[1].x@example.com", True),
        ("ann+t[1]@*", "ann+t1@example.com", False),
        ("*@*.example.com", "ann@mail.example.com", True),
        ("*ab", "aab", True),
        ("/^(ann|bob)@/", "Bob@example.com", True),
        ("/", "/", True),
        ("/ann", "/ann", True),
        ("/ann", "joann@example.com", False),
    ],
)
def test_an_address_is_matched_as_a_whole(pattern: str, text: str, is_match: bool) -> None:
    assert address(pattern)(text) is is_match


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("your code", "Here is YOUR\r\n  Code: 1", True),
        ("straße", "Neue STRASSE 5", True),
        ("a*b", "aab", False),
        ("/code: \\d+$/", "Your Code: 12", True),
        ("/code: \\d+$/", "Your code: none", False),
    ],
)
def test_words_match_anywhere(pattern: str, text: str, is_match: bool) -> None:
    assert words(pattern)(text) is is_match


@pytest.mark.parametrize("kind", [address, words, check])
@pytest.mark.parametrize("pattern", ["/(/", "/a{99999999999}/", "/(?<=a+)b/", "", " ", "a" * 1_003])
def test_an_invalid_pattern_is_reported(kind: Callable[[str], object], pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^must .+\.$"):
        kind(pattern)


@given(pattern=st.text("ab.?*", min_size=1), text=st.text("ab.\n"))
def test_a_glob_without_brackets_matches_like_fnmatch(pattern: str, text: str) -> None:
    assert address(pattern)(text) == fnmatchcase(text, pattern)


@given(
    text=st.text(min_size=1).filter(lambda text: text.strip() and not re.fullmatch("/.+/|.*[*?].*", text, re.DOTALL))
)
def test_every_text_matches_itself(text: str) -> None:
    assert address(text)(text)
    assert words(text)(f"before {text} after")


def test_a_glob_ends_in_bounded_time() -> None:
    """Backtracking would try so many combinations that the test would not end."""
    assert not address("a*" * 50 + "b")("a" * 20_000)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("ann@bücher.example", ["ann@xn--bcher-kva.example", "ann@bücher.example", "ANN@BÜCHER.example"]),
        ("ann@xn--bcher-kva.example", ["ann@bücher.example", "ann@XN--bcher-kva.example"]),
        ("*@xn--bch*", ["ann@xn--bcher-kva.example"]),
        ("*@büch*", ["ann@xn--bcher-kva.example"]),
        ("*@mail.bücher.example", ["ann@mail.xn--bcher-kva.example"]),
        ("/@bücher/", ["ann@xn--bcher-kva.example"]),
        ("/@xn--/", ["ann@xn--bcher-kva.example"]),
        ("a@straße.example", ["a@xn--strae-oqa.example"]),
        ("a@例え.jp", ["a@例え。jp", "a@xn--r8jz45g.jp"]),
        ("a@bu\u0308cher.example", ["a@xn--bcher-kva.example", "a@bücher.example"]),
        ("Ann <ann@b.test>", ["ann@b.test"]),
        ("\tann@b.test ", ["ann@b.test"]),
    ],
)
def test_an_address_matches_in_both_spellings(pattern: str, texts: list[str]) -> None:
    assert [text for text in texts if not address(pattern)(text)] == []
    assert not address(pattern)("ann@buecher.example")


@pytest.mark.parametrize("text", ["a@xn--\u0439.example", "a@xn--99999999999.example", "a@xn--.example", "xn--" * 200])
def test_invalid_international_labels_match_only_themselves(text: str) -> None:
    assert address(text)(text)


@pytest.mark.parametrize("pattern", ["Café", "/caf\u00e9/", "/caf.$/"])
def test_words_match_composed_and_decomposed(pattern: str) -> None:
    assert words(pattern)("Ein Caf\u00e9")
    assert words(pattern)("Ein Cafe\u0301")
    assert words(pattern.replace("é", "e\u0301"))("Ein Caf\u00e9")


@pytest.fixture(scope="module")
def engines() -> Iterator[list[Engine]]:
    """Return the engine of the application, and the one of mailpit-wait.pyz, which has no package `regex`."""
    process = ProcessEngine()
    yield [RegexEngine(), process]
    process.stop()


ADDRESSES = [
    ("ann@*", "Ann@Example.com", True),
    ("a?n@example.com", "an@example.com", False),
    ("/^ann@/", "ANN@b.test", True),
    ("/^nn@/", "ann@b.test", False),
    ("/@bücher/", "ann@xn--bcher-kva.example", True),
    ("/[[:alpha:]]/", "ann@b.test", False),
]
WORDS = [
    ("a*b", "aab", False),
    ("café", "Ein Cafe\u0301", True),
    (r"/code: \d+$/", "Your Code: 12", True),
    ("/caf\\w$/", "Ein Cafe\u0301", True),
    ("/m²|(x)/", "5 m²", True),
    ("/ßtra/", "STRASSE", False),
]


@pytest.mark.process
@pytest.mark.parametrize(
    ("option", "pattern", "text", "is_match"),
    [*(("to", *row) for row in ADDRESSES), *(("subject", *row) for row in WORDS)],
)
def test_rules_and_wait_have_one_grammar_with_both_engines(
    engines: list[Engine], monkeypatch: pytest.MonkeyPatch, option: str, pattern: str, text: str, is_match: bool
) -> None:
    subject, address = (text, "x") if option == "subject" else ("x", text)
    message = Message(id="A", created=datetime(2026, 1, 1, tzinfo=UTC), to=(Person(address=address),), subject=subject)
    for engine in engines:
        # Users get the engine that their installation has. No setting chooses it.
        monkeypatch.setattr(pattern_search, "best_engine", lambda engine=engine: engine)
        rule = Rule(outcome=Outcome.HIDE, **{option: pattern})
        rules = Rules([rule], lambda _, reason: pytest.fail(reason), AMPLE)
        conditions = Conditions(**{option: pattern})
        assert (rules.first_match(message, ["shop"]) is not None) is is_match
        assert (not conditions.missed(message)) is is_match
        if option == "to":  # links and codes are matched like addresses
            hit = first_value(pattern, AMPLE)(["-", text])
            assert (hit is not None and hit.place == 1) is is_match


HTML = """<style><a href="https://x.test/style"></style><!-- <a href="https://x.test/comment">a</a> -->
<a href="https://acme.test/help">Help</a> Order 12345678 <p style="display:none"><a href="https://acme.test/hidden"></a></p>
<A HREF='https://acme.test/confirm?a=1&amp;b=2'>Confirm</A><map><area href=myapp://open/1></map><a href="#top">up</a>
<a href=" https://ACME.test/con
firm?a=1&b=2">again</a> Code: <b>482913</b>, G-731204 https://acme.test/bare."""
TEXT = "Dear Ann,\nyour PIN is 55 66 (not 77 88).\nhttps://bücher.example/v/112233 and https://acme.test/help\n"


@pytest.mark.parametrize(
    ("pattern", "link"),
    [
        ("*", "https://acme.test/help"),
        ("*/confirm*", "https://acme.test/confirm?a=1&b=2"),
        ("/CONFIRM/", "https://acme.test/confirm?a=1&b=2"),
        ("/confirm.a=(1)/", "https://acme.test/confirm?a=1&b=2"),
        ("https://acme.test/hidden", "https://acme.test/hidden"),
        ("myapp:*", "myapp://open/1"),
        ("*/bare", "https://acme.test/bare"),
        ("https://bücher.example/*", "https://xn--bcher-kva.example/v/112233"),
        ("/bücher/", "https://xn--bcher-kva.example/v/112233"),
        ("/comment|style/", None),
        ("*#top", None),
    ],
)
def test_a_pattern_chooses_the_first_link_that_matches(pattern: str, link: str | None) -> None:
    inside = Inside(Source(text=TEXT, html=HTML), "Order 99")
    found = Conditions(link=pattern).choices(inside)
    assert (found.link, found.missed) == (link, () if link else ("contains no such link (--link)",))
    assert len(inside.links) == len(set(inside.links)) == 6


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        (r"/^\d{6}$/", "482913"),
        ("??????", "482913"),
        ("4829*", "482913"),
        ("/^g-/", "G-731204"),
        (r"/^g-(\d+)/", "731204"),
        (r"/\d{8}/", "12345678"),
        (r"/pin is (\d+ \d+)/", "55 66"),
        (r"/77 \d+/", "77 88"),
        ("/^99$/", "99"),
        ("112233", None),
        ("/z{3}/", None),
    ],
)
def test_a_pattern_chooses_the_first_code_that_matches(pattern: str, code: str | None) -> None:
    found = Conditions(code=pattern).choices(Inside(Source(text=TEXT, html=HTML), "Order 99"))
    assert (found.code, found.missed) == (code, () if code else ("contains no such code (--code)",))


def test_a_pattern_for_a_part_of_a_link_is_refused() -> None:
    with pytest.raises(ValueError, match="--link must match the whole link"):
        Conditions(link="confirm")


@pytest.mark.parametrize("html", ["<" * 300_000, "<!--" * 200_000, '<a href="' * 100_000, "<style>" * 200_000])
def test_links_of_any_html_are_found_in_bounded_time(html: str) -> None:
    inside = Inside(Source(html=html + '<a href="https://acme.test/">'), "")
    assert Conditions(link="/nowhere/").choices(inside).missed


def test_only_a_match_that_takes_long_is_one_that_may_never_end() -> None:
    now = 0.0
    seen: list[Sequence[str]] = []

    class Slow(Inside):
        """A message whose words take a second."""

        @property
        def words(self) -> Sequence[str]:
            nonlocal now
            seen.append(conditions.running)
            now += 1.0
            seen.append(conditions.running)
            return ["482913"]

    conditions = Conditions(code="482913", clock=lambda: now)
    found = conditions.choices(Slow(Source(), ""))
    assert found.code == "482913"
    assert (seen[:2], conditions.running) == ([(), ("--code",)], ())
