"""Until when a server was surely heard of, when the end of its connection is noticed late."""

from datetime import UTC, datetime, timedelta

import pytest

from mailpit_notifier.announce import catch_up as contact_module
from mailpit_notifier.announce.catch_up import UNNOTICED, Contact

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(("lasted", "surely"), [(0, 0), (UNNOTICED, 0), (UNNOTICED + 600, 600)])
def test_what_may_have_been_dead_does_not_count(monkeypatch: pytest.MonkeyPatch, lasted: float, surely: float) -> None:
    monkeypatch.setattr(contact_module, "monotonic", lambda: 1000 + lasted)
    made = Contact(date=NOW, heard=NOW + timedelta(hours=1), _made=1000)
    last = NOW + timedelta(seconds=surely)
    assert made.last() == (last, last + timedelta(hours=1))
