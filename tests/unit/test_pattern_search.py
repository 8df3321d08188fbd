"""A search ends when its time is over, for any pattern and text, with both engines."""

import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import regex

from mailpit_notifier.runtime.expressions import Expression, parse_expression
from mailpit_notifier.runtime.pattern_search import (
    NO_ENGINE,
    TOO_SLOW,
    Allowance,
    CommonTime,
    Engine,
    PostponedError,
    PreparedSearch,
    ProcessEngine,
    RegexEngine,
    Search,
    SearchError,
    SearchResult,
    best_engine,
)

SHORT = Allowance(once=0.01, each=0.000_05)
AMPLE = Allowance(once=10, each=10)
ISSUE = "Your order 12345 has been shipped and will arrive soon - thanks!"
SLOW = [
    (r"(a|a)+$", "a" * 40 + "!"),
    (r"(x+x+)+y", "y" + "x" * 999),
    (r"(.*)*X$", "X" + "x" * 998 + "y"),
    (r"^(a+?)+?$", "a" * 50 + "!"),
    (r"(.*)(.*)(.*)(.*)x$", "x" + "a" * 998),
    (r"(?:(?=a*)(?!.*bb)a)*b{2}", "b" + "a" * 998),
    (r"(?:(?<!bb)(?<=.{0})a?)*bb", "b" + "a" * 998),
    (r"(?:[\w\W]*[^b]*)*b{2}", "b" + "é" * 990),
    (r"(?:a{1,900}){1,9}b", "b" + "a" * 998),
    (r"^(.*)(.*)(.*)\1\2\3\1x", "x" + "ab" * 499),
]
FAST = [
    (r"^(\w+\s?)*$", ISSUE, False),
    (r"^(a+)+$", "a" * 40 + "!", False),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 60 + "!1", False),
    (r"^(?=(a+)+$)b", "a" * 60 + "c", False),
    (r"\b(\w+) \1\b", "so so", True),
]
"""Patterns that Python's `re` alone would never finish, and ordinary ones that have a result."""


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessEngine]:
    engine = ProcessEngine()
    yield engine
    engine.stop()


@pytest.mark.parametrize(("pattern", "text"), SLOW)
def test_a_slow_search_ends(pattern: str, text: str) -> None:
    search = Search(parse_expression(pattern), SHORT, RegexEngine())
    began = time.thread_time()
    with pytest.raises(SearchError, match=TOO_SLOW):
        search(text)
    assert time.thread_time() - began < 0.05


@pytest.mark.parametrize(("pattern", "text", "is_found"), FAST)
def test_a_search_that_is_fast_enough_has_a_result(pattern: str, text: str, is_found: bool) -> None:
    assert Search(parse_expression(pattern), SHORT, RegexEngine())(text) is is_found


@pytest.mark.process
@pytest.mark.parametrize(("pattern", "text"), [SLOW[0], FAST[1][:2]])
def test_a_process_that_searches_ends_itself(process: ProcessEngine, pattern: str, text: str) -> None:
    search = Search(parse_expression(pattern), SHORT, process)
    with pytest.raises(SearchError, match=TOO_SLOW):
        search(text)


@pytest.mark.process
def test_a_process_answers_after_a_slow_search(process: ProcessEngine) -> None:
    with pytest.raises(SearchError):
        Search(parse_expression(*SLOW[0][:1]), SHORT, process)(SLOW[0][1])
    search = Search(parse_expression(r"caf\w\s+m²$"), AMPLE, process)
    assert search("Un CAFÉ\nm²")
    assert not search("Un cafe\u0301 m²")


def test_where_the_package_is_missing_a_process_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "regex", None)
    best_engine.cache_clear()
    assert isinstance(best_engine(), ProcessEngine)
    monkeypatch.undo()
    best_engine.cache_clear()
    assert isinstance(best_engine(), RegexEngine)


@pytest.mark.process
def test_a_process_that_cannot_be_started_is_an_error() -> None:
    with pytest.raises(SearchError, match=NO_ENGINE):
        Search(parse_expression("a"), AMPLE, ProcessEngine("/nowhere/python"))("a")


FIRST = [
    (r"^\d{6}$", ["12345678", "482913", "731204"], (1, "482913", None)),
    (r"code (\d+)|pin (\d+)", ["none", "PIN 55, code 66"], (1, "PIN 55", "55")),
    (r"(x)?b", ["a", "b"], (1, "b", None)),
    (r"(?i)(\w)\1", ["ab", "İaẞßq"], (1, "ẞß", "ẞ")),
    (r"b", ["a", "\u0130b\n"], (1, "b", None)),
    (r"z", ["a", "b"], None),
    (r"z", [], None),
]
"""Patterns, texts, and the place, the match and the group of the first text that matches."""


@pytest.mark.process
@pytest.mark.parametrize(("pattern", "texts", "expected"), FIRST)
def test_the_first_text_that_matches_is_the_same_for_both_engines(
    process: ProcessEngine, pattern: str, texts: list[str], expected: tuple[int, str, str | None] | None
) -> None:
    for engine in (RegexEngine(), process):
        found = Search(parse_expression(pattern), AMPLE, engine).first(texts)
        assert (found and (found.place, found.whole, found.group)) == expected


@pytest.mark.process
def test_many_texts_share_one_budget(process: ProcessEngine) -> None:
    pattern, text = SLOW[0]
    for engine in (RegexEngine(), process):
        with pytest.raises(SearchError, match=TOO_SLOW):
            Search(parse_expression(pattern), SHORT, engine).first(["a" * 15 + "!"] * 10_000 + [text])


class Steady(Engine):
    """An engine that takes the same time for each search."""

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:
        return lambda texts, seconds: SearchResult(found=True, seconds=0.004)


def test_searches_that_are_a_little_slow_do_not_add_up() -> None:
    search = Search(parse_expression("a"), Allowance(once=0.01, each=0.001), Steady())
    for _ in range(4):
        assert search("a")
    with pytest.raises(SearchError, match=TOO_SLOW):
        search("a")


def test_the_budget_that_is_given_back_is_enough_for_a_quick_search() -> None:
    search = Search(parse_expression("a"), Allowance(once=0.01, each=0.004), Steady())
    assert all(search("a") for _ in range(1_000))


class Endless(Engine):
    """An engine whose search never ends. It records its time limits."""

    def __init__(self) -> None:
        self.limits: list[float] = []

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:
        def search(text: str, seconds: float) -> SearchResult:
            self.limits.append(seconds)
            raise SearchError(TOO_SLOW)

        return search


def test_slow_expressions_share_a_time_and_are_given_up_one_after_the_other() -> None:
    common, endless = CommonTime(least=0.001), Endless()
    allowance = Allowance(once=0.01, each=0, common=common)
    searches = [Search(parse_expression("a"), allowance, endless) for _ in range(4)]
    common.left = 0.01
    results: list[type[Exception]] = []
    for search in searches:
        with pytest.raises(SearchError) as raised:
            search("a")
        results.append(raised.type)
    assert results == [SearchError, *[PostponedError] * 3]
    assert endless.limits == [0.01, *[0.001] * 3]
    common.left = 0.01
    with pytest.raises(SearchError) as raised:
        searches[1]("a")
    assert raised.type is SearchError
    quick = Search(parse_expression("a"), allowance)
    assert quick("a")  # also when the time is used up


@pytest.mark.parametrize(("resolution", "is_found"), [(0.015_6, True), (1e-9, False)])
def test_a_search_that_another_program_interrupts_is_tried_again(
    resolution: float, is_found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only where the clock counts other programs' time: on Windows."""
    pattern = regex.compile("a")
    interruptions = [TimeoutError()]

    class Interrupted:
        groups = 0

        def search(self, text: str, **options: object) -> object:
            if text and interruptions:
                raise interruptions.pop()
            return pattern.search(text)

    monkeypatch.setattr(time, "get_clock_info", lambda _: SimpleNamespace(resolution=resolution))
    monkeypatch.setattr(regex, "compile", lambda *_, **__: Interrupted())
    search = Search(parse_expression("a"), SHORT, RegexEngine())
    if is_found:
        assert search("a")
    else:
        with pytest.raises(SearchError):
            search("a")
