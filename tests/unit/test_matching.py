"""Patterns match as their users expect, and no message can make them slow."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.rules import Matches, check
from mailpit_notifier.core.rules import address as limited_address
from mailpit_notifier.core.rules import words as limited_words
from mailpit_notifier.runtime.pattern_search import Allowance

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
def test_an_address_is_met_as_a_whole(pattern: str, text: str, is_match: bool) -> None:
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
def test_words_are_met_anywhere(pattern: str, text: str, is_match: bool) -> None:
    assert words(pattern)(text) is is_match


@pytest.mark.parametrize("kind", [address, words, check])
@pytest.mark.parametrize("pattern", ["/(/", "/a{99999999999}/", "/(?<=a+)b/", "", " ", "a" * 1_003])
def test_a_wrong_pattern_is_said(kind: Callable[[str], object], pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^must .+\.$"):
        kind(pattern)


@given(pattern=st.text("ab.?*", min_size=1), text=st.text("ab.\n"))
def test_a_glob_without_brackets_is_the_librarys(pattern: str, text: str) -> None:
    assert address(pattern)(text) == fnmatchcase(text, pattern)


@given(
    text=st.text(min_size=1).filter(lambda text: text.strip() and not re.fullmatch("/.+/|.*[*?].*", text, re.DOTALL))
)
def test_every_text_meets_itself(text: str) -> None:
    assert address(text)(text)
    assert words(text)(f"before {text} after")


def test_a_glob_does_not_run_away() -> None:
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
def test_odd_labels_are_only_themselves(text: str) -> None:
    assert address(text)(text)


@pytest.mark.parametrize("pattern", ["Café", "/caf\u00e9/", "/caf.$/"])
def test_words_match_composed_and_decomposed(pattern: str) -> None:
    assert words(pattern)("Ein Caf\u00e9")
    assert words(pattern)("Ein Cafe\u0301")
    assert words(pattern.replace("é", "e\u0301"))("Ein Caf\u00e9")
