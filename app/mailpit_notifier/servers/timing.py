"""Times and limits of servers/, passed in as one value, so that tests can shorten them."""

from dataclasses import dataclass, field

from mailpit_notifier.announce.timing import Timing as AnnounceTiming
from mailpit_notifier.client.timing import Timing as ClientTiming


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All values are seconds. `announce` and `client` are the times of these packages.

    `undo`: how long a deletion can be undone before Mailpit is asked for it.
    `delete_event`: how long to wait, after Mailpit accepted a deletion, for its event that confirms it. Without one the
    message is shown again. A server that is busy sends it within 1 s.
    `outage`: how long a server on another machine may be unreachable before a notification reports it. Servers on this
    machine are started and stopped all day; they never cause one.
    """

    undo: float = 10.0
    delete_event: float = 5.0
    outage: float = 300.0
    announce: AnnounceTiming = field(default_factory=AnnounceTiming)
    client: ClientTiming = field(default_factory=ClientTiming)


DEFAULT_TIMING = Timing()
