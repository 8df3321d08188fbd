"""What was missed, at the edges; what a gap holds otherwise is in test_journal.py."""

from datetime import UTC, datetime, timedelta

from mailpit_notifier.core.gap import MARGIN, Gap, gap_in
from mailpit_notifier.mailpit.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mail(name: str, age: timedelta) -> Message:
    return Message(id=name, created=NOW - age)


def test_a_mail_as_old_as_the_margin_is_still_news() -> None:
    last, older = mail("a", MARGIN), mail("b", MARGIN + timedelta(microseconds=1))
    assert gap_in([last, older], set(), NOW) == Gap(missed=(last,), old=(older,))


def test_what_came_since_this_connection_does_not_say_that_the_database_is_the_old_one() -> None:
    live, old, ancient = mail("live", timedelta()), mail("old", timedelta(1)), mail("ancient", timedelta(2))
    assert gap_in([live, old], {"live"}, NOW, early={"live"}) == Gap(old=(old,))
    assert gap_in([live, old, ancient], {"live", "old"}, NOW, early={"live"}) == Gap(missed=(ancient,))
