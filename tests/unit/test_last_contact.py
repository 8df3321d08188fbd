"""The last moment at which a connection was surely alive, when its end is noticed late."""

from datetime import UTC, datetime, timedelta

import pytest

from mailpit_notifier.announce.catch_up import Contact
from mailpit_notifier.announce.timing import Timing

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
UNNOTICED = Timing().unnoticed


@pytest.mark.parametrize(("lasted", "surely"), [(0, 0), (UNNOTICED, 0), (UNNOTICED + 600, 600)])
def test_the_last_contact_excludes_a_possibly_dead_connection(lasted: float, surely: float) -> None:
    made = Contact(date=NOW, heard=NOW + timedelta(hours=1), made=1000)
    last = NOW + timedelta(seconds=surely)
    assert made.last(unnoticed=UNNOTICED, now=1000 + lasted) == (last, last + timedelta(hours=1))
