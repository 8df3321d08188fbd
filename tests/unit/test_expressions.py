"""A rewritten expression means the same to `regex` as the original to Python's `re`."""

import re
import unicodedata
import warnings
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from mailpit_notifier.runtime.expressions import MAX_LENGTH, UnsupportedError, lower, parse_expression

LETTERS = "abAB sſSkKiIİı1²_-\n\x1cßẞéÉ\u0301σςΣµμ٣\u0345ιǅ𐐨{"
ATOMS = re.split(r" ", r"\w \W \d \D \s \S . ^ $ \b \B \A \Z [^\D\d] [\w-] {e<=1} \. [[:alpha:]] (?:) a b i k s")
QUANTIFIERS = st.sampled_from([count + kind for count in ("*", "+", "?", "{2}", "{0,2}", "{,2}") for kind in ("", "?")])


Spans = list[tuple[int, int]]


def python(pattern: str, text: str) -> Spans:
    """Return where Python finds the match and the first group that takes part; [] without a match."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return spans(re.search(pattern, text, re.IGNORECASE))


def rewritten(pattern: str, text: str) -> Spans:
    """Return where `regex` finds the same."""
    read = parse_expression(pattern)
    searched = lower(text) if read.folds else text
    return spans(regex.search(read.rewritten, searched, regex.VERSION0, timeout=5))


def spans(found: Any) -> Spans:
    groups = [found.span(number) for number in range(found.re.groups + 1)] if found else []
    return groups[:1] + [span for span in groups[1:] if span[0] >= 0][:1]


def literal(character: str) -> str:
    return f"\\U{ord(character):08x}"


def ranges() -> st.SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(LETTERS), st.sampled_from(LETTERS)).map(sorted)
    return pairs.map(lambda pair: f"{literal(pair[0])}-{literal(pair[1])}")


def sets() -> st.SearchStrategy[str]:
    items = st.lists(
        ranges() | st.sampled_from(LETTERS).map(literal) | st.sampled_from([r"\w", r"\S"]), min_size=1, max_size=3
    )
    return st.tuples(st.sampled_from(["", "^"]), items).map(lambda found: f"[{found[0]}{''.join(found[1])}]")


def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.sampled_from(["(?:", "(?=", "(?!", "(?<!", "(?>", "(?-i:", "(?s:", "(?m:"])
    return (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})")
        | st.tuples(groups, inner).map(lambda pair: f"{pair[0]}{pair[1]})")
        | st.tuples(inner, QUANTIFIERS).map(lambda pair: f"(?:{pair[0]}){pair[1]}")
        | st.tuples(inner, inner).map(lambda pair: f"(?P<g>{pair[0]}){pair[1]}(?P=g)")
        | st.tuples(inner, inner, inner).map(lambda three: f"({three[0]})?{three[1]}(?(1){three[2]}|b)")
    )


PATTERNS = st.recursive(
    st.sampled_from(ATOMS) | st.sampled_from(LETTERS).map(literal) | sets(), larger, max_leaves=6
).filter(lambda pattern: len(pattern) <= MAX_LENGTH)


@settings(max_examples=30, deadline=None)
@given(pattern=PATTERNS, texts=st.lists(st.text(LETTERS, max_size=8), min_size=4, max_size=4))
def test_it_means_the_same_as_in_python(pattern: str, texts: list[str]) -> None:
    try:
        expected = [python(pattern, text) for text in texts]
    except re.error:
        with pytest.raises(ValueError, match="must have a regular expression"):
            parse_expression(pattern)
        return
    try:
        parse_expression(pattern)
    except UnsupportedError:
        assert "(?P=g)" in pattern or "(?(1)" in pattern
        return
    assert [rewritten(pattern, text) for text in texts] == expected


@pytest.mark.parametrize(
    ("category", "last"),
    [("w", 0x323B0), ("d", 0x1FBFA), ("s", 0x3001), ("(?a)w", 0x300), ("(?a)d", 0x700), ("(?a)s", 0x3001)],
)
def test_every_character_is_in_the_same_categories(category: str, last: int) -> None:
    """Only characters that this Python knows: `regex` knows a later Unicode."""
    known = "".join(one for one in map(chr, range(last)) if unicodedata.category(one) not in {"Cn", "Cs"})
    flags, letter = category[:-1], category[-1]
    inside = regex.compile(parse_expression(rf"{flags}\{letter}").rewritten).findall(known)
    assert inside == re.findall(rf"{flags}\{letter}", known)
    outside = regex.compile(parse_expression(rf"{flags}\{letter.upper()}").rewritten).findall(known)
    assert len(inside) + len(outside) == len(known)
    assert not set(inside).intersection(outside)


def test_every_letter_is_equal_to_the_same_ones() -> None:
    """A tenth of all letters, and all with more than one other case."""
    cased = [one for one in map(chr, range(0x1E944)) if one != one.lower() or one != one.upper()]
    text = "".join(cased)
    many = [one for one in cased if one.upper().lower() != one.lower()]
    for letter in {*cased[::10], *many, *"ΣςσİIiıΘθϑϴKkÅåẞß"}:
        assert regex.findall(parse_expression(letter).rewritten, text) == re.findall(letter, text, re.IGNORECASE), (
            letter
        )


def test_lower_case_is_that_of_python() -> None:
    """A character matches its lower case, and nothing longer."""
    assert lower("İΣAΣ") == "iσaσ"
    assert all(len(lower(chr(code))) == 1 for code in range(0x1E944))


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        (r"(?i)(ſ)\1", "ſs", False),
        (r"(\w+) \1", "Hello HELLO", True),
        ("colou{r}", "colou{r}", True),
        ("[[:alpha:]]", "a:]", True),
        ("[a&&b]", "&", True),
        (".|[^ ]", " ", True),
        ("[^a]|[^b]", "b", True),
        (r"\Bx?\b", "", False),
        (r"a$", "a\n", True),
        (r"a\Z", "a\n", False),
        (r"caf\w$", "cafe\u0301", False),
        (r"\d+ m\w", "9 m²", True),
        ("(?x) a b # c", "ab", True),
        ("(?P<year>[0-9]{4})-(?P=year)", "1999-1999", True),
        ("(?-i:Order) no", "order no", False),
        ("(?-i:Order) no", "Order NO", True),
        ("(?:a+b){2}+", "aabab", True),
    ],
)
def test_patterns_with_another_meaning_in_regex_match_as_in_python(pattern: str, text: str, is_found: bool) -> None:
    assert bool(python(pattern, text)) is is_found
    assert rewritten(pattern, text) == python(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("a" * (MAX_LENGTH + 1), "must not be longer than 1,000 characters."),
        ("((a{1000}){1000}){1000}", "must not repeat so much or be nested so deeply."),
        ("(?:){4294967294}", "must not repeat so much or be nested so deeply."),
        ("(?:" * 20 + "a" + "+)" * 20, "must not repeat so much or be nested so deeply."),
        ("(" * 60 + "a" + ")" * 60, "must not repeat so much or be nested so deeply."),
        ("[\0-\U0010ffff]{20}" * 50, "must not repeat so much or be nested so deeply."),
        (r"(\w)\1(?-i:A)", "must not have both a back reference and (?a) or (?-i:…)."),
        (r"(?:.|(\w)*)*\1", "must not refer to a group inside of a repeat that may be empty."),
        (r"(?:(a)?)+(?(1)b|c)", "must not refer to a group inside of a repeat that may be empty."),
        (r"(?a)(\w)\1", "must not have both a back reference and (?a) or (?-i:…)."),
    ],
)
def test_an_unsupported_pattern_is_refused_with_its_reason(pattern: str, sentence: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        parse_expression(pattern)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "pattern",
    [r"\p{L}", "(?r)a", "(?|a|b)", r"\L<x>", r"\X", "(?V1)a", "(?R)", "a{99999999999}", "(?L)a"],
)
def test_a_pattern_that_python_rejects_is_rejected(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"^must have a regular expression between its slashes\.$"):
        parse_expression(pattern)
