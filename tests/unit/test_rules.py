"""Rules: which one matches a message, how they are written, and the errors of invalid ones."""

import time
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailpit_notifier.core.inbox import ROW_ADDRESSES, as_row
from mailpit_notifier.core.rules import LEAST, PER_MESSAGE, REMEMBERED, Outcome, Rule, Rules
from mailpit_notifier.core.settings_file import SettingsError, settings_from
from mailpit_notifier.protocol.model import Message, Person
from mailpit_notifier.runtime import pattern_search
from mailpit_notifier.runtime.expressions import Expression
from mailpit_notifier.runtime.pattern_search import TOO_SLOW, Engine, PreparedSearch, SearchError, SearchResult

SHOP = ("shop", "http://localhost:8025/")
MESSAGE = Message(
    id="A1",
    created=datetime(2025, 1, 1, tzinfo=UTC),
    sender=Person(name="Acme", address="noreply@acme.test"),
    to=(Person(address="ann@example.test"),),
    cc=(Person(address="ci+7@example.test"),),
    subject="Your Acme code is 482913",
    tags=("ci",),
    username="cron",
    size=2_000,
    attachments=1,
)


class OneSlow(Engine):
    """An engine for which "1" takes too long, and everything else twice the least time that it gets."""

    def prepare(self, expression: Expression, *, shared: bool) -> PreparedSearch:
        def search(texts: Sequence[str], seconds: float) -> SearchResult:
            needed = PER_MESSAGE if "1" in expression.rewritten else 2 * LEAST
            if seconds <= needed:
                raise SearchError(TOO_SLOW)
            return SearchResult(found=True, seconds=needed)

        return search


def unexpected(rule: Rule, reason: str) -> None:
    pytest.fail(f"{rule} {reason}")


def first_match(rules: Sequence[Rule], message: Message) -> Rule | None:
    return Rules(rules, unexpected).first_match(message, SHOP)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("", True),
        ('server = "shop"', True),
        ('server = "http://localhost:*"', True),
        ('server = "blog"', False),
        ('to = "CI+*@example.test"', True),
        ('to = "ci"', False),
        ('to = "/^ann@/"', True),
        ('from = "*@acme.test"', True),
        ('from = "*@example.test"', False),
        ('subject = "acme CODE"', True),
        (r"subject = '/\d{6}$/'", True),
        ('subject = "invoice"', False),
        ('tag = "c?"', True),
        ('tag = "nightly"', False),
        ('username = "cron"', True),
        ("attachment = true", True),
        ("attachment = false", False),
        ("larger_than = 1999", True),
        ("larger_than = 2000", False),
        ("smaller_than = 2001", True),
        ("smaller_than = 2000", False),
        ('to = "ann@example.test"\nsubject = "invoice"', False),
    ],
)
def test_a_rule_matches_if_all_of_its_conditions_do(condition: str, holds: bool) -> None:
    settings, warnings = settings_from(tomllib.loads(f'[[rule]]\noutcome = "silent"\n{condition}\n'))
    assert not warnings
    assert first_match(settings.rules, MESSAGE) is (settings.rules[0] if holds else None)


def test_a_message_without_people_meets_no_condition_on_them() -> None:
    to_none = Message(id="A2", created=MESSAGE.created)
    assert first_match([Rule(outcome=Outcome.HIDE, to="*")], to_none) is None
    assert first_match([Rule(outcome=Outcome.HIDE, sender="*")], to_none) is None


def test_a_rule_with_an_unknown_condition_matches_no_message() -> None:
    """A typing error, or a condition of a later version: without it, the rule would hide every message."""
    settings, warnings = settings_from({"rule": [{"outcome": "hide", "form": "ann@*"}, {"outcome": "silent"}]})
    assert first_match(settings.rules, MESSAGE) is settings.rules[1]
    assert 'rule 1 matches no message until you remove the unknown setting "form".' in warnings


def test_the_first_rule_that_matches_decides() -> None:
    keep, hush = Rule(outcome=Outcome.NOTIFY, subject="code"), Rule(outcome=Outcome.SILENT, tag="ci")
    assert first_match([keep, hush], MESSAGE) is keep
    assert first_match([hush, keep], MESSAGE) is hush
    other = Rule(outcome=Outcome.HIDE, subject="invoice")
    assert first_match([other, hush], MESSAGE) is hush
    assert first_match([other], MESSAGE) is None
    assert first_match([], MESSAGE) is None


class Subject(str):
    """A text that counts how often it is searched."""

    tried = 0

    def casefold(self) -> str:
        self.tried += 1
        return super().casefold()


def test_a_message_is_matched_again_only_after_a_relevant_change() -> None:
    subject = Subject("Your code")
    message = replace(MESSAGE, subject=subject)
    hush = Rule(outcome=Outcome.SILENT, subject="code", tag="ci")
    rules = Rules([Rule(outcome=Outcome.NOTIFY, subject="invoice"), hush], unexpected)
    assert [rules.first_match(message, SHOP) for _ in range(5)] == [hush] * 5
    assert subject.tried == 2
    assert rules.first_match(replace(message, read=True), SHOP) is hush
    assert subject.tried == 2
    assert rules.first_match(replace(message, tags=("nightly",)), SHOP) is None
    assert subject.tried == 4


def test_decisions_of_rules_are_cached_for_a_bounded_number_of_messages() -> None:
    subject = Subject("Your code")
    rules = Rules([Rule(outcome=Outcome.SILENT, subject="code")], unexpected)
    rules.first_match(replace(MESSAGE, subject=subject), SHOP)
    for number in range(REMEMBERED):
        rules.first_match(replace(MESSAGE, id=str(number)), SHOP)
    rules.first_match(replace(MESSAGE, subject=subject), SHOP)
    assert subject.tried == 2


def test_a_rule_that_takes_too_long_is_reported_once_and_the_next_one_decides() -> None:
    slow = Rule(outcome=Outcome.HIDE, name="Slow", subject="/(a|a)+$/", tag="ci")
    hush = Rule(outcome=Outcome.SILENT)
    reported: list[tuple[Rule, str]] = []
    rules = Rules([slow, hush], lambda rule, reason: reported.append((rule, reason)))
    assert rules.first_match(replace(MESSAGE, subject="Banana"), SHOP) is slow
    began = time.thread_time()
    for number in range(100):
        assert rules.first_match(replace(MESSAGE, id=str(number), subject="a" * 900 + "!"), SHOP) is hush
    assert time.thread_time() - began < 0.1
    assert reported == [(slow, "takes too long")]
    assert rules.first_match(replace(MESSAGE, id="later", subject="Banana"), SHOP) is hush


def test_a_rule_beyond_what_is_supported_leaves_the_file_as_it_is() -> None:
    """`re` accepts it, so a file that was valid before an update may contain it."""
    settings, warnings = settings_from(
        {"rule": [{"outcome": "hide", "subject": "/((a{1000}){1000}){1000}/"}, {"outcome": "silent", "tag": "ci"}]}
    )
    assert settings.rules[0].subject == "/((a{1000}){1000}){1000}/"
    assert first_match(settings.rules, MESSAGE) is settings.rules[1]
    assert warnings == ("rule 1 matches no message: subject must not repeat so much or be nested so deeply.",)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('subject = "x"', "rule 1: outcome is missing. Use one of notify, silent, hide, open, run."),
        ('outcome = "mute"', "rule 1: outcome must be one of notify, silent, hide, open, run."),
        ('outcome = "run"', 'rule 1: command and outcome = "run" must be set together.'),
        ('outcome = "hide"\ncommand = ["x"]', 'rule 1: command and outcome = "run" must be set together.'),
        ('outcome = "run"\ncommand = ["x\\u0000"]', "rule 1: command must not contain the character NUL"),
        ('outcome = "run"\ncommand = "rm -rf x"', "rule 1: command must be a list: a program and its arguments"),
        ('outcome = "hide"\nsubject = "/(/"', "rule 1: subject must have a regular expression between its slashes"),
        ('outcome = "hide"\nlarger_than = -1', "rule 1: larger_than must be a number of bytes."),
        ('outcome = "hide"\nattachment = 1', "rule 1: attachment must be true or false."),
    ],
)
def test_an_invalid_rule_is_reported(rule: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings_from(tomllib.loads(f"[[rule]]\n{rule}\n"))
    assert str(caught.value).startswith(sentence)


def test_a_row_that_keeps_only_some_recipients_matches_by_each_of_them() -> None:
    crowd = tuple(Person(name=f"N{number}", address=f"p{number}@example.test") for number in range(1_000))
    rules = [Rule(outcome=Outcome.HIDE, to="P999@EXAMPLE.test")]
    for fields in ({"to": crowd}, {"cc": crowd}, {"to": crowd[:500], "bcc": crowd}):
        row = as_row(replace(MESSAGE, **fields))  # type: ignore[arg-type]
        assert len(row.recipients) < 300
        assert first_match(rules, row)
        assert as_row(row) == row
    assert not first_match(rules, as_row(replace(MESSAGE, to=crowd[:999])))
    assert len(as_row(replace(MESSAGE, to=(Person(address="x" * 1_000),) * 1_000)).other_addresses) == ROW_ADDRESSES


def test_a_rule_that_had_no_time_because_another_was_slow_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern_search, "best_engine", OneSlow)
    slow, other = (Rule(outcome=Outcome.HIDE, subject=f"/{pattern}/") for pattern in "12")
    suspended: list[Rule] = []
    rules = Rules([slow, other], lambda rule, _: suspended.append(rule))
    assert rules.first_match(MESSAGE, SHOP) is None  # only the slow one has had its time
    assert suspended == [slow]
    assert rules.first_match(MESSAGE, SHOP) is other
    assert rules.first_match(replace(MESSAGE, id="A2"), SHOP) is other  # each message has its own time
