"""Times and limits of announcing, as one value that tests can replace."""

from dataclasses import dataclass, field
from datetime import timedelta

from mailpit_notifier.core.gap import MARGIN
from mailpit_notifier.core.limits import BurstTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times in seconds, unless they are a timedelta.

    Notifications of messages:
    - `source_wait`: how long after its arrival a message may wait for its source, if its summary has neither code nor
      link. A server on the same machine answers within 5 ms.
    - `only_source_wait`: the same where nothing can be added to a notification later, if one of the two is missing.

    Catching up:
    - `settle`: wait before missed messages are summed up. A message that the snapshot and a frame both report is live.
    - `one_summary`: missed messages of all servers within this time are counted in one summary.
    - `margin`: see core.gap.
    - `late`: how far before its connection a live message may have been captured; an older `Created` means that the
      server uses the messages' own dates (--use-message-dates).
    - `unnoticed`: how long a connection may have been dead when its end is noticed; client.feed needs up to 27 s.
    - `contact_every`: time between two contacts in the journal. After a kill, the search goes back to the last one.

    Summaries:
    - `burst`: see core.limits.
    - `first_summary`: delay of a burst's first summary, so that it does not start with "1 new message".
    - `on_screen`: time after which a notification with a count is updated first. No desktop hides it earlier than
      after 4 s, so that this update is seen and does not pop up again.
    - `between_updates`: time until the next update, which pops up again. It doubles with each one.
    - `kept_whole`: messages of a summary that are kept in full, not only by ID. The newest one that still exists is
      among them, unless all of these were deleted.
    - `errors_forgotten`: time without an SMTP error after which the next one is counted from 1 again.

    Journals:
    - `delete_journal`: wait before the journal of a server that left the settings is deleted, because an editor may
      write config.toml in two steps.
    - `disk_retry`: time between two attempts to write to a full disk.
    - `stop`: how long the end of the program waits for the desktop's answer. A notification without an answer is shown
      again at the next start.
    """

    source_wait: float = 0.1
    only_source_wait: float = 0.3

    settle: float = 0.3
    one_summary: float = 60.0
    margin: timedelta = MARGIN
    late: timedelta = timedelta(minutes=1)
    unnoticed: float = 30.0
    contact_every: float = 60.0

    burst: BurstTiming = field(default_factory=BurstTiming)
    first_summary: float = 0.5
    on_screen: float = 3.0
    between_updates: float = 30.0
    kept_whole: int = 100
    errors_forgotten: float = 60.0

    delete_journal: float = 60.0
    disk_retry: float = 10.0
    stop: float = 0.1
