"""Search texts for the user's regular expressions within a time limit.

Python's `re` cannot be interrupted and blocks all threads. The package `regex` has a timeout; it is imported with the
first search. Without it, `re` searches in a child process, which ends itself after the timeout. Decision record 0004
has measurements. The standard library is enough for this module, because mailpit-wait.pyz has nothing else.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from .expressions import Expression, lower
from .translation import translatable

TOO_SLOW = translatable("Settings", "takes too long")
NOT_COMPILED = translatable("Settings", "cannot be used by the package regex")
NO_ENGINE = translatable("Settings", "cannot be used here: install the package regex")

_FINE_CLOCK = 0.001
"""Seconds. Windows measures a thread's CPU time in steps of 16 ms; there, elapsed time is used instead."""


_LEAST = 1e-6
"""Seconds: `regex` refuses a timeout of 0."""


class SearchError(Exception):
    """Whether the text matches is unknown. The error's text is the reason and continues "The expression …"."""


class PostponedError(SearchError):
    """As SearchError, but other searches took the time, so the same search may succeed later."""


@dataclass(slots=True, kw_only=True)
class CommonTime:
    """Seconds that the searches for several expressions share. When they are used up, each search has only `least`."""

    least: float
    left: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Time budget in seconds for the searches for one expression.

    `once` is the size of the budget, and so the limit for one search. Each further search adds `each` to it: so one
    slow search is stopped, and so is an expression that is a little slow, before thousands of messages add up.
    `shared`: let other threads run during a search, which makes the limit less exact (up to 70 ms).
    `common`: a limit for several expressions together.
    """

    once: float
    each: float
    shared: bool = False
    common: CommonTime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """Whether there is a match, and how many seconds the search took.

    `place` is that of the first text with a match. `spans`: where the match and each group begin and end, in
    characters; -1 for a group that took no part.
    """

    found: bool
    seconds: float
    place: int = 0
    spans: tuple[tuple[int, int], ...] = ()


PreparedSearch = Callable[[Sequence[str], float], SearchResult]
"""Searches texts, up to the first one with a match, for at most the given seconds. Raises SearchError."""


class Engine(Protocol):
    """Makes searches for expressions."""

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:
        """Return a search for an expression. Raises SearchError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A match: the place of its text, what matched, and the first group that took part, None without one."""

    place: int
    whole: str
    group: str | None


class Search:
    """Searches texts for one expression, with a time budget of its own."""

    def __init__(self, expression: Expression, allowance: Allowance, engine: Engine | None = None) -> None:
        self._expression = expression
        self._allowance = allowance
        self._engine = engine
        self._prepared: PreparedSearch | None = None
        self._left = allowance.once

    def __call__(self, text: str) -> bool:
        """Return whether the text has a match. Raises SearchError, or PostponedError where the common time is short."""
        return self.first([text]) is not None

    def first(self, texts: Sequence[str]) -> Match | None:
        """Return the match in the first of the texts that has one; together they are one search. Raises SearchError."""
        if self._prepared is None:
            engine = self._engine or best_engine()
            self._prepared = engine.prepare(self._expression, shared=self._allowance.shared)
        self._left = min(self._left + self._allowance.each, self._allowance.once)
        if self._left <= 0:
            raise SearchError(TOO_SLOW)
        common = self._allowance.common
        limit = min(self._left, max(common.left, common.least)) if common else self._left
        try:
            searched = self._prepared(texts, limit)
        except SearchError as error:
            self._use(limit)
            if self._left > 0 and str(error) == TOO_SLOW:
                raise PostponedError(TOO_SLOW) from None
            raise
        self._use(searched.seconds)
        if not searched.found:
            return None
        text = texts[searched.place]
        parts = [text[begin:end] if begin >= 0 else None for begin, end in searched.spans]
        group = next((part for part in parts[1:] if part is not None), None)
        return Match(place=searched.place, whole=(parts[0] if parts else None) or "", group=group)

    def _use(self, seconds: float) -> None:
        self._left -= seconds
        if self._allowance.common:
            self._allowance.common.left -= seconds


@cache
def best_engine() -> Engine:
    """Return an engine that uses the package `regex` if it is installed, else `re` in a child process."""
    try:
        return RegexEngine()
    except ImportError:
        return ProcessEngine()


class RegexEngine:
    """Searches in this thread. Raises ImportError if `regex` is not installed, or is a version without timeouts."""

    def __init__(self) -> None:
        import regex

        self._error: type[Exception] = regex.error
        self._compile: Any = partial(regex.compile, flags=regex.VERSION0, cache_pattern=False)
        try:
            self._compile("").search("", timeout=1.0, concurrent=False)
        except TypeError:
            raise ImportError(name="regex") from None
        is_fine = time.get_clock_info("thread_time").resolution < _FINE_CLOCK
        self._clock = time.thread_time if is_fine else time.perf_counter
        # Windows counts the time of other programs, too, so one that interrupts a search would end a fine expression.
        self._tries = 1 if is_fine else 2

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:
        """Compile an expression. Raises SearchError."""
        try:
            pattern = self._compile(expression.rewritten)
        except (self._error, RecursionError, MemoryError):
            raise SearchError(NOT_COMPILED) from None

        def search(texts: Sequence[str], seconds: float) -> SearchResult:
            took = 0.0
            for place, text in enumerate(texts):
                if took > seconds:
                    raise SearchError(TOO_SLOW)
                searched = lower(text) if expression.folds else text
                for tries_left in reversed(range(self._tries)):
                    began = self._clock()
                    try:
                        found = pattern.search(searched, timeout=max(seconds - took, _LEAST), concurrent=shared)
                        break
                    except (TimeoutError, MemoryError):
                        if not tries_left:
                            raise SearchError(TOO_SLOW) from None
                took += self._clock() - began
                if found:
                    spans = tuple(found.span(number) for number in range(pattern.groups + 1))
                    return SearchResult(found=True, seconds=took, place=place, spans=spans)
            return SearchResult(found=False, seconds=took)

        return search


class ProcessEngine:
    """Searches with `re` in child processes, one per thread that searches at the same time.

    They end with this process.
    """

    def __init__(self, python: str = sys.executable) -> None:
        self._python = python
        self._idle: SimpleQueue[_Process] = SimpleQueue()

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:  # noqa: ARG002 - other threads always run
        """Return a search; the process starts with its first call."""
        return partial(self._search, expression.python)

    def stop(self) -> None:
        """End the idle processes."""
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().end()

    def _search(self, pattern: str, texts: Sequence[str], seconds: float) -> SearchResult:
        try:
            process = self._idle.get_nowait()
        except Empty:
            process = _Process(self._python)
        searched = process.search(pattern, texts, seconds)
        self._idle.put(process)
        return searched


class _Process:
    """A child process. Raises SearchError if it cannot be started."""

    def __init__(self, python: str) -> None:
        import subprocess  # takes 3 ms to import, and is rarely needed

        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and program
                [python, "-I", "-S", "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError:
            raise SearchError(NO_ENGINE) from None

    def search(self, pattern: str, texts: Sequence[str], seconds: float) -> SearchResult:
        """Search texts. Raises SearchError; the process has ended then."""
        assert self._process.stdin
        assert self._process.stdout
        answer = b""
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps([pattern, texts, seconds]).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer:
            self.end()
            raise SearchError(TOO_SLOW)
        place, spans, took = json.loads(answer)
        return SearchResult(found=bool(spans), seconds=took, place=place, spans=tuple(map(tuple, spans)))

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.communicate()


_PROGRAM = """
import faulthandler, json, os, re, sys, time

nowhere = open(os.devnull, "w")
for line in sys.stdin.buffer:
    pattern, texts, seconds = json.loads(line)
    place, found = 0, None
    faulthandler.dump_traceback_later(seconds, file=nowhere, exit=True)  # from a C thread, which needs no GIL
    began = time.perf_counter()
    for place, text in enumerate(texts):
        found = re.search(pattern, text, re.IGNORECASE)
        if found:
            break
    took = time.perf_counter() - began
    faulthandler.cancel_dump_traceback_later()
    spans = [found.span(number) for number in range(found.re.groups + 1)] if found else []
    print(json.dumps([place, spans, took]), flush=True)
"""
"""The child's program: one JSON list per line in both directions. It exits when a search takes too long."""
