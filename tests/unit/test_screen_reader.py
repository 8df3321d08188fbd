"""Whether a screen reader hears announcements, by the events that it registers for."""

import pytest

from mailpit_notifier.desktop.bus import is_heard


@pytest.mark.parametrize(
    ("events", "heard"),
    [
        ([], True),
        (["object:announcement"], True),
        (["Object:Announcement:"], True),
        (["object:"], True),
        (["window:activate", "object:state-changed:focused", "object:property-change:accessible-description"], False),
        (["object:announcements-of-others"], False),
    ],
)
def test_announcements_are_sent_if_a_screen_reader_uses_them_or_none_runs(events: list[str], heard: bool) -> None:
    assert is_heard(events) is heard
