"""What was missed while nobody listened."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mailpit_notifier.core.gap import MARGIN, Gap, gap_in
from mailpit_notifier.mailpit.model import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def mail(name: str, age: timedelta) -> Message:
    return Message(id=name, created=NOW - age)


def mails(**ages: float) -> dict[str, Message]:
    """Messages by name, so many seconds old."""
    return {name: Message(id=name, created=NOW - timedelta(seconds=age)) for name, age in ages.items()}


def test_the_first_start_announces_nothing_old() -> None:
    there = mails(a=1, b=2)
    assert gap_in(there.values(), set(), None) == Gap(old=tuple(there.values()))


def test_where_one_known_id_is_left_every_other_is_news_however_old() -> None:
    there = mails(a=1, b=99_999, c=5)
    assert gap_in(there.values(), {"c", "gone"}, NOW) == Gap(missed=(there["a"], there["b"]))


def test_where_none_is_left_only_what_is_younger_than_the_last_contact_is_news() -> None:
    there = mails(a=1, b=4, c=6, d=99_999)
    gap = gap_in(there.values(), {"gone"}, NOW)
    assert [m.id for m in gap.missed] == ["a", "b"]
    assert [m.id for m in gap.old] == ["c", "d"]


def test_an_empty_server_has_no_gap() -> None:
    assert gap_in([], {"gone"}, NOW) == Gap()
    assert gap_in([], set(), None) == Gap()


@given(st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefgh")), st.booleans())
def test_a_gap_is_what_is_there_and_not_known(present: set[str], known: set[str], contacted: bool) -> None:
    there = mails(**{name: ord(name) - 100 for name in present})
    gap = gap_in(there.values(), known, NOW if contacted else None)
    assert {m.id for m in (*gap.missed, *gap.old)} == present - known
    assert not {m.id for m in gap.missed} & {m.id for m in gap.old}


def test_a_mail_as_old_as_the_margin_is_still_news() -> None:
    last, older = mail("a", MARGIN), mail("b", MARGIN + timedelta(microseconds=1))
    assert gap_in([last, older], set(), NOW) == Gap(missed=(last,), old=(older,))


def test_what_came_since_this_connection_does_not_say_that_the_database_is_the_old_one() -> None:
    live, old, ancient = mail("live", timedelta()), mail("old", timedelta(1)), mail("ancient", timedelta(2))
    assert gap_in([live, old], {"live"}, NOW, early={"live"}) == Gap(old=(old,))
    assert gap_in([live, old, ancient], {"live", "old"}, NOW, early={"live"}) == Gap(missed=(ancient,))
